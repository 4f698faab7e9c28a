package dev.kapok.app

import androidx.compose.ui.test.hasAnyDescendant
import androidx.compose.ui.test.hasTestTag
import androidx.compose.ui.test.hasText
import androidx.compose.ui.test.junit4.v2.createEmptyComposeRule
import androidx.compose.ui.test.onNodeWithTag
import androidx.test.ext.junit.runners.AndroidJUnit4
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith

/** Ways in and ways out: typed codes, invites, cancelling, closing, no network. */
@RunWith(AndroidJUnit4::class)
class PeopleTest {
    @get:Rule val compose = createEmptyComposeRule()

    private fun on(phone: Phone, use: Hands.() -> Unit) = onPhone(compose, phone) { use() }

    @Test
    fun yst_007_login_by_the_six_digits_of_the_success_page() =
        on(Around.phone()) {
            startFace()
            val code = Around.answer("code", Around.http, miniProgram(), "陈强")
            waitFor(hasTestTag("face-code"))
            picture("face-code")
            write("face-code", "12")
            press("完成")
            waitFor("格式不正确")
            write("face-code", code)
            press("完成")
            waitFor("登录成功")
        }

    @Test
    fun yst_019_yst_020_yst_021_an_invited_agent_agrees_on_a_second_phone() {
        var link = ""
        on(Around.phone()) {
            logIn("王芳")
            choose("深圳市云山智造有限公司")
            pressTag("agents")
            press("添加经办人")
            write("name", "李娜")
            write("number", "440305199208274628")
            write("phone", "13800138000")
            press("生成邀请")
            waitFor("校验位不正确")
            write("number", "440305199208274627")
            picture("agent-add")
            press("生成邀请")
            waitFor(hasTestTag("link"))
            link = textOf("link")
            picture("share")
            press("已发送")
            waitFor(hasTestTag("invite-李*") and hasAnyDescendant(hasText("已发送")))
            picture("agents")
        }
        on(Around.phone()) {
            logIn("李娜")
            follow(link)
            waitFor("去人脸识别")
            picture("invite")
            press("去人脸识别")
            waitFor(hasTestTag("match-code"))
            passFace("李娜")
            waitFor(hasTestTag("consent"))
            picture("consent")
            press(hasText("同意认证"))
            waitFor("深圳市云山智造有限公司")
        }
    }

    @Test
    fun a_face_check_that_is_given_up_leads_back_to_the_login() =
        on(Around.phone()) {
            startFace()
            press("取消")
            waitFor("人脸识别登录")
            assertFalse(sees(hasTestTag("match-code")))
        }

    @Test
    fun what_was_open_is_there_after_the_app_was_closed() {
        val phone = Around.phone()
        on(phone) {
            startFace()
            miniProgram()
        }
        on(phone) {
            waitFor(hasTestTag("match-code"))
            passFace("张伟")
            waitFor("登录成功")
            choose("广州市天河区木棉便利店")
        }
        on(phone) {
            waitFor("广州市天河区木棉便利店")
            assertFalse(sees(hasText("同意并继续")))
            pressTag("tab-我的")
            waitFor("退出登录")
            picture("mine")
            press("退出登录")
            press("确认")
            waitFor("请登录")
        }
    }

    @Test
    fun without_a_network_the_app_opens_and_says_that_it_must_be_online() =
        on(Phone("https://localhost:1", Around.phone().rootPem)) {
            press("同意并继续")
            waitFor("需要联网")
            picture("offline")
            pressTag("hero-登录")
            waitFor("OFFLINE")
        }

    @Test
    fun a_link_of_nobody_opens_what_was_open() =
        on(Around.phone()) {
            press("同意并继续")
            follow("kapok://app/wx/return?h=00&r=00")
            waitFor(hasTestTag("hero"))
            pressTag("tab-我的")
            follow("kapok://invite/" + "ff".repeat(16))
            waitFor("INVITE_GONE")
        }

    @Test
    fun settings_change_the_language_and_the_size_at_once() =
        on(Around.phone()) {
            press("同意并继续")
            pressTag("tab-我的")
            pressTag("settings")
            picture("settings")
            val before = compose.onNodeWithTag("en").fetchSemanticsNode().size.height
            pressTag("elder")
            waitUntil { compose.onNodeWithTag("en").fetchSemanticsNode().size.height > before }
            pressTag("en")
            waitFor("Elder mode")
            assertTrue(app.preferences.elder.value)
            pressTag("zh-CN")
            waitFor("长辈模式")
        }
}
