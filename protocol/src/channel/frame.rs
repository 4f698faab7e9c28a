//! Frames of an open channel.

use super::{ChannelError, noise, padding};
use zeroize::{ZeroizeOnDrop, Zeroizing};

/// Which way a frame goes; its number is part of the AAD.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Phone to PC.
    Up = 0,
    /// PC to phone.
    Down = 1,
}

/// A sealed frame: what the relay's DATA carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Sequence number in its direction, from 0.
    pub seq: u64,
    /// Ciphertext and 16-byte tag. Kept until acknowledged and re-sent byte for byte after a network change, so that no nonce is
    /// ever used for two plaintexts.
    pub bytes: Vec<u8>,
}

/// Seals the messages of one direction.
#[derive(ZeroizeOnDrop)]
pub struct FrameWriter {
    key: [u8; 32],
    aad: [u8; 17],
    next: u64,
}

/// Opens the frames of one direction, strictly in order.
#[derive(ZeroizeOnDrop)]
pub struct FrameReader {
    key: [u8; 32],
    aad: [u8; 17],
    next: u64,
    closed: bool,
}

impl FrameWriter {
    pub(super) fn new(key: &[u8; 32], sid: &[u8; 16], direction: Direction) -> Self {
        Self {
            key: *key,
            aad: aad_head(sid, direction),
            next: 0,
        }
    }

    /// Pads and seals the next message.
    ///
    /// # Errors
    /// [`ChannelError::TooLarge`]; [`ChannelError::Sequence`] after 2^64 - 1 frames.
    pub fn seal(&mut self, message: &[u8]) -> Result<Frame, ChannelError> {
        let seq = self.next;
        let after = seq.checked_add(1).ok_or(ChannelError::Sequence)?;
        let bytes = noise::seal(
            &self.key,
            seq,
            &aad(&self.aad, seq),
            &padding::pad(message)?,
        )?;
        self.next = after;
        Ok(Frame { seq, bytes })
    }

    /// The sequence number of the next frame.
    pub fn next_seq(&self) -> u64 {
        self.next
    }
}

impl FrameReader {
    pub(super) fn new(key: &[u8; 32], sid: &[u8; 16], direction: Direction) -> Self {
        Self {
            key: *key,
            aad: aad_head(sid, direction),
            next: 0,
            closed: false,
        }
    }

    /// Opens the frame with number `seq`; `None` for a repeat, which is dropped unopened.
    ///
    /// # Errors
    /// [`ChannelError::Sequence`] for a gap or a bad tag, [`ChannelError::Padding`]; both close the reader, and every later call fails.
    pub fn open(
        &mut self,
        seq: u64,
        bytes: &[u8],
    ) -> Result<Option<Zeroizing<Vec<u8>>>, ChannelError> {
        if self.closed {
            return Err(ChannelError::Sequence);
        }
        if seq < self.next {
            return Ok(None);
        }
        let opened = self.open_next(seq, bytes);
        self.closed = opened.is_err();
        opened.map(Some)
    }

    /// The sequence number expected next: one more than the last received.
    pub fn next_seq(&self) -> u64 {
        self.next
    }

    fn open_next(&mut self, seq: u64, bytes: &[u8]) -> Result<Zeroizing<Vec<u8>>, ChannelError> {
        if seq != self.next {
            return Err(ChannelError::Sequence);
        }
        let after = seq.checked_add(1).ok_or(ChannelError::Sequence)?;
        let padded = noise::open(&self.key, seq, &aad(&self.aad, seq), bytes)
            .ok_or(ChannelError::Sequence)?;
        self.next = after;
        padding::unpad(&padded).map(|message| Zeroizing::new(message.to_vec()))
    }
}

fn aad_head(sid: &[u8; 16], direction: Direction) -> [u8; 17] {
    let mut out = [direction as u8; 17];
    out[..16].copy_from_slice(sid);
    out
}

fn aad(head: &[u8; 17], seq: u64) -> [u8; 25] {
    let mut out = [0u8; 25];
    out[..17].copy_from_slice(head);
    out[17..].copy_from_slice(&seq.to_be_bytes());
    out
}
