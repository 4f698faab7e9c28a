package dev.kapok.client.ports

import android.os.SystemClock
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyProperties
import dev.kapok.PhoneClock
import dev.kapok.PortException
import dev.kapok.SecureStorage
import java.io.File
import java.io.IOException
import java.security.GeneralSecurityException
import java.security.KeyStore
import java.security.ProviderException
import javax.crypto.Cipher
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey
import javax.crypto.spec.GCMParameterSpec

private const val PROVIDER = "AndroidKeyStore"
private const val KEY = "kapok-storage"
private const val NONCE = 12
private const val TAG_BITS = 128
private const val KEY_BITS = 256

/**
 * Small secrets in files of [folder], each sealed with AES-256-GCM (nonce ‖ ciphertext ‖ tag, the name as associated data) under a key that
 * AndroidKeyStore keeps. A file is replaced as a whole or not at all. Not run on a device.
 */
class KeystoreStorage(private val folder: File) : SecureStorage {
    override fun get(name: String): ByteArray? =
        answering {
            val file = file(name)
            if (!file.exists()) return@answering null
            val bytes = file.readBytes()
            if (bytes.size < NONCE) throw PortException.Unavailable()
            cipher(name, Cipher.DECRYPT_MODE, bytes.copyOf(NONCE)).doFinal(bytes, NONCE, bytes.size - NONCE)
        }

    override fun set(name: String, value: ByteArray) =
        answering {
            val cipher = cipher(name, Cipher.ENCRYPT_MODE, null)
            val sealed = cipher.iv + cipher.doFinal(value)
            folder.mkdirs()
            val fresh = File(folder, "${file(name).name}.new")
            fresh.outputStream().use {
                it.write(sealed)
                it.fd.sync()
            }
            if (!fresh.renameTo(file(name))) throw PortException.Unavailable()
        }

    override fun remove(name: String) {
        file(name).delete()
    }

    private fun file(name: String) = File(folder, name.toByteArray().joinToString("") { "%02x".format(it) })

    private fun cipher(name: String, mode: Int, nonce: ByteArray?): Cipher =
        Cipher.getInstance("AES/GCM/NoPadding").apply {
            if (nonce == null) init(mode, key()) else init(mode, key(), GCMParameterSpec(TAG_BITS, nonce))
            updateAAD(name.toByteArray())
        }

    private fun key(): SecretKey {
        val store = KeyStore.getInstance(PROVIDER).apply { load(null) }
        (store.getKey(KEY, null) as? SecretKey)?.let { return it }
        val spec = KeyGenParameterSpec.Builder(KEY, KeyProperties.PURPOSE_ENCRYPT or KeyProperties.PURPOSE_DECRYPT)
            .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
            .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
            .setKeySize(KEY_BITS)
            .build()
        return KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, PROVIDER).apply { init(spec) }.generateKey()
    }

    private inline fun <T> answering(work: () -> T): T =
        try {
            work()
        } catch (_: IOException) {
            throw PortException.Unavailable()
        } catch (_: GeneralSecurityException) {
            throw PortException.Unavailable()
        } catch (_: ProviderException) {
            throw PortException.Unavailable()
        }
}

/** The system's clocks; the monotonic one goes on while the phone sleeps. */
class AndroidClock : PhoneClock {
    override fun unixMs(): ULong = System.currentTimeMillis().toULong()

    override fun monotonicMs(): ULong = SystemClock.elapsedRealtime().toULong()
}
