package dev.kapok.app.enterprises

import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.res.stringResource
import androidx.lifecycle.compose.collectAsStateWithLifecycle
import dev.kapok.RegistryHit
import dev.kapok.app.R
import dev.kapok.app.reasonText
import dev.kapok.app.shell.Open
import dev.kapok.app.shell.Screen
import dev.kapok.app.shell.ScreenModel
import dev.kapok.app.shell.Shell
import dev.kapok.app.shell.inForm
import dev.kapok.app.shell.model
import dev.kapok.app.theme.Field
import dev.kapok.app.theme.Icons
import dev.kapok.app.theme.Note
import dev.kapok.app.theme.Nothing
import dev.kapok.app.theme.Page
import dev.kapok.app.theme.Panel
import dev.kapok.app.theme.Primary
import dev.kapok.app.theme.Secondary
import dev.kapok.app.theme.Tag

/** What 查找企业 shows; no hits before it was searched. */
data class FindUi(val query: String = "", val errors: Map<String, String> = emptyMap(), val hits: List<RegistryHit>? = null)

/** 查找企业: an agent finds the enterprise and registers its account (YST-024, YST-025). */
class FindModel(shell: Shell) : ScreenModel<FindUi>(shell, FindUi()) {
    fun query(text: String) = change { it.copy(query = text, errors = emptyMap()) }

    fun find() =
        act({ error -> error.inForm(setOf("query")) { errors -> change { it.copy(errors = errors) } } }) { kapok ->
            val hits = kapok.enterprises.search(ui.value.query)
            change { it.copy(hits = hits) }
        }

    fun choose(hit: RegistryHit) =
        act { kapok ->
            kapok.enterprises.select(kapok.enterprises.register(hit.name, hit.uscc).enterpriseId)
            shell.close { it is Screen.Find || it is Screen.Enterprises }
            shell.good(R.string.enterprise_selected)
        }
}

@Composable
fun FindPage(open: Open, shell: Shell) {
    val model = open.model { FindModel(shell) }
    val ui by model.ui.collectAsStateWithLifecycle()
    Page(stringResource(R.string.find), shell::back) {
        Panel {
            Field(stringResource(R.string.find_query), ui.query, "query", ui.errors["query"]?.let { reasonText(it) }, onChange = model::query)
            Primary(stringResource(R.string.find_act)) { model.find() }
        }
        val hits = ui.hits ?: return@Page
        if (hits.isEmpty()) Nothing(Icons.Search, stringResource(R.string.find_none))
        hits.forEach { hit -> Hit(hit, { model.choose(hit) }) { shell.open(Screen.Link(hit.name)) } }
    }
}

@Composable
private fun Hit(hit: RegistryHit, onChoose: () -> Unit, onLink: () -> Unit) {
    Panel(Modifier.testTag("hit-${hit.uscc}")) {
        Text(hit.name, style = MaterialTheme.typography.titleMedium)
        Note(hit.uscc)
        Tag(stringResource(if (hit.authenticated) R.string.authenticated else R.string.unauthenticated), hit.authenticated)
        Primary(stringResource(R.string.find_choose), onClick = onChoose)
        if (hit.authenticated) Secondary(stringResource(R.string.link_ask), onClick = onLink)
    }
}
