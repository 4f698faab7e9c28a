//! Results: a signature is taken once for a document, and only if everything about it holds.

use super::batches::{check_chain, in_session};
use super::documents::download;
use super::files::Name;
use super::sessions::open_session;
use super::visitor::Visitor;
use crate::Platform;
use crate::clock::seconds;
use crate::server::{Answer, Failure, Input};
use crate::store::portal::{self as rows, PreparedRow};
use axum::Json;
use axum::extract::{Path, State};
use kapok_formats::cms::{self, CmsError, Oid, Verified};
use kapok_formats::pdf;
use kapok_formats::x509::Certificate;
use kapok_protocol::api::portal::ResultTaken;
use kapok_protocol::error::{ApiError, ErrorCode};
use kapok_protocol::guard::{RECEIPT_OID, raw_signature, verify_receipt};
use kapok_protocol::ids::CertId;
use kapok_protocol::message::SignResult;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// `POST /portal/api/sessions/{sid}/results`.
///
/// In this order: the signature holds over the digest that the server computed; the signer is the picked certificate; its chain is good;
/// certificate and seal are good now; the guard's receipt is there and is for this signature. Sending the same result again is answered
/// as before; another one for the same document is `CONFLICT`.
pub(super) async fn take(
    State(platform): State<Arc<Platform>>,
    Visitor(visitor): Visitor,
    Path(sid): Path<String>,
    result: Input<SignResult>,
) -> Answer<ResultTaken> {
    let (sid, _) = open_session(&platform, &visitor, &sid).await?;
    let result = result.value;
    let prepared = in_session(
        &platform,
        &sid,
        &result.doc.to_string(),
        Some(&result.batch_id),
    )
    .await?;
    let document = rows::document(platform.db.reader(), &visitor, &result.doc)
        .await?
        .ok_or(ErrorCode::NotFound)?;
    let cms_hash: [u8; 32] = Sha256::digest(&*result.cms).into();
    match document.signed_by.as_deref() {
        Some(taken) if taken == cms_hash => {
            return Ok(Json(ResultTaken {
                download: download(&result.doc),
            }));
        }
        Some(_) => return Err(ErrorCode::Conflict.into()),
        None => {}
    }
    check(&platform, &prepared, &result).await?;
    store(&platform, prepared, &result, cms_hash).await?;
    Ok(Json(ResultTaken {
        download: download(&result.doc),
    }))
}

fn refused(reason: &str) -> Failure {
    ApiError {
        reason: Some(reason.to_owned()),
        ..ApiError::new(ErrorCode::ResultRefused)
    }
    .into()
}

async fn check(
    platform: &Platform,
    prepared: &PreparedRow,
    result: &SignResult,
) -> Result<(), Failure> {
    let verified =
        cms::verify(&result.cms, &prepared.signed_digest).map_err(|error| match error {
            CmsError::DigestMismatch => refused("digest"),
            CmsError::BadSignature => refused("signature"),
            _ => refused("cms"),
        })?;
    if verified.signer_certificate != prepared.certificate || !verified.names_certificate {
        return Err(refused("signer"));
    }
    let leaf = Certificate::parse(&verified.signer_certificate).map_err(|_| refused("signer"))?;
    let others: Vec<_> = verified
        .certificates
        .iter()
        .filter_map(|der| Certificate::parse(der).ok())
        .collect();
    check_chain(platform, &leaf, &others, seconds(platform.now()))
        .map_err(|()| refused("chain"))?;
    let authority = platform.portal.authority()?;
    let cert_id = authority.certificate(platform, &leaf).await?;
    if let Some(es_id) = &prepared.es_id {
        authority.seal(platform, es_id).await?;
    }
    let key = authority.receipt_key(platform).await?;
    check_receipt(&verified, &result.receipt, &key, cert_id).ok_or_else(|| refused("receipt"))
}

/// The receipt must be the CMS's own, by the guard, for exactly this signature and certificate.
fn check_receipt(
    verified: &Verified,
    receipt: &[u8],
    guard: &[u8; 33],
    cert_id: CertId,
) -> Option<()> {
    let oid = Oid::from_dotted(RECEIPT_OID).ok()?;
    if verified.receipt(&oid)? != receipt {
        return None;
    }
    let signed: [u8; 32] = Sha256::digest(&verified.signed_attributes).into();
    let signature = raw_signature(&verified.signature).ok()?;
    let receipt = verify_receipt(receipt, guard, &signed, &signature).ok()?;
    (receipt.cert_id == cert_id).then_some(())
}

/// The file first, then the row that says it is there.
async fn store(
    platform: &Platform,
    prepared: PreparedRow,
    result: &SignResult,
    cms_hash: [u8; 32],
) -> Result<(), Failure> {
    let bytes = platform
        .portal
        .files
        .get(Name::Prepared(prepared.id.clone()))
        .await?;
    let cms = result.cms.clone();
    let job = move || {
        let mut bytes = bytes;
        pdf::embed(&mut bytes, &cms).map(|()| bytes)
    };
    let embedded = tokio::task::spawn_blocking(job)
        .await
        .map_err(|_| ErrorCode::Internal)?;
    let bytes = embedded.map_err(|_| refused("embed"))?;
    let (batch, doc, now) = (result.batch_id, result.doc, platform.now());
    platform
        .portal
        .files
        .put(Name::Signed(doc, cms_hash), bytes)
        .await?;
    let taken = platform.db.write(move |tx| {
        Box::pin(async move { rows::take_result(tx, batch, doc, prepared.id, cms_hash, now).await })
    });
    if taken.await? {
        Ok(())
    } else {
        Err(ErrorCode::Conflict.into())
    }
}
