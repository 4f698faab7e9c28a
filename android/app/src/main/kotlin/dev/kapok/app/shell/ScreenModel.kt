package dev.kapok.app.shell

import androidx.compose.runtime.Composable
import androidx.lifecycle.ViewModel
import androidx.lifecycle.viewModelScope
import androidx.lifecycle.viewmodel.compose.viewModel
import androidx.lifecycle.viewmodel.initializer
import androidx.lifecycle.viewmodel.viewModelFactory
import dev.kapok.KapokException
import dev.kapok.client.Kapok
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch

/** One immutable state for one screen; what a person does comes in as calls. */
abstract class ScreenModel<S>(protected val shell: Shell, initial: S) : ViewModel() {
    private val state = MutableStateFlow(initial)

    /** What is shown. */
    val ui: StateFlow<S> = state.asStateFlow()

    protected fun change(to: (S) -> S) = state.update(to)

    /** Does something that a person waits for. An error that the screen does not [take] itself is the shell's to show. */
    protected fun act(take: (KapokException.Failed) -> Boolean = { false }, work: suspend (Kapok) -> Unit): Job =
        viewModelScope.launch { shell.doing(take, work) }
}

/** Whether the error is about one of a form's [fields]; then [take] gets the reason by the field's name. */
inline fun KapokException.Failed.inForm(fields: Set<String>, take: (Map<String, String>) -> Unit): Boolean {
    val wrong = field?.takeIf { it in fields } ?: return false
    take(mapOf(wrong to reason.orEmpty()))
    return true
}

/** The model of an open screen. */
@Composable
inline fun <reified M : ViewModel> Open.model(crossinline make: () -> M): M = viewModel(this, factory = viewModelFactory { initializer { make() } })
