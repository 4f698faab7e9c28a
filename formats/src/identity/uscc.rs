//! Numbers of organisations: 统一社会信用代码, 组织机构代码 and the older 工商注册号.

use super::normal::{check_form, normalise};
use super::{IdentityError, as_text};
use serde::{Deserialize, Serialize};
use std::fmt;

const USCC_ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
const USCC_WEIGHTS: [u32; 17] = [
    1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28,
];
const ORGANISATION_WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

/// 统一社会信用代码 (GB 32100-2015): 18 characters of `0-9A-HJ-NP-RTUW-Y` with a check character.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Uscc(String);

impl Uscc {
    /// Reads what a person typed.
    ///
    /// # Errors
    /// [`IdentityError`] naming the wrong character, length or check character.
    pub fn parse(text: &str) -> Result<Self, IdentityError> {
        const FIELD: &str = "uscc";
        let code = normalise(text);
        check_form(FIELD, &code, &[18], |position, c| match position {
            3..=8 => c.is_ascii_digit(),
            _ => USCC_ALPHABET.contains(c),
        })?;
        let values: Vec<u32> = code.chars().filter_map(uscc_value).collect();
        let sum: u32 = values
            .iter()
            .zip(USCC_WEIGHTS)
            .map(|(value, weight)| value * weight)
            .sum();
        if values.last() != Some(&((31 - sum % 31) % 31)) {
            return Err(IdentityError::CheckDigit { field: FIELD });
        }
        Ok(Self(code))
    }

    /// The 18 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The six digits of the administrative region.
    pub fn region(&self) -> &str {
        self.0.get(2..8).unwrap_or_default()
    }

    /// Characters 9 to 17 when they satisfy GB 11714. Some real codes do not: worth a remark, no reason to refuse.
    pub fn organisation_code(&self) -> Option<OrganisationCode> {
        OrganisationCode::parse(self.0.get(8..17)?).ok()
    }
}

fn uscc_value(c: char) -> Option<u32> {
    u32::try_from(USCC_ALPHABET.chars().position(|a| a == c)?).ok()
}

/// 组织机构代码 (GB 11714): eight of `0-9A-Z` and a check character; held without the hyphen.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OrganisationCode(String);

impl OrganisationCode {
    /// Reads it with or without the hyphen before the check character.
    ///
    /// # Errors
    /// [`IdentityError`] naming the wrong character, length or check character.
    pub fn parse(text: &str) -> Result<Self, IdentityError> {
        const FIELD: &str = "organisation_code";
        let mut code = normalise(text);
        if code.chars().nth(8) == Some('-') {
            code = code
                .chars()
                .enumerate()
                .filter(|&(i, _)| i != 8)
                .map(|(_, c)| c)
                .collect();
        }
        check_form(FIELD, &code, &[9], |position, c| match position {
            9 => c.is_ascii_digit() || c == 'X',
            _ => c.is_ascii_digit() || c.is_ascii_uppercase(),
        })?;
        let sum: u32 = code
            .chars()
            .zip(ORGANISATION_WEIGHTS)
            .map(|(c, weight)| c.to_digit(36).unwrap_or(0) * weight)
            .sum();
        let check = match 11 - sum % 11 {
            10 => Some('X'),
            11 => Some('0'),
            digit => char::from_digit(digit, 10),
        };
        if code.chars().last() != check {
            return Err(IdentityError::CheckDigit { field: FIELD });
        }
        Ok(Self(code))
    }

    /// The nine characters, without hyphen.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// 工商注册号 (GS 15-2006): 15 digits, the last by ISO 7064 MOD 11,10.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RegistrationNumber(String);

impl RegistrationNumber {
    /// Reads what a person typed.
    ///
    /// # Errors
    /// [`IdentityError`] naming the wrong character, length or check digit.
    pub fn parse(text: &str) -> Result<Self, IdentityError> {
        const FIELD: &str = "registration_number";
        let number = normalise(text);
        check_form(FIELD, &number, &[15], |_, c| c.is_ascii_digit())?;
        let digits: Vec<u32> = number.chars().filter_map(|c| c.to_digit(10)).collect();
        let product = digits.iter().take(14).fold(10, |product, digit| {
            let sum = (product + digit) % 10;
            (if sum == 0 { 10 } else { sum }) * 2 % 11
        });
        if digits.last().map(|check| (product + check) % 10) != Some(1) {
            return Err(IdentityError::CheckDigit { field: FIELD });
        }
        Ok(Self(number))
    }

    /// The 15 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

as_text!(Uscc);
as_text!(OrganisationCode);
as_text!(RegistrationNumber);

impl fmt::Display for Uscc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
