package dev.kapok.app.pin

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.size
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.res.stringResource
import androidx.compose.ui.text.style.TextAlign
import androidx.compose.ui.unit.dp
import androidx.lifecycle.compose.collectAsStateWithLifecycle
import dev.kapok.KapokException
import dev.kapok.NextStep
import dev.kapok.app.R
import dev.kapok.app.errorText
import dev.kapok.app.shell.Open
import dev.kapok.app.shell.Screen
import dev.kapok.app.shell.ScreenModel
import dev.kapok.app.shell.Shell
import dev.kapok.app.shell.model
import dev.kapok.app.theme.Badge
import dev.kapok.app.theme.Flower
import dev.kapok.app.theme.Icons
import dev.kapok.app.theme.Note
import dev.kapok.app.theme.Page
import dev.kapok.app.theme.Panel
import dev.kapok.app.theme.Primary
import dev.kapok.app.theme.Secondary

/** What the end of a reset shows: that it is under way, or why it has stopped. */
data class PinResetUi(val failed: KapokException.Failed? = null)

/** The face check has passed: the PIN that was typed before it is set. */
class PinResetModel(shell: Shell) : ScreenModel<PinResetUi>(shell, PinResetUi()) {
    init {
        act(::refused) { kapok ->
            kapok.vault.finishReset()
            leaveTo(Screen.PinIsReset)
        }
    }

    /** What was typed may be gone with the process: it is typed again, and no face check is needed for that. */
    private fun refused(error: KapokException.Failed): Boolean {
        if (error.code == "PIN_REQUIRED") again() else change { PinResetUi(error) }
        return true
    }

    /** The new PIN is typed again, and the reset goes on. */
    fun again() = leaveTo(Screen.PinSet(PinBy.PASSED_FACE))

    /** Another face check, for a new PIN. */
    fun anew() = leaveTo(Screen.PinSet(PinBy.FACE))

    private fun leaveTo(screen: Screen) {
        shell.close { it is Screen.PinReset }
        shell.open(screen)
    }
}

@Composable
fun PinResetPage(open: Open, shell: Shell) {
    val model = open.model { PinResetModel(shell) }
    val ui by model.ui.collectAsStateWithLifecycle()
    val failed = ui.failed
    if (failed == null) {
        Page(stringResource(R.string.pin_reset), null) {
            Middling { Flower(Modifier.size(96.dp)) }
            Note(stringResource(R.string.pin_reset_working), Modifier.fillMaxWidth())
        }
        return
    }
    Page(
        stringResource(R.string.pin_reset),
        shell::back,
        bottom = {
            if (failed.nextStep != NextStep.FACE_CHECK) Primary(stringResource(R.string.pin_reset_continue)) { model.again() }
            Secondary(stringResource(R.string.pin_reset_anew)) { model.anew() }
        },
    ) {
        Middling { Badge(Icons.Warning) }
        Panel(Modifier.testTag("reset-failed")) {
            Text(errorText(failed), style = MaterialTheme.typography.bodyLarge)
            Note(stringResource(R.string.pin_resetting_hint))
        }
    }
}

/** The PIN is another one, and everything else is what it was. */
@Composable
fun PinIsResetPage(shell: Shell) {
    val leave = { shell.close { it is Screen.PinIsReset || it is Screen.PinSettings } }
    Page(stringResource(R.string.pin_reset), null, bottom = { Primary(stringResource(R.string.home_back), onClick = leave) }) {
        val colors = MaterialTheme.colorScheme
        Middling {
            Badge(Icons.Done, colors.tertiaryContainer, colors.tertiary)
            Text(stringResource(R.string.pin_is_reset), style = MaterialTheme.typography.headlineMedium, textAlign = TextAlign.Center)
        }
        Panel(Modifier.testTag("pin-is-reset")) {
            Text(stringResource(R.string.pin_is_reset_hint), style = MaterialTheme.typography.bodyLarge)
            Note(stringResource(R.string.pin_is_reset_note))
        }
    }
}

@Composable
private fun Middling(content: @Composable () -> Unit) {
    Column(Modifier.fillMaxWidth().padding(vertical = 28.dp), Arrangement.spacedBy(14.dp), Alignment.CenterHorizontally) { content() }
}
