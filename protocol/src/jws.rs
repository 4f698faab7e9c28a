//! Compact JWS (RFC 7515) with ES256, the only algorithm of suite 1: `base64url(header).base64url(claims).base64url(r ‖ s)`.

use crate::ecdsa;
use base64ct::{Base64UrlUnpadded, Encoding};
use p256::PublicKey;
use serde::{Serialize, de::DeserializeOwned};

/// The longest JWS that is read, in bytes.
pub const MAX_LEN: usize = 64 * 1024;
/// The only algorithm.
pub const ALG: &str = "ES256";

/// Why a text is no good JWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JwsError {
    /// Not three parts of base64url, too long, or no JSON of the expected shape.
    #[error("not a compact JWS of the expected shape")]
    Format,
    /// Another `alg` or `typ`, or a critical header.
    #[error("the JWS has another type or algorithm")]
    Type,
    /// The signature does not verify.
    #[error("the JWS's signature does not verify")]
    Signature,
}

/// A header that names its type and algorithm.
pub trait Typed {
    /// `typ` and `alg` of this header.
    fn typ_alg(&self) -> (&str, &str);
}

/// What a JWS says; nothing of it may be believed before [`Parsed::verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed<H, C> {
    /// Header.
    pub header: H,
    /// Claims.
    pub claims: C,
    input: String,
    signature: [u8; 64],
}

/// Signs: `sign` gets the signing input and answers r ‖ s over its SHA-256.
pub fn sign<E>(
    header: &impl Serialize,
    claims: &impl Serialize,
    sign: impl FnOnce(&[u8]) -> Result<[u8; 64], E>,
) -> Result<String, SignError<E>> {
    let part = |bytes: Vec<u8>| Base64UrlUnpadded::encode_string(&bytes);
    let header = serde_json::to_vec(header).map_err(|_| SignError::Shape)?;
    let claims = serde_json::to_vec(claims).map_err(|_| SignError::Shape)?;
    let input = format!("{}.{}", part(header), part(claims));
    let signature = sign(input.as_bytes()).map_err(SignError::Signer)?;
    let text = format!("{input}.{}", part(signature.to_vec()));
    if text.len() > MAX_LEN {
        Err(SignError::Shape)
    } else {
        Ok(text)
    }
}

/// Why a JWS could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignError<E> {
    /// Header or claims have no JSON, or are too long.
    #[error("header or claims cannot be written")]
    Shape,
    /// The signer failed.
    #[error("the signer failed")]
    Signer(E),
}

/// Reads a JWS of the given `typ` without verifying it.
pub fn parse<H: DeserializeOwned + Typed, C: DeserializeOwned>(
    text: &str,
    typ: &str,
) -> Result<Parsed<H, C>, JwsError> {
    if text.len() > MAX_LEN {
        return Err(JwsError::Format);
    }
    let (input, signature) = text.rsplit_once('.').ok_or(JwsError::Format)?;
    let (header, claims) = input.split_once('.').ok_or(JwsError::Format)?;
    let json = |part: &str| Base64UrlUnpadded::decode_vec(part).map_err(|_| JwsError::Format);
    let header = json(header)?;
    // A critical header that is not understood must be refused (RFC 7515 § 4.1.11), and none is understood.
    let any: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(&header).map_err(|_| JwsError::Format)?;
    if any.contains_key("crit") {
        return Err(JwsError::Type);
    }
    let header: H = serde_json::from_slice(&header).map_err(|_| JwsError::Format)?;
    if header.typ_alg() != (typ, ALG) {
        return Err(JwsError::Type);
    }
    let claims = serde_json::from_slice(&json(claims)?).map_err(|_| JwsError::Format)?;
    let signature = json(signature)?.try_into().map_err(|_| JwsError::Format)?;
    Ok(Parsed {
        header,
        claims,
        input: input.to_owned(),
        signature,
    })
}

impl<H, C> Parsed<H, C> {
    /// Verifies under a SEC1 P-256 key.
    pub fn verify(&self, key: &[u8]) -> Result<(), JwsError> {
        let key = PublicKey::from_sec1_bytes(key).map_err(|_| JwsError::Signature)?;
        if ecdsa::verifies(&key, self.input.as_bytes(), &self.signature) {
            return Ok(());
        }
        Err(JwsError::Signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use p256::ecdsa::signature::Signer;
    use p256::ecdsa::{Signature, SigningKey};
    use serde::Deserialize;

    #[derive(Serialize, Deserialize, Debug, PartialEq, Clone)]
    struct Head {
        typ: String,
        alg: String,
    }
    impl Typed for Head {
        fn typ_alg(&self) -> (&str, &str) {
            (&self.typ, &self.alg)
        }
    }

    fn head() -> Head {
        Head {
            typ: "t+jwt".into(),
            alg: ALG.into(),
        }
    }

    fn signed(header: &impl Serialize) -> (String, Vec<u8>) {
        let key = SigningKey::from_slice(&[7; 32]).unwrap();
        let text = sign(header, &serde_json::json!({"a": 1}), |input| {
            let signature: Signature = key.sign(input);
            Ok::<_, ()>(signature.to_bytes().into())
        });
        (
            text.unwrap(),
            key.verifying_key().to_sec1_point(true).as_bytes().to_vec(),
        )
    }

    #[test]
    fn a_signed_text_verifies_and_any_change_does_not() {
        let (text, key) = signed(&head());
        let parsed = parse::<Head, serde_json::Value>(&text, "t+jwt").unwrap();
        assert_eq!(
            (parsed.verify(&key), parsed.claims["a"].as_i64()),
            (Ok(()), Some(1))
        );
        for at in (0..text.len()).step_by(7) {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let text = String::from_utf8(bytes).unwrap();
            let good = parse::<Head, serde_json::Value>(&text, "t+jwt")
                .is_ok_and(|p| p.verify(&key).is_ok());
            assert!(!good, "changed at {at}");
        }
    }

    #[test]
    fn another_type_algorithm_or_a_critical_header_is_refused() {
        let none = Head {
            alg: "none".into(),
            ..head()
        };
        for text in [
            signed(&none).0,
            signed(&serde_json::json!({"typ":"t+jwt","alg":"ES256","crit":["x"]})).0,
        ] {
            assert_eq!(
                parse::<Head, serde_json::Value>(&text, "t+jwt").err(),
                Some(JwsError::Type)
            );
        }
        assert_eq!(
            parse::<Head, serde_json::Value>(&signed(&head()).0, "other").err(),
            Some(JwsError::Type)
        );
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "[A-Za-z0-9_.-]{0,200}") {
            let _ = parse::<Head, serde_json::Value>(&text, "t+jwt");
        }
    }
}
