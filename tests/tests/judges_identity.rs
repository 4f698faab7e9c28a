//! Identity numbers beside python-stdnum: 100,000 random and mutated ones of each kind that it knows, the same every time.

use kapok_formats::identity::NumberKind;
use kapok_tests::judges::stdnum;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

const EACH: usize = 100_000;
const USCC: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
/// Counties that python-stdnum's list has, so that it gets beyond them.
const COUNTIES: [&str; 8] = [
    "110105", "310101", "440106", "440305", "440524", "510104", "610104", "650102",
];

fn digits(rng: &mut StdRng, n: usize) -> String {
    (0..n)
        .map(|_| char::from(b'0' + rng.random_range(0..10u8)))
        .collect()
}

fn of(rng: &mut StdRng, alphabet: &[u8]) -> char {
    char::from(alphabet[rng.random_range(0..alphabet.len())])
}

/// A number whose check character fits by our reading, where there is one.
fn fitting(kind: NumberKind, body: &str, alphabet: &[u8]) -> Option<String> {
    let mut all = alphabet.iter().map(|c| format!("{body}{}", char::from(*c)));
    all.find(|number| kind.check(number).is_ok())
}

/// One or two slips: another character, two exchanged, one more, one less.
fn slipped(rng: &mut StdRng, number: &str) -> String {
    let mut chars: Vec<char> = number.chars().collect();
    for _ in 0..rng.random_range(1..3) {
        let at = rng.random_range(0..chars.len());
        match rng.random_range(0..8u8) {
            0 => chars.insert(at, of(rng, USCC)),
            1 if chars.len() > 2 => drop(chars.remove(at)),
            2 => {
                let other = rng.random_range(0..chars.len());
                chars.swap(at, other);
            }
            // No hyphen: stdnum leaves hyphens out, we refuse them.
            3 => chars[at] = of(rng, b"IOSVZ*."),
            _ => chars[at] = of(rng, USCC),
        }
    }
    chars.into_iter().collect()
}

/// Random numbers of a kind: a third as they come, a third made to fit, a third made to fit and then slipped.
fn numbers(kind: NumberKind, alphabet: &[u8], body: impl Fn(&mut StdRng) -> String) -> Vec<String> {
    let mut rng = StdRng::seed_from_u64(0x6b61_706f_6b00 + kind as u64);
    let rng = &mut rng;
    (0..EACH)
        .map(|n| {
            let body = body(rng);
            let random = format!("{body}{}", of(rng, alphabet));
            match n % 3 {
                0 => random,
                1 => fitting(kind, &body, alphabet).unwrap_or(random),
                _ => {
                    let good = fitting(kind, &body, alphabet).unwrap_or(random);
                    slipped(rng, &good)
                }
            }
        })
        .collect()
}

/// A reason for which stdnum refuses a number that we take: its word, and what the number must be like.
type Known = (&'static str, fn(&str) -> bool);

/// Compares both readings of every number; `known` are the reasons for which stdnum refuses what we take. Gives how many both take, and how
/// often each known reason came.
fn compare(
    kind: NumberKind,
    judge: &str,
    values: &[String],
    known: &[Known],
) -> (usize, Vec<usize>) {
    let verdicts = stdnum(judge, values).unwrap();
    assert_eq!(verdicts.len(), values.len());
    let (mut both, mut excused) = (0, vec![0; known.len()]);
    for (value, verdict) in values.iter().zip(&verdicts) {
        let ours = kind.check(value);
        match (ours.is_ok(), verdict == "ok") {
            (true, true) => both += 1,
            (false, false) => {}
            (true, false) => {
                let why = known
                    .iter()
                    .position(|(word, holds)| word == verdict && holds(value));
                let why = why.unwrap_or_else(|| panic!("{value}: we take it, stdnum: {verdict}"));
                excused[why] += 1;
            }
            // A living person's year of birth is of 1850 to 2199; stdnum takes any.
            (false, true) => {
                let year = value.get(6..10).and_then(|year| year.parse().ok());
                let beyond = year.is_some_and(|year: u32| !(1850..2200).contains(&year));
                let why = ours.unwrap_err();
                assert!(
                    why.word() == "date" && beyond,
                    "{value}: stdnum takes it, we say {why}"
                );
            }
        }
    }
    (both, excused)
}

#[test]
fn usccs_are_read_as_python_stdnum_reads_them() {
    let kind = NumberKind::Uscc;
    let values = numbers(kind, USCC, |rng| {
        let authority = of(rng, b"1239999ANY");
        let class = of(rng, b"1239");
        let middle: String = (0..9).map(|_| of(rng, USCC)).collect();
        format!("{authority}{class}{}{middle}", digits(rng, 6))
    });
    // GB 32100 has authorities that are letters; stdnum wants eight digits first.
    let letters = |value: &str| {
        let head = value.as_bytes();
        head.iter().take(2).any(u8::is_ascii_uppercase)
    };
    let (both, excused) = compare(kind, "uscc", &values, &[("InvalidFormat", letters)]);
    assert!(both > 20_000 && excused[0] > 5_000, "{both} {excused:?}");
}

#[test]
fn resident_ids_are_read_as_python_stdnum_reads_them() {
    let kind = NumberKind::ResidentId18;
    let values = numbers(kind, b"0123456789X", |rng| {
        let county = match rng.random_range(0..8u8) {
            0 => digits(rng, 6),
            n => COUNTIES[usize::from(n)].to_owned(),
        };
        let year = rng.random_range(1850..2027u32);
        let (month, day) = (rng.random_range(1..14u32), rng.random_range(1..32u32));
        format!("{county}{year:04}{month:02}{day:02}{}", digits(rng, 3))
    });
    // Counties are abolished and given again, and stdnum knows in which years each was one: we ask for the province only.
    let (both, excused) = compare(kind, "ric", &values, &[("county", |_| true)]);
    assert!(both > 8_000 && excused[0] > 100, "{both} {excused:?}");
}

#[test]
fn registration_numbers_have_the_check_digit_of_iso_7064() {
    let kind = NumberKind::RegistrationNumber;
    let values: Vec<String> = numbers(kind, b"0123456789", |rng| digits(rng, 14))
        .into_iter()
        .filter(|value| value.len() == 15)
        .collect();
    let (both, _) = compare(kind, "mod_11_10", &values, &[]);
    assert!(both > 30_000, "{both}");
}

#[test]
fn permanent_residence_cards_have_the_check_digit_of_iso_7064() {
    let kind = NumberKind::PermanentResidence18;
    let values: Vec<String> = numbers(kind, b"0123456789X", |rng| {
        let (year, month) = (rng.random_range(1900..2027u32), rng.random_range(1..13u32));
        let day = rng.random_range(1..29u32);
        format!(
            "911{}{year:04}{month:02}{day:02}{}",
            digits(rng, 3),
            digits(rng, 3)
        )
    });
    let verdicts = stdnum("mod_11_2", &values).unwrap();
    let mut both = 0;
    for (value, verdict) in values.iter().zip(verdicts) {
        match kind.check(value) {
            Ok(_) => {
                assert_eq!(verdict, "ok", "{value}");
                both += 1;
            }
            Err(error) if error.word() == "check_digit" => {
                assert_eq!(verdict, "InvalidChecksum", "{value}");
            }
            Err(_) => {}
        }
    }
    assert!(both > 30_000, "{both}");
}
