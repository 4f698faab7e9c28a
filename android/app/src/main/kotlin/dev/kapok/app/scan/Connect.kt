package dev.kapok.app.scan

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.res.stringResource
import androidx.compose.ui.text.style.TextAlign
import androidx.compose.ui.unit.dp
import dev.kapok.app.R
import dev.kapok.app.shell.Open
import dev.kapok.app.shell.ScreenModel
import dev.kapok.app.shell.Shell
import dev.kapok.app.shell.model
import dev.kapok.app.theme.Badge
import dev.kapok.app.theme.Icons
import dev.kapok.app.theme.Page
import dev.kapok.app.theme.Primary
import dev.kapok.app.theme.Secondary

/** A code that came as a link: nothing is sent before the tap. */
class ConnectModel(shell: Shell, private val text: String) : ScreenModel<Unit>(shell, Unit) {
    fun connect() = act { it.signing.connect(text) }
}

@Composable
fun ConnectPage(open: Open, text: String, shell: Shell) {
    val model = open.model { ConnectModel(shell, text) }
    Page(
        stringResource(R.string.connect),
        shell::back,
        bottom = {
            Primary(stringResource(R.string.connect_act)) { model.connect() }
            Secondary(stringResource(R.string.cancel), onClick = shell::back)
        },
    ) {
        Column(Modifier.fillMaxWidth().padding(vertical = 40.dp), Arrangement.spacedBy(16.dp), Alignment.CenterHorizontally) {
            Badge(Icons.Computer)
            Text(stringResource(R.string.connect_hint), textAlign = TextAlign.Center, style = MaterialTheme.typography.titleMedium)
            Text(stringResource(R.string.scan_note), color = MaterialTheme.colorScheme.onSurfaceVariant, textAlign = TextAlign.Center)
        }
    }
}
