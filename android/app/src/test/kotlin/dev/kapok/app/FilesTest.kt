package dev.kapok.app

import android.content.Intent
import android.net.Uri
import androidx.test.core.app.ApplicationProvider
import androidx.test.ext.junit.runners.AndroidJUnit4
import java.io.File
import java.net.URI
import javax.xml.parsers.DocumentBuilderFactory
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.w3c.dom.Element

/** What the files of the shell promise. */
@RunWith(AndroidJUnit4::class)
class FilesTest {
    private val sources = File(System.getProperty("android.sources"))
    private val app = ApplicationProvider.getApplicationContext<KapokApplication>()

    private fun strings(folder: String): Map<String, String> {
        val file = sources.resolve("app/src/main/res/$folder/strings.xml")
        val nodes = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file).getElementsByTagName("string")
        return (0 until nodes.length).map { nodes.item(it) as Element }.associate { it.getAttribute("name") to it.textContent }
    }

    @Test
    fun every_text_is_there_in_three_languages_with_the_same_places() {
        val all = listOf("values", "values-zh-rHK", "values-en").map(::strings)
        val places = Regex("%\\d\\$[sd]")
        for (other in all.drop(1)) {
            assertEquals(all[0].keys, other.keys)
            for ((name, text) in all[0]) {
                assertTrue(name, other.getValue(name).isNotBlank())
                assertEquals(name, places.findAll(text).map { it.value }.toSet(), places.findAll(other.getValue(name)).map { it.value }.toSet())
            }
        }
    }

    @Test
    fun links_open_the_app_and_other_hosts_do_not() {
        fun opens(link: String) =
            app.packageManager.resolveActivity(Intent(Intent.ACTION_VIEW, Uri.parse(link)).addCategory(Intent.CATEGORY_BROWSABLE), 0)?.activityInfo?.name
        assertEquals(MainActivity::class.java.name, opens("kapok://app/wx/return?h=1&r=2"))
        assertEquals(MainActivity::class.java.name, opens("kapok://invite/00"))
        val host = app.getString(R.string.link_host)
        assertEquals(URI(app.getString(R.string.platform_url)).host, host)
        for (link in listOf("https://$host/i/00", "https://$host:8443/i/00", "https://$host/#123")) assertEquals(MainActivity::class.java.name, opens(link))
        for (link in listOf("kapok://pay/1", "https://$host/v1/invites", "https://example.com/i/00", "http://$host/i/00")) assertNull(link, opens(link))
    }

    @Test
    fun nothing_is_backed_up_and_nothing_is_sent_in_the_clear() {
        val manifest = sources.resolve("app/src/main/AndroidManifest.xml").readText()
        for (promise in listOf("allowBackup=\"false\"", "fullBackupContent=\"false\"", "dataExtractionRules=", "usesCleartextTraffic=\"false\"")) {
            assertTrue(promise, promise in manifest)
        }
    }

    @Test
    fun only_the_wrapper_sees_the_objects_of_generated_code() {
        val objects = listOf("KapokApp", "Login", "Enterprises", "Agents", "Vault", "PinPad", "Certificates", "Seals", "Signing", "CancelToken")
        val importing = Regex("import dev\\.kapok\\.(${objects.joinToString("|")})$", RegexOption.MULTILINE)
        val seen = sources.resolve("app/src/main").walk().filter { it.extension == "kt" && importing.containsMatchIn(it.readText()) }
        assertEquals(emptyList<File>(), seen.toList())
    }

    @Test
    fun gradle_has_the_versions_of_the_lock_files() {
        val locked = listOf("app", "test", "tools").flatMap { sources.resolve("deps/$it.lock").readLines() }
        val line = Regex("^\\s*(?:implementation|testImplementation)\\(\"([^\"@]+)(?:@(aar))?\"\\)")
        val wanted = listOf("app", "kapok").flatMap { sources.resolve("$it/build.gradle.kts").readLines() }
            .mapNotNull { line.find(it)?.groupValues?.get(1) }
        assertTrue("Gradle names nothing", wanted.size > 5)
        for (one in wanted) assertTrue(one, locked.any { it.startsWith("$one:") })
    }

    @Test
    fun what_the_guide_shows_is_compiled() {
        fun lines(text: String) = text.lines().map { it.substringBefore("//").trim() }.filter { it.isNotEmpty() }
        val guide = sources.resolve("../docs/android.md").readText()
        val shown = Regex("```kotlin\n(.*?)```", RegexOption.DOT_MATCHES_ALL).findAll(guide).flatMap { lines(it.groupValues[1]) }.toList()
        assertTrue(shown.size > 20)
        assertEquals(emptyList<String>(), shown - lines(sources.resolve("app/src/test/kotlin/dev/kapok/app/Guide.kt").readText()).toSet())
    }
}
