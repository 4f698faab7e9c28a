//! 公民身份号码.

use super::normal::{check_form, decimal, is_birth_date, is_province, mod_11_2_fits, normalise};
use super::{IdentityError, as_text, hidden};
use serde::{Deserialize, Serialize};

const FIELD: &str = "resident_id";

/// 公民身份号码 (GB 11643-1999): 18 characters with a check character, or the 15 digits of its predecessor.
///
/// A county code is not looked up: codes are abolished and given again. Province, date and check suffice.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ResidentId(String);

impl ResidentId {
    /// Reads what a person typed.
    ///
    /// # Errors
    /// [`IdentityError`] naming the wrong character, length, region, date or check character. The number of a
    /// residence permit or of a permanent residence card is refused by its region.
    pub fn parse(text: &str) -> Result<Self, IdentityError> {
        let number = normalise(text);
        check_form(FIELD, &number, &[15, 18], |position, c| {
            c.is_ascii_digit() || (position == 18 && c == 'X')
        })?;
        let province = number.get(0..2).map_or(0, decimal);
        if !is_province(province) {
            return Err(IdentityError::Region { field: FIELD });
        }
        check_dates(FIELD, &number)?;
        Ok(Self(number))
    }

    /// The 18 characters or 15 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// First four and last four characters, stars between: what may be shown to others.
    pub fn masked(&self) -> String {
        masked(&self.0, 4, 4)
    }
}

/// Birth date, and for 18 characters the check character.
pub(super) fn check_dates(field: &'static str, number: &str) -> Result<(), IdentityError> {
    let born = match number.len() {
        15 => format!("19{}", number.get(6..12).unwrap_or_default()),
        _ => number.get(6..14).unwrap_or_default().to_owned(),
    };
    if !is_birth_date(&born) {
        return Err(IdentityError::Date { field });
    }
    if number.len() == 18 && !mod_11_2_fits(number) {
        return Err(IdentityError::CheckDigit { field });
    }
    Ok(())
}

/// Keeps `head` and `tail` characters and puts stars between.
pub(super) fn masked(text: &str, head: usize, tail: usize) -> String {
    let length = text.chars().count();
    text.chars()
        .enumerate()
        .map(|(i, c)| {
            if i < head || i + tail >= length {
                c
            } else {
                '*'
            }
        })
        .collect()
}

as_text!(ResidentId);
hidden!(ResidentId);
