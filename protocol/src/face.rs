//! What the face service F states and holds: assertions about a face check, first-set tickets, and its half of the recovery share.
//!
//! Signed like guard messages ([`crate::guard::Signed`]), with the service's own key. Times are seconds since the epoch.

use crate::api::guard::AssertionPurpose;
use crate::delivery::SealedShare;
use crate::guard::{Message, Signed, SignedError, Suite};
use crate::ids::{AccountId, DeviceId};
use crate::kdf::sha256;
use base64ct::{Base64UrlUnpadded, Encoding};
use serde_tuple::{Deserialize_tuple, Serialize_tuple};
use subtle::ConstantTimeEq;

/// How long an assertion or a first-set ticket is taken, in seconds.
pub const ASSERTION_LIFE_SECONDS: u64 = 300;

/// A person passed a face check on this device, for this purpose. Single use: whoever takes it remembers `reference`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct FaceAssertion {
    /// Suite of the record.
    pub suite: Suite,
    /// What it is for.
    pub purpose: AssertionPurpose,
    /// Who may take it: `guard`, `ca` or `face`.
    pub audience: String,
    /// The person: the face service's keyed hash of document kind and number.
    #[serde(with = "serde_bytes")]
    pub subject: [u8; 32],
    /// The account of that person.
    pub account: AccountId,
    /// The phone on which it was asked for.
    pub device: DeviceId,
    /// What it is about: the certificate order or the reset.
    #[serde(with = "serde_bytes")]
    pub reference: [u8; 16],
    /// Liveness score of the check, 0 to 100.
    pub liveness: u8,
    /// When it was stated. How long a login's check serves before that is the face service's decision.
    pub time: u64,
}

impl Message for FaceAssertion {
    const NAME: &'static str = "face-assertion";
}

/// Lets an account set its first PIN on a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct FirstSetTicket {
    /// Suite of the record.
    pub suite: Suite,
    /// The person, as in [`FaceAssertion::subject`].
    #[serde(with = "serde_bytes")]
    pub subject: [u8; 32],
    /// The account of that person.
    pub account: AccountId,
    /// `K_dev`, compressed: the guard enrols this key.
    #[serde(with = "serde_bytes")]
    pub device_key: [u8; 33],
    /// When it was stated. How long a login's check serves before that is the face service's decision.
    pub time: u64,
}

impl Message for FirstSetTicket {
    const NAME: &'static str = "first-set-ticket";
}

/// Stages `S_f` of a PIN epoch beside the current one. `POST /v1/face/shares`, signed by `K_dev`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct StageShareRequest {
    /// Suite of the message.
    pub suite: Suite,
    /// Whose PIN.
    pub account: AccountId,
    /// Which phone.
    pub device: DeviceId,
    /// The staged epoch.
    pub epoch: u64,
    /// The guard's staging.
    #[serde(with = "serde_bytes")]
    pub stage: [u8; 16],
    /// `S_f`, sealed to the face service's delivery key.
    pub share: SealedShare,
}

impl Message for StageShareRequest {
    const NAME: &'static str = "face-share-request";
}

/// The face service holds `S_f` of this staging: COMMIT carries it to the guard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct StagingTicket {
    /// Suite of the record.
    pub suite: Suite,
    /// SHA-256 of the request.
    #[serde(with = "serde_bytes")]
    pub request: [u8; 32],
    /// Whose PIN.
    pub account: AccountId,
    /// Which phone.
    pub device: DeviceId,
    /// The staged epoch.
    pub epoch: u64,
    /// The guard's staging.
    #[serde(with = "serde_bytes")]
    pub stage: [u8; 16],
    /// When it was stored.
    pub time: u64,
}

impl Message for StagingTicket {
    const NAME: &'static str = "staging-ticket";
}

