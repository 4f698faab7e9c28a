package dev.kapok.app.security

import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.res.stringResource
import androidx.compose.ui.text.font.FontFamily
import androidx.compose.ui.text.style.TextAlign
import androidx.compose.ui.unit.dp
import androidx.lifecycle.compose.collectAsStateWithLifecycle
import dev.kapok.app.R
import dev.kapok.app.pin.PinEntryModel
import dev.kapok.app.pin.PinEntryPage
import dev.kapok.app.shell.Open
import dev.kapok.app.shell.Screen
import dev.kapok.app.shell.ScreenModel
import dev.kapok.app.shell.Shell
import dev.kapok.app.shell.model
import dev.kapok.app.theme.Entry
import dev.kapok.app.theme.Icons
import dev.kapok.app.theme.Note
import dev.kapok.app.theme.Page
import dev.kapok.app.theme.Panel
import dev.kapok.app.theme.Primary
import dev.kapok.app.theme.Section

/** 安全中心: before a phone is lost, and after. */
@Composable
fun SecurityPage(loggedIn: Boolean, shell: Shell) {
    Page(stringResource(R.string.security), shell::back) {
        if (loggedIn) {
            Section(stringResource(R.string.security_before))
            Entry(Icons.Document, stringResource(R.string.revocation_code), stringResource(R.string.revocation_code_note), "revocation-code") {
                shell.open(Screen.RevocationCode)
            }
            Entry(Icons.Phone, stringResource(R.string.phones), stringResource(R.string.phones_note), "phones") { shell.open(Screen.Phones) }
        }
        Section(stringResource(R.string.security_after))
        Entry(Icons.Warning, stringResource(R.string.loss_by_code), stringResource(R.string.loss_by_code_note), "loss-by-code") {
            shell.open(Screen.LossByCode)
        }
        Entry(Icons.Lock, stringResource(R.string.stop_reset), stringResource(R.string.stop_reset_note), "stop-reset") { shell.open(Screen.StopReset) }
    }
}

/** What 吊销码 shows once the PIN has been typed. */
data class RevocationCodeUi(val code: String? = null)

/** 吊销码: shown once, for paper. */
class RevocationCodeModel(shell: Shell) : ScreenModel<RevocationCodeUi>(shell, RevocationCodeUi()) {
    fun made(code: String) = change { RevocationCodeUi(code) }
}

@Composable
fun RevocationCodePage(open: Open, shell: Shell) {
    val shown = open.model { RevocationCodeModel(shell) }
    val entry = open.model { PinEntryModel(shell) { kapok, pin -> shown.made(kapok.vault.revocationCode(pin)) } }
    val ui by shown.ui.collectAsStateWithLifecycle()
    val code = ui.code ?: return PinEntryPage(R.string.revocation_code, stringResource(R.string.pin_for_revocation_code), entry, shell)
    Page(stringResource(R.string.revocation_code), null, bottom = { Primary(stringResource(R.string.revocation_code_written), onClick = shell::back) }) {
        Panel {
            Note(stringResource(R.string.revocation_code_yours))
            Text(
                code.inTwoLines(),
                Modifier.fillMaxWidth().testTag("code").padding(vertical = 8.dp),
                MaterialTheme.colorScheme.primary,
                fontFamily = FontFamily.Monospace,
                textAlign = TextAlign.Center,
                style = MaterialTheme.typography.headlineMedium,
            )
        }
        Panel {
            Text(stringResource(R.string.revocation_code_hint), style = MaterialTheme.typography.bodyLarge)
            Note(stringResource(R.string.revocation_code_new))
        }
    }
}

/** Broken between its groups, so that no letter stands alone on a narrow screen. */
private fun String.inTwoLines(): String = indexOf('-', length / 2).let { middle -> if (middle < 0) this else take(middle + 1) + "\n" + drop(middle + 1) }
