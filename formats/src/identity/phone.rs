//! Mobile phone numbers of the mainland.

use super::normal::{check_form, normalise};
use super::resident::masked;
use super::{IdentityError, as_text, hidden};
use serde::{Deserialize, Serialize};

/// 手机号: 11 digits, `1[3-9]` and nine more. The network's prefix is not checked: numbers are portable.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Phone(String);

impl Phone {
    /// Reads what a person typed; hyphens and the country code +86 are left out.
    ///
    /// # Errors
    /// [`IdentityError`] naming the wrong character or length.
    pub fn parse(text: &str) -> Result<Self, IdentityError> {
        let typed: String = normalise(text).chars().filter(|c| *c != '-').collect();
        let number = typed.strip_prefix("+86").unwrap_or(&typed).to_owned();
        check_form("phone", &number, &[11], |position, c| match position {
            1 => c == '1',
            2 => matches!(c, '3'..='9'),
            _ => c.is_ascii_digit(),
        })?;
        Ok(Self(number))
    }

    /// The 11 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `138****8000`: what may be shown to others.
    pub fn masked(&self) -> String {
        masked(&self.0, 3, 4)
    }
}

as_text!(Phone);
hidden!(Phone);
