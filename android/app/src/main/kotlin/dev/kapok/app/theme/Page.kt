package dev.kapok.app.theme

import androidx.compose.foundation.background
import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ColumnScope
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.heightIn
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.size
import androidx.compose.foundation.rememberScrollState
import androidx.compose.foundation.verticalScroll
import androidx.compose.material3.Icon
import androidx.compose.material3.IconButton
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.res.stringResource
import androidx.compose.ui.semantics.heading
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.unit.dp
import dev.kapok.app.R

/** A page: its title, what scrolls, and what is always at hand below it. */
@Composable
fun Page(title: String, onBack: (() -> Unit)?, bottom: @Composable ColumnScope.() -> Unit = {}, content: @Composable ColumnScope.() -> Unit) {
    Column(Modifier.fillMaxSize()) {
        Row(Modifier.fillMaxWidth().heightIn(min = 60.dp).padding(horizontal = 8.dp), verticalAlignment = Alignment.CenterVertically) {
            if (onBack != null) {
                IconButton(onBack, Modifier.size(target)) { Icon(Icons.Back, stringResource(R.string.back)) }
            }
            Text(title, Modifier.padding(horizontal = 12.dp, vertical = 8.dp).semantics { heading() }, style = MaterialTheme.typography.titleLarge)
        }
        Column(
            Modifier.weight(1f).fillMaxWidth().verticalScroll(rememberScrollState()).padding(horizontal = 20.dp, vertical = 8.dp),
            Arrangement.spacedBy(12.dp),
            content = content,
        )
        Column(Modifier.fillMaxWidth().padding(horizontal = 20.dp, vertical = 12.dp), Arrangement.spacedBy(10.dp), content = bottom)
    }
}

/** A line across the top that tells how the last act ended. */
@Composable
fun Banner(text: String, good: Boolean, modifier: Modifier = Modifier) {
    val colors = MaterialTheme.colorScheme
    val ink = if (good) colors.onTertiaryContainer else colors.onErrorContainer
    Row(
        modifier.fillMaxWidth().padding(horizontal = 20.dp, vertical = 6.dp)
            .background(if (good) colors.tertiaryContainer else colors.errorContainer, MaterialTheme.shapes.small).padding(14.dp),
        Arrangement.spacedBy(10.dp),
        Alignment.CenterVertically,
    ) {
        Icon(if (good) Icons.Done else Icons.Warning, null, Modifier.size(20.dp), ink)
        Text(text, color = ink, style = MaterialTheme.typography.bodyMedium)
    }
}

/** What is in the middle of the page while nothing else is. */
@Composable
fun Middle(content: @Composable () -> Unit) = Box(Modifier.fillMaxSize(), Alignment.Center) { content() }
