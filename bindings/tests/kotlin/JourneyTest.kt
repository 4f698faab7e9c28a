package dev.kapok

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir
import java.io.BufferedReader
import java.nio.ByteBuffer
import java.nio.file.Files
import java.nio.file.Path
import javax.imageio.ImageIO
import kotlin.time.Duration.Companion.minutes

/** The whole journey against the platform that `cargo xtask test` has started: its addresses are in the environment. */
class JourneyTest {
    @TempDir
    lateinit var dir: Path

    @Test
    fun `yqq_017 to 026 from the first login to a signed contract`() {
        runBlocking {
            withTimeout(3.minutes) { open().use { app -> journey(app) } }
        }
    }

    private fun open() =
        KapokApp.open(
            AppSettings(
                dir = dir.resolve("app").toString(),
                platformUrl = environment("KAPOK_HTTPS"),
                trustRootsPem = listOf(Files.readString(Path.of(environment("KAPOK_ROOT")))),
                locale = "zh-CN",
                deviceLabel = "JVM",
                appVersion = "0.1.0",
            ),
            Ports(JvmKey(), MemoryStorage(), SystemClock()),
        )

    private suspend fun journey(app: KapokApp) {
        logIn(app)
        val company = app.enterprises().list().first { "公司" in it.name }
        assertEquals(company.enterpriseId, app.enterprises().select(company.enterpriseId).enterpriseId)

        assertEquals(PinState.Unset, app.vault().pinState())
        app.vault().setPin(pin(), pin())
        assertTrue(app.vault().pinState() is PinState.Set)
        val certificate = app.certificates().install(company.enterpriseId, CertificateKind.ORGANISATION, pin())
        assertEquals(CertificateState.ACTIVE, certificate.state)
        val preview = app.seals().preview(company.enterpriseId, SealKind.ORGANISATION)
        val seal = app.seals().generate(preview.previewId)
        assertEquals(certificate.serial, seal.certificateSerial)
        assertEquals(listOf(seal.esId), app.seals().list().map { it.esId })

        val pc = counterpart("pc", environment("KAPOK_HTTP"), dir.toString())
        pc.inputReader().use { answers ->
            assertEquals("code", answers.readLine())
            sign(app.signing(), seal)
            assertEquals("signed 1", answers.readLine())
        }
        assertEquals(0, pc.waitFor())
        assertEquals(0u, app.signing().unfinished())
        // The app is open still; its threads wipe their stacks when they go idle.
        val tries = generateSequence { held("signer.spki") }.take(5)
        assertTrue("pins 0 keys 0" in tries, "left in memory")
    }

    @Test
    fun `a secret that is held is found and one that was wiped is not`() {
        val digits = counterpart("secret", dir.toString()).inputReader().use { it.readLine() }.chunked(2)
        // Byte by byte: an array would be a second copy, which nothing wipes.
        val buffer = ByteBuffer.allocateDirect(digits.size)
        digits.forEach { buffer.put(it.toInt(16).toByte()) }
        val pad = pin(last = 7u)
        assertEquals("pins 1 keys 1", held("secret.spki", last = 7))
        repeat(digits.size) { buffer.put(it, 0) }
        pad.clear()
        assertEquals("pins 0 keys 0", held("secret.spki", last = 7))
    }

    /** What of the PIN and of the private key behind a public key is in this process. */
    private fun held(spki: String, last: Int = 1): String {
        val process = ProcessHandle.current().pid().toString()
        return counterpart("memory", process, dir.resolve(spki).toString(), "8-3-9-0-6-$last").inputReader().use { it.readLine() }
    }

    private suspend fun logIn(app: KapokApp) {
        app.agreePrivacy(app.privacy().version)
        val shown = app.login().startFace()
        val request = app.nextRequest() as ShellRequest.OpenMiniProgram
        assertEquals(shown.matchCode, request.matchCode)
        val face = counterpart("face", environment("KAPOK_HTTP"), request.path, "张伟")
        val link = face.inputReader().use(BufferedReader::readLine)
        assertNull(app.login().returned("https://example.com/"))
        val outcome = app.login().returned(link) as LoginOutcome.LoggedIn
        assertEquals(outcome.account, app.login().account())
        assertEquals(AccountKind.PERSON, outcome.account.kind)
    }

    private suspend fun sign(signing: Signing, seal: SealView) {
        val (pixels, format) = frame(dir.resolve("code.png"))
        val found = withContext(Dispatchers.IO) { signing.scan(pixels, format) } as ScanOutcome.Connecting
        assertEquals(4, found.corners.size)
        val asked = signing.until { it is SigningState.SiteCheck || it is SigningState.Approve }
        if (asked is SigningState.SiteCheck) {
            assertTrue(asked.rp.origin in asked.choices)
            signing.chooseSite(asked.rp.origin)
            signing.until { it is SigningState.Approve }
        }
        val wrong = assertThrows<KapokException.Failed> { runBlocking { signing.approve(pin(last = 2u)) } }
        assertEquals("PIN_WRONG" to 9u, wrong.code to wrong.triesLeft)
        signing.approve(pin())
        val picked = (signing.until { it is SigningState.Handover } as SigningState.Handover).picked
        assertEquals(seal.esId, picked.sealId)
        signing.handOver()

        val review = signing.until { it is SigningState.Review && it.documents.all(::isReady) } as SigningState.Review
        val document = review.documents.single()
        assertEquals("采购合同.pdf", document.name)
        val page = signing.page(document.documentId, 0u, 400u)
        assertEquals(400u, page.width)
        assertEquals(page.width * page.height * 4u, page.rgba.size.toUInt())
        signing.confirm(listOf(document.documentId))
        val done = signing.until { it is SigningState.Connected && it.last != null } as SigningState.Connected
        assertEquals(SigningOutcome(signed = 1u, refused = 0u), done.last)
        signing.disconnect()
    }

    private fun isReady(document: SigningDocument) = document.state is DocumentState.Ready || document.state is DocumentState.Amber

    private suspend fun Signing.until(wanted: (SigningState) -> Boolean): SigningState {
        while (true) {
            val state = nextView().state
            if (wanted(state)) return state
            check(state !is SigningState.Closed) { "closed: $state" }
        }
    }

    private fun pin(last: UByte = 1u) =
        PinPad().apply {
            for (digit in listOf<UByte>(8u, 3u, 9u, 0u, 6u, last)) check(push(digit))
        }

    /** A picture as a camera gives it: one grey byte a pixel, in a direct buffer. */
    private fun frame(file: Path): Pair<ByteBuffer, FrameFormat> {
        val picture = ImageIO.read(file.toFile())
        val (width, height) = picture.width to picture.height
        val pixels = ByteBuffer.allocateDirect(width * height)
        for (y in 0 until height) for (x in 0 until width) pixels.put((picture.getRGB(x, y) and 0xff).toByte())
        pixels.rewind()
        return pixels to FrameFormat(width.toUInt(), height.toUInt(), width.toUInt())
    }

    private fun counterpart(vararg words: String): Process =
        ProcessBuilder(environment("KAPOK_COUNTERPART"), *words).redirectError(ProcessBuilder.Redirect.INHERIT).start()

    private fun environment(name: String) = checkNotNull(System.getenv(name)) { "$name is not set: run `cargo xtask test --only bindings`" }
}
