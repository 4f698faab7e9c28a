package dev.kapok.app.session

import android.graphics.Bitmap
import androidx.compose.ui.graphics.ImageBitmap
import androidx.compose.ui.graphics.asImageBitmap
import dev.kapok.DocumentState
import dev.kapok.KapokException
import dev.kapok.PagePicture
import dev.kapok.SigningDocument
import dev.kapok.app.pin.PinRefusal
import dev.kapok.app.pin.aboutPin
import dev.kapok.app.shell.Screen
import dev.kapok.app.shell.ScreenModel
import dev.kapok.app.shell.Shell
import dev.kapok.client.Pin
import java.nio.ByteBuffer

/** One drawn page of a document. */
data class PageUi(val index: Int = 0, val picture: ImageBitmap? = null)

/** What the session's screens show beside the session itself: what is typed, ticked and turned to. */
data class SessionUi(
    val entered: Int = 0,
    val pinRefusal: PinRefusal? = null,
    val unticked: Set<String> = emptySet(),
    val pages: Map<String, PageUi> = emptyMap(),
)

/** 输入PIN码, 已连接电脑, 待签文件 and 签署结果 of the one session. */
class SessionModel(shell: Shell) : ScreenModel<SessionUi>(shell, SessionUi()) {
    private val pin = Pin()

    fun site(origin: String) = act { it.signing.chooseSite(origin) }

    fun digit(digit: Int) {
        pin.push(digit)
        change { it.copy(entered = pin.length, pinRefusal = null) }
        if (pin.length == Pin.LENGTH) act(::refused) { it.signing.approve(pin) }
    }

    fun backspace() {
        pin.backspace()
        change { it.copy(entered = pin.length) }
    }

    private fun refused(error: KapokException.Failed): Boolean {
        pin.clear()
        val refusal = error.aboutPin()
        change { it.copy(entered = 0, pinRefusal = refusal) }
        return refusal != null
    }

    fun handOver() = act { it.signing.handOver() }

    fun tick(documentId: String) = change { it.copy(unticked = if (documentId in it.unticked) it.unticked - documentId else it.unticked + documentId) }

    /** Draws a page of a document; pages of one document are drawn one after the other. */
    fun turn(document: SigningDocument, index: Int) =
        act { kapok ->
            val page = kapok.signing.page(document.documentId, index, PAGE_WIDTH)
            change { it.copy(pages = it.pages + (document.documentId to PageUi(index, page.bitmap()))) }
        }

    fun sign(documents: List<SigningDocument>) = act { kapok -> kapok.signing.confirm(documents.map { it.documentId }) }

    fun refuse(documentId: String) = act { it.signing.refuse(documentId) }

    fun disconnect() = act { it.signing.disconnect() }

    fun leave() = shell.close { it is Screen.Session }

    override fun onCleared() = pin.close()

    private companion object {
        const val PAGE_WIDTH = 900
    }
}

/** Whether a document waits for the person. */
internal val SigningDocument.waits get() = state is DocumentState.Ready || state is DocumentState.Amber

private fun PagePicture.bitmap(): ImageBitmap =
    Bitmap.createBitmap(width.toInt(), height.toInt(), Bitmap.Config.ARGB_8888)
        .apply { copyPixelsFromBuffer(ByteBuffer.wrap(rgba)) }.asImageBitmap()
