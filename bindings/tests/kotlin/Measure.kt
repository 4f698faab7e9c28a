package dev.kapok

import java.nio.ByteBuffer
import java.nio.file.Files
import kotlin.time.DurationUnit
import kotlin.time.measureTime

private const val WIDTH = 1280
private const val HEIGHT = 720
private const val FRAMES = 2_000

/** For `cargo xtask bench`: a line for each figure, its name and milliseconds. Takes the path of a root certificate. */
object Measure {
    @JvmStatic
    fun main(arguments: Array<String>) {
        lateinit var pad: PinPad
        line("first", time { pad = PinPad() })
        line("next", time { pad.len() })
        val root = Files.readString(java.nio.file.Path.of(arguments.single()))
        val dir = Files.createTempDirectory("kapok-measure")
        try {
            val settings = AppSettings(dir.toString(), "https://localhost:1", listOf(root), "zh-CN", "JVM", "0.1.0")
            KapokApp.open(settings, Ports(JvmKey(), MemoryStorage(), SystemClock())).use { frames(it.signing()) }
        } finally {
            dir.toFile().deleteRecursively()
        }
    }

    /** A row too few: the frame is refused before it is decoded, so that only the way through the facade is measured. */
    private fun frames(signing: Signing) {
        val pixels = ByteBuffer.allocateDirect(WIDTH * HEIGHT)
        val format = FrameFormat(WIDTH.toUInt(), HEIGHT.toUInt() + 1u, WIDTH.toUInt())
        repeat(FRAMES) {
            val taken = time { check(runCatching { signing.scan(pixels, format) }.isFailure) }
            if (it >= FRAMES / 2) line("frame", taken)
        }
    }

    private fun time(act: () -> Unit) = measureTime(act).toDouble(DurationUnit.MILLISECONDS)

    private fun line(name: String, milliseconds: Double) = println("$name $milliseconds")
}