/// Fetches `S_f` in a reset. Signed by `K_dev`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct ReleaseShareRequest {
    /// Suite of the message.
    pub suite: Suite,
    /// Whose PIN.
    pub account: AccountId,
    /// Which phone.
    pub device: DeviceId,
    /// The reset.
    #[serde(with = "serde_bytes")]
    pub reset: [u8; 16],
    /// Where the share goes.
    #[serde(with = "serde_bytes")]
    pub ephemeral: [u8; 33],
    /// [`FaceAssertion`] for this reset.
    pub assertion: Signed,
}

impl Message for ReleaseShareRequest {
    const NAME: &'static str = "face-release-request";
}

/// Answer to [`ReleaseShareRequest`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct ReleaseShareAnswer {
    /// Suite of the message.
    pub suite: Suite,
    /// SHA-256 of the request.
    #[serde(with = "serde_bytes")]
    pub request: [u8; 32],
    /// Epoch of the share.
    pub epoch: u64,
    /// `S_f`, sealed to the request's ephemeral key.
    pub share: SealedShare,
}

impl Message for ReleaseShareAnswer {
    const NAME: &'static str = "face-release-answer";
}

/// Why a statement of the face service is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FaceError {
    /// Not signed by the face service.
    #[error("the statement is not the face service's: {0}")]
    Signed(#[from] SignedError),
    /// For another purpose, audience, account, device or reference.
    #[error("the statement is for something else")]
    Other,
    /// Older than [`ASSERTION_LIFE_SECONDS`], or from the future.
    #[error("the statement is too old")]
    Expired,
}

/// What an assertion must say to be taken.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// What for.
    pub purpose: AssertionPurpose,
    /// By whom.
    pub audience: &'a str,
    /// Whose.
    pub account: AccountId,
    /// On which phone.
    pub device: DeviceId,
    /// About what.
    pub reference: [u8; 16],
}

/// Verifies an assertion. The caller compares `subject` with the enrolled one and `liveness` with its limit.
pub fn verify_assertion(
    assertion: &Signed,
    face_key: &[u8; 33],
    expected: &Expected<'_>,
    now: u64,
) -> Result<FaceAssertion, FaceError> {
    let assertion: FaceAssertion = assertion.open(face_key)?;
    let same = assertion.purpose == expected.purpose
        && assertion.audience == expected.audience
        && assertion.account == expected.account
        && assertion.device == expected.device
        && assertion.reference == expected.reference;
    if !same {
        return Err(FaceError::Other);
    }
    check_age(assertion.time, now)?;
    Ok(assertion)
}

/// Verifies a first-set ticket for an account.
pub fn verify_first_set(
    ticket: &Signed,
    face_key: &[u8; 33],
    account: AccountId,
    device: DeviceId,
    now: u64,
) -> Result<FirstSetTicket, FaceError> {
    let ticket: FirstSetTicket = ticket.open(face_key)?;
    if ticket.account != account || DeviceId::of_key(&ticket.device_key) != device {
        return Err(FaceError::Other);
    }
    check_age(ticket.time, now)?;
    Ok(ticket)
}

fn check_age(time: u64, now: u64) -> Result<(), FaceError> {
    // A few seconds of tolerance for two machines' clocks.
    if now > time.saturating_add(ASSERTION_LIFE_SECONDS) || time > now.saturating_add(5) {
        return Err(FaceError::Expired);
    }
    Ok(())
}

/// The S256 code challenge of a verifier (RFC 7636 § 4.2): base64url of SHA-256 of its ASCII bytes.
pub fn s256(verifier: &str) -> String {
    Base64UrlUnpadded::encode_string(&sha256(&[verifier.as_bytes()]))
}

/// A code verifier of 32 random bytes: 43 characters of base64url (RFC 7636 § 4.1).
pub fn code_verifier(random: &[u8; 32]) -> zeroize::Zeroizing<String> {
    zeroize::Zeroizing::new(Base64UrlUnpadded::encode_string(random))
}

