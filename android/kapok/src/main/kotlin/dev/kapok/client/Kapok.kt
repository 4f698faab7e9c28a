package dev.kapok.client

import dev.kapok.AppSettings
import dev.kapok.KapokApp
import dev.kapok.KapokEvent
import dev.kapok.Ports
import dev.kapok.PrivacyNotice
import dev.kapok.ShellRequest
import dev.kapok.SystemProfile
import kotlinx.coroutines.flow.Flow

/**
 * The app: one for a process. Everything else is reached from here. Every `suspend` call may be made on the main thread: the work is done
 * elsewhere. Errors are [dev.kapok.KapokException.Failed] with a stable code.
 */
class Kapok private constructor(private val app: KapokApp) : AutoCloseable {
    private val life = Life()

    /** 登录. */
    val login = LoginClient(app.login())

    /** 办事企业. */
    val enterprises = EnterprisesClient(app.enterprises())

    /** 经办人管理. */
    val agents = AgentsClient(app.agents())

    /** The PIN. */
    val vault = VaultClient(app.vault())

    /** 数字证书. */
    val certificates = CertificatesClient(app.certificates())

    /** 印章. */
    val seals = SealsClient(app.seals())

    /** Signing with a PC. */
    val signing = SigningClient(app, life)

    /** What has changed, for lists that are shown. A late collector loses the oldest events, never the newest. One collector. Completes with [close]. */
    val events: Flow<KapokEvent> = life.pulled { app.nextEvent(it) }

    /** What only the app can do: open the mini program, share a link. One collector. Completes with [close]. */
    val requests: Flow<ShellRequest> = life.pulled { app.nextRequest(it) }

    /** The data on this phone was written by a newer app: whatever would change it ends in `STORE_NEWER`. */
    val readOnly: Boolean get() = app.readOnly()

    /** This phone's number, 32 hexadecimal digits, derived from its hardware key. */
    val deviceId: String get() = app.deviceId()

    /** The privacy text of the settings' locale, and whether it was agreed to. Offline. */
    suspend fun privacy(): PrivacyNotice = call { app.privacy() }

    /** The person agrees to the text of this version; until then whatever would go online ends in `PRIVACY_REQUIRED`. */
    suspend fun agreePrivacy(version: String) = call { app.agreePrivacy(version) }

    /** The person withdraws the agreement: nothing is sent any more. */
    suspend fun withdrawPrivacy() = call { app.withdrawPrivacy() }

    /** The platform's profile, else the last one known. Ends in `APP_TOO_OLD`, `GUARD_TAMPERED` or `OFFLINE`. */
    suspend fun profile(): SystemProfile = call { app.profile() }

    /** To the background: the lease and all keys under it are wiped, files are closed. Calls end in `STATE_WRONG` until [resume]. */
    suspend fun pause() =
        call {
            app.signing().use { it.background() }
            app.pause()
        }

    /** The app is in the foreground again. */
    suspend fun resume() = call { app.resume() }

    /** Ends the flows and frees the library's side at once; afterwards no call may be made. */
    override fun close() {
        listOf(life, login, enterprises, agents, vault, certificates, seals, signing).forEach(AutoCloseable::close)
        app.close()
    }

    companion object {
        /**
         * Opens the app's files and checks the ports; sends nothing. Ends in `INPUT_INVALID` at the setting that is wrong, `HARDWARE_KEY` if
         * the key does not answer rightly, or `INTERNAL` with reason `store` if the directory cannot be written.
         */
        suspend fun open(settings: AppSettings, ports: Ports): Kapok = call { Kapok(KapokApp.open(settings, ports)) }
    }
}
