import KapokCore

/// 办事企业. Without a login everything ends in `LOGIN_REQUIRED`.
public struct Enterprises: Sendable {
    let core: KapokCore.Enterprises

    /// The account's enterprises: from the platform, or those known last when offline.
    public func list() async throws(KapokFailure) -> [EnterpriseView] {
        try await calling { try await core.list() }
    }

    /// The current enterprise, or nothing: then enterprise matters end in `ENTERPRISE_REQUIRED`. Offline.
    public func current() async throws(KapokFailure) -> EnterpriseView? {
        try await calling { try await core.current() }
    }

    /// 选择办事 / 切换企业. Ends in `NOT_FOUND` for one that is not the account's.
    public func select(_ enterpriseId: EnterpriseId) async throws(KapokFailure) -> EnterpriseView {
        try await calling { try await core.select(enterpriseId: enterpriseId) }
    }

    /// 手动添加 by the legal representative. Ends in `INPUT_INVALID` at `uscc`, `ENTERPRISE_NO_USCC` for a 工商注册号,
    /// `ENTERPRISE_NOT_FOUND` or `ENTERPRISE_NOT_YOURS`.
    public func add(uscc: String) async throws(KapokFailure) -> EnterpriseView {
        try await calling { try await core.add(uscc: uscc) }
    }

    /// 查找企业 by name or USCC; at least two characters. Ends in `INPUT_INVALID` at `query`.
    public func search(_ query: String) async throws(KapokFailure) -> [RegistryHit] {
        try await calling { try await core.search(query: query) }
    }

    /// 选择该企业: registers the enterprise account. Ends in `INPUT_INVALID` at `name` or `uscc`, or `ENTERPRISE_NOT_FOUND`.
    public func register(name: String, uscc: String) async throws(KapokFailure) -> EnterpriseView {
        try await calling { try await core.register(name: name, uscc: uscc) }
    }

    /// 申请关联 with an existing enterprise account. The answer is the same whether the account exists or not.
    public func askLink(login: String, name: String) async throws(KapokFailure) -> LinkId {
        try await calling { try await core.askLink(login: login, name: name) }
    }

    /// Requests that wait for this enterprise account.
    public func links() async throws(KapokFailure) -> [LinkView] {
        try await calling { try await core.links() }
    }

    /// 同意 or not. Ends in `NOT_FOUND` for a request that is not this account's.
    public func answerLink(_ linkId: LinkId, agree: Bool) async throws(KapokFailure) {
        try await calling { try await core.answerLink(linkId: linkId, agree: agree) }
    }
}
