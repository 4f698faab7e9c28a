import Foundation

/// The first login as docs/bindings.md shows it; here so that it compiles.
func firstLogin(
    dir: URL, root: String, key: HardwareKey, storage: SecureStorage, clock: PhoneClock,
    openMiniProgram: (_ path: String, _ matchCode: String) -> Void, returnLink: () async -> String
) async throws -> AccountView? {
    let settings = AppSettings(
        dir: dir.path, platformUrl: "https://kapok.example", trustRootsPem: [root], locale: "zh-CN", deviceLabel: "iPhone",
        appVersion: "0.1.0")
    let app = try KapokApp.open(settings: settings, ports: Ports(hardware: key, storage: storage, clock: clock))
    try await app.agreePrivacy(version: app.privacy().version)
    _ = try await app.login().startFace()
    if case .openMiniProgram(let path, let matchCode) = try await app.nextRequest() { openMiniProgram(path, matchCode) }
    if case .loggedIn(let account)? = try await app.login().returned(link: await returnLink()) { return account }
    return nil
}
