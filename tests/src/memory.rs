//! What a process holds: its memory is searched for a PIN, and for the private key behind a public key.

use anyhow::{Context as _, Result};
use p256::{PublicKey, SecretKey};
use std::fs::{self, File};
use std::os::unix::fs::FileExt;

/// Bytes that are read at once.
const CHUNK: usize = 16 * 1024 * 1024;
/// Pages that were never written are passed over.
const PAGE: usize = 4096;
const ZEROS: [u8; PAGE] = [0; PAGE];
/// A private key, and what the next chunk repeats of this one so that nothing lies across their border.
const KEY: usize = 32;
/// Of 32 random bytes at least so many differ, but for one in 10,000; of text, code, pointers and pixels hardly ever as many do.
const DISTINCT: u32 = 26;
/// Set bits of 32 random bytes, but for one in 100,000.
const BALANCED: std::ops::RangeInclusive<u32> = 92..=164;

/// What was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Places where the digits stand as text. (Six small bytes stand in many tables by chance.)
    pub pins: usize,
    /// Places where the private key stands, in either order of its bytes.
    pub keys: usize,
    /// Bytes that were read.
    pub read: usize,
}

/// Looks through all memory that process `id` can write.
///
/// # Errors
/// If the process has ended, or belongs to somebody else.
pub fn search(id: u32, pin: [u8; 6], public: &PublicKey) -> Result<Found> {
    let maps = fs::read_to_string(format!("/proc/{id}/maps")).context("no such process")?;
    let memory = File::open(format!("/proc/{id}/mem"))?;
    let mut found = Found::default();
    let mut buffer = vec![0; CHUNK];
    for (mut from, to) in maps.lines().filter_map(writable) {
        while to - from >= KEY as u64 {
            let wanted = buffer.len().min((to - from) as usize);
            // Pages of devices cannot be read; they hold nothing of the process.
            let Ok(count) = memory.read_at(&mut buffer[..wanted], from) else {
                break;
            };
            if count < KEY {
                break;
            }
            look(&buffer[..count], pin, public, &mut found);
            found.read += count;
            if count == (to - from) as usize {
                break;
            }
            from += (count - KEY) as u64 & !7;
        }
    }
    Ok(found)
}

/// Borders of a region that the process may write.
fn writable(line: &str) -> Option<(u64, u64)> {
    let mut words = line.split_ascii_whitespace();
    let (from, to) = words.next()?.split_once('-')?;
    if !words.next()?.starts_with("rw") {
        return None;
    }
    let number = |text| u64::from_str_radix(text, 16).ok();
    Some((number(from)?, number(to)?))
}

fn look(bytes: &[u8], pin: [u8; 6], public: &PublicKey, found: &mut Found) {
    let text = pin.map(|digit| digit + b'0');
    found.pins += memchr::memmem::find_iter(bytes, &text).count();
    for (page, words) in bytes.chunks(PAGE).enumerate() {
        if words == &ZEROS[..words.len()] {
            continue;
        }
        let high = words.chunks_exact(8).map(|word| word[6] | word[7]);
        // Most words are pointers or small numbers, whose high bytes are zero.
        for (place, _) in high.enumerate().filter(|(_, high)| *high != 0) {
            let start = page * PAGE + place * 8;
            let window = bytes.get(start..start + KEY);
            let is = |window: &&[u8]| is_random(window) && is_key(window, public);
            found.keys += usize::from(window.filter(is).is_some());
        }
    }
}

fn is_random(window: &[u8]) -> bool {
    let bits = window.iter().map(|byte| byte.count_ones()).sum();
    let mut seen = [0_u64; 4];
    for byte in window {
        seen[usize::from(byte >> 6)] |= 1 << (byte & 63);
    }
    let distinct: u32 = seen.iter().map(|bits| bits.count_ones()).sum();
    distinct >= DISTINCT && BALANCED.contains(&bits)
}

fn is_key(window: &[u8], public: &PublicKey) -> bool {
    let mut turned = window.to_vec();
    turned.reverse();
    [window, &turned].into_iter().any(|bytes| {
        SecretKey::from_slice(bytes).is_ok_and(|secret| secret.public_key() == *public)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use p256::elliptic_curve::Generate;
    use zeroize::Zeroize;

    /// Digits and a key that are made here, so that the program's constants do not hold them.
    fn secrets() -> ([u8; 6], Vec<u8>, PublicKey) {
        let pin = rand::random::<[u8; 6]>().map(|byte| byte % 10);
        let secret = SecretKey::generate();
        let public = secret.public_key();
        (pin, secret.to_bytes().to_vec(), public)
    }

    #[test]
    fn what_is_held_is_found_in_every_form_and_what_was_wiped_is_not() {
        let (pin, mut key, public) = secrets();
        let mut reversed: Vec<u8> = key.iter().rev().copied().collect();
        let mut text = pin.map(|digit| digit + b'0').to_vec();
        let held = search(std::process::id(), pin, &public).unwrap();
        assert!(held.pins >= 1 && held.keys >= 2, "{held:?}");
        text.zeroize();
        key.zeroize();
        reversed.zeroize();
        let left = search(std::process::id(), pin, &public).unwrap();
        assert!(left.keys <= held.keys - 2, "{left:?} of {held:?}");
    }
}
