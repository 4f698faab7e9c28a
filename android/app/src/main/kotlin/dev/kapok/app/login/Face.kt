package dev.kapok.app.login

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.res.stringResource
import androidx.compose.ui.semantics.contentDescription
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.unit.dp
import androidx.compose.ui.unit.sp
import androidx.lifecycle.compose.collectAsStateWithLifecycle
import androidx.lifecycle.viewModelScope
import dev.kapok.HandoffView
import dev.kapok.KapokEvent
import dev.kapok.LoginResumed
import dev.kapok.app.R
import dev.kapok.app.reasonText
import dev.kapok.app.shell.Open
import dev.kapok.app.shell.Screen
import dev.kapok.app.shell.ScreenModel
import dev.kapok.app.shell.Shell
import dev.kapok.app.shell.model
import dev.kapok.app.theme.Field
import dev.kapok.app.theme.Note
import dev.kapok.app.theme.Page
import dev.kapok.app.theme.Panel
import dev.kapok.app.theme.Primary
import dev.kapok.app.theme.Secondary
import dev.kapok.client.Kapok
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.filter
import kotlinx.coroutines.launch

/** What a face check shows meanwhile. */
data class FaceUi(val handoff: HandoffView? = null, val code: String = "", val codeError: String? = null)

/** 人脸识别: the mini program does it; here its digits are compared, and the six digits typed where no link comes back. */
class FaceModel(shell: Shell) : ScreenModel<FaceUi>(shell, FaceUi()) {
    private var waiting: Job? = null

    init {
        act(work = ::load)
        viewModelScope.launch { shell.events.filter { it is KapokEvent.HandoffChanged }.collect { act(work = ::load) } }
        resume()
    }

    private suspend fun load(kapok: Kapok) {
        val handoff = kapok.login.view()
        if (handoff == null) shell.close { it is Screen.Face } else change { it.copy(handoff = handoff) }
    }

    /** Waits beside the screen: nothing on it is held up by that. */
    private fun resume() {
        waiting?.cancel()
        waiting = viewModelScope.launch {
            shell.waiting { kapok ->
                when (val resumed = kapok.login.resume()) {
                    is LoginResumed.Finished -> shell.ended(resumed.outcome)
                    is LoginResumed.CodeNeeded -> load(kapok)
                    is LoginResumed.Nothing -> {}
                }
            }
        }
    }

    fun code(text: String) = change { it.copy(code = text, codeError = null) }

    fun finish() =
        act({ error -> (error.field == "code").also { wrong -> if (wrong) change { it.copy(codeError = error.reason) } } }) { kapok ->
            shell.ended(kapok.login.typeCode(ui.value.code))
        }

    fun openAgain() =
        act {
            it.login.openAgain()
            resume()
        }

    fun cancel() =
        act { kapok ->
            waiting?.cancel()
            kapok.login.cancel()
            shell.close { it is Screen.Face }
        }
}

@Composable
fun FacePage(open: Open, miniProgram: String?, shell: Shell) {
    val model = open.model { FaceModel(shell) }
    val ui by model.ui.collectAsStateWithLifecycle()
    val handoff = ui.handoff ?: return
    Page(
        stringResource(R.string.face),
        null,
        bottom = {
            if (handoff.codeAsked) Primary(stringResource(R.string.face_finish)) { model.finish() }
            if (miniProgram != null) Secondary(stringResource(R.string.face_open_again)) { model.openAgain() }
            Secondary(stringResource(R.string.cancel)) { model.cancel() }
        },
    ) {
        Panel { MatchCode(handoff.matchCode) }
        if (handoff.codeAsked) {
            Panel {
                Text(stringResource(R.string.face_code_asked))
                Field(stringResource(R.string.face_code), ui.code, "face-code", ui.codeError?.let { reasonText(it) }, digits = true, onChange = model::code)
            }
        } else {
            Panel {
                Text(stringResource(R.string.face_steps), style = MaterialTheme.typography.bodyLarge)
                Note(stringResource(if (handoff.finishing) R.string.face_finishing else R.string.face_waiting))
            }
        }
    }
}

@Composable
private fun MatchCode(code: String) {
    val said = code.toList().joinToString(" ")
    Column(Modifier.fillMaxWidth().padding(vertical = 12.dp), Arrangement.spacedBy(8.dp), Alignment.CenterHorizontally) {
        Note(stringResource(R.string.match_code))
        Text(
            code,
            Modifier.testTag("match-code").semantics { contentDescription = said },
            MaterialTheme.colorScheme.primary,
            fontSize = 56.sp,
            letterSpacing = 10.sp,
        )
    }
}
