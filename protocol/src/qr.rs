//! The QR code that a PC page shows and a phone scans.
//!
//! 79 bytes: `v relay sid(16) B(33) s(16) n(4) mac(8)`. As text `HTTPS://<HOST>/#` and 192 digits: 7 bytes little-endian are 17
//! digits (the packing of FIDO hybrid), the last 2 bytes are 5. Digits survive URL parsers and stay in QR numeric mode; the fragment keeps the
//! secret out of server logs when another scanner opens the link.

use crate::kdf::{hmac_sha256, sha256};
use crate::relay::{FRAME_MAX_AGE_STEPS, FRAME_STEP_SECONDS};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Bytes of a payload.
pub const PAYLOAD_LEN: usize = 79;
/// Digits of a payload as text.
pub const DIGITS: usize = 192;
/// Protocol 0, crypto profile 1 (P-256, HKDF-SHA-256, AES-256-GCM).
pub const VERSION: u8 = 0x01;

/// Why a text is no code of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QrError {
    /// Not `https://host/#digits` with 192 digits in range (`QR_FORMAT`).
    #[error("not a scan-to-sign code")]
    Format,
    /// Another protocol version or crypto profile (`QR_VERSION`).
    #[error("a scan-to-sign code of another version")]
    Version,
}

/// What a code holds. No `Debug`: it carries the channel secret.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct QrPayload {
    /// High nibble protocol major (0), low nibble crypto profile (1).
    pub version: u8,
    /// Index in the signed relay list shipped with the app, 0 = default.
    pub relay: u8,
    /// Session id.
    pub sid: [u8; 16],
    /// `B`: the PC's ephemeral P-256 key, compressed.
    pub pc_key: [u8; 33],
    /// `s`: random secret that never leaves the screen.
    pub secret: [u8; 16],
    /// `n`: frame counter of the relay, one step is [`FRAME_STEP_SECONDS`].
    pub frame: u32,
    /// [`frame_mac`] by the relay.
    pub mac: [u8; 8],
}

/// A scanned code: the host as written, and the payload.
pub struct ScannedQr {
    /// Host of the link, lower case. The phone never connects to it: relays come from the signed list.
    pub host: String,
    /// The payload.
    pub payload: QrPayload,
}

impl QrPayload {
    /// `c = SHA-256(B || s)`: ties frames to this key and secret without telling them to the relay.
    pub fn commitment(&self) -> [u8; 32] {
        commitment(&self.pc_key, &self.secret)
    }

    /// The 79 bytes.
    pub fn to_bytes(&self) -> Zeroizing<[u8; PAYLOAD_LEN]> {
        let mut out = Zeroizing::new([0u8; PAYLOAD_LEN]);
        let frame = self.frame.to_be_bytes();
        let head = [self.version, self.relay];
        let parts = [
            &head[..],
            &self.sid,
            &self.pc_key,
            &self.secret,
            &frame,
            &self.mac,
        ];
        for (to, from) in out.iter_mut().zip(parts.into_iter().flatten()) {
            *to = *from;
        }
        out
    }

