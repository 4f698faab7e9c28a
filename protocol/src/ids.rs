//! Identifiers and byte strings as they travel: hexadecimal or base64url in JSON, byte strings in CBOR.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// Why a text is not an identifier.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
#[error("an identifier is 32 lower-case hexadecimal digits")]
pub struct IdError;

macro_rules! id {
    ($(#[$doc:meta] $name:ident),+ $(,)?) => {$(
        #[$doc]
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub [u8; 16]);

        impl $name {
            /// The raw bytes.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }

            /// Reads an identifier from a byte string of exactly 16 bytes.
            pub fn from_slice(bytes: &[u8]) -> Result<Self, IdError> {
                bytes.try_into().map(Self).map_err(|_| IdError)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex::encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                let mut bytes = [0; 16];
                if text.bytes().any(|b| b.is_ascii_uppercase()) {
                    return Err(IdError);
                }
                hex::decode_to_slice(text, &mut bytes).map_err(|_| IdError)?;
                Ok(Self(bytes))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                if s.is_human_readable() { s.collect_str(self) } else { s.serialize_bytes(&self.0) }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                struct IdVisitor;
                impl Visitor<'_> for IdVisitor {
                    type Value = $name;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("32 lower-case hexadecimal digits, or 16 bytes")
                    }
                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$name, E> {
                        text.parse().map_err(E::custom)
                    }
                    fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<$name, E> {
                        $name::from_slice(bytes).map_err(E::custom)
                    }
                }
                // Inside a tagged enum serde's buffer says "human readable" whatever the format is, so both spellings are read.
                if d.is_human_readable() { d.deserialize_str(IdVisitor) } else { d.deserialize_byte_buf(IdVisitor) }
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .pattern(Some("^[0-9a-f]{32}$"))
                    .into()
            }
        }
        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for $name {}
    )+};
}

id! {
    #[doc = "A person's or an enterprise's account."] AccountId,
    #[doc = "A phone: see [`crate::ids::DeviceId::of_key`]."] DeviceId,
    #[doc = "An enterprise account."] EnterpriseId,
    #[doc = "A certificate key, named by the phone before it asks for a certificate."] CertId,
    #[doc = "A signing session between a PC and a phone (`sid`)."] SessionId,
    #[doc = "A face-login handoff."] HandoffId,
    #[doc = "An invite link."] InviteId,
    #[doc = "What an accepted invite gives."] GrantId,
    #[doc = "A document that waits at a portal."] DocumentId,
    #[doc = "A batch of documents to be signed together."] BatchId,
    #[doc = "An order for a certificate."] OrderId,
    #[doc = "A lease: one PIN proof that opens one certificate for a while."] LeaseId,
    #[doc = "A seal preview waiting for the user's word."] PreviewId,
    #[doc = "A request to be linked with an enterprise account (YST-032)."] LinkId,
    #[doc = "An effect that must happen once: the `Idempotency-Key`, made on the phone."] RequestId,
}

impl DeviceId {
    /// The device of a hardware signing key: the first 16 bytes of SHA-256("kapok/device" ‖ SEC1 compressed key).
    pub fn of_key(public_key: &[u8; 33]) -> Self {
        use sha2::{Digest, Sha256};
        let digest = Sha256::new()
            .chain_update(b"kapok/device")
            .chain_update(public_key)
            .finalize();
        let mut id = [0; 16];
        id.iter_mut()
            .zip(digest.iter())
            .for_each(|(to, from)| *to = *from);
        Self(id)
    }
}

/// A byte string: base64url without padding in JSON, a byte string in CBOR.
#[derive(Clone, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub struct Bytes(pub Vec<u8>);

impl Bytes {
    /// The bytes as an array of exactly `N`, or nothing.
    pub fn array<const N: usize>(&self) -> Option<[u8; N]> {
        self.0.as_slice().try_into().ok()
    }
}

impl fmt::Debug for Bytes {
    /// Shows the length only: what travels may be a share or a document.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bytes({})", self.0.len())
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}

impl<const N: usize> From<[u8; N]> for Bytes {
    fn from(bytes: [u8; N]) -> Self {
        Self(bytes.to_vec())
    }
}

impl std::ops::Deref for Bytes {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        if s.is_human_readable() {
            s.serialize_str(&Base64UrlUnpadded::encode_string(&self.0))
        } else {
            s.serialize_bytes(&self.0)
        }
    }
}

struct BytesVisitor;

impl Visitor<'_> for BytesVisitor {
    type Value = Bytes;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("base64url without padding, or a byte string")
    }
    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Bytes, E> {
        Base64UrlUnpadded::decode_vec(text)
            .map(Bytes)
            .map_err(|_| E::custom("not base64url"))
    }
    fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Bytes, E> {
        Ok(Bytes(bytes.to_vec()))
    }
    fn visit_byte_buf<E: serde::de::Error>(self, bytes: Vec<u8>) -> Result<Bytes, E> {
        Ok(Bytes(bytes))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        if d.is_human_readable() {
            d.deserialize_str(BytesVisitor)
        } else {
            d.deserialize_byte_buf(BytesVisitor)
        }
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Bytes {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .pattern(Some("^[A-Za-z0-9_-]*$"))
            .description(Some("base64url without padding"))
            .into()
    }
}
#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Bytes {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_and_refuses_what_it_does_not_print() {
        let id = CertId([0xab; 16]);
        assert_eq!(id.to_string().parse::<CertId>(), Ok(id));
        for bad in [
            "",
            "ab",
            &"AB".repeat(16),
            &"zz".repeat(16),
            &"ab".repeat(17),
        ] {
            assert_eq!(bad.parse::<CertId>(), Err(IdError), "{bad}");
        }
    }

    #[test]
    fn bytes_travel_as_text_in_json_and_as_bytes_in_cbor() {
        let bytes = Bytes(vec![0xff, 0xfe, 1]);
        assert_eq!(serde_json::to_string(&bytes).unwrap(), "\"__4B\"");
        assert_eq!(serde_json::from_str::<Bytes>("\"__4B\"").unwrap(), bytes);
        assert!(serde_json::from_str::<Bytes>("\"__4=\"").is_err());
        let mut cbor = Vec::new();
        ciborium::into_writer(&(bytes.clone(), CertId([7; 16])), &mut cbor).unwrap();
        assert_eq!(cbor[1], 0x43);
        let back: (Bytes, CertId) = ciborium::from_reader(cbor.as_slice()).unwrap();
        assert_eq!(back, (bytes, CertId([7; 16])));
    }

    #[test]
    fn pin_20_debug_of_bytes_shows_no_content() {
        assert_eq!(format!("{:?}", Bytes(b"canary".to_vec())), "Bytes(6)");
    }

    #[test]
    fn an_id_inside_a_tagged_frame_reads_back_from_cbor() {
        use crate::relay::{Side, ToRelay};
        let frame = ToRelay::Resume {
            sid: SessionId([0xfe; 16]),
            next: Bytes(vec![1; 32]),
            side: Side::Phone,
            token: Bytes(vec![2; 32]),
            received: 7,
        };
        let bytes = crate::cbor::encode(&frame).unwrap();
        assert_eq!(crate::cbor::decode::<ToRelay>(&bytes), Ok(frame));
    }
}
