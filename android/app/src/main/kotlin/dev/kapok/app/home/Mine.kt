package dev.kapok.app.home

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.Row
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.res.stringResource
import androidx.compose.ui.unit.dp
import androidx.lifecycle.compose.collectAsStateWithLifecycle
import dev.kapok.AccountKind
import dev.kapok.PinState
import dev.kapok.app.R
import dev.kapok.app.shell.Open
import dev.kapok.app.shell.Screen
import dev.kapok.app.shell.ScreenModel
import dev.kapok.app.shell.Shell
import dev.kapok.app.shell.ShellUi
import dev.kapok.app.shell.model
import dev.kapok.app.theme.Badge
import dev.kapok.app.theme.Entry
import dev.kapok.app.theme.Icons
import dev.kapok.app.theme.Note
import dev.kapok.app.theme.Page
import dev.kapok.app.theme.Panel
import dev.kapok.app.theme.Secondary
import dev.kapok.app.word

/** What 我的 shows. */
data class MineUi(val pin: PinState? = null, val asked: Boolean = false)

/** 我的. */
class MineModel(shell: Shell) : ScreenModel<MineUi>(shell, MineUi()) {
    /** PIN码设置: where the PIN is decides where this leads. */
    fun pin() =
        act { kapok ->
            val pin = kapok.vault.state()
            change { it.copy(pin = pin) }
            shell.open(if (pin is PinState.Unset) Screen.PinSet() else Screen.PinSettings)
        }

    fun logout() = act { it.login.logout() }

    fun ask(asked: Boolean) = change { it.copy(asked = asked) }
}

@Composable
fun MinePage(open: Open, ui: ShellUi, shell: Shell) {
    val model = open.model { MineModel(shell) }
    val mine by model.ui.collectAsStateWithLifecycle()
    Page(stringResource(R.string.mine), null) {
        Panel {
            Row(horizontalArrangement = Arrangement.spacedBy(14.dp), verticalAlignment = Alignment.CenterVertically) {
                Badge(Icons.Person)
                Column(Modifier.weight(1f)) {
                    Text(ui.account?.displayName ?: stringResource(R.string.please_login), style = MaterialTheme.typography.titleLarge)
                    Note(ui.enterprise?.name ?: stringResource(R.string.please_select))
                }
            }
        }
        if (ui.account == null) Entry(Icons.Person, stringResource(R.string.login), tag = "login") { shell.open(Screen.Login) }
        Entry(Icons.Enterprise, stringResource(R.string.enterprises), ui.enterprise?.name, "enterprises") { shell.open(Screen.Enterprises) }
        if (ui.account?.kind == AccountKind.ENTERPRISE) {
            Entry(Icons.Link, stringResource(R.string.links), stringResource(R.string.links_note), "links") { shell.open(Screen.Links) }
        }
        Entry(Icons.Lock, stringResource(R.string.pin_settings), mine.pin?.let { stringResource(it.word) }, "pin", onClick = { model.pin() })
        Entry(Icons.Certificate, stringResource(R.string.security), stringResource(R.string.security_note), "security") { shell.open(Screen.Security) }
        Entry(Icons.Settings, stringResource(R.string.settings), tag = "settings") { shell.open(Screen.Settings) }
        Entry(Icons.Document, stringResource(R.string.privacy), tag = "privacy") { shell.open(Screen.Privacy) }
        when {
            ui.account == null -> {}

            mine.asked -> Panel {
                Text(stringResource(R.string.logout_ask))
                Secondary(stringResource(R.string.confirm), onClick = { model.logout() })
                Secondary(stringResource(R.string.cancel)) { model.ask(false) }
            }

            else -> Secondary(stringResource(R.string.logout)) { model.ask(true) }
        }
    }
}
