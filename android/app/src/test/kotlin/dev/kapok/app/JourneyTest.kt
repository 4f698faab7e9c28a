package dev.kapok.app

import android.view.WindowManager
import androidx.compose.ui.test.hasContentDescription
import androidx.compose.ui.test.hasTestTag
import androidx.compose.ui.test.hasText
import androidx.compose.ui.test.junit4.v2.createEmptyComposeRule
import androidx.test.core.app.ActivityScenario
import androidx.test.ext.junit.runners.AndroidJUnit4
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith

/** The whole journey by what is on the screens, over the real library, against a platform of its own. */
@RunWith(AndroidJUnit4::class)
class JourneyTest {
    @get:Rule val compose = createEmptyComposeRule()

    private fun Hands.fetchCertificate() {
        pressTag("certificates")
        waitFor("广东木棉科技有限公司")
        picture("certificates")
        press("广东木棉科技有限公司", inPart = true)
        waitFor("安装证书")
        picture("certificate-before")
        press("安装证书")
        type("111111")
        waitFor("PIN_WEAK")
        picture("pin-set")
        type(PIN)
        waitFor("请再次输入PIN码")
        type(PIN)
        waitFor("PIN码设置成功")
        press("安装证书")
        type(WRONG)
        waitFor("PIN_WRONG")
        picture("pin-enter")
        type(PIN)
        waitFor("证书安装成功")
        picture("certificate")
    }

    private fun Hands.makeSeal() {
        press("生成印章")
        waitFor(hasTestTag("seal-picture"))
        picture("seal-preview")
        press("确认生成")
        waitFor("印章生成成功")
        waitFor(hasTestTag("seal-picture"))
        picture("seals")
        press(hasContentDescription("返回"))
    }

    private fun Hands.changePin() {
        repeat(2) { pressBack() }
        pressTag("tab-我的")
        pressTag("pin")
        waitFor(hasTestTag("pin-state"))
        picture("pin-settings")
        pressTag("pin-change")
        waitFor("请输入当前PIN码")
        for (pin in listOf(WRONG, ANOTHER, ANOTHER)) type(pin)
        waitFor("PIN_WRONG")
        picture("pin-change")
        for (pin in listOf(PIN, "111111")) type(pin)
        waitFor("PIN_WEAK")
        repeat(2) { type(ANOTHER) }
        waitFor("PIN码修改成功")
    }

    @Test
    fun yqq_017_to_026_from_the_first_login_to_a_signed_contract() =
        onPhone(compose, Around.phone()) { scenario ->
            scenario.onActivity { assertTrue(it.window.attributes.flags and WindowManager.LayoutParams.FLAG_SECURE != 0) }
            logIn("张伟")
            choose("广东木棉科技有限公司")
            picture("home")
            fetchCertificate()
            makeSeal()

            val before = Around.signed()
            Pc().use { pc ->
                press("扫码用证")
                picture("scan")
                connect(pc)
                proveThePin()
                reviewed()
                sign()
                assertEquals("signed 1", pc.end())
            }
            press("完成")
            waitFor(hasTestTag("certificate"))
            judge((Around.signed() - before).single())
            changePin()
        }
}
