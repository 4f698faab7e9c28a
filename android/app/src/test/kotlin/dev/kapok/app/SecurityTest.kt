package dev.kapok.app

import androidx.compose.ui.test.hasTestTag
import androidx.compose.ui.test.hasText
import androidx.compose.ui.test.junit4.v2.createEmptyComposeRule
import androidx.test.ext.junit.runners.AndroidJUnit4
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith

/** 安全中心: a phone that is lost, and a reset that is not the owner's, each at a platform of its own. */
@RunWith(AndroidJUnit4::class)
class SecurityTest {
    @get:Rule val compose = createEmptyComposeRule()

    private fun Hands.security() {
        pressTag("tab-我的")
        pressTag("security")
    }

    /** The phone says that it was reported lost, and its owner that it is not. */
    private fun Hands.objects() {
        pressTag("tab-我的")
        pressTag("pin")
        waitFor("本机已挂失")
        picture("phone-lost")
        press("解除挂失")
        waitFor("恢复这部手机的证书")
        picture("phone-object")
        type(WRONG)
        waitFor("PIN_WRONG")
        type(PIN)
        waitFor("已解除挂失，证书恢复使用")
        waitFor("已设置")
    }

    @Test
    fun pin_19_a_phone_reported_lost_from_another_is_dead_at_once_and_lives_again_by_an_objection() =
        Around.another().use { platform ->
            val own = platform.place
            val lost = signer(own)
            val finder = own.phone()
            onPhone(compose, finder, own) {
                logIn("陈强")
                pressBack()
                report()
            }
            onPhone(compose, lost, own) {
                security()
                picture("security")
                pressTag("revocation-code")
                type(PIN)
                waitFor("DEVICE_REVOKED")
                repeat(2) { pressBack() }
                objects()
            }
            own.pass(LOGIN_IS_OLD)
            onPhone(compose, finder, own) {
                security()
                pressTag("phones")
                press("挂失")
                press("确认挂失")
                waitFor(hasTestTag("face-needed"))
                picture("phones-face-needed")
            }
        }

    private fun Hands.report() {
        security()
        pressTag("phones")
        waitFor(hasTestTag("other-phone"))
        press("挂失")
        waitFor("那部手机立即不能签名")
        picture("phones")
        press("确认挂失")
        waitFor("已挂失，该手机不能再签名")
        waitFor("可在该手机上用PIN码解除挂失")
        picture("phones-reported")
    }

    @Test
    fun pin_19_a_lost_phone_is_reported_by_its_revocation_code_without_a_login() =
        Around.another().use { platform ->
            val own = platform.place
            val lost = signer(own)
            var code = ""
            onPhone(compose, lost, own) {
                security()
                pressTag("revocation-code")
                type(PIN)
                waitFor(hasTestTag("code"))
                picture("revocation-code")
                code = textOf("code").replace("\n", "")
                press("我已抄写")
            }
            onPhone(compose, own.phone(), own) {
                goToLogin()
                pressTag("lost")
                pressTag("loss-by-code")
                write("name", "陈强")
                write("number", CHEN_QIANG)
                write("loss-code", "1")
                press("确认挂失")
                waitFor("格式不正确")
                picture("loss-by-code")
                write("loss-code", code)
                press("确认挂失")
                waitFor(hasTestTag("reported"))
                picture("loss-reported")
                press("完成")
            }
            onPhone(compose, lost, own) { objects() }
        }

    @Test
    fun pin_17_a_reset_that_is_not_the_owners_is_stopped_by_the_code_of_the_short_message() =
        Around.another().use { platform ->
            val own = platform.place
            val key = StoppingKey()
            val phone = signer(own, own.phone(key))
            onPhone(compose, phone, own) { half(key) }
            key.stops = false
            own.pass(A_MINUTE)
            val code = checkNotNull(Regex("停止码 ([0-9A-Za-z-]+)").find(own.messages())).groupValues[1]
            onPhone(compose, own.phone(), own) {
                goToLogin()
                pressTag("lost")
                pressTag("stop-reset")
                picture("stop-reset")
                write("stop-code", code)
                press("停止重置")
                waitFor("已停止重置")
            }
            onPhone(compose, phone, own) {
                pressTag("tab-我的")
                pressTag("pin")
                waitFor("已锁定，请通过人脸识别重置")
            }
        }

    /** A reset up to the shares, and no further. */
    private fun Hands.half(key: StoppingKey) {
        pressTag("tab-我的")
        pressTag("pin")
        pressTag("pin-forgot")
        repeat(2) {
            type(ANOTHER)
            waitFor(hasTestTag("match-code") or hasText("请再次输入PIN码"))
        }
        key.stops = true
        passFace("陈强")
        waitFor(hasTestTag("reset-failed"))
    }

    private companion object {
        const val CHEN_QIANG = "441900198811303311"
        const val LOGIN_IS_OLD = 360
        const val A_MINUTE = 60
    }
}
