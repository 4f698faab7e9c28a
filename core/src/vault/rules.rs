//! Which PINs are refused: 88,964 by rule, and the person's own dates and numbers. Needs no list, and each refusal has its reason.

use crate::secret::{PIN_LENGTH, Pin};
use zeroize::Zeroizing;

/// Years of birth and of dates that people choose.
const YEARS: std::ops::RangeInclusive<u16> = 1930..=2026;

/// Why a PIN is too easy to guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weakness {
    /// One or two different digits.
    FewDigits,
    /// Every digit follows from the one before by the same step, past 9 too: 123456, 864208.
    Steps,
    /// The second half repeats the first: 147147.
    Repeated,
    /// Reads the same backwards: 147741.
    Palindrome,
    /// Three pairs: 112233.
    Pairs,
    /// Two runs of three in the same direction: 123789.
    Runs,
    /// A day as YYMMDD, DDMMYY or MMDDYY, or a month as YYYYMM, of 1930 to 2026.
    Date,
    /// The person's own birth date, or the end of an own number.
    Own,
}

impl Weakness {
    /// One lower-case word for [`crate::AppError::reason`].
    pub const fn reason(self) -> &'static str {
        match self {
            Self::FewDigits => "few_digits",
            Self::Steps => "steps",
            Self::Repeated => "repeated",
            Self::Palindrome => "palindrome",
            Self::Pairs => "pairs",
            Self::Runs => "runs",
            Self::Date => "date",
            Self::Own => "own",
        }
    }
}

type Digits = [u8; PIN_LENGTH];

/// What the phone knows of the person while the app runs: numbers whose ends and dates make no PIN. Wiped when dropped, never stored.
#[derive(Default)]
pub struct OwnNumbers(Zeroizing<Vec<Digits>>);

impl OwnNumbers {
    /// Adds a number: its last six digits, and the birth date inside a resident id of 18 characters. Letters do not count.
    pub fn add(&mut self, number: &str) {
        let digits: Zeroizing<Vec<u8>> =
            Zeroizing::new(number.bytes().filter(u8::is_ascii_digit).collect());
        if let Some(tail) = digits.last_chunk() {
            self.0.push(*tail);
        }
        // A resident id whose check character is X: the tail that people see ends before it as well as in it.
        if number.len() == 18
            && let Some(date) = digits.get(6..14)
            && let [_, _, y1, y2, m1, m2, d1, d2] = *date
        {
            self.0.push([y1, y2, m1, m2, d1, d2]);
            self.0.push([d1, d2, m1, m2, y1, y2]);
            self.0.push([m1, m2, d1, d2, y1, y2]);
            self.0.extend(date.first_chunk::<PIN_LENGTH>());
            self.0.extend(date.last_chunk::<PIN_LENGTH>());
        }
    }
}

/// Why the PIN is refused, or nothing.
pub fn weakness(pin: &Pin, own: &OwnNumbers) -> Option<Weakness> {
    let ascii = pin.as_ascii();
    if own.0.contains(ascii) {
        return Some(Weakness::Own);
    }
    by_rule(ascii)
}

fn by_rule(pin: &Digits) -> Option<Weakness> {
    let mut d = Zeroizing::new(*pin);
    d.iter_mut()
        .for_each(|digit| *digit = digit.wrapping_sub(b'0'));
    let [a, b, c, e, f, g] = *d;
    let rules = [
        (different(&d) <= 2, Weakness::FewDigits),
        (same_steps(&d), Weakness::Steps),
        ([a, b, c] == [e, f, g], Weakness::Repeated),
        ([a, b, c] == [g, f, e], Weakness::Palindrome),
        (a == b && c == e && f == g, Weakness::Pairs),
        (
            run([a, b, c]).is_some_and(|up| run([e, f, g]) == Some(up)),
            Weakness::Runs,
        ),
        (is_date(&d), Weakness::Date),
    ];
    rules
        .iter()
        .find(|(hit, _)| *hit)
        .map(|(_, weakness)| *weakness)
}

fn different(d: &Digits) -> u32 {
    let seen = d.iter().fold(0u16, |seen, digit| seen | (1 << digit));
    seen.count_ones()
}

