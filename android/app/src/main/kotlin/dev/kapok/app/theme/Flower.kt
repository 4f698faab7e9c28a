package dev.kapok.app.theme

import androidx.compose.foundation.Canvas
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import androidx.compose.ui.geometry.Offset
import androidx.compose.ui.graphics.Color
import androidx.compose.ui.graphics.Path
import androidx.compose.ui.graphics.drawscope.DrawScope
import androidx.compose.ui.graphics.drawscope.rotate
import kotlin.math.cos
import kotlin.math.sin

private const val PETALS = 5

/** 木棉: five petals and their stamens. Decoration; it says nothing to a screen reader. */
@Composable
fun Flower(modifier: Modifier, petals: Color = KapokRed, stamens: Color = Stamen) {
    Canvas(modifier) {
        repeat(PETALS) { rotate(it * 360f / PETALS) { petal(if (it % 2 == 0) petals else petals.copy(alpha = petals.alpha * 0.86f)) } }
        stamens(stamens)
    }
}

private fun DrawScope.petal(color: Color) {
    val (middle, reach) = center to size.minDimension / 2
    val path = Path().apply {
        moveTo(middle.x, middle.y)
        cubicTo(middle.x - reach * 0.62f, middle.y - reach * 0.30f, middle.x - reach * 0.42f, middle.y - reach * 0.98f, middle.x, middle.y - reach)
        cubicTo(middle.x + reach * 0.42f, middle.y - reach * 0.98f, middle.x + reach * 0.62f, middle.y - reach * 0.30f, middle.x, middle.y)
    }
    drawPath(path, color)
}

private fun DrawScope.stamens(color: Color) {
    val reach = size.minDimension / 2
    repeat(10) {
        val turn = Math.toRadians(it * 36.0 + 18.0)
        val end = center + Offset((cos(turn) * reach * 0.30).toFloat(), (sin(turn) * reach * 0.30).toFloat())
        drawLine(color, center, end, reach * 0.035f)
        drawCircle(color, reach * 0.055f, end)
    }
    drawCircle(color, reach * 0.11f, center)
}
