package dev.kapok

import java.io.File

/** The first login as docs/bindings.md shows it; here so that it compiles. */
suspend fun firstLogin(
    dir: File,
    root: String,
    key: HardwareKey,
    storage: SecureStorage,
    clock: PhoneClock,
    openMiniProgram: (path: String, matchCode: String) -> Unit,
    returnLink: suspend () -> String,
): AccountView? {
    val settings = AppSettings(dir.path, "https://kapok.example", listOf(root), "zh-CN", "Pixel 9", "0.1.0")
    val app = KapokApp.open(settings, Ports(key, storage, clock))
    app.agreePrivacy(app.privacy().version)
    app.login().startFace()
    val request = app.nextRequest()
    if (request is ShellRequest.OpenMiniProgram) openMiniProgram(request.path, request.matchCode)
    return when (val outcome = app.login().returned(returnLink())) {
        is LoginOutcome.LoggedIn -> outcome.account
        else -> null
    }
}
