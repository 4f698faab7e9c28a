package dev.kapok.app

import com.google.zxing.BinaryBitmap
import com.google.zxing.RGBLuminanceSource
import com.google.zxing.common.HybridBinarizer
import com.google.zxing.qrcode.QRCodeReader
import dev.kapok.HardwareKey
import dev.kapok.JvmKey
import java.net.ServerSocket
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.nio.file.Files
import java.nio.file.Path
import javax.imageio.ImageIO
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.readText
import org.junit.Assert.assertEquals

private const val HTTP_OK = 200
private val browser = HttpClient.newHttpClient()

/** A platform that runs: where phones and PCs find it, and the folder of its process. */
open class Platform(val http: String, private val https: String, private val root: Path) {
    /** A new phone. */
    fun phone(key: HardwareKey = JvmKey()) = Phone(https, root.readText(), key)

    /** Time passes at this platform, and nowhere else. */
    fun pass(seconds: Int) {
        val asking = HttpRequest.newBuilder(URI("$http/sim/api/time")).header("Content-Type", "application/json")
        val answer = browser.send(asking.POST(HttpRequest.BodyPublishers.ofString("{\"seconds\":$seconds}")).build(), HttpResponse.BodyHandlers.ofString())
        check(answer.statusCode() == HTTP_OK) { answer.body() }
    }

    /** The short messages of all its numbers, as a page. */
    fun messages(): String = browser.send(HttpRequest.newBuilder(URI("$http/sim/sms")).build(), HttpResponse.BodyHandlers.ofString()).body()

    /** All PDFs that are signed at the portal. */
    fun signed(): Set<Path> = root.resolveSibling("portal").listDirectoryEntries("*.signed.pdf").toSet()

    /** The authority that its certificates come from. */
    val authority: Path = root.resolveSibling("ca-root.cer")
}

/** The platform and the programs that `cargo xtask test` has started or made. */
object Around : Platform(setting("KAPOK_HTTP"), setting("KAPOK_HTTPS"), Path.of(setting("KAPOK_ROOT"))) {
    private val counterpart = Path.of(setting("KAPOK_COUNTERPART"))

    fun answer(vararg words: String): String = start(*words).start().inputReader().use { checkNotNull(it.readLine()) { "no answer to ${words[0]}" } }

    fun start(vararg words: String) = ProcessBuilder(counterpart.toString(), *words).redirectError(ProcessBuilder.Redirect.INHERIT)

    /** Another platform of its own. */
    fun another(): OwnPlatform = OwnPlatform(counterpart.resolveSibling("kapok"), Files.createTempDirectory("kapok-platform"))
}

private fun setting(name: String) = checkNotNull(System.getenv(name)) { "$name is not set: run `cargo xtask test --only android`" }

/** A platform that can be stopped, and started again as what it was. */
class OwnPlatform(private val program: Path, private val folder: Path) : AutoCloseable {
    private val ports = List(2) { ServerSocket(0).use { it.localPort } }
    private lateinit var process: Process
    val place = Platform("http://127.0.0.1:${ports[0]}", "https://127.0.0.1:${ports[1]}", folder.resolve("tls-root.pem"))

    init {
        start()
    }

    fun start() {
        val words = listOf(program.toString(), "up", "--json", "--dir", folder.toString(), "--http-port", "${ports[0]}", "--https-port", "${ports[1]}")
        process = ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.INHERIT).start()
        val line = process.inputReader().readLine()
        check(line != null && ports.all { "$it" in line }) { "the platform says $line" }
    }

    fun stop() {
        process.destroyForcibly().waitFor()
    }

    override fun close() = stop()
}

/** A PC page with one contract, in a program of its own. */
class Pc(val platform: Platform = Around) : AutoCloseable {
    private val folder = Files.createTempDirectory("kapok-pc")
    private val complaint = folder.resolve("complaint.txt")
    private val process = Around.start("pc", platform.http, folder.toString()).redirectError(complaint.toFile()).start()
    private val answers = process.inputReader()

    /** What the page shows. */
    val code: Path = folder.resolve("code.png")

    init {
        assertEquals("code", answers.readLine())
    }

    /** What the page's code says, as the system's camera reads it. */
    fun text(): String {
        val picture = ImageIO.read(code.toFile())
        val pixels = picture.getRGB(0, 0, picture.width, picture.height, null, 0, picture.width)
        val source = RGBLuminanceSource(picture.width, picture.height, pixels)
        return QRCodeReader().decode(BinaryBitmap(HybridBinarizer(source))).text
    }

    /** The page's last word: how many documents are signed, or why none is. */
    fun end(): String {
        val answer = answers.readLine()
        process.waitFor()
        return answer ?: complaint.readText().trim()
    }

    override fun close() {
        process.destroy()
    }
}

/** pdfsig (poppler and NSS), which trusts one platform's certificate authority and nothing else. */
object Pdfsig {
    private val trusting = mutableMapOf<Path, String>()

    private fun trust(authority: Path): String {
        val database = "sql:" + Files.createTempDirectory("kapok-nss")
        run("certutil", "-N", "-d", database, "--empty-password")
        run("certutil", "-A", "-d", database, "-n", "root", "-t", "C,C,C", "-i", authority.toString())
        return database
    }

    fun says(pdf: Path, platform: Platform): String =
        run(
            "pdfsig",
            "-nssdir",
            trusting.getOrPut(platform.authority) {
                trust(platform.authority)
            },
            pdf.toString(),
        )

    private fun run(vararg words: String): String {
        val process = ProcessBuilder(*words).redirectErrorStream(true).apply { environment()["LC_ALL"] = "C" }.start()
        return process.inputReader().use { it.readText() }.also { process.waitFor() }
    }
}
