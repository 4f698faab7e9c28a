package dev.kapok.app

import dev.kapok.PortException
import dev.kapok.client.ports.rawSignature
import java.security.KeyPairGenerator
import java.security.Signature
import java.security.spec.ECGenParameterSpec
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test

/** What of the phone's ports needs no phone. */
class PortsTest {
    private val pair = KeyPairGenerator.getInstance("EC").apply { initialize(ECGenParameterSpec("secp256r1")) }.generateKeyPair()
    private val data = "木棉".toByteArray()

    private fun sign() =
        Signature.getInstance("SHA256withECDSA").run {
            initSign(pair.private)
            update(data)
            sign()
        }

    @Test
    fun a_signature_of_a_key_store_verifies_as_64_bytes() =
        repeat(20) {
            val verifier = Signature.getInstance("SHA256withECDSAinP1363Format").apply { initVerify(pair.public) }
            verifier.update(data)
            assertTrue(verifier.verify(rawSignature(sign())))
        }

    @Test
    fun short_numbers_are_filled_and_the_byte_of_the_sign_is_left_out() {
        val der = byteArrayOf(0x30, 7, 2, 1, 1, 2, 2, 0, -1)
        assertArrayEquals(ByteArray(31) + 1 + ByteArray(31) + -1, rawSignature(der))
    }

    @Test
    fun what_is_no_signature_is_malformed() {
        val good = sign()
        val bad = (0 until good.size).map { good.copyOf(it) } + List(4) { at -> good.clone().also { it[at] = -1 } } + ByteArray(80)
        for (der in bad) assertThrows(PortException.Malformed::class.java) { rawSignature(der) }
    }
}
