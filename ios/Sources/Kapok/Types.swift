// What the library's calls take and give: data, without life. Its documentation is the library's own.
import KapokCore

public typealias AppSettings = KapokCore.AppSettings
public typealias PrivacyNotice = KapokCore.PrivacyNotice
public typealias SystemProfile = KapokCore.SystemProfile
public typealias LoginWay = KapokCore.LoginWay
public typealias NextStep = KapokCore.NextStep

public typealias KapokEvent = KapokCore.KapokEvent
public typealias ShellRequest = KapokCore.ShellRequest

public typealias AccountKind = KapokCore.AccountKind
public typealias AccountView = KapokCore.AccountView
public typealias DocumentKind = KapokCore.DocumentKind
public typealias HandoffView = KapokCore.HandoffView
public typealias LoginOutcome = KapokCore.LoginOutcome
public typealias LoginResumed = KapokCore.LoginResumed
public typealias Purpose = KapokCore.Purpose
public typealias TypedIdentity = KapokCore.TypedIdentity

public typealias EnterpriseView = KapokCore.EnterpriseView
public typealias LinkView = KapokCore.LinkView
public typealias RegistryHit = KapokCore.RegistryHit
public typealias Role = KapokCore.Role
public typealias TrustLevel = KapokCore.TrustLevel

public typealias AgentList = KapokCore.AgentList
public typealias AgentView = KapokCore.AgentView
public typealias ConsentView = KapokCore.ConsentView
public typealias GrantState = KapokCore.GrantState
public typealias InviteAnswered = KapokCore.InviteAnswered
public typealias InviteKind = KapokCore.InviteKind
public typealias InvitePage = KapokCore.InvitePage
public typealias InviteState = KapokCore.InviteState
public typealias InviteView = KapokCore.InviteView
public typealias NewInvite = KapokCore.NewInvite

public typealias PinState = KapokCore.PinState
public typealias GuardState = KapokCore.GuardState
public typealias LossReported = KapokCore.LossReported
public typealias PhoneView = KapokCore.PhoneView
public typealias CertificateKind = KapokCore.CertificateKind
public typealias CertificateState = KapokCore.CertificateState
public typealias CertificateView = KapokCore.CertificateView
public typealias SealKind = KapokCore.SealKind
public typealias SealPreview = KapokCore.SealPreview
public typealias SealView = KapokCore.SealView

public typealias ByeReason = KapokCore.ByeReason
public typealias CloseReason = KapokCore.CloseReason
public typealias Corner = KapokCore.Corner
public typealias DocumentState = KapokCore.DocumentState
public typealias PagePicture = KapokCore.PagePicture
public typealias PickedView = KapokCore.PickedView
public typealias ScanOutcome = KapokCore.ScanOutcome
public typealias SigningDocument = KapokCore.SigningDocument
public typealias SigningOutcome = KapokCore.SigningOutcome
public typealias SigningPeer = KapokCore.SigningPeer
public typealias SigningRp = KapokCore.SigningRp
public typealias SigningState = KapokCore.SigningState
public typealias SigningView = KapokCore.SigningView

/// An identifier: 32 lower-case hexadecimal digits.
public typealias EnterpriseId = KapokCore.EnterpriseId
public typealias GrantId = KapokCore.GrantId
public typealias InviteId = KapokCore.InviteId
public typealias LinkId = KapokCore.LinkId
public typealias PreviewId = KapokCore.PreviewId
public typealias DocumentId = KapokCore.DocumentId
public typealias DeviceId = KapokCore.DeviceId
