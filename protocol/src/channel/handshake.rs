//! The two handshake messages, for both sides.

use super::frame::{Direction, FrameReader, FrameWriter};
use super::noise::Symmetric;
use super::{ChannelError, padding};
use crate::kdf::{hkdf, sha256};
use crate::point;
use crate::qr::QrPayload;
use p256::{NonZeroScalar, PublicKey};
use zeroize::Zeroizing;

/// An open channel as one side holds it.
pub struct Channel {
    /// Seals what this side sends.
    pub writer: FrameWriter,
    /// Opens what the other side sends.
    pub reader: FrameReader,
    /// Handshake hash `h`. No secret to one who photographed the code and saw the relay: no key is derived from it.
    pub hash: [u8; 32],
}

/// The phone, between m1 and m2.
pub struct Initiator {
    state: Symmetric,
    ephemeral: Zeroizing<NonZeroScalar>,
    sid: [u8; 16],
}

/// The PC, after m1.
pub struct Responder {
    state: Symmetric,
    phone_key: PublicKey,
    sid: [u8; 16],
}

impl Initiator {
    /// Writes m1 with CLAIM_INFO as its payload. `ephemeral` is 32 fresh random bytes.
    ///
    /// # Errors
    /// [`ChannelError::Handshake`] when the code's `B` is no point, [`ChannelError::Scalar`], [`ChannelError::TooLarge`].
    pub fn start(
        qr: &QrPayload,
        ephemeral: &[u8; 32],
        claim_info: &[u8],
    ) -> Result<(Self, Vec<u8>), ChannelError> {
        let pc_key = point::parse_compressed(&qr.pc_key)?;
        let ephemeral = Zeroizing::new(point::parse_scalar(ephemeral)?);
        let mut state = initialise(qr, &pc_key);
        let e = point::uncompressed(&PublicKey::from_secret_scalar(&ephemeral));
        mix_e(&mut state, &e);
        state.mix_key(&*point::diffie_hellman(&ephemeral, &pc_key)?);
        let sealed = state.encrypt_and_hash(&padding::pad(claim_info)?)?;
        Ok((
            Self {
                state,
                ephemeral,
                sid: qr.sid,
            },
            [&e[..], &sealed].concat(),
        ))
    }

    /// The handshake hash after m1, which a remembered PC signs in HELLO.
    pub fn claim_hash(&self) -> [u8; 32] {
        self.state.hash()
    }

    /// Reads m2; gives the channel and HELLO.
    ///
    /// # Errors
    /// [`ChannelError::Handshake`] for anything that the holder of `B` did not write in answer to this m1.
    pub fn finish(mut self, m2: &[u8]) -> Result<(Channel, Zeroizing<Vec<u8>>), ChannelError> {
        let (e, sealed) = split_message(m2)?;
        let pc_ephemeral = point::parse_uncompressed(e)?;
        mix_e(&mut self.state, e);
        self.state
            .mix_key(&*point::diffie_hellman(&self.ephemeral, &pc_ephemeral)?);
        let padded = self.state.decrypt_and_hash(sealed)?;
        let hello = Zeroizing::new(padding::unpad(&padded)?.to_vec());
        Ok((Channel::new(&self.state, &self.sid, Direction::Up), hello))
    }
}

impl Responder {
    /// Reads m1 with the private scalar of `B`; gives CLAIM_INFO.
    ///
    /// # Errors
    /// [`ChannelError::Handshake`] when m1 was not made from this very code.
    pub fn accept(
        qr: &QrPayload,
        pc_secret: &[u8; 32],
        m1: &[u8],
    ) -> Result<(Self, Zeroizing<Vec<u8>>), ChannelError> {
        let secret = Zeroizing::new(point::parse_scalar(pc_secret)?);
        let mut state = initialise(qr, &PublicKey::from_secret_scalar(&secret));
        let (e, sealed) = split_message(m1)?;
        let phone_key = point::parse_uncompressed(e)?;
        mix_e(&mut state, e);
        state.mix_key(&*point::diffie_hellman(&secret, &phone_key)?);
        let padded = state.decrypt_and_hash(sealed)?;
        let claim_info = Zeroizing::new(padding::unpad(&padded)?.to_vec());
        Ok((
            Self {
                state,
                phone_key,
                sid: qr.sid,
            },
            claim_info,
        ))
    }

    /// The handshake hash after m1: binds the code, the phone's key and CLAIM_INFO. The key of a remembered PC signs it in HELLO.
    pub fn claim_hash(&self) -> [u8; 32] {
        self.state.hash()
    }

    /// Writes m2 with HELLO as its payload. `ephemeral` is 32 fresh random bytes.
    ///
    /// # Errors
    /// [`ChannelError::Scalar`], [`ChannelError::TooLarge`].
    pub fn reply(
        mut self,
        ephemeral: &[u8; 32],
        hello: &[u8],
    ) -> Result<(Channel, Vec<u8>), ChannelError> {
        let secret = Zeroizing::new(point::parse_scalar(ephemeral)?);
        let e = point::uncompressed(&PublicKey::from_secret_scalar(&secret));
        mix_e(&mut self.state, &e);
        self.state
            .mix_key(&*point::diffie_hellman(&secret, &self.phone_key)?);
        let sealed = self.state.encrypt_and_hash(&padding::pad(hello)?)?;
        let channel = Channel::new(&self.state, &self.sid, Direction::Down);
        Ok((channel, [&e[..], &sealed].concat()))
    }
}

impl Channel {
    /// `writes` is the direction in which this side sends.
    fn new(state: &Symmetric, sid: &[u8; 16], writes: Direction) -> Self {
        let (up, down) = state.split();
        let (writer, reader) = match writes {
            Direction::Up => (
                FrameWriter::new(&up, sid, Direction::Up),
                FrameReader::new(&down, sid, Direction::Down),
            ),
            Direction::Down => (
                FrameWriter::new(&down, sid, Direction::Down),
                FrameReader::new(&up, sid, Direction::Up),
            ),
        };
        Self {
            writer,
            reader,
            hash: state.hash(),
        }
    }

    /// The four digits on both screens (0 to 9999): first 4 bytes of SHA-256("JQ1 sas" || h) mod 10000. They show that no second phone
    /// joined, and nothing more.
    pub fn sas(&self) -> u16 {
        let [a, b, c, d, ..] = sha256(&[b"JQ1 sas", &self.hash]);
        u16::try_from(u32::from_be_bytes([a, b, c, d]) % 10_000).unwrap_or_default()
    }

    /// Channel binding: SHA-256("JQ1 cb" || h), which the relying party signs into its request.
    pub fn cb(&self) -> [u8; 32] {
        sha256(&[b"JQ1 cb", &self.hash])
    }
}

/// Prologue, responder's static key and psk: the part before the first message.
fn initialise(qr: &QrPayload, pc_key: &PublicKey) -> Symmetric {
    let mut state = Symmetric::new(&[b"JQ1", &[qr.version], &[qr.relay], &qr.sid, &qr.pc_key]);
    state.mix_hash(&point::uncompressed(pc_key));
    let psk = hkdf::<32>(&qr.sid, &[&qr.secret], &[b"JQ1 psk", &qr.commitment()]);
    state.mix_key_and_hash(&psk);
    state
}

fn mix_e(state: &mut Symmetric, e: &[u8; 65]) {
    state.mix_hash(e);
    state.mix_key(e);
}

fn split_message(message: &[u8]) -> Result<(&[u8; 65], &[u8]), ChannelError> {
    message
        .split_first_chunk::<65>()
        .ok_or(ChannelError::Handshake)
}
