package dev.kapok.app.seals

import android.graphics.BitmapFactory
import androidx.compose.foundation.Image
import androidx.compose.foundation.background
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.size
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.runtime.remember
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.draw.clip
import androidx.compose.ui.graphics.Color
import androidx.compose.ui.graphics.asImageBitmap
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.res.stringResource
import androidx.compose.ui.unit.dp
import androidx.lifecycle.compose.collectAsStateWithLifecycle
import dev.kapok.EnterpriseView
import dev.kapok.SealKind
import dev.kapok.SealPreview
import dev.kapok.SealView
import dev.kapok.app.R
import dev.kapok.app.shell.Open
import dev.kapok.app.shell.Screen
import dev.kapok.app.shell.ScreenModel
import dev.kapok.app.shell.Shell
import dev.kapok.app.shell.model
import dev.kapok.app.theme.Fact
import dev.kapok.app.theme.Icons
import dev.kapok.app.theme.Note
import dev.kapok.app.theme.Nothing
import dev.kapok.app.theme.Page
import dev.kapok.app.theme.Panel
import dev.kapok.app.theme.Primary
import dev.kapok.app.theme.Secondary
import dev.kapok.app.word

/** What 印章 shows. */
data class SealsUi(val list: List<SealView>? = null)

/** 印章. */
class SealsModel(shell: Shell) : ScreenModel<SealsUi>(shell, SealsUi()) {
    init {
        act { kapok -> kapok.seals.list().let { list -> change { SealsUi(list) } } }
    }

    fun preview(enterpriseId: String, kind: SealKind) = act { kapok -> shell.open(Screen.Preview(kapok.seals.preview(enterpriseId, kind))) }
}

@Composable
fun SealsPage(open: Open, enterprise: EnterpriseView?, shell: Shell) {
    val model = open.model { SealsModel(shell) }
    val ui by model.ui.collectAsStateWithLifecycle()
    Page(
        stringResource(R.string.seals),
        shell::back,
        bottom = {
            enterprise?.let {
                Primary(stringResource(R.string.seal_generate_organisation)) { model.preview(it.enterpriseId, SealKind.ORGANISATION) }
                Secondary(stringResource(R.string.seal_generate_employee)) { model.preview(it.enterpriseId, SealKind.EMPLOYEE) }
            }
        },
    ) {
        val list = ui.list ?: return@Page
        if (list.isEmpty()) Nothing(Icons.Seal, stringResource(R.string.seals_none))
        list.forEach { Seal(it) }
    }
}

@Composable
private fun Seal(seal: SealView) {
    Panel(Modifier.testTag("seal")) {
        Picture(seal.picture, seal.name)
        Text(seal.name, style = MaterialTheme.typography.titleMedium)
        Note(stringResource(seal.kind.word))
        Note(stringResource(R.string.size_mm, seal.widthMm.toInt(), seal.heightMm.toInt()))
        Fact(stringResource(R.string.seal_id), seal.esId)
    }
}

/** 印章预览: nothing is made before the person has seen it. */
class PreviewModel(shell: Shell, private val preview: SealPreview) : ScreenModel<Unit>(shell, Unit) {
    fun generate() =
        act { kapok ->
            kapok.seals.generate(preview.previewId)
            shell.close { it is Screen.Preview || it is Screen.Seals }
            shell.open(Screen.Seals)
            shell.good(R.string.seal_done)
        }
}

@Composable
fun PreviewPage(open: Open, preview: SealPreview, shell: Shell) {
    val model = open.model { PreviewModel(shell, preview) }
    Page(
        stringResource(R.string.seal_preview),
        shell::back,
        bottom = {
            Primary(stringResource(R.string.seal_make)) { model.generate() }
            Secondary(stringResource(R.string.cancel), onClick = shell::back)
        },
    ) {
        Note(stringResource(R.string.seal_preview_hint))
        Panel {
            Picture(preview.picture, preview.name)
            Text(preview.name, style = MaterialTheme.typography.titleMedium)
            Note(stringResource(R.string.size_mm, preview.widthMm.toInt(), preview.heightMm.toInt()))
        }
    }
}

/** The seal authority's picture on paper: a seal is red on white, also at night. */
@Composable
private fun Picture(png: ByteArray, name: String) {
    val bitmap = remember(png) { BitmapFactory.decodeByteArray(png, 0, png.size)?.asImageBitmap() }
    Box(Modifier.fillMaxWidth().clip(MaterialTheme.shapes.small).background(Color.White).padding(16.dp), Alignment.Center) {
        bitmap?.let { Image(it, name, Modifier.size(200.dp).testTag("seal-picture")) }
    }
}
