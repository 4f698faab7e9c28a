package dev.kapok.app.pin

import androidx.annotation.StringRes
import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.ui.res.stringResource
import androidx.lifecycle.compose.collectAsStateWithLifecycle
import dev.kapok.CertificateView
import dev.kapok.KapokException
import dev.kapok.app.R
import dev.kapok.app.shell.Open
import dev.kapok.app.shell.Screen
import dev.kapok.app.shell.ScreenModel
import dev.kapok.app.shell.Shell
import dev.kapok.app.shell.model
import dev.kapok.app.theme.Page
import dev.kapok.app.word
import dev.kapok.client.Kapok
import dev.kapok.client.Pin

/** 输入PIN码: [use] takes it to the library, which empties it. */
class PinEntryModel(shell: Shell, private val use: suspend (Kapok, Pin) -> Unit) : ScreenModel<PinUi>(shell, PinUi()) {
    private val pin = Pin()

    fun digit(digit: Int) {
        pin.push(digit)
        change { PinUi(pin.length) }
        if (pin.length == Pin.LENGTH) {
            act(::refused) { kapok ->
                use(kapok, pin)
                change { PinUi() }
            }
        }
    }

    fun backspace() {
        pin.backspace()
        change { PinUi(pin.length) }
    }

    private fun refused(error: KapokException.Failed): Boolean {
        pin.clear()
        val refusal = error.aboutPin()
        change { PinUi(refusal = refusal) }
        return refusal != null
    }

    override fun onCleared() = pin.close()
}

/** The page of one PIN, with what it is for. */
@Composable
internal fun PinEntryPage(@StringRes title: Int, hint: String, model: PinEntryModel, shell: Shell) {
    val ui by model.ui.collectAsStateWithLifecycle()
    Page(stringResource(title), shell::back, bottom = { PinKeys(model::digit, model::backspace) }) {
        PinDots(ui.entered, hint, ui.refusal) { shell.open(Screen.PinSet(PinBy.FACE)) }
    }
}

/** 输入PIN码 to install a certificate. */
@Composable
fun PinInstallPage(open: Open, certificate: CertificateView, shell: Shell) {
    val model = open.model {
        PinEntryModel(shell) { kapok, pin ->
            val installed = kapok.certificates.install(certificate.enterpriseId, certificate.kind, pin)
            shell.close { it is Screen.PinEnter || it is Screen.Certificate }
            shell.open(Screen.Certificate(installed))
            shell.good(R.string.certificate_done)
        }
    }
    PinEntryPage(R.string.pin_enter, stringResource(R.string.pin_for_install, stringResource(certificate.kind.word)), model, shell)
}

/** 解除挂失 on a phone that was reported lost: its owner has it. */
@Composable
fun PinObjectPage(open: Open, shell: Shell) {
    val model = open.model {
        PinEntryModel(shell) { kapok, pin ->
            kapok.vault.objectToLoss(pin)
            shell.close { it is Screen.PinObject }
            shell.good(R.string.phone_is_back)
        }
    }
    PinEntryPage(R.string.phone_object, stringResource(R.string.phone_object_hint), model, shell)
}
