package dev.kapok.app

import android.content.Context
import android.content.Intent
import android.os.Bundle
import android.view.WindowManager
import androidx.activity.ComponentActivity
import androidx.activity.compose.setContent
import androidx.activity.enableEdgeToEdge
import androidx.activity.viewModels
import androidx.compose.runtime.getValue
import androidx.lifecycle.Lifecycle
import androidx.lifecycle.compose.collectAsStateWithLifecycle
import androidx.lifecycle.lifecycleScope
import androidx.lifecycle.repeatOnLifecycle
import androidx.lifecycle.viewmodel.initializer
import androidx.lifecycle.viewmodel.viewModelFactory
import dev.kapok.app.shell.Screens
import dev.kapok.app.shell.ShellModel
import dev.kapok.app.theme.KapokTheme
import kotlinx.coroutines.launch

/** The one window. Its content is never in a screenshot nor in the list of recent apps. */
class MainActivity : ComponentActivity() {
    private val app get() = application as KapokApplication
    private val shell: ShellModel by viewModels { viewModelFactory { initializer { ShellModel(app) } } }

    override fun attachBaseContext(base: Context) = super.attachBaseContext((base.applicationContext as KapokApplication).preferences.localized(base))

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        window.setFlags(WindowManager.LayoutParams.FLAG_SECURE, WindowManager.LayoutParams.FLAG_SECURE)
        enableEdgeToEdge()
        if (savedInstanceState == null) follow(intent)
        lifecycleScope.launch {
            repeatOnLifecycle(Lifecycle.State.STARTED) { shell.outside.collect(::goOutside) }
        }
        setContent {
            val elder by app.preferences.elder.collectAsStateWithLifecycle()
            KapokTheme(elder) { Screens(shell, ::recreate) }
        }
    }

    override fun onNewIntent(intent: Intent) {
        super.onNewIntent(intent)
        follow(intent)
    }

    override fun onStart() {
        super.onStart()
        shell.shown()
    }

    override fun onStop() {
        if (!isChangingConfigurations) shell.hidden()
        super.onStop()
    }

    private fun follow(intent: Intent?) {
        intent?.takeIf { it.action == Intent.ACTION_VIEW }?.dataString?.let(shell::followed)
    }

    /** WeChat and the share sheet. Where nothing opens the link, the screen still shows what to do by hand. */
    private fun goOutside(intent: Intent) {
        runCatching { startActivity(intent) }
    }
}
