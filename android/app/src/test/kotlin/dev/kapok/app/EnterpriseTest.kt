package dev.kapok.app

import androidx.compose.ui.test.hasTestTag
import androidx.compose.ui.test.hasText
import androidx.compose.ui.test.junit4.v2.createEmptyComposeRule
import androidx.test.ext.junit.runners.AndroidJUnit4
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith

/** Agents and the enterprises that are not theirs, on a platform where nobody has logged in before. */
@RunWith(AndroidJUnit4::class)
class EnterpriseTest {
    @get:Rule val compose = createEmptyComposeRule()

    private fun Hands.typeIdentity() {
        goToLogin()
        press("先填写身份信息")
        write("name", "李娜")
        write("number", "440305199208274628")
        press("人脸识别登录")
        waitFor("校验位不正确")
        write("number", "440305199208274627")
        picture("identity")
        press("人脸识别登录")
        passFace("李娜")
        waitFor("登录成功")
    }

    private fun Hands.find() {
        pressTag("find")
        write("query", "佛")
        press("查找")
        waitFor("内容过短")
        write("query", "佛山市")
        press("查找")
        waitFor(BUILDERS)
        picture("find")
        press("选择该企业")
        waitFor("已选择办事企业")
    }

    /** Gives the link that goes to the legal representative. */
    private fun Hands.askAuthentication(): String {
        waitFor(hasTestTag("authenticate"))
        picture("home-unauthenticated")
        pressTag("authenticate")
        waitFor(BUILDERS)
        picture("authentication")
        press("分享给法定代表人认证")
        waitFor(hasTestTag("link"))
        return textOf("link").also { press("已发送") }
    }

    private fun Hands.agree(link: String) {
        follow(link)
        waitFor("申请认证&授权")
        press("去人脸识别")
        waitFor(hasTestTag("match-code"))
        passFace("陈强")
        press(hasText("同意认证"))
        waitFor("已同意，企业已加入列表")
    }

    @Test
    fun yst_005_yst_024_to_031_an_agent_finds_an_enterprise_and_has_it_authenticated() =
        Around.another().use { own ->
            val agent = own.place.phone()
            var link = ""
            onPhone(compose, agent, own.place) {
                typeIdentity()
                find()
                link = askAuthentication()
            }
            onPhone(compose, own.place.phone(), own.place) {
                logIn("陈强")
                agree(link)
            }
            onPhone(compose, agent, own.place) {
                pressTag("hero-切换企业")
                waitFor("已认证")
                press(hasText(BUILDERS, substring = true))
                waitFor("已选择办事企业")
                check(!sees(hasTestTag("authenticate")))
            }
        }

    @Test
    fun yst_032_yst_033_yst_034_an_agent_asks_to_link_and_the_applicant_agrees() =
        Around.another().use { own ->
            val agent = own.place.phone()
            onPhone(compose, agent, own.place) {
                logIn("张伟")
                pressTag("link")
                write("name", CLOUDS)
                write("login", "yunshan")
                picture("link")
                write("name", BUILDERS)
                press("申请关联")
                waitFor("LINK_NEEDS_AUTHENTICATED")
                write("name", CLOUDS)
                press("申请关联")
                waitFor("已申请关联")
            }
            onPhone(compose, own.place.phone(), own.place) {
                goToLogin()
                write("login-name", "yunshan")
                write("password", "Yunshan#2026")
                press(hasText("登录"))
                waitFor(CLOUDS)
                pressBack()
                pressTag("tab-我的")
                pressTag("links")
                waitFor("张*")
                picture("links")
                press("同意")
                waitFor("没有等待答复的申请")
            }
            onPhone(compose, agent, own.place) {
                pressTag("hero-选择办事企业")
                waitFor(hasTestTag(CLOUDS) and hasText("经办人", substring = true))
            }
        }

    private companion object {
        const val BUILDERS = "佛山市南海（粤强）建材有限公司"
        const val CLOUDS = "深圳市云山智造有限公司"
    }
}
