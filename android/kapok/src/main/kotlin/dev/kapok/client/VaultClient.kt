package dev.kapok.client

import dev.kapok.PinPad
import dev.kapok.PinState
import dev.kapok.Vault

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
    /** Where the PIN is: asks the guard when it can, else says what the phone knows. */
    suspend fun state(): PinState = call { vault.pinState() }

    /** Whether this PIN may be set; its digits stay. Ends in `PIN_FORMAT`, or `PIN_WEAK` with the reason. Offline. */
    suspend fun check(pin: Pin) = call { vault.checkPin(pin.pad) }

    /**
     * 修改PIN码 by the PIN that holds; all three are empty afterwards. Ends in `PIN_WEAK`, `PIN_REPEAT`, `PIN_UNSET`; `PIN_WRONG` with the tries
     * left, `PIN_WAIT`, `PIN_BLOCKED`; or `OFFLINE`: then [state] settles which of the two PINs holds.
     */
    suspend fun change(old: Pin, first: Pin, repeat: Pin) = call { vault.changePin(old.pad, first.pad, repeat.pad) }

    /** Sets the first PIN; both are empty afterwards. Ends in `PIN_WEAK`, `PIN_REPEAT`, `PIN_ALREADY_SET` or `OFFLINE`. */
    suspend fun set(first: Pin, repeat: Pin) = call { vault.setPin(first.pad, repeat.pad) }
}
