package dev.kapok.app.pin

import androidx.compose.foundation.layout.ColumnScope
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.getValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.res.stringResource
import androidx.lifecycle.compose.collectAsStateWithLifecycle
import androidx.lifecycle.viewModelScope
import dev.kapok.KapokEvent
import dev.kapok.PinState
import dev.kapok.app.R
import dev.kapok.app.shell.Open
import dev.kapok.app.shell.Screen
import dev.kapok.app.shell.ScreenModel
import dev.kapok.app.shell.Shell
import dev.kapok.app.shell.model
import dev.kapok.app.theme.Entry
import dev.kapok.app.theme.Fact
import dev.kapok.app.theme.Icons
import dev.kapok.app.theme.Page
import dev.kapok.app.theme.Panel
import dev.kapok.app.theme.Primary
import dev.kapok.app.theme.Secondary
import dev.kapok.app.theme.Tag
import dev.kapok.app.theme.secondsTo
import dev.kapok.app.word
import dev.kapok.client.Kapok
import kotlinx.coroutines.flow.filter
import kotlinx.coroutines.launch

/** What PIN码设置 shows; [untilMs] is the next try's time by the phone's clock, 0 for at once. */
data class PinSettingsUi(val pin: PinState? = null, val untilMs: Long = 0)

/** PIN码设置: where the PIN is, and the ways on from there. */
class PinSettingsModel(shell: Shell) : ScreenModel<PinSettingsUi>(shell, PinSettingsUi()) {
    init {
        viewModelScope.launch { shell.events.filter { it is KapokEvent.VaultChanged }.collect { act(work = ::load) } }
    }

    /** What another screen has done to the PIN shows once this one is in front again. */
    fun look() = act(work = ::load)

    private suspend fun load(kapok: Kapok) {
        val pin = kapok.vault.state()
        change { PinSettingsUi(pin, untilMs((pin as? PinState.Set)?.waitSeconds ?: 0u)) }
    }
}

@Composable
fun PinSettingsPage(open: Open, shell: Shell) {
    val model = open.model { PinSettingsModel(shell) }
    val ui by model.ui.collectAsStateWithLifecycle()
    LaunchedEffect(model) { model.look() }
    val pin = ui.pin ?: return Page(stringResource(R.string.pin_settings), shell::back) {}
    Page(stringResource(R.string.pin_settings), shell::back, bottom = { Ways(pin, shell) }) {
        Panel(Modifier.testTag("pin-state")) {
            Tag(stringResource(pin.word), pin is PinState.Set && ui.untilMs == 0L)
            pin.meaning?.let { Text(stringResource(it), style = MaterialTheme.typography.bodyLarge) }
            val tries = (pin as? PinState.Set)?.triesLeft
            if (tries != null) Fact(stringResource(R.string.pin_tries), stringResource(R.string.pin_tries_of, tries.toInt()))
            if (ui.untilMs > 0) Wait(secondsTo(ui.untilMs))
        }
        if (pin is PinState.Set) {
            Entry(Icons.Lock, stringResource(R.string.pin_change), stringResource(R.string.pin_change_note), "pin-change") {
                shell.open(Screen.PinSet(PinBy.OLD))
            }
            Entry(Icons.Person, stringResource(R.string.pin_forgot), stringResource(R.string.pin_reset_note), "pin-forgot") {
                shell.open(Screen.PinSet(PinBy.FACE))
            }
        }
    }
}

/** What a person needs to know of a state in which the PIN does not open. */
private val PinState.meaning
    get() = when (this) {
        is PinState.Blocked -> R.string.pin_blocked_hint
        is PinState.Resetting -> R.string.pin_resetting_hint
        is PinState.Revoked -> R.string.pin_revoked_hint
        is PinState.Lost -> R.string.pin_lost_hint
        is PinState.Set, is PinState.Unset, is PinState.Setting -> null
    }

@Composable
private fun ColumnScope.Ways(pin: PinState, shell: Shell) {
    val byFace = { shell.open(Screen.PinSet(PinBy.FACE)) }
    when (pin) {
        is PinState.Unset -> Primary(stringResource(R.string.pin_set)) { shell.open(Screen.PinSet(PinBy.FIRST)) }

        is PinState.Blocked -> Primary(stringResource(R.string.pin_reset), onClick = byFace)

        is PinState.Resetting -> {
            Primary(stringResource(R.string.pin_reset_continue)) { shell.open(Screen.PinSet(PinBy.PASSED_FACE)) }
            Secondary(stringResource(R.string.pin_reset_anew), onClick = byFace)
        }

        is PinState.Revoked -> Primary(stringResource(R.string.phone_object)) { shell.open(Screen.PinObject) }

        is PinState.Set, is PinState.Setting, is PinState.Lost -> {}
    }
}
