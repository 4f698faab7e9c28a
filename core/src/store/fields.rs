//! Sealing of single values: XChaCha20-Poly1305 with the value's place as associated data, so that no value can be moved.
//!
//! The nonce is the first 24 bytes of HMAC-SHA-256(nonce key, place ‖ value) instead of random: a value is then a function of
//! key, place and content, no nonce can repeat for two values, and nothing below `app` needs a random source. It shows one
//! thing only: that the same place holds the same content as before.

use super::StoreError;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

const NONCE: usize = 24;

/// A sealed column. `schema` counts the meanings that the column's content has had.
#[derive(Clone, Copy)]
pub struct Field {
    /// Table.
    pub table: &'static str,
    /// Column.
    pub column: &'static str,
    /// Version of the content.
    pub schema: u32,
}

impl Field {
    /// lp(table) ‖ lp(column) ‖ lp(row id) ‖ u32(schema), lengths as 4 bytes big-endian.
    fn place(&self, row: &[u8]) -> Vec<u8> {
        let mut place = Vec::new();
        for part in [self.table.as_bytes(), self.column.as_bytes(), row] {
            let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
            place.extend(length.to_be_bytes());
            place.extend(part);
        }
        place.extend(self.schema.to_be_bytes());
        place
    }
}

/// The keys of one database, derived from the 32 bytes in secure storage.
pub struct FieldKeys {
    seal: Zeroizing<[u8; 32]>,
    nonce: Zeroizing<[u8; 32]>,
    lookup: Zeroizing<[u8; 32]>,
}

impl FieldKeys {
    /// HKDF-SHA-256 with one label a key (RFC 5869).
    pub fn derive(key: &[u8; 32]) -> Self {
        let hkdf = Hkdf::<Sha256>::new(Some(b"kapok/store"), key);
        let expand = |label: &[u8]| {
            let mut out = Zeroizing::new([0; 32]);
            // 32 bytes are far below the limit of 255 blocks, so this cannot fail.
            let _ = hkdf.expand(label, &mut *out);
            out
        };
        Self {
            seal: expand(b"seal"),
            nonce: expand(b"nonce"),
            lookup: expand(b"lookup"),
        }
    }

    /// Seals a value for one column of one row: nonce (24 bytes) ‖ ciphertext ‖ tag (16 bytes).
    pub fn seal(&self, field: &Field, row: &[u8], value: &[u8]) -> Result<Vec<u8>, StoreError> {
        let place = field.place(row);
        let nonce = self.nonce(&place, value);
        let sealed = self
            .cipher()
            .encrypt(
                &nonce,
                Payload {
                    msg: value,
                    aad: &place,
                },
            )
            .map_err(|_| StoreError::Sealed)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Opens a sealed value in its own place.
    pub fn open(
        &self,
        field: &Field,
        row: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE).ok_or(StoreError::Sealed)?;
        let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| StoreError::Sealed)?;
        self.cipher()
            .decrypt(
                &XNonce::from(nonce),
                Payload {
                    msg: sealed,
                    aad: &field.place(row),
                },
            )
            .map(Zeroizing::new)
            .map_err(|_| StoreError::Sealed)
    }

    /// A keyed hash, to find a row by a value that must not stand in the file.
    pub fn lookup(&self, field: &Field, value: &[u8]) -> [u8; 32] {
        self.mac(&self.lookup, &field.place(&[]), value)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.seal).into())
    }

    fn nonce(&self, place: &[u8], value: &[u8]) -> XNonce {
        let mac = self.mac(&self.nonce, place, value);
        let mut nonce = [0; NONCE];
        nonce.iter_mut().zip(mac).for_each(|(to, from)| *to = from);
        nonce.into()
    }

    /// `place` carries its own lengths, so that no two pairs give the same input.
    fn mac(&self, key: &[u8; 32], place: &[u8], value: &[u8]) -> [u8; 32] {
        let mut block = Zeroizing::new([0; 64]);
        block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
        let mut mac = <Hmac<Sha256> as KeyInit>::new((&*block).into());
        mac.update(place);
        mac.update(value);
        mac.finalize().into_bytes().into()
    }
}
