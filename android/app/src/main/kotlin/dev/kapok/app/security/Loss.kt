package dev.kapok.app.security

import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.res.stringResource
import androidx.lifecycle.compose.collectAsStateWithLifecycle
import dev.kapok.DocumentKind
import dev.kapok.TypedIdentity
import dev.kapok.app.R
import dev.kapok.app.minute
import dev.kapok.app.reasonText
import dev.kapok.app.shell.Open
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

/** What 吊销码挂失 shows; [until] is the end of the time for an objection, in seconds since the epoch, once the phone is reported. */
data class LossUi(
    val owner: TypedIdentity = TypedIdentity("", DocumentKind.RESIDENT_ID, ""),
    val code: String = "",
    val documents: List<DocumentKind> = emptyList(),
    val errors: Map<String, String> = emptyMap(),
    val until: ULong? = null,
)

/** 挂失 by the revocation code; nobody needs to be logged in. */
class LossModel(shell: Shell) : ScreenModel<LossUi>(shell, LossUi()) {
    init {
        act { kapok -> kapok.profile().let { profile -> change { it.copy(documents = profile.faceDocuments) } } }
    }

    fun edit(to: (TypedIdentity) -> TypedIdentity) = change { it.copy(owner = to(it.owner), errors = emptyMap()) }

    fun code(text: String) = change { it.copy(code = text, errors = emptyMap()) }

    fun report() =
        act({ error -> error.inForm(FIELDS) { errors -> change { it.copy(errors = errors) } } }) { kapok ->
            val reported = kapok.vault.reportLossByCode(ui.value.owner, ui.value.code)
            change { LossUi(until = reported.objectionUntil) }
            shell.good(R.string.loss_reported)
        }

    private companion object {
        val FIELDS = setOf("owner.name", "owner.number", "code")
    }
}

@Composable
fun LossByCodePage(open: Open, shell: Shell) {
    val model = open.model { LossModel(shell) }
    val ui by model.ui.collectAsStateWithLifecycle()
    val until = ui.until
    if (until != null) {
        Page(stringResource(R.string.loss_by_code), null, bottom = { Primary(stringResource(R.string.home_back), onClick = shell::back) }) {
            Panel(Modifier.testTag("reported")) {
                Text(stringResource(R.string.loss_reported), style = MaterialTheme.typography.titleMedium)
                Text(stringResource(R.string.phone_objection, minute(until)), style = MaterialTheme.typography.bodyLarge)
            }
        }
        return
    }

    @Composable
    fun error(field: String) = ui.errors[field]?.let { reasonText(it) }
    Page(stringResource(R.string.loss_by_code), shell::back, bottom = { Primary(stringResource(R.string.loss_confirm)) { model.report() } }) {
        Note(stringResource(R.string.loss_by_code_hint))
        Panel {
            Field(stringResource(R.string.name), ui.owner.name, "name", error("owner.name")) { text -> model.edit { it.copy(name = text) } }
            Chips(stringResource(R.string.document), ui.documents, { it == ui.owner.document }, { stringResource(it.word) }) { one ->
                model.edit { it.copy(document = one) }
            }
            Field(stringResource(R.string.number), ui.owner.number, "number", error("owner.number")) { text -> model.edit { it.copy(number = text) } }
            Field(stringResource(R.string.revocation_code), ui.code, "loss-code", error("code"), onChange = model::code)
        }
    }
}

/** What 停止重置 shows. */
data class StopUi(val code: String = "", val error: String? = null)

/** 停止重置: the code of a short message ends a reset that the owner did not ask for. */
class StopModel(shell: Shell) : ScreenModel<StopUi>(shell, StopUi()) {
    fun code(text: String) = change { StopUi(text) }

    fun stop() =
        act({ error -> (error.field == "code").also { wrong -> if (wrong) change { it.copy(error = error.reason) } } }) { kapok ->
            kapok.vault.stopReset(ui.value.code)
            shell.back()
            shell.good(R.string.reset_stopped)
        }
}

@Composable
fun StopResetPage(open: Open, shell: Shell) {
    val model = open.model { StopModel(shell) }
    val ui by model.ui.collectAsStateWithLifecycle()
    Page(stringResource(R.string.stop_reset), shell::back, bottom = { Primary(stringResource(R.string.stop_reset)) { model.stop() } }) {
        Panel {
            Text(stringResource(R.string.stop_reset_hint), style = MaterialTheme.typography.bodyLarge)
            Field(stringResource(R.string.stop_code), ui.code, "stop-code", ui.error?.let { reasonText(it) }, onChange = model::code)
        }
    }
}
