//! Enterprise names: kept as registered, compared as people type them (YST-056).

use super::normal::is_ignored;
use super::{IdentityError, as_text};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

const FIELD: &str = "enterprise_name";
/// No register holds a longer one; a bound keeps certificates (X.520: 64 characters) and seals drawable.
const LONGEST: usize = 64;

/// The name of an enterprise as the register has it, which is what is shown, signed and drawn.
///
/// Equality (`==`) is of the registered text; [`EnterpriseName::compare`] forgives what typing changes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EnterpriseName(String);

/// Where typed text first differs from a registered name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NameDifference {
    /// Position in the typed text in characters from 1; one past the end when the text stops too early.
    pub position: usize,
    /// The character that differs; `None` when the text stops too early.
    pub found: Option<char>,
}

impl EnterpriseName {
    /// Takes a registered name; blanks at both ends are cut off, nothing else changes.
    ///
    /// # Errors
    /// [`IdentityError`] when it is empty, longer than 64 characters or holds a control character.
    pub fn parse(text: &str) -> Result<Self, IdentityError> {
        let name = text.trim_matches(is_ignored);
        let found = name.chars().count();
        if found == 0 || found > LONGEST {
            return Err(IdentityError::Length {
                field: FIELD,
                found,
            });
        }
        if let Some((c, position)) = name.chars().zip(1..).find(|(c, _)| c.is_control()) {
            return Err(IdentityError::Character {
                field: FIELD,
                position,
                found: c,
            });
        }
        Ok(Self(name.to_owned()))
    }

    /// The registered form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form to look a name up by: equal for all texts that [`EnterpriseName::compare`] forgives.
    pub fn lookup_key(text: &str) -> String {
        folded(text).map(|(_, c)| c).collect()
    }

    /// Compares typed text with the name: blanks and invisible characters do not count, full and half width,
    /// both kinds of round brackets and all middle dots are the same.
    ///
    /// # Errors
    /// [`NameDifference`] points at the first character that still differs.
    pub fn compare(&self, typed: &str) -> Result<(), NameDifference> {
        let mut registered = folded(&self.0).map(|(_, c)| c);
        for (position, c) in folded(typed) {
            if registered.next() != Some(c) {
                return Err(NameDifference {
                    position,
                    found: typed.nfc().nth(position - 1),
                });
            }
        }
        if registered.next().is_some() {
            return Err(NameDifference {
                position: typed.nfc().count() + 1,
                found: None,
            });
        }
        Ok(())
    }
}

/// The characters that count, each with its position (from 1) in the text.
fn folded(text: &str) -> impl Iterator<Item = (usize, char)> + '_ {
    // NFKC of each character alone keeps the positions; NFC before it has joined what belongs together.
    text.nfc()
        .zip(1usize..)
        .flat_map(|(c, position)| {
            std::iter::once(c)
                .nfkc()
                .map(move |c| (position, c))
                .collect::<Vec<_>>()
        })
        .filter(|&(_, c)| !is_ignored(c))
        .map(|(position, c)| (position, fold(c)))
}

fn fold(c: char) -> char {
    match c {
        '\u{2022}' | '\u{2027}' | '\u{30FB}' | '\u{FF65}' => '\u{B7}',
        '\u{3014}' | '\u{FF08}' => '(',
        '\u{3015}' | '\u{FF09}' => ')',
        _ => c,
    }
}

as_text!(EnterpriseName);
