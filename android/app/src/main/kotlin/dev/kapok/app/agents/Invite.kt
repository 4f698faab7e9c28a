package dev.kapok.app.agents

import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.res.stringResource
import dev.kapok.ConsentView
import dev.kapok.InvitePage
import dev.kapok.app.R
import dev.kapok.app.day
import dev.kapok.app.scopeText
import dev.kapok.app.shell.Open
import dev.kapok.app.shell.Screen
import dev.kapok.app.shell.ScreenModel
import dev.kapok.app.shell.Shell
import dev.kapok.app.shell.model
import dev.kapok.app.theme.Fact
import dev.kapok.app.theme.Note
import dev.kapok.app.theme.Page
import dev.kapok.app.theme.Panel
import dev.kapok.app.theme.Primary
import dev.kapok.app.theme.Secondary
import dev.kapok.app.word

/** 认证链接 and 同意认证, on the side of who was invited. */
class InviteModel(shell: Shell) : ScreenModel<Unit>(shell, Unit) {
    fun accept() =
        act { kapok ->
            kapok.agents.accept()
            shell.close { it is Screen.Invite }
            shell.open(Screen.Face)
        }

    fun answer(agree: Boolean) =
        act { kapok ->
            val answered = kapok.agents.answer(agree)
            shell.close { it !is Screen.Home }
            if (answered.enterprise != null) shell.open(Screen.Enterprises)
            shell.good(if (agree) R.string.agreed else R.string.declined)
        }

    fun leave() =
        act { kapok ->
            kapok.agents.leave()
            shell.close { it is Screen.Consent || it is Screen.Invite }
        }
}

@Composable
fun InvitePage(open: Open, page: InvitePage, shell: Shell) {
    val model = open.model { InviteModel(shell) }
    Page(
        stringResource(R.string.invite),
        shell::back,
        bottom = {
            Primary(stringResource(R.string.invite_accept)) { model.accept() }
            Secondary(stringResource(R.string.cancel), onClick = shell::back)
        },
    ) {
        Panel(Modifier.testTag("invite")) {
            page.enterprise?.let { Fact(stringResource(R.string.enterprise), it) }
            Fact(stringResource(R.string.kind), stringResource(page.kind.word))
            page.invitee?.let { Fact(stringResource(R.string.invitee), it) }
            Fact(stringResource(R.string.state), stringResource(page.state.word))
            Note(stringResource(R.string.valid_to, day(page.expiresAt)))
        }
    }
}

@Composable
fun ConsentPage(open: Open, page: ConsentView, shell: Shell) {
    val model = open.model { InviteModel(shell) }
    Page(
        stringResource(R.string.consent),
        null,
        bottom = {
            Primary(stringResource(R.string.consent_agree)) { model.answer(true) }
            Secondary(stringResource(R.string.disagree)) { model.answer(false) }
            Secondary(stringResource(R.string.later)) { model.leave() }
        },
    ) {
        Note(stringResource(R.string.consent_hint))
        Panel(Modifier.testTag("consent")) {
            Fact(stringResource(R.string.enterprise), page.enterprise)
            Fact(stringResource(R.string.inviter), page.inviter)
            Fact(stringResource(R.string.kind), stringResource(page.kind.word))
            Fact(stringResource(R.string.scope), scopeText(page.scope))
            Fact(stringResource(R.string.valid_days), stringResource(R.string.days, page.validDays.toInt()))
        }
    }
}
