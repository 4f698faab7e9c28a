package dev.kapok.app

import androidx.test.ext.junit.runners.AndroidJUnit4
import dev.kapok.HardwareKey
import dev.kapok.JvmKey
import dev.kapok.KapokException
import dev.kapok.PortException
import dev.kapok.Ports
import dev.kapok.SystemClock
import dev.kapok.checkPorts
import dev.kapok.client.ports.KeystoreKey
import dev.kapok.client.ports.KeystoreStorage
import java.nio.file.Files
import java.security.Security
import org.junit.After
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertThrows
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith

/** The contract of the ports over the app's own ports, whose system key store is [SoftKeyStore] here; and over those that other tests use. */
@RunWith(AndroidJUnit4::class)
class ContractTest {
    private val system = SoftKeyStore()
    private val folder = Files.createTempDirectory("kapok-secrets").toFile()

    @Before fun install() {
        Security.insertProviderAt(system, 1)
    }

    @After fun remove() = Security.removeProvider(system.name)

    private fun ports() = Ports(KeystoreKey(), KeystoreStorage(folder), SystemClock())

    @Test
    fun the_calls_to_the_system_key_store_keep_the_contract() {
        checkPorts(ports())
        val key = KeystoreKey().publicKey()
        checkPorts(ports())
        assertArrayEquals("the same key after the app was closed", key, KeystoreKey().publicKey())
        assertEquals(0, folder.list()!!.size)
    }

    @Test
    fun a_wiped_key_store_gives_another_key_and_no_secret() {
        val key = KeystoreKey().publicKey()
        KeystoreStorage(folder).set("store-key", byteArrayOf(1, 2, 3))
        system.wipe()
        assertFalse(key.contentEquals(KeystoreKey().publicKey()))
        assertThrows(PortException.Unavailable::class.java) { KeystoreStorage(folder).get("store-key") }
    }

    @Test
    fun the_ports_of_the_other_tests_keep_it_too() {
        val phone = Phone("https://127.0.0.1:1", "")
        checkPorts(phone.ports())
    }

    @Test
    fun a_port_that_breaks_it_is_named() {
        val other = KeystoreKey()
        val crossed = object : HardwareKey by other {
            override fun publicKey() = JvmKey().publicKey()
        }
        val refused = assertThrows(KapokException.Failed::class.java) { checkPorts(Ports(crossed, KeystoreStorage(folder), SystemClock())) }
        assertEquals("key_signs", refused.reason)
    }
}
