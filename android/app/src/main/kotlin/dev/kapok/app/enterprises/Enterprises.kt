package dev.kapok.app.enterprises

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Row
import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.ui.res.stringResource
import androidx.compose.ui.unit.dp
import androidx.lifecycle.compose.collectAsStateWithLifecycle
import androidx.lifecycle.viewModelScope
import dev.kapok.EnterpriseView
import dev.kapok.KapokEvent
import dev.kapok.TrustLevel
import dev.kapok.app.R
import dev.kapok.app.reasonText
import dev.kapok.app.shell.Open
import dev.kapok.app.shell.Screen
import dev.kapok.app.shell.ScreenModel
import dev.kapok.app.shell.Shell
import dev.kapok.app.shell.model
import dev.kapok.app.theme.Entry
import dev.kapok.app.theme.Field
import dev.kapok.app.theme.Icons
import dev.kapok.app.theme.Nothing
import dev.kapok.app.theme.Page
import dev.kapok.app.theme.Panel
import dev.kapok.app.theme.Secondary
import dev.kapok.app.theme.Section
import dev.kapok.app.theme.Tag
import dev.kapok.app.word
import dev.kapok.client.Kapok
import kotlinx.coroutines.flow.filter
import kotlinx.coroutines.launch

/** What 选择办事企业 shows; no list before it was loaded. */
data class EnterprisesUi(val list: List<EnterpriseView>? = null, val uscc: String = "", val usccError: String? = null)

/** 选择办事企业. */
class EnterprisesModel(shell: Shell) : ScreenModel<EnterprisesUi>(shell, EnterprisesUi()) {
    init {
        act(work = ::load)
        viewModelScope.launch { shell.events.filter { it is KapokEvent.EnterprisesChanged }.collect { act(work = ::load) } }
    }

    private suspend fun load(kapok: Kapok) = kapok.enterprises.list().let { list -> change { it.copy(list = list) } }

    fun select(enterpriseId: String) = act { kapok -> chosen(kapok, enterpriseId) }

    fun uscc(text: String) = change { it.copy(uscc = text, usccError = null) }

    fun add() =
        act({ error -> (error.field == "uscc").also { wrong -> if (wrong) change { it.copy(usccError = error.reason) } } }) { kapok ->
            chosen(kapok, kapok.enterprises.add(ui.value.uscc).enterpriseId)
        }

    private suspend fun chosen(kapok: Kapok, enterpriseId: String) {
        kapok.enterprises.select(enterpriseId)
        shell.good(R.string.enterprise_selected)
        shell.close { it is Screen.Enterprises }
    }
}

@Composable
fun EnterprisesPage(open: Open, shell: Shell) {
    val model = open.model { EnterprisesModel(shell) }
    val ui by model.ui.collectAsStateWithLifecycle()
    val list = ui.list
    Page(stringResource(R.string.enterprises), shell::back) {
        if (list != null && list.isEmpty()) Nothing(Icons.Enterprise, stringResource(R.string.enterprises_none))
        list.orEmpty().forEach { Enterprise(it) { model.select(it.enterpriseId) } }
        if (list != null) {
            Entry(Icons.Search, stringResource(R.string.find), stringResource(R.string.find_note), "find") { shell.open(Screen.Find) }
            Entry(Icons.Link, stringResource(R.string.link), stringResource(R.string.link_note), "link") { shell.open(Screen.Link()) }
            Section(stringResource(R.string.add_by_hand))
            Panel {
                Field(stringResource(R.string.uscc), ui.uscc, "uscc", ui.usccError?.let { reasonText(it) }, onChange = model::uscc)
                Secondary(stringResource(R.string.add)) { model.add() }
            }
        }
    }
}

@Composable
private fun Enterprise(enterprise: EnterpriseView, onClick: () -> Unit) {
    val note = "${enterprise.uscc}\n${stringResource(enterprise.role.word)}"
    val authenticated = enterprise.level == TrustLevel.AUTHENTICATED
    Entry(Icons.Enterprise, enterprise.name, note, enterprise.name, {
        Row(horizontalArrangement = Arrangement.spacedBy(8.dp)) {
            if (enterprise.selected) Tag(stringResource(R.string.current), good = true)
            Tag(stringResource(if (authenticated) R.string.authenticated else R.string.unauthenticated), authenticated)
        }
    }, onClick)
}
