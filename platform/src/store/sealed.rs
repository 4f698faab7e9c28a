//! Values that lie encrypted in a row: XChaCha20-Poly1305, bound to their table, column and row.

use super::StoreError;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

const NONCE: usize = 24;

/// Seals the personal data of one database file.
pub struct Sealer(XChaCha20Poly1305);

impl Sealer {
    /// With the file's key.
    pub fn new(key: &Zeroizing<[u8; 32]>) -> Self {
        Self(XChaCha20Poly1305::new((&**key).into()))
    }

    /// nonce(24) ‖ ciphertext ‖ tag(16). `place` is `table.column`, `row` the row's key: a value moved elsewhere does not open.
    pub fn seal(
        &self,
        place: &'static str,
        row: &[u8],
        plain: &[u8],
    ) -> Result<Vec<u8>, StoreError> {
        let nonce: [u8; NONCE] = rand::random();
        let aad = aad(place, row);
        let payload = Payload {
            msg: plain,
            aad: &aad,
        };
        let body = self
            .0
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| StoreError::Damaged(place))?;
        Ok([nonce.as_slice(), &body].concat())
    }

    /// The plain bytes; an error where the value was changed or moved.
    pub fn open(
        &self,
        place: &'static str,
        row: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let damaged = || StoreError::Damaged(place);
        let (nonce, body) = sealed.split_first_chunk::<NONCE>().ok_or_else(damaged)?;
        let aad = aad(place, row);
        let payload = Payload {
            msg: body,
            aad: &aad,
        };
        self.0
            .decrypt(&XNonce::from(*nonce), payload)
            .map(Zeroizing::new)
            .map_err(|_| damaged())
    }

    /// [`Sealer::open`] of a text.
    pub fn open_text(
        &self,
        place: &'static str,
        row: &[u8],
        sealed: &[u8],
    ) -> Result<String, StoreError> {
        let plain = self.open(place, row, sealed)?;
        String::from_utf8(plain.to_vec()).map_err(|_| StoreError::Damaged(place))
    }
}

fn aad(place: &str, row: &[u8]) -> Vec<u8> {
    [place.as_bytes(), b"\0", row].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_value_opens_in_its_own_place_only() {
        let sealer = Sealer::new(&Zeroizing::new([3; 32]));
        let sealed = sealer
            .seal("persons.name", b"row", "张伟".as_bytes())
            .unwrap();
        assert_eq!(
            sealer.open_text("persons.name", b"row", &sealed).unwrap(),
            "张伟"
        );
        assert!(sealer.open("persons.name", b"other", &sealed).is_err());
        assert!(sealer.open("persons.other", b"row", &sealed).is_err());
        assert!(sealer.open("persons.name", b"row", &sealed[..20]).is_err());
        let mut changed = sealed.clone();
        changed[30] ^= 1;
        assert!(sealer.open("persons.name", b"row", &changed).is_err());
    }
}
