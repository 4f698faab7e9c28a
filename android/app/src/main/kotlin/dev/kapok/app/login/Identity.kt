package dev.kapok.app.login

import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.ui.res.stringResource
import androidx.lifecycle.compose.collectAsStateWithLifecycle
import dev.kapok.DocumentKind
import dev.kapok.TypedIdentity
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
import dev.kapok.app.word

/** What 填写身份信息 shows; [documents] are those that the platform checks by face. */
data class IdentityUi(
    val typed: TypedIdentity = TypedIdentity("", DocumentKind.RESIDENT_ID, ""),
    val documents: List<DocumentKind> = emptyList(),
    val errors: Map<String, String> = emptyMap(),
)

/** Identity that is typed before the face check instead of in the mini program (YST-005). */
class IdentityModel(shell: Shell) : ScreenModel<IdentityUi>(shell, IdentityUi()) {
    init {
        act { kapok -> kapok.profile().let { profile -> change { it.copy(documents = profile.faceDocuments) } } }
    }

    fun edit(to: (TypedIdentity) -> TypedIdentity) = change { it.copy(typed = to(it.typed), errors = emptyMap()) }

    fun face() =
        act({ error -> error.inForm(FIELDS) { errors -> change { it.copy(errors = errors) } } }) { kapok ->
            kapok.login.startFace(ui.value.typed)
            shell.close { it is Screen.Identity }
            shell.open(Screen.Face)
        }

    private companion object {
        val FIELDS = setOf("declared.name", "declared.number")
    }
}

@Composable
fun IdentityPage(open: Open, shell: Shell) {
    val model = open.model { IdentityModel(shell) }
    val ui by model.ui.collectAsStateWithLifecycle()
    val typed = ui.typed

    @Composable
    fun error(field: String) = ui.errors["declared.$field"]?.let { reasonText(it) }
    Page(stringResource(R.string.identity), shell::back, bottom = { Primary(stringResource(R.string.login_face)) { model.face() } }) {
        Note(stringResource(R.string.identity_hint))
        Panel {
            Field(stringResource(R.string.name), typed.name, "name", error("name")) { text -> model.edit { it.copy(name = text) } }
            Chips(stringResource(R.string.document), ui.documents, { it == typed.document }, { stringResource(it.word) }) { one ->
                model.edit { it.copy(document = one) }
            }
            Field(stringResource(R.string.number), typed.number, "number", error("number")) { text -> model.edit { it.copy(number = text) } }
        }
    }
}
