import KapokCore

/// The app. One for a process; everything else is reached from here.
///
/// ```swift
/// let app = try await KapokApp.open(settings, ports: ports)
/// try await app.agreePrivacy(app.privacy.version)
/// let handoff = try await app.login.startFace()
/// ```
public final class KapokApp: Sendable {
    let core: KapokCore.KapokApp

    init(core: KapokCore.KapokApp) {
        self.core = core
    }

    /// Opens the app's files and checks the ports. Sends nothing. Ends in `INPUT_INVALID` at the setting that is wrong, `HARDWARE_KEY`
    /// if the key does not answer rightly, or `INTERNAL` with reason `store` if the folder cannot be written.
    public static func open(_ settings: AppSettings, ports: Ports) async throws(KapokFailure) -> KapokApp {
        let core = try await blocking { try KapokCore.KapokApp.open(settings: settings, ports: ports) }
        return KapokApp(core: core)
    }

    /// The data on this phone was written by a newer app: every act that would change it ends in `STORE_NEWER`.
    public var isReadOnly: Bool { core.readOnly() }

    /// This phone's number: derived from its hardware key.
    public var deviceId: DeviceId { core.deviceId() }

    /// The privacy text of the settings' language, and whether it was agreed to. Offline.
    public var privacy: PrivacyNotice { core.privacy() }

    /// The person agrees to the privacy text of this version. Until then every call that would go online ends in `PRIVACY_REQUIRED`.
    /// Ends in `INPUT_INVALID` at `version` if it is not the version that was shown.
    public func agreePrivacy(_ version: String) async throws(KapokFailure) {
        try await calling { try await core.agreePrivacy(version: version) }
    }

    /// The person withdraws the agreement: nothing is sent any more.
    public func withdrawPrivacy() async throws(KapokFailure) {
        try await calling { try await core.withdrawPrivacy() }
    }

    /// The platform's profile: asked from the platform, else the last one known. Ends in `APP_TOO_OLD` if this app is no longer served,
    /// `GUARD_TAMPERED` if the platform's keys are not those of first use, `OFFLINE` if none is known.
    public func profile() async throws(KapokFailure) -> SystemProfile {
        try await calling { try await core.profile() }
    }

    /// What has changed. A late reader loses the oldest events, never the newest.
    public var events: Pulled<KapokEvent> {
        let core = core
        return Pulled {
            { try await waiting { try await core.nextEvent(cancel: $0) } }
        }
    }

    /// What only the app can do: open the mini program, share a link.
    public var requests: Pulled<ShellRequest> {
        let core = core
        return Pulled {
            { try await waiting { try await core.nextRequest(cancel: $0) } }
        }
    }

    /// The app goes to the background: the lease and its keys are wiped, files are closed, no lock is left. Calls end in `STATE_WRONG`
    /// until ``resume()``.
    public func pause() async throws(KapokFailure) {
        try await calling {
            try await core.signing().background()
            try await core.pause()
        }
    }

    /// The app is in the foreground again.
    public func resume() async throws(KapokFailure) {
        try await calling { try await core.resume() }
    }

    /// 登录.
    public var login: Login { Login(core: core.login()) }
    /// 办事企业.
    public var enterprises: Enterprises { Enterprises(core: core.enterprises()) }
    /// 经办人管理.
    public var agents: Agents { Agents(core: core.agents()) }
    /// The PIN.
    public var vault: Vault { Vault(core: core.vault()) }
    /// 数字证书.
    public var certificates: Certificates { Certificates(core: core.certificates()) }
    /// 印章.
    public var seals: Seals { Seals(core: core.seals()) }
    /// Signing with a PC.
    public var signing: Signing { Signing(app: core, core: core.signing()) }
}
