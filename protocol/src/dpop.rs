//! DPoP proofs (RFC 9449): each call shows that the caller holds the phone's hardware key.

use crate::jws::{self, JwsError, Typed};
use base64ct::{Base64UrlUnpadded, Encoding};
use p256::elliptic_curve::sec1::{FromSec1Point, ToSec1Point};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Seconds that a proof may be older or newer than the server's clock.
pub const MAX_SKEW_SECONDS: u64 = 120;
const TYP: &str = "dpop+jwt";

/// Why a proof is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DpopError {
    /// No proof of this shape, or its signature fails.
    #[error("the proof does not verify")]
    Proof,
    /// Made for another method or address.
    #[error("the proof is for another call")]
    OtherCall,
    /// Too old or too new; the answer carries the server's time.
    #[error("the proof is not of this time")]
    Time,
    /// Made for another access token, or for none.
    #[error("the proof is for another token")]
    OtherToken,
}

impl From<JwsError> for DpopError {
    fn from(_: JwsError) -> Self {
        Self::Proof
    }
}

#[derive(Serialize, Deserialize)]
struct Jwk {
    crv: String,
    kty: String,
    x: String,
    y: String,
}

#[derive(Serialize, Deserialize)]
struct Header {
    typ: String,
    alg: String,
    jwk: Jwk,
}

impl Typed for Header {
    fn typ_alg(&self) -> (&str, &str) {
        (&self.typ, &self.alg)
    }
}

#[derive(Serialize, Deserialize)]
struct Claims {
    jti: String,
    htm: String,
    htu: String,
    iat: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ath: Option<String>,
}

/// What a proof is made for.
pub struct Call<'a> {
    /// `GET`, `POST` …
    pub method: &'a str,
    /// Scheme, host and path, without query and fragment.
    pub url: &'a str,
    /// Seconds since the epoch by the server's clock as the phone knows it.
    pub now: u64,
    /// 16 random bytes.
    pub jti: [u8; 16],
    /// The access token that the call carries.
    pub access_token: Option<&'a str>,
}

/// Makes a proof. `public_key` is SEC1 compressed; `sign` answers r ‖ s.
pub fn prove<E>(
    call: &Call<'_>,
    public_key: &[u8; 33],
    sign: impl FnOnce(&[u8]) -> Result<[u8; 64], E>,
) -> Result<String, jws::SignError<E>> {
    let jwk = jwk(public_key).ok_or(jws::SignError::Shape)?;
    let header = Header {
        typ: TYP.to_owned(),
        alg: jws::ALG.to_owned(),
        jwk,
    };
    let claims = Claims {
        jti: Base64UrlUnpadded::encode_string(&call.jti),
        htm: call.method.to_owned(),
        htu: call.url.to_owned(),
        iat: call.now,
        ath: call.access_token.map(token_hash),
    };
    jws::sign(&header, &claims, sign)
}

/// What the server compares a proof with.
pub struct Expected<'a> {
    /// The request's method.
    pub method: &'a str,
    /// The request's address, without query.
    pub url: &'a str,
    /// Seconds since the epoch.
    pub now: u64,
    /// The request's access token.
    pub access_token: Option<&'a str>,
}

/// A good proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// JWK thumbprint of the key (RFC 7638), 32 bytes.
    pub jkt: [u8; 32],
    /// The key, SEC1 compressed.
    pub public_key: [u8; 33],
    /// The proof's number: the server refuses a second use within the skew.
    pub jti: String,
}

/// Verifies a proof; the caller refuses a `jti` that it has seen.
pub fn verify(proof: &str, expected: &Expected<'_>) -> Result<Verified, DpopError> {
    let parsed = jws::parse::<Header, Claims>(proof, TYP)?;
    let public_key = public_key(&parsed.header.jwk).ok_or(DpopError::Proof)?;
    parsed.verify(&public_key)?;
    let claims = &parsed.claims;
    if claims.htm != expected.method || claims.htu != expected.url {
        return Err(DpopError::OtherCall);
    }
    if claims.iat.abs_diff(expected.now) > MAX_SKEW_SECONDS {
        return Err(DpopError::Time);
    }
    if claims.ath != expected.access_token.map(token_hash) {
        return Err(DpopError::OtherToken);
    }
    let jti_bytes = Base64UrlUnpadded::decode_vec(&claims.jti).map_err(|_| DpopError::Proof)?;
    if jti_bytes.len() != 16 {
        return Err(DpopError::Proof);
    }
    let jkt = thumbprint(&public_key).ok_or(DpopError::Proof)?;
    Ok(Verified {
        jkt,
        public_key,
        jti: parsed.claims.jti,
    })
}

