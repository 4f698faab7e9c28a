package dev.kapok.app.agents

import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.res.stringResource
import dev.kapok.EnterpriseView
import dev.kapok.app.R
import dev.kapok.app.shell.Open
import dev.kapok.app.shell.Screen
import dev.kapok.app.shell.ScreenModel
import dev.kapok.app.shell.Shell
import dev.kapok.app.shell.model
import dev.kapok.app.theme.Fact
import dev.kapok.app.theme.Page
import dev.kapok.app.theme.Panel
import dev.kapok.app.theme.Primary
import dev.kapok.app.theme.Secondary

/** 申请认证&授权: the agent asks, the legal representative agrees after one face check (YST-028 to YST-031). */
class AuthenticationModel(shell: Shell) : ScreenModel<Unit>(shell, Unit) {
    fun ask() =
        act { kapok ->
            val invite = kapok.agents.askAuthentication()
            shell.sharing(invite.inviteId)
            kapok.agents.share(invite.inviteId)
            shell.close { it is Screen.Authentication }
        }
}

@Composable
fun AuthenticationPage(open: Open, enterprise: EnterpriseView?, shell: Shell) {
    val model = open.model { AuthenticationModel(shell) }
    Page(
        stringResource(R.string.invite_authentication),
        shell::back,
        bottom = {
            Primary(stringResource(R.string.authenticate_share)) { model.ask() }
            Secondary(stringResource(R.string.later), onClick = shell::back)
        },
    ) {
        Panel {
            enterprise?.let { Fact(stringResource(R.string.enterprise), it.name) }
            Text(stringResource(R.string.authenticate_hint), style = MaterialTheme.typography.bodyLarge)
        }
    }
}
