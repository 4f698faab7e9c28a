package dev.kapok.client

import dev.kapok.FrameFormat
import dev.kapok.KapokApp
import dev.kapok.PagePicture
import dev.kapok.ScanOutcome
import dev.kapok.SigningView
import java.nio.ByteBuffer
import kotlinx.coroutines.flow.Flow

/** Signing with a PC. One session is open at a time in the whole app. */
class SigningClient internal constructor(private val app: KapokApp, private val life: Life) : AutoCloseable {
    private val signing = app.signing()

    /**
     * What is to be shown: now, and whenever it is something else. Each collector begins anew; views in between may be skipped. Completes when
     * the library is closed.
     */
    val views: Flow<SigningView>
        get() {
            val handle = app.signing()
            return life.pulled { handle.nextView(it) }
        }

    /** What is to be shown now. */
    fun view(): SigningView = signing.view()

    /**
     * Looks for the PC's code in one grey frame ([width] × [height], rows [stride] bytes apart, one byte a pixel) and opens the session where
     * there is one. A direct buffer is read in place, so pass the camera's; any other is copied. Ends in `QR_FORMAT`, `QR_VERSION`, `BUSY`.
     */
    suspend fun scan(luma: ByteBuffer, width: Int, height: Int, stride: Int): ScanOutcome = call { scanBlocking(luma, width, height, stride) }

    /** As [scan], for the camera's own thread: blocks for the decoding. */
    fun scanBlocking(luma: ByteBuffer, width: Int, height: Int, stride: Int): ScanOutcome =
        signing.scan(luma.direct(), FrameFormat(width.toUInt(), height.toUInt(), stride.toUInt()))

    /** Opens the session of a code's text that the system's camera has read. */
    suspend fun connect(text: String) = call { signing.connect(text) }

    /** The address that the PC's browser shows; a wrong one ends the session with `ORIGIN_MISMATCH`. */
    suspend fun chooseSite(origin: String) = call { signing.chooseSite(origin) }

    /** Proves the PIN, which is empty afterwards. Ends in `PIN_WRONG`, `PIN_WAIT`, `PIN_BLOCKED`, `CERT_NONE`; the session stays. */
    suspend fun approve(pin: Pin) = call { signing.approve(pin.pad) }

    /** Lets the picked certificate and seal go to the site. */
    suspend fun handOver() = call { signing.handOver() }

    /** A page drawn by the library from the bytes that it hashed: [width] pixels wide, RGBA. */
    suspend fun page(documentId: String, index: Int, width: Int): PagePicture = call { signing.page(documentId, index.toUInt(), width.toUInt()) }

    /** The person does not want this document signed. */
    suspend fun refuse(documentId: String) = call { signing.refuse(documentId) }

    /** The person confirms these documents; all others that were shown are refused. */
    suspend fun confirm(documentIds: List<String>) = call { signing.confirm(documentIds) }

    /** Ends the session on both sides. */
    suspend fun disconnect() = call { signing.disconnect() }

    /** How many signatures wait to be delivered from an earlier session. */
    suspend fun unfinished(): Int = call { signing.unfinished().toInt() }

    override fun close() = signing.close()
}

private fun ByteBuffer.direct(): ByteBuffer = if (isDirect) this else ByteBuffer.allocateDirect(remaining()).put(duplicate()).apply { flip() }
