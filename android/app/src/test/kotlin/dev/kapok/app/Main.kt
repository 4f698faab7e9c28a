package dev.kapok.app

import kotlin.system.exitProcess
import org.junit.runner.Description
import org.junit.runner.JUnitCore
import org.junit.runner.Result
import org.junit.runner.notification.Failure
import org.junit.runner.notification.RunListener

/** Runs the named test classes; one line a test with its time, and one closing line for CI. */
fun main(args: Array<String>) {
    val core = JUnitCore()
    var start = 0L
    core.addListener(object : RunListener() {
        override fun testStarted(d: Description) {
            start = System.nanoTime()
        }

        override fun testFinished(d: Description) =
            println("%6d ms  %s.%s".format((System.nanoTime() - start) / 1_000_000, d.testClass.simpleName, d.methodName))

        override fun testFailure(f: Failure) = println("FAILED ${f.testHeader}\n${f.trimmedTrace}")
    })
    val result: Result = core.run(*args.map { Class.forName(it) }.toTypedArray())
    println("${result.runCount - result.failureCount} passed, ${result.failureCount + result.ignoreCount} failed")
    exitProcess(if (result.wasSuccessful() && result.runCount > 0 && result.ignoreCount == 0) 0 else 1)
}