/// JWK thumbprint (RFC 7638) of a SEC1 compressed P-256 key; nothing where it is no point.
pub fn thumbprint(public_key: &[u8; 33]) -> Option<[u8; 32]> {
    let jwk = jwk(public_key)?;
    let canonical = format!(
        r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#,
        jwk.x, jwk.y
    );
    Some(Sha256::digest(canonical).into())
}

fn token_hash(token: &str) -> String {
    Base64UrlUnpadded::encode_string(&Sha256::digest(token))
}

fn jwk(public_key: &[u8; 33]) -> Option<Jwk> {
    let point = p256::PublicKey::from_sec1_bytes(public_key)
        .ok()?
        .to_sec1_point(false);
    let text = |coordinate: &[u8]| Base64UrlUnpadded::encode_string(coordinate);
    Some(Jwk {
        crv: "P-256".to_owned(),
        kty: "EC".to_owned(),
        x: text(point.x()?),
        y: text(point.y()?),
    })
}

fn public_key(jwk: &Jwk) -> Option<[u8; 33]> {
    if jwk.crv != "P-256" || jwk.kty != "EC" {
        return None;
    }
    let coordinate =
        |text: &str| <[u8; 32]>::try_from(Base64UrlUnpadded::decode_vec(text).ok()?).ok();
    let (x, y) = (coordinate(&jwk.x)?, coordinate(&jwk.y)?);
    let point = p256::Sec1Point::from_affine_coordinates(&x.into(), &y.into(), false);
    let key = Option::<p256::PublicKey>::from(p256::PublicKey::from_sec1_point(&point))?;
    key.to_sec1_point(true).as_bytes().try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use p256::ecdsa::signature::Signer;
    use p256::ecdsa::{Signature, SigningKey};

    const URL: &str = "https://127.0.0.1:8443/v1/me";

    fn proof(call: &Call<'_>) -> (String, [u8; 33]) {
        let key = SigningKey::from_slice(&[9; 32]).unwrap();
        let public: [u8; 33] = key
            .verifying_key()
            .to_sec1_point(true)
            .as_bytes()
            .try_into()
            .unwrap();
        let text = prove(call, &public, |input| {
            let signature: Signature = key.sign(input);
            Ok::<_, ()>(signature.to_bytes().into())
        });
        (text.unwrap(), public)
    }

    fn call() -> Call<'static> {
        Call {
            method: "GET",
            url: URL,
            now: 1_000_000,
            jti: [5; 16],
            access_token: Some("token"),
        }
    }

    fn expected() -> Expected<'static> {
        Expected {
            method: "GET",
            url: URL,
            now: 1_000_000,
            access_token: Some("token"),
        }
    }

    #[test]
    fn a_proof_verifies_for_its_own_call_and_key() {
        let (text, public) = proof(&call());
        let verified = verify(&text, &expected()).unwrap();
        assert_eq!(
            (verified.public_key, verified.jkt),
            (public, thumbprint(&public).unwrap())
        );
    }

    #[test]
    fn a_proof_for_another_method_address_token_or_time_is_refused() {
        let (text, _) = proof(&call());
        let cases = [
            (
                Expected {
                    method: "POST",
                    ..expected()
                },
                DpopError::OtherCall,
            ),
            (
                Expected {
                    url: "https://127.0.0.1:8443/v1/other",
                    ..expected()
                },
                DpopError::OtherCall,
            ),
            (
                Expected {
                    access_token: Some("other"),
                    ..expected()
                },
                DpopError::OtherToken,
            ),
            (
                Expected {
                    access_token: None,
                    ..expected()
                },
                DpopError::OtherToken,
            ),
            (
                Expected {
                    now: 1_000_000 + MAX_SKEW_SECONDS + 1,
                    ..expected()
                },
                DpopError::Time,
            ),
            (
                Expected {
                    now: 1_000_000 - MAX_SKEW_SECONDS - 1,
                    ..expected()
                },
                DpopError::Time,
            ),
        ];
        for (expected, error) in cases {
            assert_eq!(verify(&text, &expected), Err(error));
        }
        assert!(
            verify(
                &text,
                &Expected {
                    now: 1_000_000 + MAX_SKEW_SECONDS,
                    ..expected()
                }
            )
            .is_ok()
        );
    }

    #[test]
    fn the_thumbprint_is_that_of_rfc_9449() {
        // RFC 9449 § 6.1 binds its example token to this key's thumbprint.
        let jwk = Jwk {
            crv: "P-256".into(),
            kty: "EC".into(),
            x: "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs".into(),
            y: "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA".into(),
        };
        let thumbprint = thumbprint(&public_key(&jwk).unwrap()).unwrap();
        assert_eq!(
            Base64UrlUnpadded::encode_string(&thumbprint),
            "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
        );
    }
}
