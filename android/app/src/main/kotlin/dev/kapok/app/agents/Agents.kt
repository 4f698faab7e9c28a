package dev.kapok.app.agents

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Row
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.res.stringResource
import androidx.compose.ui.unit.dp
import androidx.lifecycle.compose.collectAsStateWithLifecycle
import androidx.lifecycle.viewModelScope
import dev.kapok.AgentList
import dev.kapok.AgentView
import dev.kapok.GrantState
import dev.kapok.InviteState
import dev.kapok.InviteView
import dev.kapok.KapokEvent
import dev.kapok.app.R
import dev.kapok.app.day
import dev.kapok.app.scopeText
import dev.kapok.app.shell.Open
import dev.kapok.app.shell.Screen
import dev.kapok.app.shell.ScreenModel
import dev.kapok.app.shell.Shell
import dev.kapok.app.shell.model
import dev.kapok.app.theme.Icons
import dev.kapok.app.theme.Note
import dev.kapok.app.theme.Nothing
import dev.kapok.app.theme.Page
import dev.kapok.app.theme.Panel
import dev.kapok.app.theme.Primary
import dev.kapok.app.theme.Secondary
import dev.kapok.app.theme.Section
import dev.kapok.app.theme.Tag
import dev.kapok.app.word
import dev.kapok.client.Kapok
import kotlinx.coroutines.flow.filter
import kotlinx.coroutines.launch

/** What 经办人管理 shows; [asked] is the invite or grant whose end was asked for and is to be confirmed. */
data class AgentsUi(val list: AgentList? = null, val asked: String? = null)

/** 经办人管理. */
class AgentsModel(shell: Shell) : ScreenModel<AgentsUi>(shell, AgentsUi()) {
    init {
        act(work = ::load)
        viewModelScope.launch { shell.events.filter { it is KapokEvent.AgentsChanged }.collect { act(work = ::load) } }
    }

    private suspend fun load(kapok: Kapok) = kapok.agents.list().let { list -> change { it.copy(list = list, asked = null) } }

    fun share(inviteId: String) =
        act { kapok ->
            shell.sharing(inviteId)
            kapok.agents.share(inviteId)
        }

    fun ask(id: String) = change { it.copy(asked = id) }

    fun revokeInvite(inviteId: String) =
        act { kapok ->
            kapok.agents.revokeInvite(inviteId)
            load(kapok)
        }

    fun revokeGrant(grantId: String) =
        act { kapok ->
            kapok.agents.revokeGrant(grantId)
            load(kapok)
        }
}

@Composable
fun AgentsPage(open: Open, shell: Shell) {
    val model = open.model { AgentsModel(shell) }
    val ui by model.ui.collectAsStateWithLifecycle()
    val list = ui.list
    Page(
        stringResource(R.string.agents),
        shell::back,
        bottom = { Primary(stringResource(R.string.agent_add)) { shell.open(Screen.AddAgent) } },
    ) {
        if (list == null) return@Page
        if (list.agents.isEmpty() && list.invites.isEmpty()) Nothing(Icons.Group, stringResource(R.string.agents_none))
        if (list.agents.isNotEmpty()) Section(stringResource(R.string.agents_list))
        list.agents.forEach { Agent(it, ui.asked == it.grantId, model) }
        if (list.invites.isNotEmpty()) Section(stringResource(R.string.invites_list))
        list.invites.forEach { Invited(it, ui.asked == it.inviteId, model) }
    }
}

@Composable
private fun Agent(agent: AgentView, asked: Boolean, model: AgentsModel) {
    Panel(Modifier.testTag("agent-${agent.name}")) {
        Head(agent.name, stringResource(agent.state.word), agent.state == GrantState.ACTIVE)
        Note(scopeText(agent.scope))
        Note(stringResource(R.string.valid_to, day(agent.validTo)))
        End(stringResource(R.string.revoke_grant), stringResource(R.string.revoke_grant_ask), asked, { model.ask(agent.grantId) }) {
            model.revokeGrant(agent.grantId)
        }
    }
}

@Composable
private fun Invited(invite: InviteView, asked: Boolean, model: AgentsModel) {
    Panel(Modifier.testTag("invite-${invite.invitee}")) {
        Head(invite.invitee, stringResource(invite.state.word), invite.state == InviteState.ACCEPTED)
        Note(stringResource(invite.kind.word))
        if (invite.mismatch) Note(stringResource(R.string.invite_mismatch))
        Note(stringResource(R.string.valid_to, day(invite.expiresAt)))
        Secondary(stringResource(R.string.share)) { model.share(invite.inviteId) }
        End(stringResource(R.string.revoke_invite), stringResource(R.string.revoke_invite_ask), asked, { model.ask(invite.inviteId) }) {
            model.revokeInvite(invite.inviteId)
        }
    }
}

@Composable
private fun Head(name: String, state: String, good: Boolean) {
    Row(horizontalArrangement = Arrangement.spacedBy(10.dp), verticalAlignment = Alignment.CenterVertically) {
        Text(name, Modifier.weight(1f), style = MaterialTheme.typography.titleMedium)
        Tag(state, good)
    }
}

/** What cannot be taken back is asked for twice. */
@Composable
private fun End(text: String, question: String, asked: Boolean, onAsk: () -> Unit, onEnd: () -> Unit) {
    if (asked) Text(question, color = MaterialTheme.colorScheme.error, style = MaterialTheme.typography.bodyMedium)
    Secondary(if (asked) stringResource(R.string.confirm) else text, onClick = if (asked) onEnd else onAsk)
}
