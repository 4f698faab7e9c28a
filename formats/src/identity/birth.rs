//! The date of birth inside a number, and the age at a date.

use super::normal::{decimal, is_birth_date};
use super::{IdDocument, IdKind, ResidentId};

/// A date of the Gregorian calendar; ordered by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u32,
    month: u32,
    day: u32,
}

impl Date {
    /// A date of the years 1850 to 2199; nothing if the calendar does not have it.
    pub fn new(year: u32, month: u32, day: u32) -> Option<Self> {
        Self::of_digits(&format!("{year:04}{month:02}{day:02}"))
    }

    fn of_digits(digits: &str) -> Option<Self> {
        if digits.len() != 8 || !is_birth_date(digits) {
            return None;
        }
        Some(Self {
            year: decimal(digits.get(..4)?),
            month: decimal(digits.get(4..6)?),
            day: decimal(digits.get(6..)?),
        })
    }

    /// Year, month and day.
    pub const fn parts(self) -> (u32, u32, u32) {
        (self.year, self.month, self.day)
    }

    /// Completed years (周岁) on `day` of somebody born on this date; nothing on a day before it. A year is complete on the birthday itself; who
    /// was born on a 29 February completes it on 1 March where the year has no such day.
    pub fn age_on(self, day: Self) -> Option<u32> {
        let years = day.year.checked_sub(self.year)?;
        let before = (day.month, day.day) < (self.month, self.day);
        years.checked_sub(u32::from(before))
    }
}

/// Sex as the serial number says it: odd numbers are men's (GB 11643-1999).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sex {
    /// 男.
    Male,
    /// 女.
    Female,
}

impl ResidentId {
    /// The date of birth. The 15 digits of the predecessor mean the 20th century.
    pub fn birth_date(&self) -> Option<Date> {
        born(self.as_str())
    }

    /// The sex.
    pub fn sex(&self) -> Option<Sex> {
        sex(self.as_str())
    }
}

impl IdDocument {
    /// The date of birth, where the number holds one: resident ids, residence permits, permanent residence cards since 2023-12-01.
    pub fn birth_date(&self) -> Option<Date> {
        match self.kind() {
            IdKind::ResidentId | IdKind::ResidencePermit => born(self.number()),
            IdKind::PermanentResidence if self.number().len() == 18 => born(self.number()),
            _ => None,
        }
    }
}

fn born(number: &str) -> Option<Date> {
    match number.len() {
        15 => Date::of_digits(&format!("19{}", number.get(6..12)?)),
        18 => Date::of_digits(number.get(6..14)?),
        _ => None,
    }
}

fn sex(number: &str) -> Option<Sex> {
    let serial = match number.len() {
        15 => number.get(14..15)?,
        18 => number.get(16..17)?,
        _ => return None,
    };
    Some(if decimal(serial) % 2 == 1 {
        Sex::Male
    } else {
        Sex::Female
    })
}
