import KapokCore

/// Collects the six digits of a PIN. The screen draws ``count`` dots and never sees a digit again; the end of the pad wipes it.
public final class PinPad: Sendable {
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
}
