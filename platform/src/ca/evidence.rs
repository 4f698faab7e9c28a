//! What a certificate is issued on.

use crate::platform::Platform;
use crate::server::{Failure, Principal};
use kapok_formats::x509::Csr;
use kapok_protocol::api::certificates::OrderCertificate;
use kapok_protocol::api::guard::AssertionPurpose;
use kapok_protocol::error::{ApiError, ErrorCode};
use kapok_protocol::face::{Expected, verify_assertion};
use kapok_protocol::guard::{
    IssueStatement, PinKind, Signed, Suite, intent, intent_object, verify_pin_proof,
};
use kapok_protocol::ids::DeviceId;
use sha2::{Digest, Sha256};

/// Who may take the face service's statement.
const AUDIENCE: &str = "ca";

/// Evidence that holds.
pub(super) struct Evidence {
    /// The request's key, DER SubjectPublicKeyInfo.
    pub spki: Vec<u8>,
    /// SHA-256 of the request.
    pub csr_hash: [u8; 32],
    /// The phone.
    pub device: DeviceId,
    /// The PIN proof's number: it counts once.
    pub proof_id: [u8; 16],
}

/// Checks everything that the phone brings; `CERT_EVIDENCE` names what does not hold.
pub(super) fn check(
    platform: &Platform,
    principal: &Principal,
    order: &OrderCertificate,
) -> Result<Evidence, Failure> {
    let csr = Csr::parse(&order.csr).map_err(|_| refused("csr"))?;
    let csr_hash: [u8; 32] = Sha256::digest(&order.csr.0).into();
    let device_key = order
        .device_key
        .array::<33>()
        .ok_or_else(|| refused("device_key"))?;
    if device_key != principal.device.public_key {
        return Err(refused("device_key"));
    }
    let device = DeviceId::of_key(&device_key);
    let signature = order
        .device_signature
        .array()
        .ok_or_else(|| refused("device_signature"))?;
    let statement = IssueStatement {
        suite: Suite::P256,
        order: order.order_id,
        csr_hash,
    };
    statement
        .verify(&device_key, &signature)
        .map_err(|_| refused("device_signature"))?;

    let now = platform.clock.seconds();
    let face = Signed::try_from(order.face.clone()).map_err(|_| refused("face"))?;
    let expected = Expected {
        purpose: AssertionPurpose::Certificate,
        audience: AUDIENCE,
        account: principal.account,
        device,
        reference: order.order_id.0,
    };
    verify_assertion(&face, &key(&platform.pinned.face_sign)?, &expected, now)
        .map_err(|_| refused("face"))?;

    let salt = order
        .intent_salt
        .array()
        .ok_or_else(|| refused("intent_salt"))?;
    let h = intent_object(&salt, &csr_hash, None, None).map_err(|_| refused("pin_proof"))?;
    let intent = intent(PinKind::Install, 0, &h).map_err(|_| refused("pin_proof"))?;
    let proof = Signed::try_from(order.pin_proof.clone()).map_err(|_| refused("pin_proof"))?;
    let guard = key(&platform.pinned.guard_sign)?;
    let proof = verify_pin_proof(&proof, &guard, principal.account, device, &intent, now)
        .map_err(|_| refused("pin_proof"))?;
    Ok(Evidence {
        spki: csr.spki_der().to_vec(),
        csr_hash,
        device,
        proof_id: proof.proof_id,
    })
}

fn key(pinned: &kapok_protocol::ids::Bytes) -> Result<[u8; 33], Failure> {
    pinned.array().ok_or_else(|| ErrorCode::ServiceDown.into())
}

fn refused(field: &str) -> Failure {
    ApiError {
        field: Some(field.to_owned()),
        reason: Some("evidence".to_owned()),
        ..ApiError::new(ErrorCode::CertEvidence)
    }
    .into()
}