fn same_steps(d: &Digits) -> bool {
    let steps = d.windows(2).map(|pair| match pair {
        [from, to] => (10 + to - from) % 10,
        _ => 0,
    });
    let mut steps = steps;
    let first = steps.next();
    steps.all(|step| Some(step) == first)
}

/// Up (true) or down (false) by one, or no run.
const fn run([a, b, c]: [u8; 3]) -> Option<bool> {
    if b == a + 1 && c == b + 1 {
        return Some(true);
    }
    if a == b + 1 && b == c + 1 {
        return Some(false);
    }
    None
}

fn is_date(d: &Digits) -> bool {
    let pair = |high: u8, low: u8| u16::from(high) * 10 + u16::from(low);
    let [a, b, c, e, f, g] = *d;
    let (one, two, three) = (pair(a, b), pair(c, e), pair(f, g));
    is_day(one, two, three)
        || is_day(three, two, one)
        || is_day(three, one, two)
        || (YEARS.contains(&(one * 100 + two)) && (1..=12).contains(&three))
}

fn is_day(year: u16, month: u16, day: u16) -> bool {
    let full = if 1900 + year >= *YEARS.start() {
        1900 + year
    } else {
        2000 + year
    };
    YEARS.contains(&full) && (1..=days(full, month)).contains(&day)
}

const fn days(year: u16, month: u16) -> u16 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        // 1900 and 2100, the exceptions of the calendar, are not among the years.
        2 if year.is_multiple_of(4) => 29,
        2 => 28,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pin(text: &str) -> Pin {
        let digits: Vec<u8> = text.bytes().map(|b| b - b'0').collect();
        Pin::from_digits(digits.as_slice().try_into().unwrap()).unwrap()
    }

    fn judged(text: &str) -> Option<Weakness> {
        weakness(&pin(text), &OwnNumbers::default())
    }

    #[test]
    fn pin_23_the_rules_refuse_exactly_88964_pins() {
        let refused = (0..1_000_000u32).filter(|n| {
            let text = format!("{n:06}");
            by_rule(text.as_bytes().try_into().unwrap()).is_some()
        });
        assert_eq!(refused.count(), 88_964);
    }

    #[test]
    fn yqq_008_each_refusal_has_its_reason() {
        for (text, reason) in [
            ("111111", "few_digits"),
            ("121221", "few_digits"),
            ("123456", "steps"),
            ("864208", "steps"),
            ("147147", "repeated"),
            ("147741", "palindrome"),
            ("114499", "pairs"),
            ("123789", "runs"),
            ("987321", "runs"),
            ("850713", "date"),
            ("130785", "date"),
            ("071385", "date"),
            ("000229", "date"),
            ("198507", "date"),
        ] {
            assert_eq!(judged(text).map(Weakness::reason), Some(reason), "{text}");
        }
        for text in ["193827", "029131", "290227", "123987", "202700", "192912"] {
            assert_eq!(judged(text), None, "{text}");
        }
    }

    #[test]
    fn pin_23_own_dates_and_number_tails_are_refused() {
        let mut own = OwnNumbers::default();
        own.add("440106198507135678");
        own.add("13800736492");
        own.add("44010619270229413X");
        for text in [
            "135678", "850713", "130785", "198507", "850713", "736492", "229413", "290227",
        ] {
            assert!(weakness(&pin(text), &own).is_some(), "{text}");
        }
        assert_eq!(weakness(&pin("736492"), &own), Some(Weakness::Own));
        assert_eq!(judged("736492"), None);
    }

    proptest! {
        #[test]
        fn shapes_are_refused_whatever_the_digits(a in 0u8..10, b in 0u8..10, c in 0u8..10) {
            for digits in [[a, b, c, a, b, c], [a, b, c, c, b, a], [a, a, b, b, c, c], [a, b, a, b, b, a]] {
                let pin = Pin::from_digits(&digits).unwrap();
                prop_assert!(weakness(&pin, &OwnNumbers::default()).is_some());
            }
        }

        #[test]
        fn any_number_may_be_added(number in ".{0,24}") {
            let mut own = OwnNumbers::default();
            own.add(&number);
        }
    }
}
