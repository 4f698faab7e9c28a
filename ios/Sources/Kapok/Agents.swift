import KapokCore

/// 经办人管理 and 认证链接: invites by the legal representative, and what the invited person does with them.
public struct Agents: Sendable {
    let core: KapokCore.Agents

    /// Agents and invites of the current enterprise, or those known last when offline. Ends in `ENTERPRISE_REQUIRED`, or `NOT_ALLOWED` for
    /// a role that may not manage agents.
    public func list() async throws(KapokFailure) -> AgentList {
        try await calling { try await core.list() }
    }

    /// 添加经办人: makes an invite, not shared yet. Ends in `INPUT_INVALID` at the field, or the platform's code.
    public func invite(_ new: NewInvite) async throws(KapokFailure) -> InviteView {
        try await calling { try await core.invite(new: new) }
    }

    /// 申请认证&授权: makes an invite for the registered legal representative of the current enterprise.
    public func askAuthentication() async throws(KapokFailure) -> InviteView {
        try await calling { try await core.askAuthentication() }
    }

    /// 分享到微信: comes out of ``KapokApp/requests``; call ``sent(_:)`` once it is out. Ends in `NOT_FOUND` for an invite that is not in the
    /// current enterprise's list.
    public func share(_ inviteId: InviteId) async throws(KapokFailure) {
        try await calling { try await core.share(inviteId: inviteId) }
    }

    /// The share has left the app.
    public func sent(_ inviteId: InviteId) async throws(KapokFailure) {
        try await calling { try await core.sent(inviteId: inviteId) }
    }

    /// Takes an invite back.
    public func revokeInvite(_ inviteId: InviteId) async throws(KapokFailure) {
        try await calling { try await core.revokeInvite(inviteId: inviteId) }
    }

    /// 注销授权 of an agent.
    public func revokeGrant(_ grantId: GrantId) async throws(KapokFailure) {
        try await calling { try await core.revokeGrant(grantId: grantId) }
    }

    /// Opens a 认证链接. Gives what the link shows; nothing follows from it before ``accept()``. Nothing for a link that is none.
    public func openLink(_ link: String) async throws(KapokFailure) -> InvitePage? {
        try await calling { try await core.openLink(link: link) }
    }

    /// The invited person goes to the face check; on the way back ``Login`` gives the page to agree to. Ends in `LOGIN_REQUIRED`, or
    /// `STATE_WRONG` if no open invite is shown.
    public func accept() async throws(KapokFailure) -> HandoffView {
        try await calling { try await core.accept() }
    }

    /// The page to agree to, if the face check has passed. Offline, survives the end of the app.
    public func consent() async throws(KapokFailure) -> ConsentView? {
        try await calling { try await core.consent() }
    }

    /// 同意认证 or not. Ends in `STATE_WRONG` if there is no page to agree to, or the platform's code; after `OFFLINE` the same answer may be
    /// sent again.
    public func answer(agree: Bool) async throws(KapokFailure) -> InviteAnswered {
        try await calling { try await core.answer(agree: agree) }
    }

    /// The person goes elsewhere: the invite stays as it is.
    public func leave() async throws(KapokFailure) {
        try await calling { try await core.leave() }
    }
}
