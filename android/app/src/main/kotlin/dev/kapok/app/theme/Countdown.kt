package dev.kapok.app.theme

import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.runtime.produceState
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.delay

private const val SECOND_MS = 1000

/** Seconds that are left to a time of the phone's clock, counted down while they are shown; none afterwards. */
@Composable
fun secondsTo(timeMs: Long): Long {
    val left by produceState(left(timeMs), timeMs) {
        value = left(timeMs)
        while (value > 0) {
            delay(1.seconds)
            value = left(timeMs)
        }
    }
    return left
}

/** The last second counts until it is over. */
private fun left(timeMs: Long) = ((timeMs - System.currentTimeMillis() + SECOND_MS - 1) / SECOND_MS).coerceAtLeast(0)
