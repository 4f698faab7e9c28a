package dev.kapok.app.home

import androidx.compose.foundation.background
import androidx.compose.foundation.clickable
import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.heightIn
import androidx.compose.foundation.layout.offset
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.size
import androidx.compose.foundation.rememberScrollState
import androidx.compose.foundation.verticalScroll
import androidx.compose.material3.Icon
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.draw.clip
import androidx.compose.ui.draw.clipToBounds
import androidx.compose.ui.graphics.Brush
import androidx.compose.ui.graphics.Color
import androidx.compose.ui.graphics.vector.ImageVector
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.res.stringResource
import androidx.compose.ui.semantics.Role
import androidx.compose.ui.unit.dp
import dev.kapok.TrustLevel
import dev.kapok.app.R
import dev.kapok.app.shell.Screen
import dev.kapok.app.shell.Shell
import dev.kapok.app.shell.ShellUi
import dev.kapok.app.theme.Banner
import dev.kapok.app.theme.Entry
import dev.kapok.app.theme.Flower
import dev.kapok.app.theme.Icons
import dev.kapok.app.theme.KapokDeep
import dev.kapok.app.theme.KapokRed
import dev.kapok.app.theme.Section
import dev.kapok.app.theme.target
import dev.kapok.app.word

/** 首页. */
@Composable
fun HomePage(ui: ShellUi, shell: Shell) {
    Column(Modifier.verticalScroll(rememberScrollState()).padding(20.dp), Arrangement.spacedBy(12.dp)) {
        Hero(ui, shell)
        if (ui.unfinished > 0) Banner(stringResource(R.string.unfinished, ui.unfinished), good = false)
        if (ui.enterprise?.level == TrustLevel.UNAUTHENTICATED) {
            Entry(Icons.Warning, stringResource(R.string.authenticate), stringResource(R.string.authenticate_note), "authenticate") {
                shell.open(Screen.Authentication)
            }
        }
        Section(stringResource(R.string.services))
        Entry(Icons.Certificate, stringResource(R.string.certificates), stringResource(R.string.certificates_note), "certificates") {
            shell.open(Screen.Certificates)
        }
        Entry(Icons.Seal, stringResource(R.string.seals), stringResource(R.string.seals_note), "seals") { shell.open(Screen.Seals) }
        Entry(Icons.Group, stringResource(R.string.agents), stringResource(R.string.agents_note), "agents") { shell.open(Screen.Agents) }
    }
}

@Composable
private fun Hero(ui: ShellUi, shell: Shell) {
    Box(
        Modifier.fillMaxWidth().clip(MaterialTheme.shapes.large).clipToBounds()
            .background(Brush.linearGradient(listOf(KapokRed, KapokDeep))),
    ) {
        Flower(Modifier.size(190.dp).align(Alignment.TopEnd).offset(56.dp, (-48).dp), Color.White.copy(alpha = 0.11f), Color.White.copy(alpha = 0.14f))
        Column(Modifier.padding(22.dp), Arrangement.spacedBy(6.dp)) {
            Text(stringResource(R.string.app_name), color = Color.White.copy(alpha = 0.92f), style = MaterialTheme.typography.labelMedium)
            val enterprise = ui.enterprise
            val title = enterprise?.name ?: stringResource(if (ui.account == null) R.string.please_login else R.string.please_select)
            Text(title, Modifier.testTag("hero"), color = Color.White, style = MaterialTheme.typography.headlineMedium)
            val under = listOfNotNull(ui.account?.displayName, enterprise?.let { stringResource(it.role.word) })
            if (under.isNotEmpty()) Text(under.joinToString(" · "), color = Color.White, style = MaterialTheme.typography.bodyMedium)
            FlowRow(Modifier.padding(top = 14.dp), Arrangement.spacedBy(10.dp), Arrangement.spacedBy(10.dp)) {
                when {
                    ui.account == null -> HeroButton(stringResource(R.string.login), Icons.Person) { shell.open(Screen.Login) }

                    else -> {
                        HeroButton(stringResource(R.string.scan), Icons.Scan) { shell.open(Screen.Scan) }
                        HeroButton(stringResource(if (enterprise == null) R.string.enterprises else R.string.switch_enterprise), Icons.Enterprise) {
                            shell.open(Screen.Enterprises)
                        }
                    }
                }
            }
        }
    }
}

@Composable
private fun HeroButton(text: String, icon: ImageVector, onClick: () -> Unit) {
    Row(
        Modifier.clip(MaterialTheme.shapes.medium).background(Color.White).clickable(role = Role.Button, onClick = onClick)
            .testTag("hero-$text").heightIn(min = target).padding(horizontal = 16.dp),
        Arrangement.spacedBy(8.dp),
        Alignment.CenterVertically,
    ) {
        Icon(icon, null, Modifier.size(20.dp), KapokRed)
        Text(text, color = KapokDeep, style = MaterialTheme.typography.labelLarge)
    }
}
