package dev.kapok.app.shell

import androidx.activity.compose.BackHandler
import androidx.compose.foundation.clickable
import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.height
import androidx.compose.foundation.layout.heightIn
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.safeDrawingPadding
import androidx.compose.foundation.layout.size
import androidx.compose.material3.Icon
import androidx.compose.material3.LinearProgressIndicator
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Surface
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.runtime.key
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.graphics.vector.ImageVector
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.res.stringResource
import androidx.compose.ui.semantics.LiveRegionMode
import androidx.compose.ui.semantics.Role
import androidx.compose.ui.semantics.liveRegion
import androidx.compose.ui.semantics.selected
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.unit.dp
import androidx.lifecycle.compose.collectAsStateWithLifecycle
import dev.kapok.app.R
import dev.kapok.app.agents.AddAgentPage
import dev.kapok.app.agents.AgentsPage
import dev.kapok.app.agents.AuthenticationPage
import dev.kapok.app.agents.ConsentPage
import dev.kapok.app.agents.InvitePage
import dev.kapok.app.agents.SharePage
import dev.kapok.app.certificates.CertificatePage
import dev.kapok.app.certificates.CertificatesPage
import dev.kapok.app.enterprises.EnterprisesPage
import dev.kapok.app.enterprises.FindPage
import dev.kapok.app.enterprises.LinkPage
import dev.kapok.app.enterprises.LinksPage
import dev.kapok.app.errorText
import dev.kapok.app.home.HomePage
import dev.kapok.app.home.MinePage
import dev.kapok.app.login.FacePage
import dev.kapok.app.login.IdentityPage
import dev.kapok.app.login.LoginPage
import dev.kapok.app.login.PrivacyPage
import dev.kapok.app.pin.PinInstallPage
import dev.kapok.app.pin.PinIsResetPage
import dev.kapok.app.pin.PinObjectPage
import dev.kapok.app.pin.PinResetPage
import dev.kapok.app.pin.PinSetPage
import dev.kapok.app.pin.PinSettingsPage
import dev.kapok.app.scan.ConnectPage
import dev.kapok.app.scan.ScanPage
import dev.kapok.app.seals.PreviewPage
import dev.kapok.app.seals.SealsPage
import dev.kapok.app.security.LossByCodePage
import dev.kapok.app.security.PhonesPage
import dev.kapok.app.security.RevocationCodePage
import dev.kapok.app.security.SecurityPage
import dev.kapok.app.security.StopResetPage
import dev.kapok.app.session.SessionPage
import dev.kapok.app.settings.SettingsPage
import dev.kapok.app.theme.Banner
import dev.kapok.app.theme.Flower
import dev.kapok.app.theme.Icons
import dev.kapok.app.theme.Middle
import dev.kapok.app.theme.target

/** The whole window: the top screen, how the last act ended, and the tabs below. */
@Composable
fun Screens(shell: ShellModel, recreate: () -> Unit) {
    val ui by shell.ui.collectAsStateWithLifecycle()
    val top = ui.open.last()
    BackHandler(ui.open.size > 1, shell::back)
    Surface(Modifier.fillMaxSize(), color = MaterialTheme.colorScheme.background) {
        if (!ui.ready) return@Surface Middle { Flower(Modifier.size(120.dp)) }
        Column(Modifier.safeDrawingPadding()) {
            Box(Modifier.fillMaxWidth().height(3.dp)) {
                if (ui.busy > 0) LinearProgressIndicator(Modifier.fillMaxWidth().testTag("busy"))
            }
            ui.notice?.let { Told(it) }
            Box(Modifier.weight(1f)) { key(top) { Shown(top, ui, shell, recreate) } }
            if (top.screen is Screen.Home || top.screen is Screen.Mine) Tabs(top.screen, shell)
        }
    }
}

@Composable
private fun Told(notice: Notice) {
    val text = when (notice) {
        is Notice.Good -> stringResource(notice.text)
        is Notice.Bad -> stringResource(notice.text)
        is Notice.Failed -> errorText(notice.error)
    }
    Banner(text, notice is Notice.Good, Modifier.testTag("notice").semantics { liveRegion = LiveRegionMode.Polite })
}

