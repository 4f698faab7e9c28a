package dev.kapok.app.theme

import androidx.compose.ui.graphics.Color
import androidx.compose.ui.graphics.PathFillType
import androidx.compose.ui.graphics.SolidColor
import androidx.compose.ui.graphics.vector.ImageVector
import androidx.compose.ui.graphics.vector.addPathNodes
import androidx.compose.ui.unit.dp

private fun icon(name: String, path: String, mirrored: Boolean = false): ImageVector =
    ImageVector.Builder(name, 24.dp, 24.dp, 24f, 24f, autoMirror = mirrored)
        .addPath(addPathNodes(path), PathFillType.EvenOdd, fill = SolidColor(Color.Black))
        .build()

/** The pictures of the screens. */
object Icons {
    val Back = icon("back", "M20,11H7.8l5.6,-5.6L12,4l-8,8 8,8 1.4,-1.4L7.8,13H20z", mirrored = true)
    val Next = icon("next", "M10,6L8.6,7.4 13.2,12l-4.6,4.6L10,18l6,-6z", mirrored = true)
    val Home = icon("home", "M12,3L3,10.5V21h6.5v-6h5v6H21V10.5z")
    val Person = icon("person", "M12,12a4,4 0 1,0 0,-8a4,4 0 1,0 0,8zM12,14c-2.7,0 -8,1.3 -8,4v2h16v-2c0,-2.7 -5.3,-4 -8,-4z")
    val Group = icon(
        "group",
        "M9,11.5a3.5,3.5 0 1,0 0,-7a3.5,3.5 0 1,0 0,7zM9,13.5c-2.5,0 -7,1.2 -7,3.7V19.5h14v-2.3c0,-2.5 -4.5,-3.7 -7,-3.7z" +
            "M16.5,11.5a3,3 0 1,0 -1.2,-5.8a5,5 0 0,1 0,5.6a3,3 0 0,0 1.2,0.2zM16.6,13.7c1.2,0.9 1.9,2 1.9,3.5v2.3H22v-2.3c0,-2 -3,-3.2 -5.4,-3.5z",
    )
    val Enterprise = icon(
        "enterprise",
        "M12,7V3H2v18h20V7zM6,19H4v-2h2zM6,15H4v-2h2zM6,11H4V9h2zM6,7H4V5h2zM10,19H8v-2h2zM10,15H8v-2h2zM10,11H8V9h2zM10,7H8V5h2z" +
            "M20,19h-8v-2h2v-2h-2v-2h2v-2h-2V9h8zM18,11h-2v2h2zM18,15h-2v2h2z",
    )
    val Certificate = icon("certificate", "M12,1.5L3,5.5v6c0,5 3.8,9.8 9,11 5.2,-1.2 9,-6 9,-11v-6zM10.4,16.4l-4,-4 1.4,-1.4 2.6,2.6 5.8,-5.8 1.4,1.4z")
    val Seal = icon(
        "seal",
        "M12,2a10,10 0 1,0 0,20a10,10 0 1,0 0,-20zM12,4.2a7.8,7.8 0 1,1 0,15.6a7.8,7.8 0 1,1 0,-15.6z" +
            "M12,7.2l1.4,3.2 3.5,0.3 -2.6,2.3 0.8,3.4 -3.1,-1.8 -3.1,1.8 0.8,-3.4 -2.6,-2.3 3.5,-0.3z",
    )
    val Scan = icon(
        "scan",
        "M3,3h6.5v2.2H5.2v4.3H3zM14.5,3H21v6.5h-2.2V5.2h-4.3zM3,14.5h2.2v4.3h4.3V21H3zM18.8,14.5H21V21h-6.5v-2.2h4.3zM3,10.9h18v2.2H3z",
    )
    val Phone = icon("phone", "M7,1h10a2,2 0 0,1 2,2v18a2,2 0 0,1 -2,2H7a2,2 0 0,1 -2,-2V3a2,2 0 0,1 2,-2zM7,4v14h10V4zM10.5,19.5v1.5h3v-1.5z")
    val Computer = icon("computer", "M4,4h16a2,2 0 0,1 2,2v10a2,2 0 0,1 -2,2H4a2,2 0 0,1 -2,-2V6a2,2 0 0,1 2,-2zM4,6v10h16V6zM1,19h22v2H1z")
    val Document = icon("document", "M6,2h8l6,6v12a2,2 0 0,1 -2,2H6a2,2 0 0,1 -2,-2V4a2,2 0 0,1 2,-2zM13,3.5V9h5.5zM8,12v1.8h8V12zM8,16v1.8h8V16z")
    val Settings = icon(
        "settings",
        "M3,17v2h6v-2zM3,5v2h10V5zM13,21v-2h8v-2h-8v-2h-2v6zM7,9v2H3v2h4v2h2V9zM21,13v-2H11v2zM15,9h2V7h4V5h-4V3h-2z",
    )
    val Lock = icon(
        "lock",
        "M18,9h-1V7a5,5 0 0,0 -10,0v2H6a2,2 0 0,0 -2,2v9a2,2 0 0,0 2,2h12a2,2 0 0,0 2,-2v-9a2,2 0 0,0 -2,-2z" +
            "M9,7a3,3 0 0,1 6,0v2H9zM12,13.5a2,2 0 1,1 0,4a2,2 0 1,1 0,-4z",
    )
    val Done = icon("done", "M12,2a10,10 0 1,0 0,20a10,10 0 1,0 0,-20zM10.4,16.6l-4.4,-4.4 1.5,-1.5 2.9,2.9 6.1,-6.1 1.5,1.5z")
    val Warning = icon("warning", "M12,2.5L1,21.5h22zM11,10h2v5h-2zM11,16.5h2v2h-2z")
    val Search = icon(
        "search",
        "M10,3a7,7 0 1,0 4.2,12.6l5.1,5.1 1.4,-1.4 -5.1,-5.1a7,7 0 0,0 -5.6,-11.2zM10,5a5,5 0 1,1 0,10a5,5 0 1,1 0,-10z",
    )
    val Link = icon(
        "link",
        "M3.9,12a3.1,3.1 0 0,1 3.1,-3.1h4V7H7a5,5 0 0,0 0,10h4v-1.9H7A3.1,3.1 0 0,1 3.9,12zM8,13h8v-2H8z" +
            "M17,7h-4v1.9h4a3.1,3.1 0 0,1 0,6.2h-4V17h4a5,5 0 0,0 0,-10z",
    )
    val Backspace = icon(
        "backspace",
        "M8,4h13a1.5,1.5 0 0,1 1.5,1.5v13a1.5,1.5 0 0,1 -1.5,1.5H8L1.5,12z" +
            "M10.6,8.2L9.2,9.6 11.6,12l-2.4,2.4 1.4,1.4L13,13.4l2.4,2.4 1.4,-1.4L14.4,12l2.4,-2.4 -1.4,-1.4L13,10.6z",
        mirrored = true,
    )
}
