package dev.kapok.app.enterprises

import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.res.stringResource
import androidx.lifecycle.compose.collectAsStateWithLifecycle
import dev.kapok.LinkView
import dev.kapok.app.R
import dev.kapok.app.day
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
import dev.kapok.client.Kapok

/** What 关联已有企业账号 shows. */
data class LinkUi(val name: String, val login: String = "", val errors: Map<String, String> = emptyMap())

/** 关联已有企业账号: the answer does not tell whether the account exists (YST-032). */
class LinkModel(shell: Shell, name: String) : ScreenModel<LinkUi>(shell, LinkUi(name)) {
    fun name(text: String) = change { it.copy(name = text, errors = emptyMap()) }

    fun login(text: String) = change { it.copy(login = text, errors = emptyMap()) }

    fun ask() =
        act({ error -> error.inForm(setOf("name", "login")) { errors -> change { it.copy(errors = errors) } } }) { kapok ->
            kapok.enterprises.askLink(ui.value.login, ui.value.name)
            shell.close { it is Screen.Link }
            shell.good(R.string.link_asked)
        }
}

@Composable
fun LinkPage(open: Open, name: String, shell: Shell) {
    val model = open.model { LinkModel(shell, name) }
    val ui by model.ui.collectAsStateWithLifecycle()
    Page(stringResource(R.string.link), shell::back, bottom = { Primary(stringResource(R.string.link_ask)) { model.ask() } }) {
        Note(stringResource(R.string.link_hint))
        Panel {
            Field(stringResource(R.string.enterprise_name), ui.name, "name", ui.errors["name"]?.let { reasonText(it) }, onChange = model::name)
            Field(stringResource(R.string.link_login), ui.login, "login", ui.errors["login"]?.let { reasonText(it) }, onChange = model::login)
        }
    }
}

/** What 关联申请 shows; no list before it was loaded. */
data class LinksUi(val list: List<LinkView>? = null)

/** 关联申请, answered by the enterprise account's applicant (YST-034). */
class LinksModel(shell: Shell) : ScreenModel<LinksUi>(shell, LinksUi()) {
    init {
        act(work = ::load)
    }

    private suspend fun load(kapok: Kapok) = kapok.enterprises.links().let { list -> change { it.copy(list = list) } }

    fun answer(link: LinkView, agree: Boolean) =
        act { kapok ->
            kapok.enterprises.answerLink(link.linkId, agree)
            shell.good(if (agree) R.string.link_agreed else R.string.link_refused)
            load(kapok)
        }
}

@Composable
fun LinksPage(open: Open, shell: Shell) {
    val model = open.model { LinksModel(shell) }
    val ui by model.ui.collectAsStateWithLifecycle()
    Page(stringResource(R.string.links), shell::back) {
        val list = ui.list ?: return@Page
        if (list.isEmpty()) Nothing(Icons.Link, stringResource(R.string.links_none))
        list.forEach { link ->
            Panel(Modifier.testTag("link-${link.askedBy}")) {
                Text(link.askedBy, style = MaterialTheme.typography.titleMedium)
                Note(stringResource(R.string.link_asked_at, day(link.askedAt)))
                Primary(stringResource(R.string.link_agree)) { model.answer(link, true) }
                Secondary(stringResource(R.string.link_refuse)) { model.answer(link, false) }
            }
        }
    }
}