@Composable
private fun Shown(open: Open, ui: ShellUi, shell: ShellModel, recreate: () -> Unit) {
    when (val screen = open.screen) {
        is Screen.Home -> HomePage(ui, shell)
        is Screen.Mine -> MinePage(open, ui, shell)
        is Screen.Settings -> SettingsPage(shell, recreate)
        is Screen.Privacy -> PrivacyPage(open, shell)
        is Screen.Login -> LoginPage(open, shell)
        is Screen.Face -> FacePage(open, ui.miniProgram, shell)
        is Screen.Identity -> IdentityPage(open, shell)
        is Screen.Enterprises -> EnterprisesPage(open, shell)
        is Screen.Find -> FindPage(open, shell)
        is Screen.Link -> LinkPage(open, screen.name, shell)
        is Screen.Links -> LinksPage(open, shell)
        is Screen.Authentication -> AuthenticationPage(open, ui.enterprise, shell)
        is Screen.Agents -> AgentsPage(open, shell)
        is Screen.AddAgent -> AddAgentPage(open, shell)
        is Screen.Share -> SharePage(open, screen, shell)
        is Screen.Invite -> InvitePage(open, screen.page, shell)
        is Screen.Consent -> ConsentPage(open, screen.page, shell)
        is Screen.PinSettings -> PinSettingsPage(open, shell)
        is Screen.PinSet -> PinSetPage(open, screen.by, shell)
        is Screen.PinReset -> PinResetPage(open, shell)
        is Screen.PinIsReset -> PinIsResetPage(shell)
        is Screen.PinObject -> PinObjectPage(open, shell)
        is Screen.Security -> SecurityPage(ui.account != null, shell)
        is Screen.RevocationCode -> RevocationCodePage(open, shell)
        is Screen.Phones -> PhonesPage(open, shell)
        is Screen.LossByCode -> LossByCodePage(open, shell)
        is Screen.StopReset -> StopResetPage(open, shell)
        is Screen.PinEnter -> PinInstallPage(open, screen.certificate, shell)
        is Screen.Certificates -> CertificatesPage(open, shell)
        is Screen.Certificate -> CertificatePage(open, screen.certificate, shell)
        is Screen.Seals -> SealsPage(open, ui.enterprise, shell)
        is Screen.Preview -> PreviewPage(open, screen.preview, shell)
        is Screen.Scan -> ScanPage(open, shell)
        is Screen.Connect -> ConnectPage(open, screen.text, shell)
        is Screen.Session -> ui.session?.let { SessionPage(open, it, shell) }
    }
}

@Composable
private fun Tabs(screen: Screen, shell: ShellModel) {
    Surface(shadowElevation = 6.dp, color = MaterialTheme.colorScheme.surface) {
        Row(Modifier.fillMaxWidth().heightIn(min = target + 16.dp), Arrangement.SpaceAround, Alignment.CenterVertically) {
            Tab(Icons.Home, stringResource(R.string.home), screen is Screen.Home) { shell.tab(Screen.Home) }
            Tab(Icons.Scan, stringResource(R.string.scan), false) { shell.open(Screen.Scan) }
            Tab(Icons.Person, stringResource(R.string.mine), screen is Screen.Mine) { shell.tab(Screen.Mine) }
        }
    }
}

@Composable
private fun Tab(icon: ImageVector, text: String, on: Boolean, onClick: () -> Unit) {
    val ink = if (on) MaterialTheme.colorScheme.primary else MaterialTheme.colorScheme.onSurfaceVariant
    Column(
        Modifier.clickable(role = Role.Tab, onClick = onClick).testTag("tab-$text").semantics { selected = on }.heightIn(min = target)
            .padding(horizontal = 24.dp, vertical = 6.dp),
        Arrangement.Center,
        Alignment.CenterHorizontally,
    ) {
        Icon(icon, null, Modifier.size(26.dp), ink)
        Text(text, color = ink, style = MaterialTheme.typography.labelMedium)
    }
}
