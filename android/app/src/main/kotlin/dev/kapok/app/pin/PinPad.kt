package dev.kapok.app.pin

import androidx.compose.foundation.background
import androidx.compose.foundation.border
import androidx.compose.foundation.clickable
import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.heightIn
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.size
import androidx.compose.foundation.shape.CircleShape
import androidx.compose.material3.Icon
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.material3.TextButton
import androidx.compose.runtime.Composable
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.draw.clip
import androidx.compose.ui.graphics.Color
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.res.stringResource
import androidx.compose.ui.semantics.LiveRegionMode
import androidx.compose.ui.semantics.Role
import androidx.compose.ui.semantics.contentDescription
import androidx.compose.ui.semantics.liveRegion
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.text.style.TextAlign
import androidx.compose.ui.unit.dp
import dev.kapok.NextStep
import dev.kapok.app.R
import dev.kapok.app.clock
import dev.kapok.app.errorText
import dev.kapok.app.theme.Icons
import dev.kapok.app.theme.LocalElder
import dev.kapok.app.theme.secondsTo
import dev.kapok.app.theme.target
import dev.kapok.client.Pin

/**
 * One dot for each digit, what to do, and why the last PIN was not taken. A screen reader says how many digits, never which. [onForgot] leads to
 * the reset by face, where tries are running out.
 */
@Composable
fun PinDots(entered: Int, hint: String, refusal: PinRefusal? = null, onForgot: (() -> Unit)? = null) {
    Column(Modifier.fillMaxWidth().padding(top = 12.dp), Arrangement.spacedBy(14.dp), Alignment.CenterHorizontally) {
        Text(hint, textAlign = TextAlign.Center, style = MaterialTheme.typography.bodyLarge)
        Dots(entered)
        refusal?.let { Refused(it) }
        if (onForgot != null && refusal?.forgotten == true) {
            TextButton(onForgot, Modifier.heightIn(min = target).testTag("forgot")) {
                val blocked = refusal.error.nextStep == NextStep.FACE_CHECK
                Text(stringResource(if (blocked) R.string.pin_reset else R.string.pin_forgot), style = MaterialTheme.typography.labelLarge)
            }
        }
    }
}

@Composable
private fun Refused(refusal: PinRefusal) {
    Text(
        errorText(refusal.error, waiting = false),
        Modifier.testTag("pin-error").semantics { liveRegion = LiveRegionMode.Assertive },
        MaterialTheme.colorScheme.error,
        textAlign = TextAlign.Center,
        style = MaterialTheme.typography.bodyMedium,
    )
    if (refusal.untilMs > 0) Wait(secondsTo(refusal.untilMs))
}

/** How long until the next try, and that it may come once the time is over. */
@Composable
fun Wait(left: Long) {
    val text = if (left > 0) stringResource(R.string.wait, clock(left)) else stringResource(R.string.wait_over)
    Text(text, Modifier.testTag("wait"), textAlign = TextAlign.Center, style = MaterialTheme.typography.titleMedium)
}

@Composable
private fun Dots(entered: Int) {
    val said = stringResource(R.string.pin_entered, entered)
    val colors = MaterialTheme.colorScheme
    Row(
        Modifier.testTag("dots").semantics {
            contentDescription = said
            liveRegion = LiveRegionMode.Polite
        },
        Arrangement.spacedBy(14.dp),
    ) {
        repeat(Pin.LENGTH) {
            val ink = if (it < entered) colors.primary else colors.outline
            val ground = if (it < entered) colors.primary else Color.Transparent
            Box(Modifier.size(18.dp).background(ground, CircleShape).border(2.dp, ink, CircleShape))
        }
    }
}

/** A digit goes straight to the library. */
@Composable
fun PinKeys(onDigit: (Int) -> Unit, onBackspace: () -> Unit) {
    Column(Modifier.fillMaxWidth(), Arrangement.spacedBy(12.dp), Alignment.CenterHorizontally) {
        for (row in listOf(1..3, 4..6, 7..9)) Row(horizontalArrangement = Arrangement.spacedBy(28.dp)) { row.forEach { Digit(it, onDigit) } }
        Row(horizontalArrangement = Arrangement.spacedBy(28.dp)) {
            Box(Modifier.size(keySize))
            Digit(0, onDigit)
            Box(Modifier.size(keySize).clip(CircleShape).clickable(role = Role.Button, onClick = onBackspace).testTag("backspace"), Alignment.Center) {
                Icon(Icons.Backspace, stringResource(R.string.backspace), Modifier.size(28.dp), MaterialTheme.colorScheme.onSurfaceVariant)
            }
        }
    }
}

private val keySize
    @Composable get() = if (LocalElder.current) 78.dp else 68.dp

@Composable
private fun Digit(digit: Int, onDigit: (Int) -> Unit) {
    Box(
        Modifier.size(keySize).clip(CircleShape).background(MaterialTheme.colorScheme.surfaceVariant)
            .clickable(role = Role.Button) { onDigit(digit) }.testTag("key-$digit"),
        Alignment.Center,
    ) {
        Text(digit.toString(), style = MaterialTheme.typography.headlineMedium)
    }
}
