package dev.kapok.app.security

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
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
import dev.kapok.GuardState
import dev.kapok.KapokException
import dev.kapok.PhoneView
import dev.kapok.app.R
import dev.kapok.app.minute
import dev.kapok.app.shell.Open
import dev.kapok.app.shell.ScreenModel
import dev.kapok.app.shell.Shell
import dev.kapok.app.shell.model
import dev.kapok.app.theme.Badge
import dev.kapok.app.theme.Icons
import dev.kapok.app.theme.Note
import dev.kapok.app.theme.Nothing
import dev.kapok.app.theme.Page
import dev.kapok.app.theme.Panel
import dev.kapok.app.theme.Primary
import dev.kapok.app.theme.Secondary
import dev.kapok.app.theme.Tag
import dev.kapok.app.word
import dev.kapok.client.Kapok

/** What 我的手机 shows; [asked] is the phone that is about to be reported, [faceNeeded] that the login is too old for it. */
data class PhonesUi(val list: List<PhoneView>? = null, val asked: String? = null, val faceNeeded: Boolean = false)

/** 我的手机, and 挂失 of another one of them. */
class PhonesModel(shell: Shell) : ScreenModel<PhonesUi>(shell, PhonesUi()) {
    init {
        act(work = ::load)
    }

    private suspend fun load(kapok: Kapok) = kapok.vault.phones().let { list -> change { PhonesUi(list) } }

    fun ask(deviceId: String?) = change { it.copy(asked = deviceId) }

    fun report(deviceId: String) =
        act(::refused) { kapok ->
            kapok.vault.reportLoss(deviceId)
            load(kapok)
            shell.good(R.string.loss_reported)
        }

    /** Only a fresh face check of a login says that it is the owner. */
    private fun refused(error: KapokException.Failed): Boolean {
        val old = error.code in setOf("HANDOFF_EXPIRED", "NOT_ALLOWED")
        change { it.copy(asked = null, faceNeeded = old) }
        return old
    }

    /** 退出登录, to log in by face again. */
    fun logout() = act { it.login.logout() }
}

@Composable
fun PhonesPage(open: Open, shell: Shell) {
    val model = open.model { PhonesModel(shell) }
    val ui by model.ui.collectAsStateWithLifecycle()
    Page(stringResource(R.string.phones), shell::back) {
        val list = ui.list ?: return@Page
        if (ui.faceNeeded) {
            Panel(Modifier.testTag("face-needed")) {
                Text(stringResource(R.string.loss_face_needed), style = MaterialTheme.typography.bodyLarge)
                Primary(stringResource(R.string.loss_log_in)) { model.logout() }
            }
        }
        if (list.isEmpty()) Nothing(Icons.Phone, stringResource(R.string.phones_none))
        list.forEach { Phone(it, it.deviceId == ui.asked, model) }
    }
}

@Composable
private fun Phone(phone: PhoneView, asked: Boolean, model: PhonesModel) {
    Panel(Modifier.testTag(if (phone.thisPhone) "this-phone" else "other-phone")) {
        Row(horizontalArrangement = Arrangement.spacedBy(14.dp), verticalAlignment = Alignment.CenterVertically) {
            Badge(Icons.Phone)
            Column(Modifier.weight(1f)) {
                Text(stringResource(if (phone.thisPhone) R.string.phone_this else R.string.phone_other), style = MaterialTheme.typography.titleMedium)
                Note(stringResource(R.string.phone_id, phone.deviceId.take(SHOWN)))
            }
            Tag(stringResource(phone.state.word), phone.state == GuardState.OK)
        }
        phone.objectionUntil?.let { Note(stringResource(R.string.phone_objection, minute(it))) }
        when {
            phone.thisPhone || phone.state == GuardState.REVOKED -> {}

            asked -> {
                Text(stringResource(R.string.loss_ask), style = MaterialTheme.typography.bodyLarge)
                Primary(stringResource(R.string.loss_confirm)) { model.report(phone.deviceId) }
                Secondary(stringResource(R.string.cancel)) { model.ask(null) }
            }

            else -> Secondary(stringResource(R.string.loss_report)) { model.ask(phone.deviceId) }
        }
    }
}

private const val SHOWN = 8
