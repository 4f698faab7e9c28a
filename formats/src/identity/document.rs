//! Identity documents of persons: a kind and a number that fits the kind.

use super::normal::{check_form, decimal, is_birth_date, is_province, mod_11_2_fits, normalise};
use super::resident::{check_dates, masked};
use super::{IdentityError, ResidentId, hidden};
use serde::{Deserialize, Serialize};

/// Kinds of identity documents. The same person may hold several: persons are told apart by (kind, number).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdKind {
    /// 居民身份证.
    ResidentId,
    /// 港澳居民来往内地通行证: H or M and 8 digits, on older cards 2 more for the issue.
    HkMacaoPermit,
    /// 台湾居民来往大陆通行证: 8 digits, on older cards 2 more.
    TaiwanPermit,
    /// 港澳居民居住证 and 台湾居民居住证: as a resident id, region 810000, 820000 or 830000.
    ResidencePermit,
    /// 中国护照.
    Passport,
    /// 外国人永久居留身份证: 18 digits beginning with 9, or three letters and 12 digits.
    PermanentResidence,
}

/// A document of a person.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct IdDocument {
    kind: IdKind,
    number: String,
}

#[derive(Deserialize)]
struct Unchecked {
    kind: IdKind,
    number: String,
}

impl IdDocument {
    /// Reads a number that a person typed for a kind of document.
    ///
    /// # Errors
    /// [`IdentityError`] when the number does not have the form of the kind.
    pub fn parse(kind: IdKind, text: &str) -> Result<Self, IdentityError> {
        let number = normalise(text);
        match kind {
            IdKind::ResidentId => drop(ResidentId::parse(&number)?),
            IdKind::HkMacaoPermit => hk_macao_permit(&number)?,
            IdKind::TaiwanPermit => {
                check_form("taiwan_permit", &number, &[8, 10], |_, c| {
                    c.is_ascii_digit()
                })?;
            }
            IdKind::ResidencePermit => residence_permit(&number)?,
            IdKind::Passport => passport(&number)?,
            IdKind::PermanentResidence => permanent_residence(&number)?,
        }
        Ok(Self { kind, number })
    }

    /// The kind of the document.
    pub const fn kind(&self) -> IdKind {
        self.kind
    }

    /// The normalised number.
    pub fn number(&self) -> &str {
        &self.number
    }

    /// First two and last two characters, stars between: what may be shown to others.
    pub fn masked(&self) -> String {
        masked(&self.number, 2, 2)
    }
}

impl TryFrom<Unchecked> for IdDocument {
    type Error = IdentityError;

    fn try_from(document: Unchecked) -> Result<Self, Self::Error> {
        Self::parse(document.kind, &document.number)
    }
}

hidden!(IdDocument);

fn hk_macao_permit(number: &str) -> Result<(), IdentityError> {
    check_form(
        "hk_macao_permit",
        number,
        &[9, 11],
        |position, c| match position {
            1 => matches!(c, 'H' | 'M'),
            _ => c.is_ascii_digit(),
        },
    )
}

fn residence_permit(number: &str) -> Result<(), IdentityError> {
    const FIELD: &str = "residence_permit";
    check_form(FIELD, number, &[18], |position, c| {
        c.is_ascii_digit() || (position == 18 && c == 'X')
    })?;
    if !["810000", "820000", "830000"]
        .iter()
        .any(|region| number.starts_with(region))
    {
        return Err(IdentityError::Region { field: FIELD });
    }
    check_dates(FIELD, number)
}

/// E and 8 digits; E, a letter other than I and O, 7 digits; the older G and 8 digits; service and diplomatic
/// SE, DE, PE and 7 digits.
fn passport(number: &str) -> Result<(), IdentityError> {
    let first = number.chars().next();
    check_form("passport", number, &[9], |position, c| {
        match (position, first) {
            (1, _) => matches!(c, 'E' | 'G' | 'S' | 'D' | 'P'),
            (2, Some('E')) => {
                c.is_ascii_digit() || (c.is_ascii_uppercase() && !matches!(c, 'I' | 'O'))
            }
            (2, Some('S' | 'D' | 'P')) => c == 'E',
            _ => c.is_ascii_digit(),
        }
    })
}

/// Cards since 2023-12-01 have 18 characters: 9, province, ISO 3166 numeric nationality, birth date, serial
/// number, check. Older ones have only a form: nationality in three letters, 12 digits.
fn permanent_residence(number: &str) -> Result<(), IdentityError> {
    const FIELD: &str = "permanent_residence";
    if !number.starts_with('9') {
        return check_form(FIELD, number, &[15], |position, c| match position {
            1..=3 => c.is_ascii_uppercase(),
            _ => c.is_ascii_digit(),
        });
    }
    check_form(FIELD, number, &[18], |position, c| {
        c.is_ascii_digit() || (position == 18 && c == 'X')
    })?;
    if !number
        .get(1..3)
        .is_some_and(|province| is_province(decimal(province)))
    {
        return Err(IdentityError::Region { field: FIELD });
    }
    if !number.get(6..14).is_some_and(is_birth_date) {
        return Err(IdentityError::Date { field: FIELD });
    }
    if !mod_11_2_fits(number) {
        return Err(IdentityError::CheckDigit { field: FIELD });
    }
    Ok(())
}
