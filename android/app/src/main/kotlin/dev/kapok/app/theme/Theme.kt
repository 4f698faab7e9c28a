package dev.kapok.app.theme

import androidx.compose.foundation.isSystemInDarkTheme
import androidx.compose.foundation.shape.RoundedCornerShape
import androidx.compose.material3.ColorScheme
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Shapes
import androidx.compose.material3.Typography
import androidx.compose.material3.darkColorScheme
import androidx.compose.material3.lightColorScheme
import androidx.compose.runtime.Composable
import androidx.compose.runtime.CompositionLocalProvider
import androidx.compose.runtime.staticCompositionLocalOf
import androidx.compose.ui.graphics.Color
import androidx.compose.ui.text.TextStyle
import androidx.compose.ui.text.font.FontWeight
import androidx.compose.ui.unit.Dp
import androidx.compose.ui.unit.dp
import androidx.compose.ui.unit.sp

/** The red of a kapok flower, the same by day and by night: the ground of what stands out most. */
val KapokRed = Color(0xFFC5301F)
val KapokDeep = Color(0xFF8E1B14)
val Stamen = Color(0xFFF7C65B)

private val day = lightColorScheme(
    primary = KapokRed,
    onPrimary = Color.White,
    primaryContainer = Color(0xFFFBE3DC),
    onPrimaryContainer = Color(0xFF7A170D),
    secondaryContainer = Color(0xFFF6ECE5),
    onSecondaryContainer = Color(0xFF3A2A24),
    tertiary = Color(0xFF2C6A43),
    tertiaryContainer = Color(0xFFDDF0E1),
    onTertiaryContainer = Color(0xFF114425),
    background = Color(0xFFFAF6F2),
    onBackground = Color(0xFF241A17),
    surface = Color.White,
    onSurface = Color(0xFF241A17),
    surfaceVariant = Color(0xFFF3EAE4),
    onSurfaceVariant = Color(0xFF67564F),
    outline = Color(0xFF8F7C73),
    outlineVariant = Color(0xFFE6DAD2),
    error = Color(0xFF9B1C10),
    errorContainer = Color(0xFFFDE7E2),
    onErrorContainer = Color(0xFF7A170D),
)

private val night = darkColorScheme(
    primary = Color(0xFFFF9B88),
    onPrimary = Color(0xFF4A0A04),
    primaryContainer = Color(0xFF5A1A12),
    onPrimaryContainer = Color(0xFFFFDAD2),
    secondaryContainer = Color(0xFF3A2E29),
    onSecondaryContainer = Color(0xFFF0E3DC),
    tertiary = Color(0xFF93D7A6),
    tertiaryContainer = Color(0xFF1D4129),
    onTertiaryContainer = Color(0xFFC4F0CF),
    background = Color(0xFF15100E),
    onBackground = Color(0xFFF2E8E3),
    surface = Color(0xFF221A17),
    onSurface = Color(0xFFF2E8E3),
    surfaceVariant = Color(0xFF322723),
    onSurfaceVariant = Color(0xFFD2C0B7),
    outline = Color(0xFF9F8C83),
    outlineVariant = Color(0xFF473A34),
    error = Color(0xFFFFB4A6),
    errorContainer = Color(0xFF55180F),
    onErrorContainer = Color(0xFFFFDAD2),
)

private fun sized(size: Int, weight: FontWeight) = TextStyle(fontSize = size.sp, lineHeight = (size * 1.45f).sp, fontWeight = weight)

private val usual = Typography(
    headlineMedium = sized(26, FontWeight.SemiBold),
    titleLarge = sized(20, FontWeight.SemiBold),
    titleMedium = sized(17, FontWeight.SemiBold),
    bodyLarge = sized(16, FontWeight.Normal),
    bodyMedium = sized(14, FontWeight.Normal),
    labelLarge = sized(16, FontWeight.SemiBold),
    labelMedium = sized(13, FontWeight.Medium),
)

private val elder = Typography(
    headlineMedium = sized(30, FontWeight.SemiBold),
    titleLarge = sized(25, FontWeight.SemiBold),
    titleMedium = sized(22, FontWeight.SemiBold),
    bodyLarge = sized(20, FontWeight.Normal),
    bodyMedium = sized(18, FontWeight.Normal),
    labelLarge = sized(21, FontWeight.SemiBold),
    labelMedium = sized(18, FontWeight.Medium),
)

private val shapes = Shapes(
    small = RoundedCornerShape(10.dp),
    medium = RoundedCornerShape(16.dp),
    large = RoundedCornerShape(22.dp),
)

/** Whether the elder mode is on. */
val LocalElder = staticCompositionLocalOf { false }

/** The least height of what can be touched: 48 dp, 60 dp in elder mode. */
val target: Dp
    @Composable get() = if (LocalElder.current) 60.dp else 48.dp

/** Colours, letters and shapes of every screen. */
@Composable
fun KapokTheme(elderMode: Boolean, content: @Composable () -> Unit) {
    val colors: ColorScheme = if (isSystemInDarkTheme()) night else day
    CompositionLocalProvider(LocalElder provides elderMode) {
        MaterialTheme(colors, shapes = shapes, typography = if (elderMode) elder else usual, content = content)
    }
}
