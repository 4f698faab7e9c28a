//! The secure channel between a phone and a PC page, through a relay that sees ciphertext only.
//!
//! `Noise_NKpsk0_P256_AESGCM_SHA256`: the phone is the initiator, the PC's static key `B` and the pre-shared key come from the QR
//! code. Keys on the wire are 65-byte uncompressed points (WebCrypto `raw`), a DH result is the 32-byte x coordinate, and `e` is
//! mixed into the chaining key too, as in every psk pattern (Noise rev. 34 § 9.2). All multi-byte integers are big-endian.
//!
//! - m1 (phone → PC) = `e(65) || AES-GCM(padded CLAIM_INFO)`
//! - m2 (PC → phone) = `e(65) || AES-GCM(padded HELLO)`
//! - frames: AES-256-GCM, nonce = 4 zero bytes || u64 seq, AAD = sid || direction (0 up, 1 down) || u64 seq, seq from 0
//! - plaintexts: u32 length || message || zeros, 256 B, 1 KiB, 4 KiB, 16 KiB or 62 KiB in all ([`pad`])
//!
//! `tests/vectors/channel.json` holds a whole session with all inputs and outputs in hex; the browser's implementation runs it too.

mod frame;
mod handshake;
mod noise;
mod padding;
#[cfg(test)]
mod tests;

pub use frame::{Direction, Frame, FrameReader, FrameWriter};
pub use handshake::{Channel, Initiator, Responder};
pub use padding::{MAX_MESSAGE, pad, unpad};

/// Why a handshake or a frame failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChannelError {
    /// Wrong length, point off the curve, bad tag: another code, another session, or someone in between (`HANDSHAKE`).
    #[error("the handshake failed")]
    Handshake,
    /// The given ephemeral scalar is zero or not below the group order: draw again.
    #[error("the ephemeral scalar is out of range")]
    Scalar,
    /// A gap in the sequence or a bad tag: the channel is closed (`SEQ`).
    #[error("the channel lost its sequence")]
    Sequence,
    /// The message does not fit in a frame.
    #[error("the message is larger than a frame")]
    TooLarge,
    /// A decrypted plaintext that is not padded as it must be.
    #[error("the padding is not valid")]
    Padding,
}

impl From<crate::point::PointError> for ChannelError {
    fn from(error: crate::point::PointError) -> Self {
        match error {
            crate::point::PointError::Point => Self::Handshake,
            crate::point::PointError::Scalar => Self::Scalar,
        }
    }
}
