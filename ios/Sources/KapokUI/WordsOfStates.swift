import Kapok

// What each value of the library is called on screens.

extension TrustLevel {
    /// 已认证 / 未认证.
    public var words: Words {
        switch self {
        case .authenticated: Words(.levelAuthenticated)
        case .unauthenticated: Words(.levelUnauthenticated)
        }
    }
}

extension Role {
    /// What the account is for the enterprise.
    public var words: Words {
        switch self {
        case .legalRep: Words(.roleLegalRep)
        case .agent: Words(.roleAgent)
        case .linked: Words(.roleLinked)
        case .owner: Words(.roleOwner)
        case .unknown: Words(.unknown)
        }
    }
}

extension CertificateKind {
    /// 机构证书 / 员工证书.
    public var words: Words {
        switch self {
        case .organisation: Words(.certificateOrganisation)
        case .employee: Words(.certificateEmployee)
        case .unknown: Words(.unknown)
        }
    }
}

extension CertificateState {
    public var words: Words {
        switch self {
        case .installable: Words(.certificateInstallable)
        case .active: Words(.certificateActive)
        case .elsewhere: Words(.certificateElsewhere)
        case .suspended: Words(.certificateSuspended)
        case .revoked: Words(.certificateRevoked)
        case .expired: Words(.certificateExpired)
        case .unknown: Words(.unknown)
        }
    }
}

extension SealKind {
    /// 机构印章 / 员工印章.
    public var words: Words {
        switch self {
        case .organisation: Words(.sealOrganisation)
        case .employee: Words(.sealEmployee)
        case .unknown: Words(.unknown)
        }
    }
}

extension InviteKind {
    public var words: Words {
        switch self {
        case .agent: Words(.inviteAgent)
        case .authentication: Words(.inviteAuthentication)
        case .unknown: Words(.unknown)
        }
    }
}

extension InviteState {
    public var words: Words {
        switch self {
        case .draft: Words(.inviteDraft)
        case .sent: Words(.inviteSent)
        case .opened: Words(.inviteOpened)
        case .accepted: Words(.inviteAccepted)
        case .declined: Words(.inviteDeclined)
        case .expired: Words(.inviteExpired)
        case .revoked: Words(.inviteRevoked)
        case .unknown: Words(.unknown)
        }
    }
}

extension GrantState {
    public var words: Words {
        switch self {
        case .active: Words(.grantActive)
        case .suspended: Words(.grantSuspended)
        case .revoked: Words(.grantRevoked)
        case .expired: Words(.grantExpired)
        case .unknown: Words(.unknown)
        }
    }
}

extension DocumentKind {
    public var words: Words {
        switch self {
        case .residentId: Words(.documentResidentId)
        case .hkMacaoPermit: Words(.documentHkMacaoPermit)
        case .taiwanPermit: Words(.documentTaiwanPermit)
        case .residencePermit: Words(.documentResidencePermit)
        case .permanentResidence: Words(.documentPermanentResidence)
        case .passport: Words(.documentPassport)
        case .unknown: Words(.unknown)
        }
    }
}

extension PinState {
    public var words: Words {
        switch self {
        case .unset: Words(.pinStateUnset)
        case .setting: Words(.pinStateSetting)
        case .set: Words(.pinStateSet)
        case .blocked: Words(.pinStateBlocked)
        case .resetting: Words(.pinStateResetting)
        case .revoked: Words(.pinStateRevoked)
        case .lost: Words(.pinStateLost)
        }
    }
}

extension GuardState {
    public var words: Words {
        switch self {
        case .ok: Words(.phoneOk)
        case .blocked: Words(.phoneBlocked)
        case .resetting: Words(.phoneResetting)
        case .revoked: Words(.phoneRevoked)
        }
    }
}

extension DocumentState {
    public var words: Words {
        switch self {
        case .waiting: Words(.fileWaiting)
        case .pulling: Words(.filePulling)
        case .ready: Words(.fileReady)
        case .amber: Words(.fileAmber)
        case .confirmed: Words(.fileConfirmed)
        case .signed: Words(.fileSigned)
        case .delivered: Words(.fileDelivered)
        case .refused(let code): .code(code)
        }
    }
}

extension CloseReason {
    public var words: Words {
        switch self {
        case .user, .peer(bye: .user): Words(.byeUser)
        case .peer(bye: .done): Words(.byeDone)
        case .peer(bye: .idle): Words(.byeIdle)
        case .peer(bye: .absolute): Words(.byeAbsolute)
        case .peer(bye: .revoked): Words(.byeRevoked)
        case .peer(bye: .replaced): Words(.byeReplaced)
        case .peer(bye: .error): Words(.byeError)
        case .failed(let code): .code(code)
        }
    }
}

/// Why a document is to be confirmed alone.
public func amberWords(_ reason: String) -> Words {
    L10n(rawValue: "amber.\(reason)").map { Words($0) } ?? .verbatim(reason)
}

/// A word of a grant's scope.
public func scopeWords(_ word: String) -> Words {
    L10n(rawValue: "scope.\(word)").map { Words($0) } ?? .verbatim(word)
}
