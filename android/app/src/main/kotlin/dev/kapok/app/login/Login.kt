package dev.kapok.app.login

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.size
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.res.stringResource
import androidx.compose.ui.unit.dp
import androidx.lifecycle.compose.collectAsStateWithLifecycle
import dev.kapok.LoginWay
import dev.kapok.app.R
import dev.kapok.app.shell.Open
import dev.kapok.app.shell.Screen
import dev.kapok.app.shell.ScreenModel
import dev.kapok.app.shell.Shell
import dev.kapok.app.shell.model
import dev.kapok.app.theme.Entry
import dev.kapok.app.theme.Field
import dev.kapok.app.theme.Flower
import dev.kapok.app.theme.Icons
import dev.kapok.app.theme.Note
import dev.kapok.app.theme.Page
import dev.kapok.app.theme.Panel
import dev.kapok.app.theme.Primary
import dev.kapok.app.theme.Secondary
import dev.kapok.app.theme.Section

/** What 登录 shows. */
data class LoginUi(val title: String = "", val ways: List<LoginWay> = emptyList(), val name: String = "", val password: String = "")

/** 登录: the ways that the platform's profile allows. */
class LoginModel(shell: Shell) : ScreenModel<LoginUi>(shell, LoginUi()) {
    init {
        act { kapok -> kapok.profile().let { profile -> change { it.copy(title = profile.title, ways = profile.loginWays) } } }
    }

    fun face() =
        act { kapok ->
            kapok.login.startFace()
            shell.open(Screen.Face)
        }

    fun name(text: String) = change { it.copy(name = text) }

    fun password(text: String) = change { it.copy(password = text) }

    fun logIn() =
        act { kapok ->
            val (name, password) = ui.value.let { it.name to it.password }
            change { it.copy(password = "") }
            kapok.login.password(name, password)
            shell.close { it is Screen.Login }
            shell.open(Screen.Enterprises)
        }
}

@Composable
fun LoginPage(open: Open, shell: Shell) {
    val model = open.model { LoginModel(shell) }
    val ui by model.ui.collectAsStateWithLifecycle()
    Page(stringResource(R.string.login), shell::back) {
        Column(Modifier.fillMaxWidth().padding(vertical = 20.dp), Arrangement.spacedBy(12.dp), Alignment.CenterHorizontally) {
            Flower(Modifier.size(96.dp))
            Text(ui.title.ifEmpty { stringResource(R.string.app_name) }, style = MaterialTheme.typography.headlineMedium)
            Note(stringResource(R.string.login_note))
        }
        if (LoginWay.FACE in ui.ways) {
            Primary(stringResource(R.string.login_face)) { model.face() }
            Secondary(stringResource(R.string.login_identity)) { shell.open(Screen.Identity) }
        }
        if (LoginWay.PASSWORD in ui.ways) {
            Section(stringResource(R.string.login_password))
            Panel {
                Field(stringResource(R.string.login_name), ui.name, "login-name", onChange = model::name)
                Field(stringResource(R.string.password), ui.password, "password", secret = true, onChange = model::password)
                Secondary(stringResource(R.string.login)) { model.logIn() }
            }
        }
        Entry(Icons.Warning, stringResource(R.string.login_lost), stringResource(R.string.login_lost_note), "lost") { shell.open(Screen.Security) }
    }
}
