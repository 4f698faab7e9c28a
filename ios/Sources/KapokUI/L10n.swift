/// The keys of `Localizable.xcstrings`: a wrong key does not compile, and a test compares both.
public enum L10n: String, CaseIterable, Sendable {
    case account
    case addAgent
    case addEnterprise
    case added
    case agents
    case agentsList
    case agentsNone
    case agreed
    case amber
    case amberFontNotEmbedded = "amber.font_not_embedded"
    case amberOptionalContent = "amber.optional_content"
    case askLink
    case busy
    case byeAbsolute
    case byeDone
    case byeError
    case byeIdle
    case byeReplaced
    case byeRevoked
    case byeUser
    case certificate
    case certificateActive
    case certificateElsewhere
    case certificateEmployee
    case certificateExpired
    case certificateInstall
    case certificateInstallable
    case certificateOrganisation
    case certificateRevoked
    case certificateSuspended
    case certificates
    case certificatesNone
    case checking
    case closed
    case codePlaceholder
    case confirmSign
    case connected
    case connectedHint
    case connecting
    case consent
    case consentHint
    case contact
    case coverText
    case declined
    case deleteDigit
    case digitLabel
    case digitsTyped
    case disconnectAsk
    case document
    case documentHkMacaoPermit
    case documentPassport
    case documentPermanentResidence
    case documentResidencePermit
    case documentResidentId
    case documentTaiwanPermit
    case enrolAgain
    case enterprise
    case enterprises
    case enterprisesNone
    case faceCodeAsked
    case faceDone
    case faceFinishing
    case faceLeft
    case faceLogin
    case faceLoginTyped
    case faceWaiting
    case fileAmber
    case fileConfirmed
    case fileDelivered
    case filePulling
    case fileReady
    case fileSigned
    case fileWaiting
    case generated
    case grantActive
    case grantExpired
    case grantRevoked
    case grantSuspended
    case handOver
    case handOverHint
    case hkMacaoPermit
    case home
    case identity
    case installed
    case invite
    case inviteAccepted
    case inviteAgent
    case inviteAuthentication
    case inviteDeclined
    case inviteDraft
    case inviteExpired
    case inviteMismatch
    case inviteOpened
    case inviteRevoked
    case inviteSent
    case invitee
    case inviter
    case invitesList
    case keyAccept
    case keyAddNow
    case keyAgree
    case keyAgreeAuth
    case keyAskAuthentication
    case keyBack
    case keyCancel
    case keyConfirm
    case keyDisconnect
    case keyDone
    case keyFaceAnew
    case keyFind
    case keyGenerate
    case keyGenerateEmployee
    case keyGenerateOrganisation
    case keyHandOver
    case keyInvite
    case keyLook
    case keyNextStep
    case keyOpen
    case keyOpenAgain
    case keyPages
    case keyPinAgain
    case keyPreviousStep
    case keyRefuse
    case keyRefuseDocument
    case keyReturn
    case keyRevoke
    case keySet
    case keySign
    case keyTick
    case kind
    case leaseEnds
    case levelAuthenticated
    case levelUnauthenticated
    case linkLabel
    case linkUnknown
    case links
    case loggedIn
    case login
    case loginName
    case logout
    case logoutAsk
    case lossAsk
    case lossByCode
    case lossByCodeHint
    case lossFaceNeeded
    case lossReport
    case lossReported
    case lostPhone
    case matchCode
    case mine
    case name
    case nextAgreePrivacy = "next.agree_privacy"
    case nextAskAdmin = "next.ask_admin"
    case nextAskAuthentication = "next.ask_authentication"
    case nextAskService = "next.ask_service"
    case nextFaceCheck = "next.face_check"
    case nextGoOnline = "next.go_online"
    case nextLogIn = "next.log_in"
    case nextScanAgain = "next.scan_again"
    case nextSelectEnterprise = "next.select_enterprise"
    case nextSetPin = "next.set_pin"
    case nextUpdate = "next.update"
    case number
    case objection
    case objectionDone
    case objectionHint
    case openLink
    case origin
    case pageOf
    case passport
    case password
    case passwordLogin
    case pcOffline
    case permanentResidence
    case phone
    case phoneBlocked
    case phoneObjection
    case phoneOk
    case phoneOther
    case phoneResetting
    case phoneRevoked
    case phoneThis
    case phones
    case phonesNone
    case pinBlockedHint
    case pinChange
    case pinDone
    case pinForInstall
    case pinForgot
    case pinIsReset
    case pinIsResetHint
    case pinNew
    case pinOld
    case pinPlease
    case pinRepeat
    case pinReset
    case pinResetAgain
    case pinResetHint
    case pinResetUnfinished
    case pinResetWorking
    case pinRevokedHint
    case pinSet
    case pinSetHint
    case pinSettings
    case pinStateBlocked
    case pinStateLost
    case pinStateResetting
    case pinStateRevoked
    case pinStateSet
    case pinStateSetting
    case pinStateUnset
    case pinTries
    case pinWait
    case pleaseLogin
    case pleaseSelect
    case privacy
    case query
    case reasonCharacter = "reason.character"
    case reasonCheckDigit = "reason.check_digit"
    case reasonDate = "reason.date"
    case reasonEmpty = "reason.empty"
    case reasonFewDigits = "reason.few_digits"
    case reasonFormat = "reason.format"
    case reasonKeyMissing = "reason.key_missing"
    case reasonLength = "reason.length"
    case reasonMalformed = "reason.malformed"
    case reasonOwn = "reason.own"
    case reasonPairs = "reason.pairs"
    case reasonPalindrome = "reason.palindrome"
    case reasonRange = "reason.range"
    case reasonRegion = "reason.region"
    case reasonRepeated = "reason.repeated"
    case reasonRuns = "reason.runs"
    case reasonSteps = "reason.steps"
    case reasonTooLong = "reason.too_long"
    case reasonTooShort = "reason.too_short"
    case reasonUnavailable = "reason.unavailable"
    case resetStopped
    case residencePermit
    case residentId
    case result
    case retry
    case revocationCode
    case revocationCodeHint
    case revocationCodePin
    case revokeGrantAsk
    case revokeInviteAsk
    case role
    case roleAgent
    case roleLegalRep
    case roleLinked
    case roleOwner
    case sas
    case scan
    case scanCameraDenied
    case scanCameraHint
    case scanToUse
    case scope
    case scopeCertificates = "scope.certificates"
    case scopeMatters = "scope.matters"
    case scopeSeals = "scope.seals"
    case sealEmployee
    case sealName
    case sealNeeded
    case sealOrganisation
    case sealPreviewHint
    case seals
    case sealsNone
    case searchEnterprise
    case security
    case selected
    case serial
    case settings
    case share
    case signOthers
    case signedRefused
    case signing
    case siteCheck
    case siteCheckHint
    case size
    case state
    case stopCode
    case stopReset
    case stopResetHint
    case subject
    case switchEnterprise
    case taiwanPermit
    case topic
    case triesLeft
    case unfinished
    case unfinishedHint
    case unknown
    case uscc
    case validDays
    case validDaysCount
    case validTo
    case verbatim
    case waitLeft
    case who
    case withdraw
    case withdrawAsk
}
