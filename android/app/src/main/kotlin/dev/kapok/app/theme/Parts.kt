package dev.kapok.app.theme

import androidx.compose.foundation.BorderStroke
import androidx.compose.foundation.background
import androidx.compose.foundation.clickable
import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ColumnScope
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.Spacer
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.heightIn
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.size
import androidx.compose.foundation.layout.width
import androidx.compose.foundation.shape.CircleShape
import androidx.compose.foundation.text.KeyboardOptions
import androidx.compose.material3.Button
import androidx.compose.material3.FilterChip
import androidx.compose.material3.Icon
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.OutlinedButton
import androidx.compose.material3.OutlinedTextField
import androidx.compose.material3.Surface
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.draw.clip
import androidx.compose.ui.graphics.Color
import androidx.compose.ui.graphics.vector.ImageVector
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.semantics.heading
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.text.input.KeyboardType
import androidx.compose.ui.text.input.PasswordVisualTransformation
import androidx.compose.ui.text.input.VisualTransformation
import androidx.compose.ui.text.style.TextOverflow
import androidx.compose.ui.unit.dp

/** The one thing that a screen is for. */
@Composable
fun Primary(text: String, modifier: Modifier = Modifier, enabled: Boolean = true, onClick: () -> Unit) {
    Button(onClick, modifier.fillMaxWidth().heightIn(min = target + 4.dp), enabled, shape = MaterialTheme.shapes.medium) {
        Text(text, style = MaterialTheme.typography.labelLarge)
    }
}

/** What else can be done. */
@Composable
fun Secondary(text: String, modifier: Modifier = Modifier, enabled: Boolean = true, onClick: () -> Unit) {
    OutlinedButton(
        onClick,
        modifier.fillMaxWidth().heightIn(min = target),
        enabled,
        shape = MaterialTheme.shapes.medium,
        border = BorderStroke(1.dp, MaterialTheme.colorScheme.outlineVariant),
    ) {
        Text(text, style = MaterialTheme.typography.labelLarge)
    }
}

/** A white card with room around what it holds. */
@Composable
fun Panel(modifier: Modifier = Modifier, content: @Composable ColumnScope.() -> Unit) {
    Surface(
        modifier.fillMaxWidth(),
        shape = MaterialTheme.shapes.medium,
        color = MaterialTheme.colorScheme.surface,
        border = BorderStroke(1.dp, MaterialTheme.colorScheme.outlineVariant),
    ) {
        Column(Modifier.padding(18.dp), Arrangement.spacedBy(10.dp), content = content)
    }
}

/** A line that opens something, with a picture, a title, and what is to be known about it. */
@Composable
fun Entry(icon: ImageVector, title: String, note: String? = null, tag: String = title, mark: (@Composable () -> Unit)? = null, onClick: () -> Unit) {
    Surface(
        Modifier.fillMaxWidth(),
        shape = MaterialTheme.shapes.medium,
        color = MaterialTheme.colorScheme.surface,
        border = BorderStroke(1.dp, MaterialTheme.colorScheme.outlineVariant),
    ) {
        Row(
            Modifier.clip(MaterialTheme.shapes.medium).clickable(onClick = onClick).testTag(tag).heightIn(min = target + 16.dp)
                .padding(horizontal = 16.dp, vertical = 12.dp),
            Arrangement.spacedBy(14.dp),
            Alignment.CenterVertically,
        ) {
            Badge(icon)
            Column(Modifier.weight(1f), Arrangement.spacedBy(2.dp)) {
                Text(title, style = MaterialTheme.typography.titleMedium)
                note?.let { Note(it) }
                mark?.invoke()
            }
            Icon(Icons.Next, null, Modifier.size(20.dp), MaterialTheme.colorScheme.outline)
        }
    }
}

/** A picture on a round ground. */
@Composable
fun Badge(icon: ImageVector, ground: Color = MaterialTheme.colorScheme.primaryContainer, ink: Color = MaterialTheme.colorScheme.primary) {
    val side = if (LocalElder.current) 48.dp else 40.dp
    Box(Modifier.size(side).background(ground, CircleShape), Alignment.Center) {
        Icon(icon, null, Modifier.size(side * 0.55f), ink)
    }
}

/** Small grey text. */
@Composable
fun Note(text: String, modifier: Modifier = Modifier) {
    Text(text, modifier, MaterialTheme.colorScheme.onSurfaceVariant, style = MaterialTheme.typography.bodyMedium)
}

/** The title of a group. */
@Composable
fun Section(text: String) {
    Text(
        text,
        Modifier.padding(top = 8.dp).semantics { heading() },
        MaterialTheme.colorScheme.onSurfaceVariant,
        style = MaterialTheme.typography.labelMedium,
    )
}

/** A name and its value. */
@Composable
fun Fact(name: String, value: String, modifier: Modifier = Modifier) {
    Column(modifier.semantics(mergeDescendants = true) {}, Arrangement.spacedBy(2.dp)) {
        Text(name, color = MaterialTheme.colorScheme.onSurfaceVariant, style = MaterialTheme.typography.labelMedium)
        Text(value, style = MaterialTheme.typography.bodyLarge)
    }
}

/** A state in one word, on its own ground. */
@Composable
fun Tag(text: String, good: Boolean) {
    val colors = MaterialTheme.colorScheme
    Text(
        text,
        Modifier.background(if (good) colors.tertiaryContainer else colors.secondaryContainer, CircleShape).padding(horizontal = 10.dp, vertical = 3.dp),
        if (good) colors.onTertiaryContainer else colors.onSecondaryContainer,
        style = MaterialTheme.typography.labelMedium,
        maxLines = 1,
        overflow = TextOverflow.Ellipsis,
    )
}

/** A field of a form. */
@Composable
fun Field(label: String, value: String, tag: String, error: String? = null, digits: Boolean = false, secret: Boolean = false, onChange: (String) -> Unit) {
    OutlinedTextField(
        value,
        onChange,
        Modifier.fillMaxWidth().testTag(tag),
        label = { Text(label) },
        isError = error != null,
        supportingText = error?.let { { Text(it) } },
        singleLine = true,
        shape = MaterialTheme.shapes.small,
        visualTransformation = if (secret) PasswordVisualTransformation() else VisualTransformation.None,
        keyboardOptions = KeyboardOptions(
            keyboardType = when {
                secret -> KeyboardType.Password
                digits -> KeyboardType.Number
                else -> KeyboardType.Text
            },
        ),
    )
}

/** One or several out of a few. */
@Composable
fun <T> Chips(title: String, all: List<T>, on: (T) -> Boolean, name: @Composable (T) -> String, onClick: (T) -> Unit) {
    Note(title)
    FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp), verticalArrangement = Arrangement.spacedBy(8.dp)) {
        for (one in all) {
            val chosen: (@Composable () -> Unit)? = if (on(one)) ({ Icon(Icons.Done, null, Modifier.size(18.dp)) }) else null
            FilterChip(
                on(one),
                { onClick(one) },
                { Text(name(one), style = MaterialTheme.typography.bodyMedium) },
                Modifier.heightIn(min = target),
                leadingIcon = chosen,
            )
        }
    }
}

/** Where there is nothing yet. */
@Composable
fun Nothing(icon: ImageVector, text: String) {
    Column(Modifier.fillMaxWidth().padding(vertical = 48.dp), Arrangement.spacedBy(16.dp), Alignment.CenterHorizontally) {
        Badge(icon)
        Note(text)
    }
}

/** Room between two groups. */
@Composable
fun Gap() = Spacer(Modifier.size(4.dp).width(4.dp))
