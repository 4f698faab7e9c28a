//! Message padding: lengths on the wire tell five sizes only.

use super::ChannelError;
use zeroize::Zeroizing;

/// Sizes of a padded plaintext; the relay takes 64 KiB frames at most.
const SIZES: [usize; 5] = [256, 1 << 10, 4 << 10, 16 << 10, 62 << 10];

/// Longest message of one frame, in bytes.
pub const MAX_MESSAGE: usize = (62 << 10) - 4;

/// `u32 length || message || zeros`, up to the next of 256 B, 1 KiB, 4 KiB, 16 KiB, 62 KiB.
///
/// # Errors
/// [`ChannelError::TooLarge`] above [`MAX_MESSAGE`].
pub fn pad(message: &[u8]) -> Result<Zeroizing<Vec<u8>>, ChannelError> {
    let needed = message.len().saturating_add(4);
    let size = SIZES
        .into_iter()
        .find(|size| *size >= needed)
        .ok_or(ChannelError::TooLarge)?;
    let length = u32::try_from(message.len()).map_err(|_| ChannelError::TooLarge)?;
    // Reserved in full: growing would leave copies of the message behind.
    let mut out = Zeroizing::new(Vec::with_capacity(size + 16));
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(message);
    out.resize(size, 0);
    Ok(out)
}

/// The message inside a padded plaintext.
///
/// # Errors
/// [`ChannelError::Padding`] for another size, a length beyond it, or padding that is not zero.
pub fn unpad(padded: &[u8]) -> Result<&[u8], ChannelError> {
    if !SIZES.contains(&padded.len()) {
        return Err(ChannelError::Padding);
    }
    let (length, rest) = padded
        .split_first_chunk::<4>()
        .ok_or(ChannelError::Padding)?;
    let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| ChannelError::Padding)?;
    let (message, zeros) = rest.split_at_checked(length).ok_or(ChannelError::Padding)?;
    if zeros.iter().any(|byte| *byte != 0) {
        return Err(ChannelError::Padding);
    }
    Ok(message)
}
