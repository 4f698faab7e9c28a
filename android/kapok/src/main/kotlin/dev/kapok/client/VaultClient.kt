package dev.kapok.client

import dev.kapok.HandoffView
import dev.kapok.LossReported
import dev.kapok.PhoneView
import dev.kapok.PinPad
import dev.kapok.PinState
import dev.kapok.TypedIdentity
import dev.kapok.Vault
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock

private val digits = 0..9

/** The digits of a PIN (签名PIN码). They live in the library only: a screen draws [length] dots. Closing wipes them. */
class Pin : AutoCloseable {
    internal val pad = PinPad()

    /** How many digits are there, 0 to 6. */
    val length: Int get() = pad.len().toInt()

    /** Adds a digit, 0 to 9. False if it is none or six are there. */
    fun push(digit: Int): Boolean = digit in digits && pad.push(digit.toUByte())

    /** Takes the last digit back. */
    fun backspace() = pad.backspace()

    /** Wipes all digits. */
    fun clear() = pad.clear()

    override fun close() {
        pad.clear()
        pad.close()
    }

    companion object {
        /** Digits of a PIN. */
        const val LENGTH = 6
    }
}

/** The PIN of the account. */
class VaultClient internal constructor(private val vault: Vault) : AutoCloseable by vault {
    private val looking = Mutex()

    /** Where the PIN is: asks the guard when it can, else says what the phone knows. */
    // One after the other: beside another call the library only says what the phone knows.
    suspend fun state(): PinState = looking.withLock { call { vault.pinState() } }

    /** Whether this PIN may be set; its digits stay. Ends in `PIN_FORMAT`, or `PIN_WEAK` with the reason. Offline. */
    suspend fun check(pin: Pin) = call { vault.checkPin(pin.pad) }

    /**
     * 修改PIN码 by the PIN that holds; all three are empty afterwards. Ends in `PIN_WEAK`, `PIN_REPEAT`, `PIN_UNSET`; `PIN_WRONG` with the tries
     * left, `PIN_WAIT`, `PIN_BLOCKED`; or `OFFLINE`: then [state] settles which of the two PINs holds.
     */
    suspend fun change(old: Pin, first: Pin, repeat: Pin) = call { vault.changePin(old.pad, first.pad, repeat.pad) }

    /** Sets the first PIN; both are empty afterwards. Ends in `PIN_WEAK`, `PIN_REPEAT`, `PIN_ALREADY_SET` or `OFFLINE`. */
    suspend fun set(first: Pin, repeat: Pin) = call { vault.setPin(first.pad, repeat.pad) }

    /**
     * PIN码设置 by face: the new PIN twice, then the face check; the PIN that holds is not asked. Both are empty afterwards, the PIN waits in the
     * library. A request to open the mini program follows in [Kapok.requests]; once [LoginClient] gives `Verified` for `PIN_RESET`,
     * [finishReset] goes on. Ends in `PIN_FORMAT`, `PIN_WEAK`, `PIN_REPEAT`, `PIN_UNSET`, or the platform's code.
     */
    suspend fun startReset(first: Pin, repeat: Pin): HandoffView = call { vault.startReset(first.pad, repeat.pad) }

    /**
     * Sets the PIN that waits; every certificate signs as before. Ends in `PIN_REQUIRED` if the end of the process has taken it, or in
     * `OFFLINE`: then [finishResetWith] goes on within ten minutes; in `HANDOFF_UNKNOWN` without a passed face check, `HANDOFF_EXPIRED` if its
     * time is over. Until it is done the old PIN does not open either.
     */
    suspend fun finishReset() = call { vault.finishReset() }

    /** As [finishReset], with the new PIN typed again; both are empty afterwards. Ends in `PIN_FORMAT`, `PIN_WEAK` or `PIN_REPEAT` as well. */
    suspend fun finishResetWith(first: Pin, repeat: Pin) = call { vault.finishResetWith(first.pad, repeat.pad) }

    /** Ends a reset that the owner did not ask for, by the code of the short message. Nobody needs to be logged in. Ends in `NOT_FOUND`. */
    suspend fun stopReset(code: String) = call { vault.stopReset(code) }

    /** The phones on which this account has a PIN, this one among them. Ends in `LOGIN_REQUIRED` or `OFFLINE`. */
    suspend fun phones(): List<PhoneView> = call { vault.phones() }

    /**
     * 挂失 of another phone of this account, by the face check of a login on this phone that is younger than five minutes. Nothing is released to
     * it from now on; after three days what is held of it is deleted, unless its owner objects on it. Ends in `HANDOFF_EXPIRED` if the login is
     * older, `NOT_ALLOWED` after a login without face, `NOT_FOUND`.
     */
    suspend fun reportLoss(deviceId: String): LossReported = call { vault.reportLoss(deviceId) }

    /**
     * 挂失 by the revocation code that the lost phone has shown; nobody needs to be logged in. Ends in `INPUT_INVALID` at `owner.…` or `code`, or
     * in `NOT_FOUND` for a code of none of the person's phones.
     */
    suspend fun reportLossByCode(owner: TypedIdentity, code: String): LossReported = call { vault.reportLossByCode(owner, code) }

    /**
     * 吊销码: a new one for this phone in place of the one before, to be written down and kept elsewhere. The pin is empty afterwards. Ends in
     * `PIN_WRONG` with the tries left, `PIN_WAIT`, `PIN_BLOCKED`.
     */
    suspend fun revocationCode(pin: Pin): String = call { vault.revocationCode(pin.pad) }

    /**
     * On a phone that was reported lost: it is not. Within three days of the report; the pin is empty afterwards. Ends in `PIN_WRONG` with the
     * tries left, `PIN_WAIT`, `PIN_BLOCKED`, or `DEVICE_REVOKED` when it is too late.
     */
    suspend fun objectToLoss(pin: Pin) = call { vault.objectToLoss(pin.pad) }
}
