package dev.kapok

import com.sun.jna.Pointer
import java.math.BigInteger
import java.security.KeyPair
import java.security.KeyPairGenerator
import java.security.Signature
import java.security.interfaces.ECPublicKey
import java.security.spec.ECGenParameterSpec
import java.util.concurrent.ConcurrentHashMap
import javax.crypto.Mac
import javax.crypto.spec.SecretKeySpec

/** Ports on the Java runtime's own cryptography: what a phone does with its key store, without a secure chip. For tests only. */
open class JvmKey : HardwareKey {
    private val pair: KeyPair = KeyPairGenerator.getInstance("EC").apply { initialize(ECGenParameterSpec("secp256r1")) }.generateKeyPair()
    private val secret = SecretKeySpec(ByteArray(32) { 7 }, "HmacSHA256")

    override fun publicKey(): ByteArray {
        val point = (pair.public as ECPublicKey).w
        val sign: Byte = if (point.affineY.testBit(0)) 3 else 2
        return byteArrayOf(sign) + fixed(point.affineX)
    }

    override fun sign(data: ByteArray): ByteArray =
        Signature.getInstance("SHA256withECDSAinP1363Format").run {
            initSign(pair.private)
            update(data)
            sign()
        }

    override fun prf(label: String, buffer: PrfBuffer) {
        val inPlace = Pointer(buffer.address.toLong()).getByteBuffer(0, buffer.length.toLong())
        val text = label.toByteArray()
        val mac = Mac.getInstance("HmacSHA256")
        mac.init(secret)
        mac.update(byteArrayOf(0, 0, (text.size shr 8).toByte(), text.size.toByte()))
        mac.update(text)
        mac.update(inPlace)
        val output = mac.doFinal()
        inPlace.rewind()
        inPlace.put(output)
        output.fill(0)
    }

    private fun fixed(number: BigInteger): ByteArray {
        val bytes = number.toByteArray().dropWhile { it == 0.toByte() }
        return ByteArray(32 - bytes.size) + bytes
    }
}

/** Storage that lives as long as the test. */
class MemoryStorage : SecureStorage {
    private val secrets = ConcurrentHashMap<String, ByteArray>()

    override fun get(name: String): ByteArray? = secrets[name]

    override fun set(name: String, value: ByteArray) {
        secrets[name] = value
    }

    override fun remove(name: String) {
        secrets.remove(name)
    }
}

/** The system's clocks. */
class SystemClock : PhoneClock {
    override fun unixMs(): ULong = System.currentTimeMillis().toULong()

    override fun monotonicMs(): ULong = (System.nanoTime() / 1_000_000).toULong()
}
