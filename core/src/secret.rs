//! The PIN while it is typed and while it is used. Digits live in one place that is wiped; they are never text.

use zeroize::{Zeroize, Zeroizing};

/// 256 KiB: more than the deepest of those calls takes, an eighth of a thread's stack.
const STACK_WORDS: usize = 32 * 1024;
/// Digits of a PIN.
pub const PIN_LENGTH: usize = 6;

/// Six ASCII digits on the heap: a move copies their address, not them.
type Digits = Box<Zeroizing<[u8; PIN_LENGTH]>>;

/// A typed PIN: six ASCII digits, wiped when dropped. Has no `Debug`, no `Clone` and no equality.
pub struct Pin(Digits);

impl Pin {
    /// A PIN of six digit values 0 to 9; nothing if one is not a digit.
    pub fn from_digits(digits: &[u8; PIN_LENGTH]) -> Option<Self> {
        let mut pad = PinPad::new();
        digits.iter().all(|digit| pad.push(*digit)).then_some(())?;
        pad.take()
    }

    /// The same PIN once more, for an act that uses it twice.
    pub(crate) fn again(&self) -> Self {
        let mut copy = Digits::default();
        copy.copy_from_slice(&self.0[..]);
        Self(copy)
    }

    /// The six ASCII digits.
    pub fn as_ascii(&self) -> &[u8; PIN_LENGTH] {
        &self.0
    }
}

/// Collects the digits of a PIN. The shell draws `len()` dots and never sees a digit again.
pub struct PinPad {
    digits: Digits,
    len: usize,
}

impl PinPad {
    /// An empty pad.
    pub fn new() -> Self {
        Self {
            digits: Digits::default(),
            len: 0,
        }
    }

    /// Adds a digit, 0 to 9. False if it is no digit or the pad is full; nothing changes then.
    pub fn push(&mut self, digit: u8) -> bool {
        let Some(place) = self.digits.get_mut(self.len) else {
            return false;
        };
        if digit > 9 {
            return false;
        }
        *place = b'0' + digit;
        self.len += 1;
        true
    }

    /// Takes the last digit back; nothing happens on an empty pad.
    pub fn backspace(&mut self) {
        self.len = self.len.saturating_sub(1);
        if let Some(place) = self.digits.get_mut(self.len) {
            place.zeroize();
        }
    }

    /// How many digits are there, 0 to 6.
    pub fn len(&self) -> usize {
        self.len
    }

    /// No digit is there.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Wipes the pad.
    pub fn clear(&mut self) {
        self.digits.zeroize();
        self.len = 0;
    }

    /// A copy of the PIN, if all six digits are there, to be checked while the pad keeps it.
    pub fn copy(&self) -> Option<Pin> {
        let mut copy = Digits::default();
        copy.copy_from_slice(&self.digits[..]);
        (self.len == PIN_LENGTH).then_some(Pin(copy))
    }

    /// The PIN, if all six digits are there; the pad is empty afterwards. An unfinished PIN stays as it is.
    pub fn take(&mut self) -> Option<Pin> {
        if self.len < PIN_LENGTH {
            return None;
        }
        Some(Pin(std::mem::take(self).digits))
    }
}

impl Default for PinPad {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for PinPad {
    /// Shows neither digits nor their number.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PinPad")
    }
}

/// Overwrites what earlier calls left on the stack below the caller: functions of other crates keep copies of a PIN or a key there
/// (the first block of Argon2, a scalar that is multiplied), which nothing wipes when they return. Runs after each act of the vault, and
/// whenever a thread of the runtime goes idle.
#[inline(never)]
pub fn wipe_stack() {
    let mut below = [0_u64; STACK_WORDS];
    below.zeroize();
    std::hint::black_box(&below);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pin_22_six_digits_make_a_pin_and_empty_the_pad() {
        let mut pad = PinPad::new();
        for digit in [1, 9, 3, 8, 2] {
            assert!(pad.push(digit));
        }
        assert!(pad.take().is_none());
        assert_eq!(pad.len(), 5, "an unfinished PIN stays");
        assert!(pad.push(7));
        assert!(!pad.push(7), "a seventh digit is refused");
        assert_eq!(pad.copy().unwrap().as_ascii(), b"193827");
        assert_eq!(pad.len(), 6, "a copy leaves the pad as it is");
        assert_eq!(pad.take().unwrap().as_ascii(), b"193827");
        assert!(pad.is_empty());
        assert_eq!(**pad.digits, [0; PIN_LENGTH]);
    }

    #[test]
    fn backspace_and_clear_wipe_what_they_take() {
        let mut pad = PinPad::new();
        pad.backspace();
        assert!(pad.push(4) && pad.push(5));
        pad.backspace();
        assert_eq!((pad.len(), pad.digits[1]), (1, 0));
        pad.clear();
        assert_eq!((pad.len(), pad.digits[0]), (0, 0));
        assert!(!pad.push(10), "no digit");
    }

    #[test]
    fn pin_20_debug_of_a_pad_shows_nothing() {
        let mut pad = PinPad::new();
        pad.push(7);
        assert_eq!(format!("{pad:?}"), "PinPad");
    }

    #[test]
    fn a_pin_from_digits_refuses_what_is_no_digit() {
        assert!(Pin::from_digits(&[1, 2, 3, 4, 5, 10]).is_none());
        assert_eq!(
            Pin::from_digits(&[1, 2, 3, 4, 5, 6]).unwrap().as_ascii(),
            b"123456"
        );
    }
}
