package dev.kapok.app

import androidx.compose.ui.test.hasTestTag
import androidx.compose.ui.test.hasText
import androidx.compose.ui.test.junit4.v2.createEmptyComposeRule
import androidx.test.ext.junit.runners.AndroidJUnit4
import dev.kapok.HardwareKey
import dev.kapok.JvmKey
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNotEquals
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith

/** The PIN that is forgotten, blocked, or half reset. */
@RunWith(AndroidJUnit4::class)
class PinTest {
    @get:Rule val compose = createEmptyComposeRule()

    /** A platform of its own: there every enterprise has one certificate. */
    private fun signing(key: HardwareKey = JvmKey(), use: (Platform, Phone) -> Unit) =
        Around.another().use { use(it.place, signer(it.place, it.place.phone(key))) }

    private fun Hands.pinSettings() {
        pressTag("tab-我的")
        pressTag("pin")
        waitFor(hasTestTag("pin-state"))
    }

    /** The new PIN twice, up to the face check. */
    private fun Hands.newPin(pin: String) {
        waitFor("下一步：微信小程序人脸识别")
        type(pin)
        waitFor("请再次输入PIN码")
        type(pin)
        waitFor(hasTestTag("match-code"))
    }

    /** The face check has passed, and the reset comes to its end. */
    private fun Hands.isReset() {
        waitFor(hasTestTag("pin-is-reset"))
        picture("pin-is-reset")
        press("完成")
    }

    private fun Hands.serial(): String {
        pressTag("tab-首页")
        pressTag("certificates")
        press("已安装", inPart = true)
        waitFor(hasTestTag("certificate"))
        val serial = texts().first { "证书编码" in it }
        repeat(2) { pressBack() }
        return serial
    }

    @Test
    fun yqq_056_a_forgotten_pin_is_reset_by_face_and_the_same_certificate_signs() =
        signing { own, phone ->
            onPhone(compose, phone, own) {
                val serial = serial()
                pinSettings()
                pressTag("pin-forgot")
                type("111111")
                waitFor("PIN_WEAK")
                inEveryLanguage { waitFor(FEW_DIGITS.getValue(it)) }
                picture("pin-reset-new")
                newPin(ANOTHER)
                passFace("陈强")
                isReset()
                assertEquals(serial, serial())
                Pc(own).use { pc ->
                    pressTag("tab-扫一扫")
                    connect(pc)
                    type(PIN)
                    waitFor("PIN_WRONG")
                    signWith(ANOTHER, pc)
                }
            }
            judge(own.signed().single(), own)
        }

    @Test
    fun yqq_056_a_reset_that_the_end_of_the_process_has_cut_is_finished_when_the_app_is_opened_again() {
        val key = StoppingKey()
        signing(key) { own, phone -> cutAndFinished(key, own, phone) }
    }

    private fun cutAndFinished(key: StoppingKey, own: Platform, phone: Phone) {
        onPhone(compose, phone, own) {
            pinSettings()
            pressTag("pin-forgot")
            newPin(ANOTHER)
            key.stops = true
            passFace("陈强")
            waitFor(hasTestTag("reset-failed"))
            picture("pin-reset-failed")
        }
        key.stops = false
        onPhone(compose, phone, own) {
            waitFor(hasTestTag("pin-state"))
            waitFor("正在通过人脸识别重置")
            picture("pin-resetting")
            press("重新输入新PIN码，继续")
            waitFor("人脸识别已通过")
            picture("pin-reset-again")
            repeat(2) {
                type(ANOTHER)
                waitFor(hasText("请再次输入PIN码") or hasTestTag("pin-is-reset"))
            }
            isReset()
            Pc(own).use { pc ->
                pressTag("tab-扫一扫")
                connect(pc)
                signWith(ANOTHER, pc)
            }
        }
        judge(own.signed().single(), own)
    }

    @Test
    fun yqq_056_an_app_that_ended_during_the_face_check_asks_for_the_new_pin_again() =
        signing { own, phone ->
            var path = ""
            onPhone(compose, phone, own) {
                pinSettings()
                pressTag("pin-forgot")
                newPin(ANOTHER)
                path = miniProgram()
            }
            onPhone(compose, phone, own) {
                waitFor(hasTestTag("match-code"))
                val code = Around.answer("code", own.http, path, "陈强")
                waitFor(hasTestTag("face-code"))
                write("face-code", code)
                press("完成")
                waitFor("人脸识别已通过")
                type(ANOTHER)
                waitFor("请再次输入PIN码")
                type(WRONG)
                waitFor("PIN_REPEAT")
                type(ANOTHER)
                waitFor("请再次输入PIN码")
                type(ANOTHER)
                isReset()
            }
        }

    @Test
    fun pin_11_wrong_pins_come_to_waits_and_to_a_block_that_a_face_check_ends() =
        signing { own, phone ->
            onPhone(compose, phone, own) {
                pressTag("tab-我的")
                pressTag("security")
                pressTag("revocation-code")
                for (left in 9 downTo 7) refused("剩余 $left 次")
                for ((index, wait) in WAITS.withIndex()) {
                    refused("剩余 ${6 - index} 次")
                    if (index == 0) countsDown()
                    type(PIN)
                    waitFor("PIN_WAIT")
                    own.pass(wait)
                }
                refused("PIN_BLOCKED")
                picture("pin-blocked-here")
                pressTag("forgot")
                waitFor("下一步：微信小程序人脸识别")
                repeat(3) { pressBack() }
                pinSettings()
                waitFor("已锁定，请通过人脸识别重置")
                picture("pin-blocked")
                press("人脸识别重置PIN码")
                newPin(ANOTHER)
                passFace("陈强")
                isReset()
                pinSettings()
                waitFor("10 / 10 次")
            }
        }

    private fun Hands.refused(why: String) {
        type(WRONG)
        waitFor(why)
    }

    /** The time that is left is shown, gets less, and what helps a person who has forgotten the PIN is beside it. */
    private fun Hands.countsDown() {
        waitFor(hasTestTag("wait"))
        val first = textOf("wait")
        assertTrue(first, "请等待" in first)
        waitUntil { textOf("wait") != first }
        assertNotEquals(first, textOf("wait"))
        waitFor(hasTestTag("forgot"))
        picture("pin-wait")
    }

    private companion object {
        /** Why 111111 is refused. */
        val FEW_DIGITS =
            mapOf(Language.ZH_CN to "不同的数字太少", Language.ZH_HK to "不同的數字太少", Language.EN to "too few different digits")

        /** After the fourth wrong PIN in a row and each that follows, in seconds. */
        val WAITS = listOf(60, 5 * 60, 15 * 60, 3600, 4 * 3600, 24 * 3600)
    }
}
