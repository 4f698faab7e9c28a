package dev.kapok.app

import androidx.compose.ui.test.hasTestTag
import androidx.compose.ui.test.hasText
import com.sun.jna.NativeLibrary
import dev.kapok.CertificateKind
import dev.kapok.SealKind
import dev.kapok.ShellRequest
import dev.kapok.client.Kapok
import dev.kapok.client.Pin
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readLines
import kotlin.io.path.readSymbolicLink
import kotlinx.coroutines.flow.filterIsInstance
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue

/** 扫一扫 up to the question which address the browser shows. */
fun Hands.scan(pc: Pc) {
    show(pc.code)
    waitFor("核对网址")
}

/** From the scan to the PIN. */
fun Hands.connect(pc: Pc) {
    scan(pc)
    picture("site-check")
    site(pc)
}

/** Which address the browser shows. */
fun Hands.site(pc: Pc) {
    press(pc.platform.http)
    waitFor("请输入PIN码，验证签名")
}

/** From the hand-over to the signature, with this PIN. */
fun Hands.signWith(pin: String, pc: Pc) {
    type(pin)
    reviewed()
    sign()
    assertEquals("signed 1", pc.end())
    press("完成")
}

/** Software that is not ours accepts what was signed, and refuses it once a bit of it is changed. */
fun judge(pdf: Path, platform: Platform = Around) {
    val says = Pdfsig.says(pdf, platform)
    for (wanted in listOf("Signature is Valid.", "Certificate is Trusted.", "Total document signed")) assertTrue(says, wanted in says)
    val bytes = Files.readAllBytes(pdf)
    // In the comment that follows the header: any reader opens it as before.
    bytes[11] = (bytes[11].toInt() xor 1).toByte()
    val changed = Pdfsig.says(Files.write(Files.createTempFile("changed", ".pdf"), bytes), platform)
    assertTrue(changed, "Signature is Valid." !in changed && "Signature Validation" in changed)
}

/** A wrong PIN, then the right one. */
fun Hands.proveThePin() {
    picture("approve")
    type(WRONG)
    waitFor("PIN_WRONG")
    type(PIN)
    waitFor(hasText("同意交出"))
    assertTrue(textOf("lease"), Regex(".* [0-5]:[0-5][0-9]").matches(textOf("lease")))
    picture("hand-over")
}

/** From the hand-over to the document as it is drawn. */
fun Hands.reviewed() {
    press("同意交出")
    waitFor("采购合同.pdf")
    waitFor(hasTestTag("page"))
    picture("documents")
}

/** Signs what is shown; the page at the PC closes after it. */
fun Hands.sign() {
    pressTag("sign")
    waitFor(hasTestTag("closed"))
    waitFor("已签署 1 份")
    picture("result")
}

/** A phone that can sign, made through the library without its screens. */
fun signer(platform: Platform, phone: Phone = platform.phone()): Phone {
    runBlocking { Kapok.open(phone.settings("zh-CN"), phone.ports()).use { it.prepare(platform) } }
    return phone
}

private suspend fun Kapok.prepare(platform: Platform) {
    agreePrivacy(privacy().version)
    login.startFace()
    val request = requests.filterIsInstance<ShellRequest.OpenMiniProgram>().first()
    login.returned(Around.answer("face", platform.http, request.path, "陈强"))
    val enterprise = enterprises.list().first().enterpriseId
    enterprises.select(enterprise)
    vault.set(pin(), pin())
    certificates.install(enterprise, CertificateKind.ORGANISATION, pin())
    seals.generate(seals.preview(enterprise, SealKind.ORGANISATION).previewId)
}

private fun pin() = Pin().apply { PIN.forEach { push(it.digitToInt()) } }

/** The network changes: every connection to a port of this machine breaks, and new ones can be made. */
fun breakConnections(port: Int) {
    val closed = NativeLibrary.getInstance("c").getFunction("shutdown")
    val open = sockets(port)
    check(open.isNotEmpty()) { "nothing is connected to $port" }
    for (socket in open) closed.invokeInt(arrayOf(socket, 2))
}

/** This process's sockets that are connected to a port, as proc(5) shows them. */
private fun sockets(port: Int): List<Int> {
    val remote = ":%04X".format(port)
    val columns = Path.of("/proc/self/net/tcp").readLines().map { it.trim().split(Regex(" +")) }
    val inodes = columns.filter { it[2].endsWith(remote) }.map { "socket:[${it[9]}]" }.toSet()
    return Path.of("/proc/self/fd").listDirectoryEntries().filter { "${runCatching { it.readSymbolicLink() }.getOrNull()}" in inodes }.map { it.name.toInt() }
}
