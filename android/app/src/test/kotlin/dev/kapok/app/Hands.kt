package dev.kapok.app

import android.content.Intent
import android.graphics.Bitmap
import android.graphics.Canvas
import android.net.Uri
import androidx.compose.ui.semantics.SemanticsProperties
import androidx.compose.ui.test.SemanticsMatcher
import androidx.compose.ui.test.hasClickAction
import androidx.compose.ui.test.hasContentDescription
import androidx.compose.ui.test.hasTestTag
import androidx.compose.ui.test.hasText
import androidx.compose.ui.test.isEnabled
import androidx.compose.ui.test.junit4.ComposeTestRule
import androidx.compose.ui.test.performClick
import androidx.compose.ui.test.performScrollTo
import androidx.compose.ui.test.performTextReplacement
import androidx.lifecycle.Lifecycle
import androidx.test.core.app.ActivityScenario
import androidx.test.core.app.ApplicationProvider
import androidx.test.platform.app.InstrumentationRegistry
import java.io.File
import java.nio.ByteBuffer
import java.nio.file.Path
import javax.imageio.ImageIO
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf

private const val PATIENCE_MS = 30_000L

/** The PIN of every phone here, one that is not, and the one that comes after it. */
const val PIN = "839061"
const val WRONG = "839062"
const val ANOTHER = "527418"

/** What a person does with the phone, through what is on the screen only; every wait has a condition. */
class Hands(private val compose: ComposeTestRule, private val scenario: ActivityScenario<MainActivity>, private val platform: Platform) {
    val app: TestApplication = ApplicationProvider.getApplicationContext()

    fun sees(matcher: SemanticsMatcher) = compose.onAllNodes(matcher).fetchSemanticsNodes().isNotEmpty()

    fun waitFor(matcher: SemanticsMatcher) {
        val seen = runCatching { compose.waitUntil(PATIENCE_MS) { sees(matcher) } }
        seen.onFailure { throw AssertionError("not seen: ${matcher.description}\n${texts().joinToString("\n")}", it) }
    }

    fun waitFor(text: String) = waitFor(hasText(text, substring = true))

    fun press(matcher: SemanticsMatcher) {
        val button = matcher and hasClickAction() and isEnabled()
        waitFor(button)
        compose.waitUntil(PATIENCE_MS) { !sees(hasTestTag("busy")) || sees(hasTestTag("match-code")) }
        val node = compose.onNode(button)
        // What is always at hand below a page does not scroll.
        runCatching { node.performScrollTo() }
        node.performClick()
    }

    fun press(text: String, inPart: Boolean = false) = press(hasText(text, substring = inPart))

    fun pressTag(tag: String) = press(hasTestTag(tag))

    fun pressBack() = press(hasContentDescription("返回"))

    fun write(tag: String, text: String) {
        waitFor(hasTestTag(tag))
        compose.onNode(hasTestTag(tag)).run {
            performScrollTo()
            performTextReplacement(text)
        }
    }

    fun textOf(tag: String): String = compose.onNode(hasTestTag(tag)).fetchSemanticsNode().config[SemanticsProperties.Text].joinToString { it.text }

    fun waitUntil(condition: () -> Boolean) = compose.waitUntil(PATIENCE_MS, condition)

    fun type(pin: String) = pin.forEach { pressTag("key-$it") }

    /** From the first start to the ways to log in. */
    fun goToLogin() {
        waitFor("同意并继续")
        picture("privacy")
        press("同意并继续")
        pressTag("hero-登录")
        waitFor("人脸识别登录")
    }

    /** From the first start to an open face check. */
    fun startFace() {
        goToLogin()
        picture("login")
        press("人脸识别登录")
        waitFor(hasTestTag("match-code"))
        picture("face")
    }

    /** From the first start to the list of enterprises. */
    fun logIn(person: String) {
        startFace()
        passFace(person)
        waitFor("登录成功")
    }

    /** The face check in the mini program, and back by its button. */
    fun passFace(person: String) = follow(Around.answer("face", platform.http, miniProgram(), person))

