package dev.kapok.app.scan

import androidx.compose.foundation.background
import androidx.compose.foundation.border
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.aspectRatio
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.size
import androidx.compose.material3.Icon
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.draw.clip
import androidx.compose.ui.graphics.Color
import androidx.compose.ui.platform.LocalContext
import androidx.compose.ui.res.stringResource
import androidx.compose.ui.unit.dp
import androidx.lifecycle.compose.collectAsStateWithLifecycle
import dev.kapok.KapokException
import dev.kapok.ScanOutcome
import dev.kapok.app.KapokApplication
import dev.kapok.app.R
import dev.kapok.app.shell.Open
import dev.kapok.app.shell.ScreenModel
import dev.kapok.app.shell.Shell
import dev.kapok.app.shell.model
import dev.kapok.app.theme.Icons
import dev.kapok.app.theme.Note
import dev.kapok.app.theme.Page
import dev.kapok.app.theme.Stamen
import dev.kapok.client.Kapok
import java.nio.ByteBuffer

/** What 扫一扫 shows. */
data class ScanUi(val found: Boolean = false, val noCamera: Boolean = false)

/** 扫一扫: frames go to the library on the camera's own thread. */
class ScanModel(shell: Shell) :
    ScreenModel<ScanUi>(shell, ScanUi()),
    FrameSink {
    @Volatile
    private var kapok: Kapok? = null

    init {
        act { kapok = it }
    }

    override fun frame(luma: ByteBuffer, width: Int, height: Int, stride: Int) {
        val kapok = kapok?.takeUnless { ui.value.found } ?: return
        try {
            if (kapok.signing.scanBlocking(luma, width, height, stride) is ScanOutcome.Connecting) change { it.copy(found = true) }
        } catch (error: KapokException.Failed) {
            act { throw error }
        }
    }

    fun none() = change { it.copy(noCamera = true) }
}

@Composable
fun ScanPage(open: Open, shell: Shell) {
    val model = open.model { ScanModel(shell) }
    val ui by model.ui.collectAsStateWithLifecycle()
    val finder = (LocalContext.current.applicationContext as KapokApplication).finder
    Page(stringResource(R.string.scan), shell::back) {
        Box(Modifier.fillMaxWidth().aspectRatio(0.82f).clip(MaterialTheme.shapes.large).background(Color(0xFF1B1513)), Alignment.Center) {
            finder.View(Modifier.fillMaxSize(), model, model::none)
            Box(Modifier.padding(44.dp).fillMaxWidth().aspectRatio(1f).border(3.dp, Stamen, MaterialTheme.shapes.large))
            if (ui.noCamera) Icon(Icons.Warning, null, Modifier.size(48.dp), Color.White)
        }
        val hint = when {
            ui.noCamera -> R.string.scan_no_camera
            ui.found -> R.string.connecting
            else -> R.string.scan_hint
        }
        Text(stringResource(hint), style = MaterialTheme.typography.titleMedium)
        Note(stringResource(R.string.scan_note))
    }
}
