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
import dev.kapok.client.Kapok
import dev.kapok.client.Pin

/** Which PIN is typed. */
enum class PinStep {
    OLD,
    NEW,
    AGAIN,
}

/** What a PIN screen shows: how many digits, never which. */
data class PinUi(val entered: Int = 0, val step: PinStep = PinStep.NEW, val error: KapokException.Failed? = null)

/** Errors that belong below the dots. */
internal fun KapokException.Failed.aboutPin() = code.startsWith("PIN_")

/** 设置PIN码: typed twice; 修改PIN码: after the PIN that holds. */
class PinSetModel(shell: Shell, private val changing: Boolean) : ScreenModel<PinUi>(shell, PinUi(step = if (changing) PinStep.OLD else PinStep.NEW)) {
    private val pins = PinStep.entries.associateWith { Pin() }
    private val pin get() = pins.getValue(ui.value.step)

    fun digit(digit: Int) {
        pin.push(digit)
        change { it.copy(entered = pin.length, error = null) }
        if (pin.length == Pin.LENGTH) act(::refused, ::full)
    }

    private suspend fun full(kapok: Kapok) {
        val (old, first, repeat) = PinStep.entries.map(pins::getValue)
        when (ui.value.step) {
            PinStep.OLD -> change { PinUi(step = PinStep.NEW) }

            PinStep.NEW -> {
                kapok.vault.check(first)
                change { PinUi(step = PinStep.AGAIN) }
            }

            PinStep.AGAIN -> {
                if (changing) kapok.vault.change(old, first, repeat) else kapok.vault.set(first, repeat)
                shell.close { it is Screen.PinSet || it is Screen.PinChange }
                shell.good(if (changing) R.string.pin_changed else R.string.pin_done)
            }
        }
    }

    fun backspace() {
        pin.backspace()
        change { it.copy(entered = pin.length) }
    }

    /** The library has emptied what it took: whether the PIN that holds must be typed again shows on its length. */
    private fun refused(error: KapokException.Failed): Boolean {
        val old = pins.getValue(PinStep.OLD)
        (pins - PinStep.OLD).values.forEach(Pin::clear)
        val step = if (changing && old.length < Pin.LENGTH) PinStep.OLD else PinStep.NEW
        change { PinUi(step = step, error = error.takeIf { it.aboutPin() }) }
        return error.aboutPin()
    }

    override fun onCleared() = pins.values.forEach(Pin::close)
}

@Composable
fun PinSetPage(open: Open, changing: Boolean, shell: Shell) {
    val model = open.model { PinSetModel(shell, changing) }
    val ui by model.ui.collectAsStateWithLifecycle()
    val hint = when (ui.step) {
        PinStep.OLD -> R.string.pin_old
        PinStep.NEW -> R.string.pin_new
        PinStep.AGAIN -> R.string.pin_repeat
    }
    Page(stringResource(if (changing) R.string.pin_change else R.string.pin_set), shell::back, bottom = { PinKeys(model::digit, model::backspace) }) {
        PinDots(ui.entered, stringResource(hint), ui.error?.let { errorText(it) })
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
