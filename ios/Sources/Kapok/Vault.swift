import KapokCore

/// Collects the six digits of a PIN. The screen draws ``count`` dots and never sees a digit again; the end of the pad wipes it.
public final class PinPad: Sendable {
    /// Digits of a PIN.
    public static let length = 6

    let core = KapokCore.PinPad()

    /// An empty pad.
    public init() {}

    /// Adds a digit, 0 to 9. False if it is no digit or six are there; nothing changes then.
    @discardableResult
    public func push(_ digit: UInt8) -> Bool { core.push(digit: digit) }

    /// Takes the last digit back; nothing happens on an empty pad.
    public func backspace() { core.backspace() }

    /// How many digits are there, 0 to 6.
    public var count: Int { Int(core.len()) }

    /// Wipes the pad.
    public func clear() { core.clear() }
}

/// The PIN (签名PIN码).
public struct Vault: Sendable {
    let core: KapokCore.Vault

    /// Where the PIN of this account is: asks the guard when it can, else says what the phone knows. Ends in `LOGIN_REQUIRED`, or
    /// `GUARD_TAMPERED` if the guard's answer does not verify.
    public func pinState() async throws(KapokFailure) -> PinState {
        try await calling { try await core.pinState() }
    }

    /// Whether a typed PIN may be set, before it is typed again; the pad keeps its digits. Ends in `PIN_FORMAT`, or `PIN_WEAK` with the
    /// reason. Offline.
    public func check(_ pin: PinPad) throws(KapokFailure) {
        do { try core.checkPin(pin: pin.core) } catch { throw KapokFailure(error) }
    }

    /// Sets the first PIN; both pads are emptied. Ends in `PIN_FORMAT`, `PIN_WEAK` with the reason, `PIN_REPEAT` if the two differ,
    /// `PIN_ALREADY_SET`, `LOGIN_REQUIRED`, the face service's code if the login's face check is too old, or `OFFLINE`: then
    /// ``pinState()`` tells whether the PIN was set.
    public func setPin(_ first: PinPad, repeat second: PinPad) async throws(KapokFailure) {
        try await calling { try await core.setPin(first: first.core, repeat: second.core) }
    }

    /// 修改PIN码 by the PIN that holds; all pads are emptied. Certificates and seals stay. Ends in `PIN_FORMAT`, `PIN_WEAK` with the reason,
    /// `PIN_REPEAT`, `PIN_UNSET`; `PIN_WRONG` with the tries left, `PIN_WAIT`, `PIN_BLOCKED`; or `OFFLINE`: then ``pinState()`` settles which
    /// of the two PINs holds.
    public func changePin(_ old: PinPad, to first: PinPad, repeat second: PinPad) async throws(KapokFailure) {
        try await calling { try await core.changePin(old: old.core, first: first.core, repeat: second.core) }
    }

    /// PIN码设置 by face: the new PIN twice, then the face check; the PIN that holds is not asked. Both pads are emptied, the PIN waits in the
    /// library, and a request to open the mini program follows. Once ``Login`` gives ``LoginOutcome/verified(purpose:handoffId:)`` for
    /// `pinReset`, ``finishReset()`` goes on. Ends in `PIN_FORMAT`, `PIN_WEAK`, `PIN_REPEAT`, `PIN_UNSET`, or the platform's code.
    public func startReset(_ first: PinPad, repeat second: PinPad) async throws(KapokFailure) -> HandoffView {
        try await calling { try await core.startReset(first: first.core, repeat: second.core) }
    }

    /// Sets the PIN that waits; every certificate signs as before. Ends in `PIN_REQUIRED` if the end of the app has taken it, or in `OFFLINE`:
    /// then ``finishReset(with:repeat:)`` goes on within ten minutes; in `HANDOFF_UNKNOWN` without a passed face check, `HANDOFF_EXPIRED` if
    /// its time is over. Until it is done the old PIN does not open either.
    public func finishReset() async throws(KapokFailure) {
        try await calling { try await core.finishReset() }
    }

    /// As ``finishReset()``, with the new PIN typed again; both pads are emptied. Ends in `PIN_FORMAT`, `PIN_WEAK` or `PIN_REPEAT` as well.
    public func finishReset(with first: PinPad, repeat second: PinPad) async throws(KapokFailure) {
        try await calling { try await core.finishResetWith(first: first.core, repeat: second.core) }
    }

    /// Ends a reset that the owner did not ask for, by the code of the short message. Nobody needs to be logged in. Ends in `NOT_FOUND` for a
    /// code that stops nothing.
    public func stopReset(_ code: String) async throws(KapokFailure) {
        try await calling { try await core.stopReset(code: code) }
    }

    /// The phones on which this account has a PIN, this one among them. Ends in `LOGIN_REQUIRED` or `OFFLINE`.
    public func phones() async throws(KapokFailure) -> [PhoneView] {
        try await calling { try await core.phones() }
    }

    /// 挂失 of another phone of this account, by the face check of a login on this phone that is younger than five minutes. Nothing is
    /// released to it from now on; after three days what is held of it is deleted, unless its owner objects on it. Ends in `HANDOFF_EXPIRED`
    /// if the login is older, `NOT_ALLOWED` after a login without face, `NOT_FOUND`.
    @discardableResult
    public func reportLoss(_ device: DeviceId) async throws(KapokFailure) -> LossReported {
        try await calling { try await core.reportLoss(device: device) }
    }

    /// 挂失 by the revocation code that the lost phone has shown; nobody needs to be logged in. Ends in `INPUT_INVALID` with the field, in
    /// `NOT_FOUND` for a code of none of the person's phones.
    public func reportLoss(of owner: TypedIdentity, code: String) async throws(KapokFailure) -> LossReported {
        try await calling { try await core.reportLossByCode(owner: owner, code: code) }
    }

    /// 吊销码: a new revocation code for this phone in place of the one before, to be written down and kept elsewhere. The pad is emptied.
    /// Ends in `PIN_FORMAT`, `PIN_WRONG` with the tries left, `PIN_WAIT`, `PIN_BLOCKED`.
    public func revocationCode(_ pin: PinPad) async throws(KapokFailure) -> String {
        try await calling { try await core.revocationCode(pin: pin.core) }
    }

    /// On a phone that was reported lost: it is not. Within three days of the report; the pad is emptied. Ends in `PIN_FORMAT`, `PIN_WRONG`
    /// with the tries left, `PIN_WAIT`, `PIN_BLOCKED`, or `DEVICE_REVOKED` when it is too late.
    public func objectToLoss(_ pin: PinPad) async throws(KapokFailure) {
        try await calling { try await core.objectToLoss(pin: pin.core) }
    }
}
