import KapokCore

/// 数字证书: what may be installed, installing, what is installed.
public struct Certificates: Sendable {
    let core: KapokCore.Certificates

    /// The account's certificates: the platform's list together with what is on this phone; what is known when offline. Ends in
    /// `LOGIN_REQUIRED`.
    public func list() async throws(KapokFailure) -> [CertificateView] {
        try await calling { try await core.list() }
    }

    /// 安装证书; the pad is emptied. Gives the installed certificate. Ends in `PIN_UNSET` first; `PIN_FORMAT`, `PIN_WRONG` with the tries left,
    /// `PIN_WAIT`, `PIN_BLOCKED`; `CERT_EXISTS` for one that is on another phone, `GRANT_SUSPENDED`, `NOT_ALLOWED`, `CERT_EVIDENCE`. After
    /// `OFFLINE` the same call goes on with the same key.
    public func install(
        _ enterpriseId: EnterpriseId, _ kind: CertificateKind, pin: PinPad
    ) async throws(KapokFailure) -> CertificateView {
        try await calling { try await core.install(enterpriseId: enterpriseId, kind: kind, pin: pin.core) }
    }
}

/// 印章: preview, generate, list.
public struct Seals: Sendable {
    let core: KapokCore.Seals

    /// The picture as it will be, to be confirmed. Ends in `CERT_NONE` before a certificate of this enterprise is installed,
    /// `SEAL_ADMIN_ONLY`, `SEAL_GLYPH`.
    public func preview(_ enterpriseId: EnterpriseId, _ kind: SealKind) async throws(KapokFailure) -> SealPreview {
        try await calling { try await core.preview(enterpriseId: enterpriseId, kind: kind) }
    }

    /// 生成: makes the seal of a confirmed preview. Once per preview; after a lost answer the same seal comes back.
    public func generate(_ previewId: PreviewId) async throws(KapokFailure) -> SealView {
        try await calling { try await core.generate(previewId: previewId) }
    }

    /// The seals of this account: asked from the platform, offline the last known ones.
    public func list() async throws(KapokFailure) -> [SealView] {
        try await calling { try await core.list() }
    }
}
