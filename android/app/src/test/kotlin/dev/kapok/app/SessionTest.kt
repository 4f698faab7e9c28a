package dev.kapok.app

import androidx.compose.ui.test.hasTestTag
import androidx.compose.ui.test.junit4.v2.createEmptyComposeRule
import androidx.test.ext.junit.runners.AndroidJUnit4
import dev.kapok.client.Kapok
import java.net.URI
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith

/** Sessions that do not go straight to their end, all of one phone. */
@RunWith(AndroidJUnit4::class)
class SessionTest {
    @get:Rule val compose = createEmptyComposeRule()

    private val before = Around.signed()

    private companion object {
        val phone by lazy { signer(Around) }
    }

    private fun Hands.session(platform: Platform = Around, use: Hands.(Pc) -> Unit) {
        pressTag("tab-扫一扫")
        Pc(platform).use { use(it) }
    }

    private fun Hands.giveUp(pc: Pc) {
        press("断开连接")
        waitFor(hasTestTag("closed"))
        val end = pc.end()
        assertTrue(end, "USER_CANCELLED" in end)
        press("完成")
        waitFor(hasTestTag("hero"))
    }

    @Test
    fun yqq_024_a_session_can_be_given_up_at_every_step_and_the_pc_sees_it() {
        onPhone(compose, phone) {
            session { pc ->
                scan(pc)
                giveUp(pc)
            }
            Pc().use { pc ->
                follow(pc.text())
                waitFor("系统相机")
                picture("connect")
                press("连接")
                waitFor("核对网址")
                site(pc)
                giveUp(pc)
            }
            session { pc ->
                connect(pc)
                proveThePin()
                reviewed()
                giveUp(pc)
            }
        }
        assertEquals(before, Around.signed())
    }

    @Test
    fun an_app_that_ended_during_the_review_signs_once_when_it_is_opened_again() {
        onPhone(compose, phone) {
            session { pc ->
                connect(pc)
                proveThePin()
                reviewed()
                // The process ends while the document is on the screen.
                app.end()
            }
        }
        assertEquals(before, Around.signed())
        onPhone(compose, phone) {
            waitFor("佛山市南海（粤强）建材有限公司")
            session { pc ->
                connect(pc)
                proveThePin()
                reviewed()
                sign()
                assertEquals("signed 1", pc.end())
            }
            press("完成")
            waitFor(hasTestTag("hero"))
        }
        assertEquals(1, (Around.signed() - before).size)
    }

    @Test
    fun a_session_goes_on_when_the_network_changes() {
        onPhone(compose, phone) {
            session { pc ->
                connect(pc)
                proveThePin()
                breakConnections(URI(phone.platform).port)
                reviewed()
                sign()
                assertEquals("signed 1", pc.end())
            }
        }
        assertEquals(1, (Around.signed() - before).size)
    }

    @Test
    fun airplane_mode_in_a_session_is_said_with_its_code_and_the_next_one_signs() =
        Around.another().use { own ->
            onPhone(compose, signer(own.place), own.place) {
                session(own.place) { pc ->
                    connect(pc)
                    own.stop()
                    type(PIN)
                    waitFor("OFFLINE")
                    picture("approve-offline")
                    own.start()
                    waitFor(hasTestTag("closed"))
                    picture("closed")
                    press("完成")
                }
                session(own.place) { pc ->
                    connect(pc)
                    proveThePin()
                    reviewed()
                    sign()
                    assertEquals("signed 1", pc.end())
                }
            }
            assertEquals(1, own.place.signed().size)
        }

    @Test
    fun what_is_waited_for_ends_when_the_library_is_closed() =
        runBlocking {
            withTimeout(30_000) {
                val phone = Around.phone()
                val kapok = Kapok.open(phone.settings("zh-CN"), phone.ports())
                val waiting = listOf(kapok.events, kapok.requests, kapok.signing.views).map { flow -> async { flow.toList() } }
                kapok.agreePrivacy(kapok.privacy().version)
                kapok.close()
                assertTrue(waiting.awaitAll().first().isEmpty())
            }
        }
}
