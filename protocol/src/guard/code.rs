//! Codes of 80 random bits for people: the revocation code that ends a lost phone, the stop code of a PIN reset.
//!
//! As text four groups of four characters of Crockford's base32, which has no I, L, O and U; read with or without hyphens and blanks, in
//! either case, and with the letters that are mistaken for digits.

use crate::kdf::sha256;
use zeroize::Zeroizing;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters without hyphens.
const LENGTH: usize = 16;

/// A text that is no code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the code has 16 letters and digits")]
pub struct CodeError;

/// A code. Wiped on drop; no `Debug`.
pub struct Code(Zeroizing<[u8; 10]>);

impl Code {
    /// From 10 random bytes.
    pub fn new(random: [u8; 10]) -> Self {
        Self(Zeroizing::new(random))
    }

    /// As it is shown: `XXXX-XXXX-XXXX-XXXX`.
    pub fn text(&self) -> Zeroizing<String> {
        let mut out = Zeroizing::new(String::with_capacity(19));
        for (at, group) in self.0.chunks(5).flat_map(digits).enumerate() {
            if at > 0 && at % 4 == 0 {
                out.push('-');
            }
            out.push(char::from(
                ALPHABET.get(usize::from(group)).copied().unwrap_or(b'0'),
            ));
        }
        out
    }

    /// Reads a typed code.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let mut code = Self::new([0; 10]);
        let (mut bits, mut held, mut written, mut read) = (0u16, 0u32, 0, 0);
        for character in text.chars().filter(|c| !matches!(c, '-' | ' ')) {
            let value = value(character).ok_or(CodeError)?;
            read += 1;
            bits = bits << 5 | u16::from(value);
            held += 5;
            if held < 8 {
                continue;
            }
            held -= 8;
            let byte = code.0.get_mut(written).ok_or(CodeError)?;
            *byte = u8::try_from(bits >> held & 0xff).map_err(|_| CodeError)?;
            bits &= (1 << held) - 1;
            written += 1;
        }
        (read == LENGTH).then_some(code).ok_or(CodeError)
    }

    /// What is stored: SHA-256 with a label. 80 bits are not found again from it.
    pub fn hash(&self) -> [u8; 32] {
        sha256(&[b"pinv1/code", self.0.as_slice()])
    }
}

/// Eight digits of five bits in five bytes.
fn digits(bytes: &[u8]) -> impl Iterator<Item = u8> + use<> {
    let all = bytes
        .iter()
        .fold(0u64, |all, byte| all << 8 | u64::from(*byte));
    (0..8u32).map(move |at| (all >> (35 - 5 * at) & 31) as u8)
}

fn value(character: char) -> Option<u8> {
    let letter = match character.to_ascii_uppercase() {
        'I' | 'L' => '1',
        'O' => '0',
        other => other,
    };
    let place = ALPHABET
        .iter()
        .position(|known| char::from(*known) == letter)?;
    u8::try_from(place).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_code_reads_as_people_write_it() {
        let code = Code::new([0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0x0a, 0xf5]);
        let text = code.text();
        assert_eq!(*text, "04HM-ASW9-NF6Y-Y2QN");
        for typed in [
            "04hmasw9nf6yy2qn",
            "o4HM ASW9 NF6Y Y2QN",
            "04HM-ASW9NF6Y-Y2QN",
        ] {
            assert_eq!(Code::parse(typed).ok().unwrap().hash(), code.hash());
        }
        for bad in [
            "",
            "04HM-ASW9-NF6Y-Y2Q",
            "04HM-ASW9-NF6Y-Y2QN0",
            "04HM-ASW9-NF6Y-Y2QU",
            "０４HM-ASW9-NF6Y-Y2QN",
        ] {
            assert!(Code::parse(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn every_code_reads_back(random: [u8; 10]) {
            let code = Code::new(random);
            prop_assert_eq!(Code::parse(&code.text()).ok().map(|read| *read.0), Some(random));
        }

        #[test]
        fn any_text_is_a_code_or_an_error(text: String) {
            let _ = Code::parse(&text);
        }
    }
}
