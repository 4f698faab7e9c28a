package dev.kapok.app.pin

import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.ui.res.stringResource
import androidx.lifecycle.compose.collectAsStateWithLifecycle
import dev.kapok.KapokException
import dev.kapok.NextStep
import dev.kapok.app.R
import dev.kapok.app.shell.Open
import dev.kapok.app.shell.Screen
import dev.kapok.app.shell.ScreenModel
import dev.kapok.app.shell.Shell
import dev.kapok.app.shell.model
import dev.kapok.app.theme.Page
import dev.kapok.client.Kapok
import dev.kapok.client.Pin

/** What allows a new PIN. */
enum class PinBy {
    /** There is none yet. */
    FIRST,

    /** The one that holds: 修改PIN码. */
    OLD,

    /** A face check that follows. */
    FACE,

    /** A face check that has passed; what was typed before it is gone with the process. */
    PASSED_FACE,
}

/** Which PIN is typed. */
enum class PinStep {
    OLD,
    NEW,
    AGAIN,
}

/** What a PIN screen shows: how many digits, never which. */
data class PinUi(val entered: Int = 0, val step: PinStep = PinStep.NEW, val refusal: PinRefusal? = null)

/** A PIN that was not taken: why, and until when the library takes none, by the phone's clock. */
data class PinRefusal(val error: KapokException.Failed, val untilMs: Long = error.untilMs()) {
    /** The person may have forgotten it. */
    val forgotten get() = untilMs > 0 || error.nextStep == NextStep.FACE_CHECK
}

private const val SECOND_MS = 1000

/** Seconds from now as a time of the phone's clock; 0 for none. */
internal fun untilMs(seconds: UInt): Long = if (seconds == 0u) 0 else System.currentTimeMillis() + seconds.toLong() * SECOND_MS

private fun KapokException.Failed.untilMs() = untilMs(waitSeconds ?: 0u)

/** What stands below the dots, where the error is about the PIN. */
internal fun KapokException.Failed.aboutPin(): PinRefusal? = if (code.startsWith("PIN_")) PinRefusal(this) else null

/** 设置PIN码: typed twice; 修改PIN码: after the PIN that holds; 忘记PIN码: before the face check, or after it. */
class PinSetModel(shell: Shell, private val by: PinBy) : ScreenModel<PinUi>(shell, PinUi(step = if (by == PinBy.OLD) PinStep.OLD else PinStep.NEW)) {
    private val pins = PinStep.entries.associateWith { Pin() }
    private val pin get() = pins.getValue(ui.value.step)

    fun digit(digit: Int) {
        pin.push(digit)
        change { it.copy(entered = pin.length, refusal = null) }
        if (pin.length == Pin.LENGTH) act(::refused, ::full)
    }

    private suspend fun full(kapok: Kapok) {
        when (ui.value.step) {
            PinStep.OLD -> change { PinUi(step = PinStep.NEW) }

            PinStep.NEW -> {
                kapok.vault.check(pins.getValue(PinStep.NEW))
                change { PinUi(step = PinStep.AGAIN) }
            }

            PinStep.AGAIN -> {
                set(kapok)
                shell.close { it is Screen.PinSet }
                done()
            }
        }
    }

    private suspend fun set(kapok: Kapok) {
        val (old, first, repeat) = PinStep.entries.map(pins::getValue)
        when (by) {
            PinBy.FIRST -> kapok.vault.set(first, repeat)
            PinBy.OLD -> kapok.vault.change(old, first, repeat)
            PinBy.FACE -> kapok.vault.startReset(first, repeat)
            PinBy.PASSED_FACE -> kapok.vault.finishResetWith(first, repeat)
        }
    }

    private fun done() =
        when (by) {
            PinBy.FIRST -> shell.good(R.string.pin_done)
            PinBy.OLD -> shell.good(R.string.pin_changed)
            PinBy.FACE -> shell.open(Screen.Face)
            PinBy.PASSED_FACE -> shell.open(Screen.PinIsReset)
        }

    fun backspace() {
        pin.backspace()
        change { it.copy(entered = pin.length) }
    }

    /** The library has emptied what it took: whether the PIN that holds must be typed again shows on its length. */
    private fun refused(error: KapokException.Failed): Boolean {
        val old = pins.getValue(PinStep.OLD)
        (pins - PinStep.OLD).values.forEach(Pin::clear)
        val step = if (by == PinBy.OLD && old.length < Pin.LENGTH) PinStep.OLD else PinStep.NEW
        val refusal = error.aboutPin()
        change { PinUi(step = step, refusal = refusal) }
        return refusal != null
    }

    override fun onCleared() = pins.values.forEach(Pin::close)
}

@Composable
fun PinSetPage(open: Open, by: PinBy, shell: Shell) {
    val model = open.model { PinSetModel(shell, by) }
    val ui by model.ui.collectAsStateWithLifecycle()
    Page(stringResource(by.title), shell::back, bottom = { PinKeys(model::digit, model::backspace) }) {
        PinDots(ui.entered, stringResource(hint(by, ui.step)), ui.refusal) { shell.open(Screen.PinSet(PinBy.FACE)) }
    }
}

private val PinBy.title
    get() = when (this) {
        PinBy.FIRST -> R.string.pin_set
        PinBy.OLD -> R.string.pin_change
        PinBy.FACE, PinBy.PASSED_FACE -> R.string.pin_reset
    }

private fun hint(by: PinBy, step: PinStep) =
    when (step) {
        PinStep.OLD -> R.string.pin_old

        PinStep.NEW -> when (by) {
            PinBy.FACE -> R.string.pin_reset_new
            PinBy.PASSED_FACE -> R.string.pin_reset_again
            else -> R.string.pin_new
        }

        PinStep.AGAIN -> R.string.pin_repeat
    }
