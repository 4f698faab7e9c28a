package dev.kapok.app.settings

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.heightIn
import androidx.compose.foundation.selection.selectable
import androidx.compose.foundation.selection.toggleable
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.RadioButton
import androidx.compose.material3.Switch
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.LocalContext
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.res.stringResource
import androidx.compose.ui.semantics.Role
import androidx.compose.ui.unit.dp
import androidx.lifecycle.compose.collectAsStateWithLifecycle
import dev.kapok.app.KapokApplication
import dev.kapok.app.Language
import dev.kapok.app.R
import dev.kapok.app.shell.Screen
import dev.kapok.app.shell.Shell
import dev.kapok.app.theme.Entry
import dev.kapok.app.theme.Icons
import dev.kapok.app.theme.Note
import dev.kapok.app.theme.Page
import dev.kapok.app.theme.Panel
import dev.kapok.app.theme.Section
import dev.kapok.app.theme.target

private val languages = listOf(Language.ZH_CN to "简体中文", Language.ZH_HK to "繁體中文（香港）", Language.EN to "English")

/** 功能设置. */
@Composable
fun SettingsPage(shell: Shell, recreate: () -> Unit) {
    val preferences = (LocalContext.current.applicationContext as KapokApplication).preferences
    val elder by preferences.elder.collectAsStateWithLifecycle()
    Page(stringResource(R.string.settings), shell::back) {
        Section(stringResource(R.string.language))
        Panel {
            languages.forEach { (language, name) ->
                val on = preferences.language == language
                Row(
                    Modifier.fillMaxWidth().heightIn(min = target).testTag(language.tag).selectable(on, role = Role.RadioButton) {
                        preferences.setLanguage(language)
                        recreate()
                    },
                    Arrangement.spacedBy(12.dp),
                    Alignment.CenterVertically,
                ) {
                    RadioButton(on, null)
                    Text(name, style = MaterialTheme.typography.bodyLarge)
                }
            }
        }
        Section(stringResource(R.string.display))
        Panel {
            Row(
                Modifier.fillMaxWidth().heightIn(min = target).testTag("elder").toggleable(elder, role = Role.Switch, onValueChange = preferences::setElder),
                Arrangement.spacedBy(12.dp),
                Alignment.CenterVertically,
            ) {
                Column(Modifier.weight(1f)) {
                    Text(stringResource(R.string.elder), style = MaterialTheme.typography.titleMedium)
                    Note(stringResource(R.string.elder_note))
                }
                Switch(elder, null)
            }
        }
        Section(stringResource(R.string.safety))
        Entry(Icons.Lock, stringResource(R.string.pin_settings), stringResource(R.string.pin_settings_note), "pin") { shell.open(Screen.PinSettings) }
        Entry(Icons.Certificate, stringResource(R.string.security), stringResource(R.string.security_note), "security") { shell.open(Screen.Security) }
    }
}
