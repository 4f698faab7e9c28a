//! Identity numbers of enterprises and persons, phone numbers, and the comparison of enterprise names.
//!
//! Every type is parsed once from what a person typed: NFKC, without blanks and invisible characters, letters
//! in upper case. Nothing is repaired beyond that (an `O` stays an `O`): a wrong character is refused and named.
//! Types that hold personal data print nothing of it in `Debug`.

mod birth;
mod check;
mod document;
mod name;
mod normal;
mod phone;
mod resident;
mod uscc;

#[cfg(feature = "draw")]
pub(crate) use normal::is_ignored;

pub use birth::{Date, Sex};
pub use check::{NumberKind, Remark};
pub use document::{IdDocument, IdKind};
pub use name::{EnterpriseName, NameDifference};
pub use phone::Phone;
pub use resident::ResidentId;
pub use uscc::{OrganisationCode, RegistrationNumber, Uscc};

use thiserror::Error;

/// Why a number was refused. Positions count characters of the normalised text from 1.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum IdentityError {
    /// It has another length than the number has.
    #[error("{field} has {found} characters")]
    Length {
        /// Which number.
        field: &'static str,
        /// Characters after normalisation.
        found: usize,
    },
    /// A character cannot stand where it stands.
    #[error("{field}: character {position} cannot be {found:?}")]
    Character {
        /// Which number.
        field: &'static str,
        /// Where, from 1.
        position: usize,
        /// The character.
        found: char,
    },
    /// The check digit contradicts the rest: a slip of the pen somewhere.
    #[error("{field}: the check digit does not fit")]
    CheckDigit {
        /// Which number.
        field: &'static str,
    },
    /// The date of birth inside is no date.
    #[error("{field}: the date inside is no calendar date")]
    Date {
        /// Which number.
        field: &'static str,
    },
    /// The region inside belongs to no province, or to another kind of document.
    #[error("{field}: the region does not belong to this kind of document")]
    Region {
        /// Which number.
        field: &'static str,
    },
}

impl IdentityError {
    /// A stable word for the broken rule; never the number.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Length { .. } => "length",
            Self::Character { .. } => "character",
            Self::CheckDigit { .. } => "check_digit",
            Self::Date { .. } => "date",
            Self::Region { .. } => "region",
        }
    }
}

/// Serialises a parsed number as its text and parses it again when read.
macro_rules! as_text {
    ($type:ty) => {
        impl TryFrom<String> for $type {
            type Error = $crate::identity::IdentityError;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::parse(&text)
            }
        }

        impl From<$type> for String {
            fn from(value: $type) -> Self {
                value.as_str().to_owned()
            }
        }

        impl std::str::FromStr for $type {
            type Err = $crate::identity::IdentityError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }
    };
}
pub(crate) use as_text;

/// A `Debug` that names the type and nothing else: the value is personal data.
macro_rules! hidden {
    ($type:ident) => {
        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($type), "(…)"))
            }
        }
    };
}
pub(crate) use hidden;
