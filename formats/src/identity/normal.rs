//! Normalisation before any check, and the arithmetic that several numbers share.

use super::IdentityError;
use unicode_normalization::UnicodeNormalization;

/// NFKC, no blanks, no invisible characters, Latin letters in upper case.
pub(super) fn normalise(text: &str) -> String {
    text.nfkc()
        .filter(|c| !is_ignored(*c))
        .map(|c| c.to_ascii_uppercase())
        .collect()
}

/// Blanks and characters of category Cf, which copying from web pages and chat windows leaves behind.
pub(crate) fn is_ignored(c: char) -> bool {
    c.is_whitespace()
        || matches!(c,
            '\u{AD}' | '\u{600}'..='\u{605}' | '\u{61C}' | '\u{6DD}' | '\u{70F}' | '\u{890}'..='\u{891}'
            | '\u{8E2}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
            | '\u{110BD}' | '\u{110CD}' | '\u{13430}'..='\u{1343F}' | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D173}'..='\u{1D17A}' | '\u{E0001}' | '\u{E0020}'..='\u{E007F}')
}

/// Checks the length, then every character against the class that its position (from 1) allows.
pub(super) fn check_form(
    field: &'static str,
    text: &str,
    lengths: &[usize],
    allowed: impl Fn(usize, char) -> bool,
) -> Result<(), IdentityError> {
    let wrong = text
        .chars()
        .zip(1..)
        .find(|&(c, position)| !allowed(position, c));
    let found = text.chars().count();
    // A wrong character explains a wrong length better than a count does, but only inside the number.
    let longest = lengths.iter().copied().max().unwrap_or(0);
    if let Some((c, position)) = wrong.filter(|&(_, position)| position <= longest) {
        return Err(IdentityError::Character {
            field,
            position,
            found: c,
        });
    }
    if !lengths.contains(&found) {
        return Err(IdentityError::Length { field, found });
    }
    Ok(())
}

/// The number that decimal digits spell; characters that are none count as 0.
pub(super) fn decimal(digits: &str) -> u32 {
    digits.chars().fold(0u32, |sum, c| {
        sum.wrapping_mul(10)
            .wrapping_add(c.to_digit(10).unwrap_or(0))
    })
}

/// ISO 7064 MOD 11-2 over 18 characters, X standing for 10 in the last place (GB 11643-1999).
pub(super) fn mod_11_2_fits(text: &str) -> bool {
    let sum = text.chars().fold(0u32, |sum, c| {
        let value = if c == 'X' {
            10
        } else {
            c.to_digit(10).unwrap_or(0)
        };
        (sum * 2 + value) % 11
    });
    sum == 1
}

/// Whether eight digits YYYYMMDD are a date of the Gregorian calendar that a living person can be born on.
pub(super) fn is_birth_date(digits: &str) -> bool {
    let (Some(year), Some(month), Some(day)) =
        (digits.get(0..4), digits.get(4..6), digits.get(6..8))
    else {
        return false;
    };
    let (year, month, day) = (decimal(year), decimal(month), decimal(day));
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    };
    (1850..=2199).contains(&year) && (1..=days).contains(&day)
}

/// Whether two digits are a province of GB/T 2260 (mainland, Taiwan as 71; 81 to 83 are residence permits).
pub(super) fn is_province(code: u32) -> bool {
    matches!(code, 11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65 | 71)
}
