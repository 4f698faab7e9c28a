package dev.kapok.app.agents

import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.res.stringResource
import androidx.lifecycle.compose.collectAsStateWithLifecycle
import dev.kapok.DocumentKind
import dev.kapok.NewInvite
import dev.kapok.app.R
import dev.kapok.app.reasonText
import dev.kapok.app.shell.Open
import dev.kapok.app.shell.Screen
import dev.kapok.app.shell.ScreenModel
import dev.kapok.app.shell.Shell
import dev.kapok.app.shell.inForm
import dev.kapok.app.shell.model
import dev.kapok.app.theme.Chips
import dev.kapok.app.theme.Field
import dev.kapok.app.theme.Note
import dev.kapok.app.theme.Page
import dev.kapok.app.theme.Panel
import dev.kapok.app.theme.Primary
import dev.kapok.app.theme.Secondary
import dev.kapok.app.word

private val scopes = listOf("matters" to R.string.scope_matters, "certificates" to R.string.scope_certificates, "seals" to R.string.scope_seals)
private val terms = listOf(30u to R.string.one_month, 365u to R.string.one_year, 1095u to R.string.three_years)
private val documents = DocumentKind.entries - DocumentKind.UNKNOWN

/** What 添加经办人 shows; [errors] has the library's reason for a field by its name. */
data class AddAgentUi(
    val new: NewInvite = NewInvite("", DocumentKind.RESIDENT_ID, "", "", 365u, listOf("matters")),
    val errors: Map<String, String> = emptyMap(),
)

/** 添加经办人. */
class AddAgentModel(shell: Shell) : ScreenModel<AddAgentUi>(shell, AddAgentUi()) {
    fun edit(to: (NewInvite) -> NewInvite) = change { AddAgentUi(to(it.new)) }

    fun invite() =
        act({ error -> error.inForm(FIELDS) { errors -> change { it.copy(errors = errors) } } }) { kapok ->
            val invite = kapok.agents.invite(ui.value.new)
            shell.sharing(invite.inviteId)
            kapok.agents.share(invite.inviteId)
            shell.close { it is Screen.AddAgent }
        }

    private companion object {
        val FIELDS = setOf("name", "number", "phone")
    }
}

@Composable
fun AddAgentPage(open: Open, shell: Shell) {
    val model = open.model { AddAgentModel(shell) }
    val ui by model.ui.collectAsStateWithLifecycle()
    val new = ui.new

    @Composable
    fun error(field: String) = ui.errors[field]?.let { reasonText(it) }
    Page(stringResource(R.string.agent_add), shell::back, bottom = { Primary(stringResource(R.string.invite_make)) { model.invite() } }) {
        Panel {
            Field(stringResource(R.string.name), new.name, "name", error("name")) { text -> model.edit { it.copy(name = text) } }
            Chips(stringResource(R.string.document), documents, { it == new.document }, { stringResource(it.word) }) { one ->
                model.edit { it.copy(document = one) }
            }
            Field(stringResource(R.string.number), new.number, "number", error("number")) { text -> model.edit { it.copy(number = text) } }
            Field(stringResource(R.string.phone), new.phone, "phone", error("phone"), digits = true) { text -> model.edit { it.copy(phone = text) } }
        }
        Panel {
            Chips(stringResource(R.string.scope), scopes, { it.first in new.scope }, { stringResource(it.second) }) { one ->
                model.edit { it.copy(scope = if (one.first in it.scope) it.scope - one.first else it.scope + one.first) }
            }
            Chips(stringResource(R.string.valid_days), terms, { it.first == new.validDays }, { stringResource(it.second) }) { one ->
                model.edit { it.copy(validDays = one.first) }
            }
        }
    }
}

/** 分享到微信: the system's share sheet lies over this; here the person says that the link is out. */
class ShareModel(shell: Shell, private val inviteId: String?) : ScreenModel<Unit>(shell, Unit) {
    fun sent() =
        act { kapok ->
            inviteId?.let { kapok.agents.sent(it) }
            shell.close { it is Screen.Share }
        }
}

@Composable
fun SharePage(open: Open, screen: Screen.Share, shell: Shell) {
    val model = open.model { ShareModel(shell, screen.inviteId) }
    Page(
        stringResource(R.string.share),
        shell::back,
        bottom = {
            Primary(stringResource(R.string.sent)) { model.sent() }
            Secondary(stringResource(R.string.later), onClick = shell::back)
        },
    ) {
        Panel {
            Note(stringResource(R.string.share_hint))
            Text(screen.link, Modifier.testTag("link"), style = MaterialTheme.typography.bodyLarge)
        }
    }
}
