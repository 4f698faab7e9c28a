package dev.kapok.app

import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.StrongBoxUnavailableException
import java.io.InputStream
import java.io.OutputStream
import java.math.BigInteger
import java.security.Key
import java.security.KeyPair
import java.security.KeyPairGenerator
import java.security.KeyPairGeneratorSpi
import java.security.KeyStoreSpi
import java.security.Provider
import java.security.PublicKey
import java.security.SecureRandom
import java.security.cert.Certificate
import java.security.spec.AlgorithmParameterSpec
import java.util.Collections
import java.util.Date
import java.util.Enumeration
import javax.crypto.KeyGenerator
import javax.crypto.KeyGeneratorSpi
import javax.crypto.SecretKey

/**
 * A provider of the name `AndroidKeyStore` whose keys are in memory, so that the calls which the app makes to the system's key store can be run
 * without a phone. Knows what the app asks for and nothing else; has no StrongBox, as most phones.
 */
class SoftKeyStore : Provider("AndroidKeyStore", "1", "keys in memory, for tests") {
    private val held = Collections.synchronizedMap(mutableMapOf<String, Pair<Key, PublicKey?>>())

    init {
        serve("KeyStore", "AndroidKeyStore") { Store() }
        serve("KeyPairGenerator", "EC") { Pairs() }
        serve("KeyGenerator", "AES") { Secrets("AES") }
        serve("KeyGenerator", "HmacSHA256") { Secrets("HmacSHA256") }
    }

    /** Every key is gone, as after the screen lock was removed. */
    fun wipe() = held.clear()

    private fun serve(type: String, algorithm: String, make: () -> Any) =
        putService(
            object : Service(this, type, algorithm, "dev.kapok.app.SoftKeyStore", null, null) {
                override fun newInstance(constructorParameter: Any?) = make()
            },
        )

    private fun keep(spec: KeyGenParameterSpec, key: Key, public: PublicKey?) {
        if (spec.isStrongBoxBacked) throw StrongBoxUnavailableException()
        held[spec.keystoreAlias] = key to public
    }

    private inner class Pairs : KeyPairGeneratorSpi() {
        private lateinit var spec: KeyGenParameterSpec

        override fun initialize(keysize: Int, random: SecureRandom?) = throw UnsupportedOperationException()

        override fun initialize(params: AlgorithmParameterSpec, random: SecureRandom?) {
            spec = params as KeyGenParameterSpec
        }

        override fun generateKeyPair(): KeyPair {
            val software = KeyPairGenerator.getInstance("EC", "SunEC").apply { initialize(spec.algorithmParameterSpec) }
            return software.generateKeyPair().also { keep(spec, it.private, it.public) }
        }
    }

    private inner class Secrets(private val algorithm: String) : KeyGeneratorSpi() {
        private lateinit var spec: KeyGenParameterSpec

        override fun engineInit(random: SecureRandom?) = throw UnsupportedOperationException()

        override fun engineInit(keysize: Int, random: SecureRandom?) = throw UnsupportedOperationException()

        override fun engineInit(params: AlgorithmParameterSpec, random: SecureRandom?) {
            spec = params as KeyGenParameterSpec
        }

        override fun engineGenerateKey(): SecretKey =
            KeyGenerator.getInstance(algorithm, "SunJCE").apply { if (spec.keySize > 0) init(spec.keySize) }.generateKey()
                .also { keep(spec, it, null) }
    }

    private inner class Store : KeyStoreSpi() {
        override fun engineLoad(stream: InputStream?, password: CharArray?) = Unit

        override fun engineGetKey(alias: String, password: CharArray?): Key? = held[alias]?.first

        override fun engineGetCertificate(alias: String): Certificate? = held[alias]?.second?.let(::SelfSigned)

        override fun engineContainsAlias(alias: String) = alias in held

        override fun engineSize() = held.size

        override fun engineIsKeyEntry(alias: String) = alias in held

        override fun engineDeleteEntry(alias: String) {
            held.remove(alias)
        }

        override fun engineAliases(): Enumeration<String> = Collections.enumeration(held.keys.toList())

        override fun engineGetCertificateChain(alias: String) = unused()

        override fun engineGetCreationDate(alias: String): Date = unused()

        override fun engineSetKeyEntry(alias: String, key: Key, password: CharArray?, chain: Array<Certificate>?): Unit = unused()

        override fun engineSetKeyEntry(alias: String, key: ByteArray, chain: Array<Certificate>?): Unit = unused()

        override fun engineSetCertificateEntry(alias: String, certificate: Certificate): Unit = unused()

        override fun engineIsCertificateEntry(alias: String) = false

        override fun engineGetCertificateAlias(certificate: Certificate): String? = null

        override fun engineStore(stream: OutputStream?, password: CharArray?): Unit = unused()

        private fun unused(): Nothing = throw UnsupportedOperationException()
    }

    /** The system makes a certificate for each key; the app takes the public key out of it. */
    private class SelfSigned(private val key: PublicKey) : Certificate("X.509") {
        override fun getEncoded() = BigInteger.ZERO.toByteArray()

        override fun verify(key: PublicKey) = throw UnsupportedOperationException()

        override fun verify(key: PublicKey, sigProvider: String) = throw UnsupportedOperationException()

        override fun toString() = "certificate of a key in memory"

        override fun getPublicKey() = key
    }
}
