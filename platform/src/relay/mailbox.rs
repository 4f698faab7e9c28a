//! What one side has sent and the other has not yet acknowledged: the window of that direction.

use axum::body::Bytes;
use kapok_protocol::relay::{WINDOW_BYTES, WINDOW_FRAMES};
use std::collections::VecDeque;

/// Why a frame or an acknowledgement is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WindowError {
    /// The sender ignored its window.
    #[error("more frames or bytes than the window holds")]
    Overflow,
    /// A number beyond the next one.
    #[error("a gap in the numbers")]
    Gap,
}

/// Frames of one direction, numbered from 0, at most [`WINDOW_FRAMES`] and [`WINDOW_BYTES`].
#[derive(Default)]
pub struct Mailbox {
    frames: VecDeque<Bytes>,
    first: u64,
    bytes: usize,
}

impl Mailbox {
    /// The number that the next new frame must have.
    pub fn next_seq(&self) -> u64 {
        self.first + self.frames.len() as u64
    }

    /// The oldest number that is still held.
    pub const fn first(&self) -> u64 {
        self.first
    }

    /// Bytes held.
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Takes a frame; false when it was already taken (a repeat after a resume).
    pub fn push(&mut self, seq: u64, frame: Bytes) -> Result<bool, WindowError> {
        if seq < self.next_seq() {
            return Ok(false);
        }
        if seq > self.next_seq() {
            return Err(WindowError::Gap);
        }
        if self.frames.len() >= WINDOW_FRAMES || self.bytes + frame.len() > WINDOW_BYTES {
            return Err(WindowError::Overflow);
        }
        self.bytes += frame.len();
        self.frames.push_back(frame);
        Ok(true)
    }

    /// Drops everything below `upto`; a number that was acknowledged before changes nothing.
    pub fn ack(&mut self, upto: u64) -> Result<(), WindowError> {
        if upto > self.next_seq() {
            return Err(WindowError::Gap);
        }
        while self.first < upto {
            let Some(frame) = self.frames.pop_front() else {
                break;
            };
            self.bytes -= frame.len();
            self.first += 1;
        }
        if self.frames.is_empty() {
            // An idle session keeps no memory of a burst.
            self.frames.shrink_to(0);
        }
        Ok(())
    }

    /// The frame of that number, if it is held.
    pub fn get(&self, seq: u64) -> Option<Bytes> {
        let index = usize::try_from(seq.checked_sub(self.first)?).ok()?;
        self.frames.get(index).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn frame(len: usize) -> Bytes {
        Bytes::from(vec![0; len])
    }

    #[test]
    fn the_window_is_sixty_four_frames_or_256_kib() {
        let mut few = Mailbox::default();
        for seq in 0..4 {
            assert_eq!(few.push(seq, frame(64 * 1024)), Ok(true));
        }
        assert_eq!(few.push(4, frame(1)), Err(WindowError::Overflow));
        assert_eq!(few.ack(1), Ok(()));
        assert_eq!(few.push(4, frame(1)), Ok(true));

        let mut many = Mailbox::default();
        for seq in 0..64 {
            assert_eq!(many.push(seq, frame(1)), Ok(true));
        }
        assert_eq!(many.push(64, frame(1)), Err(WindowError::Overflow));
    }

    #[test]
    fn a_repeat_is_dropped_and_a_gap_refused() {
        let mut mailbox = Mailbox::default();
        assert_eq!(mailbox.push(0, frame(1)), Ok(true));
        assert_eq!(mailbox.push(0, frame(1)), Ok(false));
        assert_eq!(mailbox.push(2, frame(1)), Err(WindowError::Gap));
        assert_eq!(mailbox.ack(2), Err(WindowError::Gap));
        assert_eq!(mailbox.next_seq(), 1);
    }

    proptest! {
        #[test]
        fn counts_stay_true_under_any_order_of_calls(calls in proptest::collection::vec((any::<bool>(), 0u64..100, 0usize..9000), 0..300)) {
            let mut mailbox = Mailbox::default();
            for (push, number, len) in calls {
                if push { let _ = mailbox.push(mailbox.next_seq().saturating_sub(number / 90), frame(len)); }
                else { let _ = mailbox.ack(number); }
                let held: usize = (mailbox.first()..mailbox.next_seq()).map(|seq| mailbox.get(seq).unwrap().len()).sum();
                prop_assert_eq!(held, mailbox.bytes());
                prop_assert!(held <= WINDOW_BYTES && mailbox.next_seq() - mailbox.first() <= WINDOW_FRAMES as u64);
            }
        }
    }
}
