package dev.kapok.app.session

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.size
import androidx.compose.material3.Icon
import androidx.compose.material3.MaterialTheme
import androidx.compose.runtime.Composable
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.res.stringResource
import androidx.compose.ui.unit.dp
import dev.kapok.app.R
import dev.kapok.app.clock
import dev.kapok.app.theme.Icons
import dev.kapok.app.theme.Note
import dev.kapok.app.theme.secondsTo

/** How long the PIN still holds, nothing without a lease. The end is by the guard's clock; afterwards the session asks for the PIN again. */
@Composable
internal fun Lease(endsMs: ULong) {
    if (endsMs == 0uL) return
    val left = secondsTo(endsMs.toLong())
    Row(horizontalArrangement = Arrangement.spacedBy(8.dp), verticalAlignment = Alignment.CenterVertically) {
        Icon(Icons.Lock, null, Modifier.size(18.dp), MaterialTheme.colorScheme.onSurfaceVariant)
        Note(stringResource(R.string.lease_left, clock(left)), Modifier.testTag("lease"))
    }
}
