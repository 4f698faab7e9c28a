package dev.kapok.app

import android.app.Application
import android.os.Build
import dev.kapok.AppSettings
import dev.kapok.Ports
import dev.kapok.app.scan.CameraFinder
import dev.kapok.app.scan.Finder
import dev.kapok.client.Kapok
import dev.kapok.client.ports.AndroidClock
import dev.kapok.client.ports.KeystoreKey
import dev.kapok.client.ports.KeystoreStorage
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock

/** The longest name of a phone that the library takes, in characters. */
private const val MAX_LABEL = 64

/** Holds the one [Kapok] of the process. */
open class KapokApplication : Application() {
    private val opening = Mutex()
    private var opened: Kapok? = null

    /** What the person has chosen for the screens. */
    val preferences by lazy { Preferences(this) }

    /** Where camera frames come from. */
    open val finder: Finder get() = CameraFinder

    /** The library, opened at the first call. */
    suspend fun kapok(): Kapok = opening.withLock { opened ?: Kapok.open(settings(), ports()).also { opened = it } }

    /** The platform of this build. */
    protected open fun settings() =
        AppSettings(
            dir = filesDir.resolve("kapok").path,
            platformUrl = getString(R.string.platform_url),
            trustRootsPem = listOf(resources.openRawResource(R.raw.root).use { it.readBytes().decodeToString() }),
            locale = preferences.language.tag,
            deviceLabel = Build.MODEL.take(MAX_LABEL),
            appVersion = getString(R.string.app_version),
        )

    /** The phone's own key store and clocks. */
    protected open fun ports() = Ports(KeystoreKey(), KeystoreStorage(filesDir.resolve("kapok-secrets")), AndroidClock())

    /** Closes the library, as the end of the process does. */
    protected fun shut() {
        opened?.close()
        opened = null
    }
}