    /// Reads the 79 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, QrError> {
        let mut rest = bytes;
        let [version, relay] = take(&mut rest)?;
        if version != VERSION {
            return Err(QrError::Version);
        }
        let payload = Self {
            version,
            relay,
            sid: take(&mut rest)?,
            pc_key: take(&mut rest)?,
            secret: take(&mut rest)?,
            frame: u32::from_be_bytes(take(&mut rest)?),
            mac: take(&mut rest)?,
        };
        if !rest.is_empty() {
            return Err(QrError::Format);
        }
        Ok(payload)
    }

    /// The text to draw; upper case, which QR alphanumeric mode needs. The landing `host` is 14 characters or fewer for a version 6 code.
    pub fn to_text(&self, host: &str) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(host.len() + DIGITS + 10));
        text.push_str("HTTPS://");
        text.push_str(&host.to_ascii_uppercase());
        text.push_str("/#");
        for chunk in self.to_bytes().chunks(7) {
            let value = chunk
                .iter()
                .rev()
                .fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
            let width = if chunk.len() == 7 { 17 } else { 5 };
            text.push_str(&Zeroizing::new(format!("{value:0width$}")));
        }
        text
    }

    /// Reads a scanned text. Scheme and host in any case; everything else exactly as [`QrPayload::to_text`] writes it.
    pub fn parse(text: &str) -> Result<ScannedQr, QrError> {
        let (scheme, rest) = text.split_at_checked(8).ok_or(QrError::Format)?;
        let (host, digits) = rest.split_once("/#").ok_or(QrError::Format)?;
        if !scheme.eq_ignore_ascii_case("https://") || !is_host(host) {
            return Err(QrError::Format);
        }
        let digits = digits.as_bytes();
        if !digits.iter().all(u8::is_ascii_digit) {
            return Err(QrError::Format);
        }
        // A later version may be of another length: its number decides before the length does.
        let first = unpack(digits.get(..17).ok_or(QrError::Format)?, 7)?;
        if first.first() != Some(&VERSION) {
            return Err(QrError::Version);
        }
        if digits.len() != DIGITS {
            return Err(QrError::Format);
        }
        let mut bytes = Zeroizing::new(Vec::with_capacity(PAYLOAD_LEN));
        for group in digits.chunks(17) {
            let width = if group.len() == 17 { 7 } else { 2 };
            bytes.extend_from_slice(&unpack(group, width)?);
        }
        Ok(ScannedQr {
            host: host.to_ascii_lowercase(),
            payload: Self::from_bytes(&bytes)?,
        })
    }
}

/// `c = SHA-256(B || s)`.
pub fn commitment(pc_key: &[u8; 33], secret: &[u8; 16]) -> [u8; 32] {
    sha256(&[pc_key, secret])
}

/// The relay's frame MAC: first 8 bytes of HMAC-SHA-256(`k_sid`, "JQ1-frame" || sid || n || c).
///
/// `k_sid` lives in the relay only, so that neither page script nor screenshot can make later frames.
pub fn frame_mac(k_sid: &[u8; 32], sid: &[u8; 16], frame: u32, commitment: &[u8; 32]) -> [u8; 8] {
    let full = hmac_sha256(
        k_sid,
        &[b"JQ1-frame", sid, &frame.to_be_bytes(), commitment],
    );
    let mut out = [0u8; 8];
    for (to, from) in out.iter_mut().zip(full.iter()) {
        *to = *from;
    }
    out
}

/// Compares a claimed frame MAC in constant time.
pub fn frame_mac_matches(
    k_sid: &[u8; 32],
    sid: &[u8; 16],
    frame: u32,
    commitment: &[u8; 32],
    mac: &[u8; 8],
) -> bool {
    frame_mac(k_sid, sid, frame, commitment).ct_eq(mac).into()
}

/// The frame counter at a time since the session's start.
pub fn frame_step(millis_since_start: u64) -> u32 {
    u32::try_from(millis_since_start / (1000 * FRAME_STEP_SECONDS)).unwrap_or(u32::MAX)
}

/// Freshness: `0 <= now_step - frame <= 4`, judged by the relay's own clock.
pub fn frame_is_fresh(now_step: u32, frame: u32) -> bool {
    now_step
        .checked_sub(frame)
        .is_some_and(|age| age <= FRAME_MAX_AGE_STEPS)
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], QrError> {
    let (head, tail) = rest.split_first_chunk::<N>().ok_or(QrError::Format)?;
    *rest = tail;
    Ok(*head)
}

/// Decimal digits of a little-endian number of `width` bytes; out of range is refused, so that a payload has one text.
fn unpack(digits: &[u8], width: usize) -> Result<Zeroizing<Vec<u8>>, QrError> {
    if digits.len() != if width == 7 { 17 } else { 5 } {
        return Err(QrError::Format);
    }
    // 17 digits stay below 2^57.
    let value = digits.iter().fold(0u64, |sum, digit| {
        sum * 10 + u64::from(digit.wrapping_sub(b'0'))
    });
    if value >> (8 * width) != 0 {
        return Err(QrError::Format);
    }
    Ok(Zeroizing::new(
        value.to_le_bytes().iter().take(width).copied().collect(),
    ))
}

