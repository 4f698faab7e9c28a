package dev.kapok.app

import androidx.compose.foundation.background
import androidx.compose.foundation.layout.Box
import androidx.compose.runtime.Composable
import androidx.compose.runtime.DisposableEffect
import androidx.compose.ui.Modifier
import androidx.compose.ui.graphics.Color
import dev.kapok.AppSettings
import dev.kapok.HardwareKey
import dev.kapok.JvmKey
import dev.kapok.MemoryStorage
import dev.kapok.PortException
import dev.kapok.Ports
import dev.kapok.PrfBuffer
import dev.kapok.SecureStorage
import dev.kapok.SystemClock
import dev.kapok.app.scan.Finder
import dev.kapok.app.scan.FrameSink
import java.nio.ByteBuffer
import java.nio.file.Files
import java.nio.file.Path

/** A phone: what stays when its app is closed and opened again. The key is in software (AndroidKeyStore needs a device). */
class Phone(val platform: String, val rootPem: String, val key: HardwareKey = JvmKey()) {
    val dir: Path = Files.createTempDirectory("kapok-phone")
    val storage: SecureStorage = MemoryStorage()

    fun settings(locale: String) = AppSettings(dir.resolve("app").toString(), platform, listOf(rootPem), locale, "Robolectric", "0.1.0")

    fun ports() = Ports(key, storage, SystemClock())
}

/** A key with which no vault key can be recovered while [stops]: a reset by face stands still once both its shares are here. */
class StoppingKey : JvmKey() {
    @Volatile
    var stops = false

    override fun prf(label: String, buffer: PrfBuffer) {
        if (stops && label == "pinv1/hw-rec") throw PortException.Unavailable()
        super.prf(label, buffer)
    }
}

/** The app over a software key, with a camera that the test holds things in front of. */
class TestApplication : KapokApplication() {
    override val finder = HandHeldFinder()

    override fun settings() = phone.settings(preferences.language.tag)

    override fun ports() = phone.ports()

    /** The process ends. */
    fun end() = shut()

    companion object {
        /** The phone that the next app runs on. */
        lateinit var phone: Phone
    }
}

/** A camera that sees what the test shows it. */
class HandHeldFinder : Finder {
    private var sink: FrameSink? = null

    @Composable
    override fun View(modifier: Modifier, sink: FrameSink, onNone: () -> Unit) {
        DisposableEffect(sink) {
            this@HandHeldFinder.sink = sink
            onDispose { this@HandHeldFinder.sink = null }
        }
        Box(modifier.background(Color(0xFF3A302C)))
    }

    /** One frame, on a thread of its own as a camera's is; false while nobody looks. */
    fun show(luma: ByteBuffer, side: Int): Boolean {
        val sink = sink ?: return false
        Thread { sink.frame(luma, side, side, side) }.apply { start() }.join()
        return true
    }
}
