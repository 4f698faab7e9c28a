package dev.kapok.app.pin

import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.ui.res.stringResource
import androidx.lifecycle.compose.collectAsStateWithLifecycle
import dev.kapok.CertificateView
import dev.kapok.KapokException
import dev.kapok.app.R
import dev.kapok.app.errorText
import dev.kapok.app.shell.Open
import dev.kapok.app.shell.Screen
import dev.kapok.app.shell.ScreenModel
import dev.kapok.app.shell.Shell
import dev.kapok.app.shell.model
import dev.kapok.app.theme.Page
import dev.kapok.app.word
import dev.kapok.client.Pin

/** What a PIN screen shows: how many digits, never which. */
data class PinUi(val entered: Int = 0, val again: Boolean = false, val error: KapokException.Failed? = null)

/** Errors that belong below the dots. */
internal fun KapokException.Failed.aboutPin() = code.startsWith("PIN_")

/** 设置PIN码: typed twice. */
class PinSetModel(shell: Shell) : ScreenModel<PinUi>(shell, PinUi()) {
    private val first = Pin()
    private val repeat = Pin()

    fun digit(digit: Int) {
        val pin = if (ui.value.again) repeat else first
        pin.push(digit)
        change { it.copy(entered = pin.length, error = null) }
        if (pin.length == Pin.LENGTH) {
            act(::refused) { kapok ->
                if (ui.value.again) {
                    kapok.vault.set(first, repeat)
                    shell.close { it is Screen.PinSet }
                    shell.good(R.string.pin_done)
                } else {
                    kapok.vault.check(first)
                    change { PinUi(again = true) }
                }
            }
        }
    }

    fun backspace() {
        val pin = if (ui.value.again) repeat else first
        pin.backspace()
        change { it.copy(entered = pin.length) }
    }

    private fun refused(error: KapokException.Failed): Boolean {
        first.clear()
        repeat.clear()
        change { PinUi(error = error.takeIf { it.aboutPin() }) }
        return error.aboutPin()
    }

    override fun onCleared() {
        first.close()
        repeat.close()
    }
}

@Composable
fun PinSetPage(open: Open, shell: Shell) {
    val model = open.model { PinSetModel(shell) }
    val ui by model.ui.collectAsStateWithLifecycle()
    Page(stringResource(R.string.pin_set), shell::back, bottom = { PinKeys(model::digit, model::backspace) }) {
        PinDots(ui.entered, stringResource(if (ui.again) R.string.pin_repeat else R.string.pin_new), ui.error?.let { errorText(it) })
    }
}

/** 输入PIN码 to install a certificate. */
class PinEnterModel(shell: Shell, private val certificate: CertificateView) : ScreenModel<PinUi>(shell, PinUi()) {
    private val pin = Pin()

    fun digit(digit: Int) {
        pin.push(digit)
        change { PinUi(pin.length) }
        if (pin.length == Pin.LENGTH) {
            act(::refused) { kapok ->
                val installed = kapok.certificates.install(certificate.enterpriseId, certificate.kind, pin)
                shell.close { it is Screen.PinEnter || it is Screen.Certificate }
                shell.open(Screen.Certificate(installed))
                shell.good(R.string.certificate_done)
            }
        }
    }

    fun backspace() {
        pin.backspace()
        change { PinUi(pin.length) }
    }

    private fun refused(error: KapokException.Failed): Boolean {
        pin.clear()
        change { PinUi(error = error.takeIf { it.aboutPin() }) }
        return error.aboutPin()
    }

    override fun onCleared() = pin.close()
}

@Composable
fun PinEnterPage(open: Open, certificate: CertificateView, shell: Shell) {
    val model = open.model { PinEnterModel(shell, certificate) }
    val ui by model.ui.collectAsStateWithLifecycle()
    Page(stringResource(R.string.pin_enter), shell::back, bottom = { PinKeys(model::digit, model::backspace) }) {
        PinDots(ui.entered, stringResource(R.string.pin_for_install, stringResource(certificate.kind.word)), ui.error?.let { errorText(it) })
    }
}