fn is_host(host: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':');
    !host.is_empty() && host.len() <= 253 && host.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sample() -> QrPayload {
        QrPayload {
            version: VERSION,
            relay: 0,
            sid: [0x11; 16],
            pc_key: [0x02; 33],
            secret: [0xff; 16],
            frame: 7,
            mac: [0xab; 8],
        }
    }

    fn error_of(text: &str) -> Option<QrError> {
        QrPayload::parse(text).err()
    }

    #[test]
    fn yqq_019_text_is_192_digits_behind_a_fragment() {
        let text = sample().to_text("q.example.cn");
        let digits = text.strip_prefix("HTTPS://Q.EXAMPLE.CN/#").unwrap();
        assert_eq!(digits.len(), DIGITS);
        // 01 00 11 11 11 11 11, little-endian.
        assert_eq!(&digits[..17], format!("{:017}", 0x11_1111_1111_0001u64));
        assert_eq!(&digits[187..], format!("{:05}", 0xababu32));
    }

    #[test]
    fn another_version_is_told_from_another_format() {
        let mut later = sample();
        later.version = 0x02;
        let text = later.to_text("h.cn").to_string();
        assert_eq!(error_of(&text), Some(QrError::Version));
        assert_eq!(error_of(&text[..text.len() - 30]), Some(QrError::Version));
    }

    #[test]
    fn other_texts_are_refused() {
        let good = sample().to_text("h.cn").to_string();
        let bad = [
            String::new(),
            "https://".into(),
            good.replace("HTTPS", "HTTP"),
            good.replace("/#", "/?"),
            good.replace("H.CN", ""),
            good.replace("H.CN", "A@H.CN"),
            good[..good.len() - 1].to_string(),
            format!("{good}0"),
            format!("{}x", &good[..good.len() - 1]),
            format!("{}99999", &good[..good.len() - 5]),
            good.replace("HTTPS", "汉字"),
        ];
        for text in bad {
            assert_eq!(error_of(&text), Some(QrError::Format), "{text}");
        }
    }

    #[test]
    fn pin_29_t8_a_frame_older_than_eight_seconds_is_stale() {
        assert!(frame_is_fresh(10, 10) && frame_is_fresh(10, 6));
        assert!(!frame_is_fresh(10, 5) && !frame_is_fresh(10, 11));
        assert_eq!((frame_step(1_999), frame_step(2_000)), (0, 1));
    }

    #[test]
    fn a_frame_mac_binds_every_input() {
        let (key, sid, c) = ([1; 32], [2; 16], [3; 32]);
        let mac = frame_mac(&key, &sid, 4, &c);
        assert!(frame_mac_matches(&key, &sid, 4, &c, &mac));
        assert!(!frame_mac_matches(&[0; 32], &sid, 4, &c, &mac));
        assert!(!frame_mac_matches(&key, &[0; 16], 4, &c, &mac));
        assert!(!frame_mac_matches(&key, &sid, 5, &c, &mac));
        assert!(!frame_mac_matches(&key, &sid, 4, &[0; 32], &mac));
    }

    proptest! {
        #[test]
        fn print_then_parse_gives_the_payload_back(
            relay: u8, sid: [u8; 16], a: [u8; 32], first: u8, secret: [u8; 16], frame: u32, mac: [u8; 8]
        ) {
            let mut pc_key = [first; 33];
            pc_key[1..].copy_from_slice(&a);
            let payload = QrPayload { version: VERSION, relay, sid, pc_key, secret, frame, mac };
            let text = payload.to_text("sign.kapok.cn");
            let scanned = QrPayload::parse(&text).unwrap();
            prop_assert_eq!(&scanned.host, "sign.kapok.cn");
            prop_assert!(scanned.payload == payload);
            prop_assert!(*scanned.payload.to_text(&scanned.host) == *text);
        }

        #[test]
        fn any_text_is_a_payload_or_an_error(text: String) {
            let _ = QrPayload::parse(&text);
        }

        #[test]
        fn a_payload_has_one_text(at in 0usize..DIGITS, digit in 0u8..10) {
            let mut text = sample().to_text("h.cn").to_string().into_bytes();
            let start = text.len() - DIGITS;
            text[start + at] = b'0' + digit;
            let text = String::from_utf8(text).unwrap();
            if let Ok(scanned) = QrPayload::parse(&text) {
                prop_assert_eq!(&*scanned.payload.to_text("h.cn"), &text);
            }
        }
    }
}
