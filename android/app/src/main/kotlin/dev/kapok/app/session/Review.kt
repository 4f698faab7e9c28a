package dev.kapok.app.session

import androidx.compose.foundation.Image
import androidx.compose.foundation.background
import androidx.compose.foundation.border
import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.aspectRatio
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.heightIn
import androidx.compose.foundation.layout.size
import androidx.compose.foundation.selection.toggleable
import androidx.compose.material3.Checkbox
import androidx.compose.material3.Icon
import androidx.compose.material3.IconButton
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.draw.clip
import androidx.compose.ui.draw.rotate
import androidx.compose.ui.graphics.Color
import androidx.compose.ui.layout.ContentScale
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.res.stringResource
import androidx.compose.ui.semantics.Role
import androidx.compose.ui.unit.dp
import dev.kapok.SigningDocument
import dev.kapok.SigningState
import dev.kapok.app.R
import dev.kapok.app.amberText
import dev.kapok.app.documentText
import dev.kapok.app.theme.Icons
import dev.kapok.app.theme.Note
import dev.kapok.app.theme.Page
import dev.kapok.app.theme.Panel
import dev.kapok.app.theme.Primary
import dev.kapok.app.theme.Secondary
import dev.kapok.app.theme.Tag
import dev.kapok.app.theme.target

/** 待签文件: what is signed is what is drawn here. */
@Composable
internal fun ReviewPage(state: SigningState.Review, leaseEndsMs: ULong, ui: SessionUi, model: SessionModel) {
    val documents = state.documents
    val ticked = documents.filter { it.waits && it.documentId !in ui.unticked }
    Page(
        stringResource(R.string.documents),
        null,
        bottom = {
            Note(stringResource(R.string.sign_others))
            Primary(stringResource(R.string.sign, ticked.size), Modifier.testTag("sign"), ticked.isNotEmpty()) { model.sign(ticked) }
            Secondary(stringResource(R.string.disconnect)) { model.disconnect() }
        },
    ) {
        Lease(leaseEndsMs)
        documents.forEach { Document(it, it in ticked, ui.pages[it.documentId], model) }
        Panel { Picked(state.picked) }
    }
}

@Composable
private fun Document(document: SigningDocument, ticked: Boolean, page: PageUi?, model: SessionModel) {
    LaunchedEffect(document.documentId, document.waits) { if (document.waits && page == null) model.turn(document, 0) }
    Panel(Modifier.testTag("document-${document.name}")) {
        Row(
            Modifier.fillMaxWidth().heightIn(min = target)
                .toggleable(ticked, document.waits, Role.Checkbox) { model.tick(document.documentId) },
            Arrangement.spacedBy(12.dp),
            Alignment.CenterVertically,
        ) {
            Checkbox(ticked, null, enabled = document.waits)
            Text(document.name, Modifier.weight(1f), style = MaterialTheme.typography.titleMedium)
            Tag(documentText(document.state), good = document.waits && document.reasons.isEmpty())
        }
        Note(stringResource(R.string.pages_and_size, document.pages.toInt(), (document.size / 1024u + 1u).toInt()))
        if (document.reasons.isNotEmpty()) Amber(document.reasons)
        Paper(page)
        if (page != null) Turn(document, page, model)
        if (document.waits) Secondary(stringResource(R.string.refuse_document)) { model.refuse(document.documentId) }
    }
}

@Composable
private fun Amber(reasons: List<String>) {
    Row(horizontalArrangement = Arrangement.spacedBy(8.dp)) {
        Icon(Icons.Warning, null, Modifier.size(20.dp), MaterialTheme.colorScheme.error)
        Text(stringResource(R.string.amber) + "：" + reasons.map { amberText(it) }.joinToString(), style = MaterialTheme.typography.bodyMedium)
    }
}

/** White also at night: paper is. */
@Composable
private fun Paper(page: PageUi?) {
    val shape = MaterialTheme.shapes.small
    val ground = Modifier.fillMaxWidth().clip(shape).background(Color.White).border(1.dp, MaterialTheme.colorScheme.outlineVariant, shape)
    val picture = page?.picture
    if (picture == null) {
        Box(ground.aspectRatio(0.75f), Alignment.Center) { Text(stringResource(R.string.page_drawing), color = Color.DarkGray) }
        return
    }
    val said = stringResource(R.string.page_said, page.index + 1)
    Image(picture, said, ground.aspectRatio(picture.width.toFloat() / picture.height).fillMaxSize().testTag("page"), contentScale = ContentScale.Fit)
}

@Composable
private fun Turn(document: SigningDocument, page: PageUi, model: SessionModel) {
    val last = document.pages.toInt() - 1
    Row(Modifier.fillMaxWidth(), Arrangement.Center, Alignment.CenterVertically) {
        IconButton({ model.turn(document, page.index - 1) }, Modifier.size(target), page.index > 0) {
            Icon(Icons.Next, stringResource(R.string.page_before), Modifier.rotate(180f))
        }
        Text(stringResource(R.string.page_of, page.index + 1, last + 1))
        IconButton({ model.turn(document, page.index + 1) }, Modifier.size(target), page.index < last) {
            Icon(Icons.Next, stringResource(R.string.page_after))
        }
    }
}

/** 正在签署. */
@Composable
internal fun SigningPage(documents: List<SigningDocument>) {
    Page(stringResource(R.string.signing), null) {
        documents.forEach { document ->
            Panel {
                Text(document.name, style = MaterialTheme.typography.titleMedium)
                Tag(documentText(document.state), good = true)
            }
        }
    }
}