    /** 选择办事企业. */
    fun choose(name: String) {
        waitFor(name)
        picture("enterprises")
        press(hasText(name, substring = true))
        waitFor("已选择办事企业")
        waitFor(hasTestTag("hero") and hasText(name))
    }

    /** WeChat opens the app by a link. */
    fun follow(link: String) {
        val intent = Intent(Intent.ACTION_VIEW, Uri.parse(link)).addCategory(Intent.CATEGORY_BROWSABLE)
        scenario.onActivity { InstrumentationRegistry.getInstrumentation().callActivityOnNewIntent(it, intent) }
    }

    /** The path of the mini program that the app has asked WeChat to open. */
    fun miniProgram(): String {
        var path: String? = null
        compose.waitUntil(PATIENCE_MS) {
            compose.waitForIdle()
            path = path ?: shadowOf(app).nextStartedActivity?.data?.takeIf { it.scheme == "weixin" }?.getQueryParameter("path")
            path != null
        }
        return checkNotNull(path)
    }

    /** Holds a picture in front of the camera. */
    fun show(file: Path) {
        val picture = ImageIO.read(file.toFile())
        val side = picture.width
        val luma = ByteBuffer.allocateDirect(side * side)
        for (y in 0 until side) for (x in 0 until side) luma.put((picture.getRGB(x, y) and 0xff).toByte())
        luma.rewind()
        compose.waitUntil(PATIENCE_MS) { !sees(hasTestTag("busy")) && app.finder.show(luma.duplicate(), side) }
    }

    /** Pictures of what is shown: by day, in elder mode, by night and in English. */
    fun picture(name: String) {
        if (!pictured.add(name)) return
        compose.waitUntil(PATIENCE_MS) { !sees(hasTestTag("busy")) || sees(hasTestTag("match-code")) }
        draw(name)
        val language = app.preferences.language
        app.preferences.setElder(true)
        draw("$name-elder")
        app.preferences.setElder(false)
        RuntimeEnvironment.setQualifiers("+night")
        scenario.recreate()
        draw("$name-dark")
        RuntimeEnvironment.setQualifiers("+notnight")
        app.preferences.setLanguage(Language.EN)
        scenario.recreate()
        draw("$name-en")
        app.preferences.setLanguage(language)
        scenario.recreate()
        compose.waitForIdle()
    }

    /** What is on the screen in every language, by the language. */
    fun inEveryLanguage(look: Hands.(Language) -> Unit) {
        val language = app.preferences.language
        for (one in Language.entries) {
            app.preferences.setLanguage(one)
            scenario.recreate()
            look(one)
        }
        app.preferences.setLanguage(language)
        scenario.recreate()
    }

    private fun draw(name: String) {
        compose.waitForIdle()
        scenario.onActivity {
            val view = it.window.decorView
            val bitmap = Bitmap.createBitmap(view.width, view.height, Bitmap.Config.ARGB_8888)
            view.draw(Canvas(bitmap))
            File(System.getProperty("pictures"), "$name.png").outputStream().use { out -> bitmap.compress(Bitmap.CompressFormat.PNG, 100, out) }
        }
    }

    /** All texts on the screen; what belongs together is in one. */
    fun texts(): List<String> =
        compose.onAllNodes(SemanticsMatcher("all") { SemanticsProperties.Text in it.config }).fetchSemanticsNodes()
            .map { node -> node.config[SemanticsProperties.Text].joinToString() }
}

private val pictured = mutableSetOf<String>()

/** Opens the app on a phone, and ends its process afterwards. */
fun onPhone(compose: ComposeTestRule, phone: Phone, platform: Platform = Around, use: Hands.(ActivityScenario<MainActivity>) -> Unit) {
    TestApplication.phone = phone
    ActivityScenario.launch(MainActivity::class.java).use { scenario ->
        val hands = Hands(compose, scenario, platform)
        hands.use(scenario)
        scenario.moveToState(Lifecycle.State.DESTROYED)
        hands.app.end()
    }
}
