package dev.kapok.app.login

import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.ui.res.stringResource
import androidx.lifecycle.compose.collectAsStateWithLifecycle
import dev.kapok.PrivacyNotice
import dev.kapok.app.R
import dev.kapok.app.shell.Open
import dev.kapok.app.shell.Screen
import dev.kapok.app.shell.ScreenModel
import dev.kapok.app.shell.Shell
import dev.kapok.app.shell.model
import dev.kapok.app.theme.Page
import dev.kapok.app.theme.Panel
import dev.kapok.app.theme.Primary
import dev.kapok.app.theme.Secondary

/** What 协议与隐私 shows. */
data class PrivacyUi(val notice: PrivacyNotice? = null)

/** 协议与隐私: nothing is sent before the person agrees. */
class PrivacyModel(shell: Shell) : ScreenModel<PrivacyUi>(shell, PrivacyUi()) {
    init {
        act { kapok -> kapok.privacy().let { notice -> change { it.copy(notice = notice) } } }
    }

    fun agree() =
        act { kapok ->
            kapok.agreePrivacy(ui.value.notice?.version.orEmpty())
            // Offline the app goes on with the agreement, and says that it must be online.
            try {
                kapok.profile()
            } finally {
                shell.close { it is Screen.Privacy }
            }
        }

    fun withdraw() =
        act { kapok ->
            kapok.withdrawPrivacy()
            kapok.privacy().let { notice -> change { it.copy(notice = notice) } }
        }
}

@Composable
fun PrivacyPage(open: Open, shell: Shell) {
    val model = open.model { PrivacyModel(shell) }
    val ui by model.ui.collectAsStateWithLifecycle()
    val notice = ui.notice ?: return
    val title = notice.text.substringBefore('\n')
    Page(
        stringResource(R.string.privacy),
        if (notice.agreed) shell::back else null,
        bottom = {
            if (notice.agreed) {
                Secondary(stringResource(R.string.withdraw)) { model.withdraw() }
            } else {
                Primary(stringResource(R.string.agree)) { model.agree() }
                Secondary(stringResource(R.string.disagree), onClick = shell::back)
            }
        },
    ) {
        Panel {
            Text(title, style = MaterialTheme.typography.titleLarge)
            Text(notice.text.substringAfter('\n').trim(), style = MaterialTheme.typography.bodyLarge)
        }
    }
}
