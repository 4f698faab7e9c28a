package dev.kapok.client.ports

import android.os.Build
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyPermanentlyInvalidatedException
import android.security.keystore.KeyProperties
import android.security.keystore.StrongBoxUnavailableException
import com.sun.jna.Pointer
import dev.kapok.HardwareKey
import dev.kapok.PortException
import dev.kapok.PrfBuffer
import java.math.BigInteger
import java.nio.ByteBuffer
import java.security.GeneralSecurityException
import java.security.KeyPairGenerator
import java.security.KeyStore
import java.security.PrivateKey
import java.security.ProviderException
import java.security.Signature
import java.security.interfaces.ECPublicKey
import java.security.spec.ECGenParameterSpec
import javax.crypto.KeyGenerator
import javax.crypto.Mac
import javax.crypto.SecretKey

private const val PROVIDER = "AndroidKeyStore"
private const val SIGNING = "kapok-device"
private const val PRF = "kapok-prf"
private const val COORDINATE_BYTES = 32

/** First byte of a compressed point (SEC 1, 2.3.3), by its y. */
private const val EVEN: Byte = 2
private const val ODD: Byte = 3

/** Tags of DER. */
private const val SEQUENCE: Byte = 0x30
private const val INTEGER: Byte = 2

/**
 * The phone's key in AndroidKeyStore: P-256 for signatures and an HMAC-SHA-256 key for the PRF, both in StrongBox where there is one, else in the
 * trusted execution environment. Neither can be exported. Not run on a device.
 */
class KeystoreKey : HardwareKey {
    private val store = KeyStore.getInstance(PROVIDER).apply { load(null) }

    /** Compressed point, 33 bytes. The key is made at the first call. */
    override fun publicKey(): ByteArray =
        answering {
            signingKey()
            val point = (store.getCertificate(SIGNING).publicKey as ECPublicKey).w
            byteArrayOf(if (point.affineY.testBit(0)) ODD else EVEN) + fixed(point.affineX)
        }

    /** `r ‖ s`, 64 bytes: AndroidKeyStore gives DER. */
    override fun sign(data: ByteArray): ByteArray =
        answering {
            val der = Signature.getInstance("SHA256withECDSA").run {
                initSign(signingKey())
                update(data)
                sign()
            }
            rawSignature(der)
        }

    /** HMAC-SHA-256 over the label with its length (4 bytes) and the buffer, written over the buffer; nothing of it stays here. */
    override fun prf(label: String, buffer: PrfBuffer) =
        answering {
            val inPlace = Pointer(buffer.address.toLong()).getByteBuffer(0, buffer.length.toLong())
            val text = label.toByteArray()
            val mac = Mac.getInstance("HmacSHA256")
            mac.init(prfKey())
            mac.update(ByteBuffer.allocate(Int.SIZE_BYTES).putInt(text.size).array())
            mac.update(text)
            mac.update(inPlace)
            val output = mac.doFinal()
            inPlace.rewind()
            inPlace.put(output)
            output.fill(0)
        }

    private fun signingKey(): PrivateKey =
        store.getKey(SIGNING, null) as PrivateKey? ?: strongest { strongBox ->
            val spec = KeyGenParameterSpec.Builder(SIGNING, KeyProperties.PURPOSE_SIGN)
                .setAlgorithmParameterSpec(ECGenParameterSpec("secp256r1"))
                .setDigests(KeyProperties.DIGEST_SHA256)
                .apply { if (strongBox) setIsStrongBoxBacked(true) }
                .build()
            KeyPairGenerator.getInstance(KeyProperties.KEY_ALGORITHM_EC, PROVIDER).apply { initialize(spec) }.generateKeyPair().private
        }

    private fun prfKey(): SecretKey =
        store.getKey(PRF, null) as SecretKey? ?: strongest { strongBox ->
            val spec = KeyGenParameterSpec.Builder(PRF, KeyProperties.PURPOSE_SIGN)
                .apply { if (strongBox) setIsStrongBoxBacked(true) }
                .build()
            KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_HMAC_SHA256, PROVIDER).apply { init(spec) }.generateKey()
        }

    private fun <K> strongest(make: (strongBox: Boolean) -> K): K {
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.P) return make(false)
        return try {
            make(true)
        } catch (_: StrongBoxUnavailableException) {
            make(false)
        }
    }
}

private inline fun <T> answering(work: () -> T): T =
    try {
        work()
    } catch (_: KeyPermanentlyInvalidatedException) {
        throw PortException.KeyMissing()
    } catch (_: GeneralSecurityException) {
        throw PortException.Unavailable()
    } catch (_: ProviderException) {
        throw PortException.Unavailable()
    }

private fun fixed(number: BigInteger): ByteArray {
    val bytes = number.toByteArray().dropWhile { it == 0.toByte() }.toByteArray()
    return ByteArray(COORDINATE_BYTES - bytes.size) + bytes
}

/** `SEQUENCE { INTEGER r, INTEGER s }` (RFC 3279, 2.2.3) of a P-256 signature as 64 bytes. */
internal fun rawSignature(der: ByteArray): ByteArray {
    val both = ByteBuffer.wrap(der)
    if (both.value(SEQUENCE) != both.remaining()) throw PortException.Malformed()
    return both.integer() + both.integer()
}

private fun ByteBuffer.integer(): ByteArray {
    val bytes = ByteArray(value(INTEGER)).also(::get)
    return fixed(BigInteger(1, bytes))
}

/** The length of the value that comes next, which has this tag. */
private fun ByteBuffer.value(tag: Byte): Int {
    val length = if (remaining() > 1 && get() == tag) get().toInt() else -1
    if (length !in 0..remaining()) throw PortException.Malformed()
    return length
}
