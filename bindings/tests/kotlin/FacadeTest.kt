package dev.kapok

import com.sun.jna.Memory
import com.sun.jna.Pointer
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir
import java.nio.ByteBuffer
import java.nio.file.Path

/** The library as an Android app calls it, without a platform: nothing here goes online. */
class FacadeTest {
    @TempDir
    lateinit var dir: Path

    private fun settings(locale: String = "zh-CN") =
        AppSettings(
            dir = dir.resolve("app").toString(),
            platformUrl = "https://localhost:1",
            trustRootsPem = listOf(ROOT),
            locale = locale,
            deviceLabel = "JVM",
            appVersion = "0.1.0",
        )

    private fun open(key: HardwareKey = JvmKey(), locale: String = "zh-CN", storage: SecureStorage = MemoryStorage()) =
        KapokApp.open(settings(locale), Ports(key, storage, SystemClock()))

    private inline fun failure(act: () -> Unit) = assertThrows<KapokException.Failed> { act() }

    @Test
    fun `the app opens over ports in Kotlin and shows the privacy text of its locale`() {
        for ((locale, word) in listOf("zh-CN" to "隐私", "zh-HK" to "私隱", "en" to "Privacy")) {
            dir = dir.resolve(locale)
            open(locale = locale).use { app ->
                val notice = app.privacy()
                assertTrue(notice.text.contains(word), locale)
                assertFalse(notice.agreed)
                assertEquals(32, app.deviceId().length)
            }
        }
    }

    @Test
    fun `the agreement stays over a restart with the same ports`() {
        val (key, storage) = JvmKey() to MemoryStorage()
        open(key, storage = storage).use { app -> runBlocking { app.agreePrivacy(app.privacy().version) } }
        open(key, storage = storage).use { app -> assertTrue(app.privacy().agreed) }
    }

    @Test
    fun `nothing is sent before the privacy text is agreed to`() {
        open().use { app ->
            val error = failure { runBlocking { app.login().use { it.startFace() } } }
            assertEquals("PRIVACY_REQUIRED", error.code)
            assertEquals(NextStep.AGREE_PRIVACY, error.nextStep)
        }
    }

    @Test
    fun `a key that signs with another key is refused at the start`() {
        val crossed = object : JvmKey() {
            private val other = JvmKey()

            override fun sign(data: ByteArray) = other.sign(data)
        }
        val error = failure { open(crossed) }
        assertEquals("HARDWARE_KEY" to "malformed", error.code to error.reason)
    }

    @Test
    fun `a port that throws is an error of the call and its text goes nowhere`() {
        val missing = object : JvmKey() {
            override fun publicKey(): ByteArray = throw PortException.KeyMissing()
        }
        assertEquals("key_missing", failure { open(missing) }.reason)
        val broken = object : JvmKey() {
            override fun publicKey(): ByteArray = error("张伟")
        }
        val error = failure { open(broken) }
        assertEquals("unavailable", error.reason)
        assertFalse(error.toString().contains("张伟"))
    }

    @Test
    fun `the PRF is computed in the memory of the library`() {
        val memory = Memory(32)
        memory.clear()
        JvmKey().prf("pinv1/hw-pin", PrfBuffer(Pointer.nativeValue(memory).toULong(), 32u))
        val once = memory.getByteArray(0, 32)
        memory.clear()
        JvmKey().prf("pinv1/hw-rec", PrfBuffer(Pointer.nativeValue(memory).toULong(), 32u))
        assertFalse(once.contentEquals(memory.getByteArray(0, 32)))
        assertFalse(once.contentEquals(ByteArray(32)))
    }

    @Test
    fun `a wrong setting and a wrong number name their field`() {
        val error = failure { open(locale = "fr") }
        assertEquals("INPUT_INVALID" to "locale", error.code to error.field)
        open().use { app ->
            val wrong = failure { runBlocking { app.enterprises().use { it.select("no number") } } }
            assertEquals("INPUT_INVALID" to "enterprise_id", wrong.code to wrong.field)
        }
    }

    @Test
    fun `a pad takes digits and gives none back`() {
        PinPad().use { pad ->
            for (digit in listOf(1, 9, 3, 8, 2, 7)) assertTrue(pad.push(digit.toUByte()))
            assertFalse(pad.push(4u))
            pad.backspace()
            assertEquals(5u, pad.len())
            pad.clear()
            assertTrue(pad.isEmpty())
        }
    }

    @Test
    fun `a weak PIN is refused with its reason and an unfinished one as such`() {
        open().use { app ->
            PinPad().use { pad ->
                assertEquals("PIN_FORMAT", failure { app.vault().checkPin(pad) }.code)
                repeat(6) { pad.push(1u) }
                assertEquals("PIN_WEAK", failure { app.vault().checkPin(pad) }.code)
                assertEquals(6u, pad.len())
            }
        }
    }

    @Test
    fun `a frame is read in place and its shape is checked`() {
        open().use { app ->
            val pixels = ByteBuffer.allocateDirect(64 * 48)
            val signing = app.signing()
            assertEquals(ScanOutcome.Nothing, signing.scan(pixels, FrameFormat(64u, 48u, 64u)))
            val error = failure { signing.scan(pixels, FrameFormat(64u, 49u, 64u)) }
            assertEquals("format" to "too_short", error.field to error.reason)
        }
    }

    @Test
    fun `yqq_017 a code of another kind is refused`() {
        open().use { app ->
            val error = failure { runBlocking { app.signing().use { it.connect("https://example.com/") } } }
            assertEquals("QR_FORMAT", error.code)
            assertEquals(SigningState.Idle, app.signing().view().state)
        }
    }

    @Test
    fun `waiting ends by a token and by cancelling the coroutine`() {
        open().use { app ->
            runBlocking {
                val token = CancelToken()
                val waiting = async(start = CoroutineStart.UNDISPATCHED) { runCatching { app.nextEvent(token) } }
                token.cancel()
                val error = waiting.await().exceptionOrNull() as KapokException.Failed
                assertEquals("USER_CANCELLED", error.code)
                val job = launch(start = CoroutineStart.UNDISPATCHED) { app.nextRequest() }
                job.cancel()
                job.join()
                assertTrue(job.isCancelled)
            }
        }
    }

    @Test
    fun `another key on the same files asks to enrol again`() {
        val storage = MemoryStorage()
        open(storage = storage).close()
        open(storage = storage).use { app ->
            assertEquals(KapokEvent.EnrolAgain, runBlocking { app.nextEvent() })
            assertNull(app.login().account())
        }
    }

    private companion object {
        val ROOT = checkNotNull(FacadeTest::class.java.getResource("/root.pem")).readText()
    }
}