/// Checks a verifier of 43 to 128 unreserved characters against its challenge, in constant time.
pub fn s256_matches(verifier: &str, challenge: &str) -> bool {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    (43..=128).contains(&verifier.len())
        && verifier.bytes().all(unreserved)
        && bool::from(s256(verifier).as_bytes().ct_eq(challenge.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::Unsigned;
    use p256::ecdsa::signature::Signer;
    use p256::ecdsa::{Signature, SigningKey};

    const FACE_KEY: [u8; 32] = [0x51; 32];

    fn signed<M: Message>(secret: &[u8; 32], message: &M) -> Signed {
        let key = SigningKey::from_slice(secret).unwrap();
        let sign = |input: &[u8]| {
            let signature: Signature = key.sign(input);
            Ok::<_, ()>(signature.to_bytes().into())
        };
        Unsigned::new(message).unwrap().sign(sign).unwrap()
    }

    #[test]
    fn rfc_7636_appendix_b() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        assert_eq!(s256(verifier), challenge);
        assert!(s256_matches(verifier, challenge));
        assert!(!s256_matches(&verifier.replace('d', "e"), challenge));
        assert!(!s256_matches("short", &s256("short")));
        assert!(s256_matches(
            &code_verifier(&[7; 32]),
            &s256(&code_verifier(&[7; 32]))
        ));
    }

    #[test]
    fn an_assertion_is_for_one_purpose_device_and_reference() {
        let assertion = FaceAssertion {
            suite: Suite::P256,
            purpose: AssertionPurpose::PinReset,
            audience: "guard".into(),
            subject: [1; 32],
            account: AccountId([2; 16]),
            device: DeviceId([3; 16]),
            reference: [4; 16],
            liveness: 90,
            time: 1000,
        };
        let expected = Expected {
            purpose: assertion.purpose,
            audience: "guard",
            account: assertion.account,
            device: assertion.device,
            reference: assertion.reference,
        };
        let key = crate::point::public_of(&FACE_KEY).unwrap();
        let bytes = signed(&FACE_KEY, &assertion);
        let check = |expected: &Expected<'_>, now| verify_assertion(&bytes, &key, expected, now);
        assert_eq!(check(&expected, 1300), Ok(assertion.clone()));
        assert_eq!(check(&expected, 1301), Err(FaceError::Expired));
        assert_eq!(check(&expected, 990), Err(FaceError::Expired));
        let others = [
            Expected {
                purpose: AssertionPurpose::Certificate,
                ..expected
            },
            Expected {
                audience: "ca",
                ..expected
            },
            Expected {
                account: AccountId([0; 16]),
                ..expected
            },
            Expected {
                device: DeviceId([0; 16]),
                ..expected
            },
            Expected {
                reference: [0; 16],
                ..expected
            },
        ];
        for other in others {
            assert_eq!(check(&other, 1000), Err(FaceError::Other));
        }
        let forged = verify_assertion(&signed(&[9; 32], &assertion), &key, &expected, 1000);
        assert_eq!(forged, Err(FaceError::Signed(SignedError::Signature)));
    }

    #[test]
    fn a_first_set_ticket_is_for_one_device_key() {
        let device_key = crate::point::public_of(&[7; 32]).unwrap();
        let account = AccountId([2; 16]);
        let ticket = FirstSetTicket {
            suite: Suite::P256,
            subject: [1; 32],
            account,
            device_key,
            time: 1000,
        };
        let key = crate::point::public_of(&FACE_KEY).unwrap();
        let bytes = signed(&FACE_KEY, &ticket);
        let device = DeviceId::of_key(&device_key);
        assert_eq!(
            verify_first_set(&bytes, &key, account, device, 1100),
            Ok(ticket)
        );
        let other = verify_first_set(&bytes, &key, account, DeviceId([0; 16]), 1100);
        assert_eq!(other, Err(FaceError::Other));
        let late = verify_first_set(&bytes, &key, account, device, 1400);
        assert_eq!(late, Err(FaceError::Expired));
    }
}
