//! Batches: documents made ready for one certificate and seal, and the bytes that the phone pulls.

use super::documents::refusal;
use super::files::Name;
use super::range::{Range, range};
use super::sessions::{bytes32, check_documents, open_session, purpose};
use super::visitor::Visitor;
use crate::Platform;
use crate::clock::seconds;
use crate::server::{Answer, Failure, Input};
use crate::store::StoreError;
use crate::store::portal::{self as rows, DocumentRow, NewPrepared, PreparedRow, VisitorKey};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kapok_formats::pdf::{self, Document, FieldPlan, Position};
use kapok_formats::seal::Seal;
use kapok_formats::x509::{self, Certificate};
use kapok_protocol::api::portal::{AskBatch, BatchMade};
use kapok_protocol::error::{ApiError, ErrorCode};
use kapok_protocol::ids::{BatchId, Bytes, DocumentId, SessionId};
use kapok_protocol::message::{BATCH_MAX_BYTES, Format, ManifestEntry};
use kapok_protocol::rp::{self, BatchClaims, MAX_LIFE_SECONDS};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Certificates in an offered chain.
const CHAIN: usize = 4;
/// A picture for signatures without a seal: one transparent pixel on one millimetre.
const NO_SEAL: &[u8] = include_bytes!("transparent.png");
const PDF: &str = "application/pdf";

/// What the phone offers, checked.
struct Offer {
    leaf: Certificate,
    seal: Option<Seal>,
}

/// `POST /portal/api/sessions/{sid}/batch`.
pub(super) async fn create(
    State(platform): State<Arc<Platform>>,
    Visitor(visitor): Visitor,
    Path(sid): Path<String>,
    ask: Input<AskBatch>,
) -> Answer<BatchMade> {
    let (sid, session) = open_session(&platform, &visitor, &sid).await?;
    let AskBatch {
        cb,
        chain,
        seal,
        docs,
    } = ask.value;
    let binding = bytes32(&cb, "cb")?;
    if session.binding.as_deref() != Some(binding.as_slice()) {
        return Err(ErrorCode::ChannelBinding.into());
    }
    let docs = if docs.is_empty() {
        rows::session_documents(platform.db.reader(), &sid).await?
    } else {
        docs
    };
    check_documents(&docs, "docs")?;
    let documents = own_documents(&platform, &visitor, &docs).await?;
    let offer = Arc::new(check_offer(&platform, &chain, seal.as_ref()).await?);

    let mut prepared = Vec::with_capacity(documents.len());
    for document in &documents {
        prepared.push(prepare(&platform, document, &offer).await?);
    }
    let manifest = documents
        .iter()
        .zip(&prepared)
        .map(|(d, p)| entry(d, p))
        .collect::<Result<Vec<_>, _>>()?;
    if manifest.iter().map(|entry| entry.size).sum::<u64>() > BATCH_MAX_BYTES {
        return Err(ErrorCode::BatchLimit.into());
    }
    let batch_id = BatchId(rand::random());
    let now = platform.now();
    platform
        .db
        .write(move |tx| {
            Box::pin(async move { rows::put_batch(tx, sid, batch_id, &prepared, now).await })
        })
        .await?;
    let jws = signed(&platform, &offer, batch_id, cb, &manifest)?;
    Ok(Json(BatchMade {
        batch_id,
        jws,
        manifest,
    }))
}

async fn own_documents(
    platform: &Platform,
    visitor: &VisitorKey,
    docs: &[DocumentId],
) -> Result<Vec<DocumentRow>, Failure> {
    let mut found = Vec::with_capacity(docs.len());
    for doc in docs {
        found.push(
            rows::document(platform.db.reader(), visitor, doc)
                .await?
                .ok_or(ErrorCode::NotFound)?,
        );
    }
    Ok(found)
}

/// The chain must lead to the platform's root and the certificate must be good now; so must the seal, which must list the certificate.
async fn check_offer(
    platform: &Platform,
    chain: &[Bytes],
    seal: Option<&Bytes>,
) -> Result<Offer, Failure> {
    if chain.len() > CHAIN {
        return Err(Failure::field("chain", "too_long"));
    }
    let parsed = chain
        .iter()
        .map(|der| Certificate::parse(der))
        .collect::<Result<Vec<_>, _>>();
    let mut parsed = parsed
        .map_err(|_| Failure::field("chain", "malformed"))?
        .into_iter();
    let leaf = parsed
        .next()
        .ok_or_else(|| Failure::field("chain", "empty"))?;
    let now = seconds(platform.now());
    check_chain(platform, &leaf, parsed.as_slice(), now)
        .map_err(|()| Failure::field("chain", "untrusted"))?;
    let authority = platform.portal.authority()?;
    authority.certificate(platform, &leaf).await?;
    let Some(der) = seal else {
        return Ok(Offer { leaf, seal: None });
    };
    let seal = Seal::parse(der).map_err(|_| Failure::field("seal", "malformed"))?;
    seal.verify(
        &[],
        std::slice::from_ref(&platform.pki.seal_root.certificate),
        now,
        &[],
    )
    .map_err(|_| Failure::field("seal", "untrusted"))?;
    if !seal.allows(&leaf) {
        return Err(Failure::field("seal", "other_certificate"));
    }
    if !seal.picture_kind().eq_ignore_ascii_case("png") {
        return Err(Failure::field("seal", "picture_kind"));
    }
    authority.seal(platform, seal.es_id()).await?;
    Ok(Offer {
        leaf,
        seal: Some(seal),
    })
}

/// An end-entity certificate under the platform's root.
pub(super) fn check_chain(
    platform: &Platform,
    leaf: &Certificate,
    others: &[Certificate],
    now: u64,
) -> Result<(), ()> {
    let mut intermediates = others.to_vec();
    intermediates.push(platform.pki.issuing.certificate.clone());
    let roots = std::slice::from_ref(&platform.pki.root.certificate);
    x509::verify_chain(leaf, &intermediates, roots, now, &[]).map_err(|_| ())?;
    if leaf.may_sign() { Ok(()) } else { Err(()) }
}

/// Makes a document ready, once for the same certificate and seal.
async fn prepare(
    platform: &Platform,
    document: &DocumentRow,
    offer: &Arc<Offer>,
) -> Result<PreparedRow, Failure> {
    let doc =
        DocumentId::from_slice(&document.id).map_err(|_| StoreError::Damaged("document id"))?;
    let certificate_hash = offer.leaf.fingerprint();
    let seal_hash = offer
        .seal
        .as_ref()
        .map_or([0; 32], |seal| Sha256::digest(seal.der()).into());
    let reader = platform.db.reader();
    if let Some(row) = rows::prepared_for(reader, &doc, &certificate_hash, &seal_hash).await? {
        if document
            .prepared
            .as_ref()
            .is_some_and(|signed| *signed != row.id)
        {
            return Err(ErrorCode::StateWrong.into());
        }
        return Ok(row);
    }
    if document.signed_at.is_some() {
        return Err(ErrorCode::StateWrong.into());
    }
    let row = make_ready(platform, doc, offer).await?;
    let new = NewPrepared {
        row: row.clone(),
        certificate_hash,
        seal_hash,
    };
    let now = platform.now();
    let first = platform
        .db
        .write(move |tx| Box::pin(async move { rows::put_prepared(tx, &new, now).await }));
    if first.await? {
        return Ok(row);
    }
    rows::prepared_for(reader, &doc, &certificate_hash, &seal_hash)
        .await?
        .ok_or_else(|| ErrorCode::Internal.into())
}

async fn make_ready(
    platform: &Platform,
    doc: DocumentId,
    offer: &Arc<Offer>,
) -> Result<PreparedRow, Failure> {
    let _turn = platform
        .portal
        .busy
        .acquire()
        .await
        .map_err(|_| ErrorCode::ServiceDown)?;
    let original = platform.portal.files.get(Name::Original(doc)).await?;
    let (for_job, now) = (Arc::clone(offer), seconds(platform.now()));
    let job = move || {
        let bytes = with_field(&original, &for_job, now)?;
        let signed_digest = pdf::to_be_signed(&bytes).map_err(|e| refusal(&e))?.sha256;
        Ok::<_, Failure>((bytes, signed_digest))
    };
    let (bytes, signed_digest) = tokio::task::spawn_blocking(job)
        .await
        .map_err(|_| ErrorCode::DocDamaged)??;
    let id = rand::random::<[u8; 16]>().to_vec();
    let row = PreparedRow {
        id: id.clone(),
        doc: doc.0.to_vec(),
        certificate: offer.leaf.der().to_vec(),
        es_id: offer.seal.as_ref().map(|seal| seal.es_id().to_owned()),
        size: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
        digest: Sha256::digest(&bytes).to_vec(),
        signed_digest: signed_digest.to_vec(),
    };
    platform.portal.files.put(Name::Prepared(id), bytes).await?;
    Ok(row)
}

/// The seal stands on the last page, at the lower right, in its own size.
fn with_field(original: &[u8], offer: &Offer, now: u64) -> Result<Vec<u8>, Failure> {
    let pages = Document::open(original)
        .map_err(|e| refusal(&e))?
        .page_count();
    let subject = offer.leaf.subject();
    let signer = subject
        .organization
        .as_deref()
        .or(subject.common_name.as_deref())
        .unwrap_or_default();
    let (picture_png, width, height) = offer.seal.as_ref().map_or((NO_SEAL, 1, 1), |seal| {
        (seal.picture(), seal.width_mm(), seal.height_mm())
    });
    let plan = FieldPlan {
        page: pages.saturating_sub(1),
        picture_png,
        width_mm: f64::from(width),
        height_mm: f64::from(height),
        position: Position::default(),
        signer_name: signer,
        reason: "",
        time_unix: now,
        options: Default::default(),
    };
    Ok(pdf::prepare(original, &plan)
        .map_err(|e| refusal(&e))?
        .bytes)
}

fn entry(document: &DocumentRow, prepared: &PreparedRow) -> Result<ManifestEntry, StoreError> {
    Ok(ManifestEntry {
        doc: DocumentId::from_slice(&document.id)
            .map_err(|_| StoreError::Damaged("document id"))?,
        mime: PDF.to_owned(),
        name: document.name.clone(),
        size: u64::try_from(prepared.size).map_err(|_| StoreError::Damaged("size"))?,
        pages: u32::try_from(document.pages).map_err(|_| StoreError::Damaged("pages"))?,
        digest: prepared.digest.as_slice().into(),
    })
}

fn signed(
    platform: &Platform,
    offer: &Offer,
    batch_id: BatchId,
    cb: Bytes,
    manifest: &[ManifestEntry],
) -> Result<String, Failure> {
    let iat = seconds(platform.now());
    let claims = BatchClaims {
        iss: rp::issuer(platform.portal.certificate.der()),
        aud: rp::AUDIENCE.to_owned(),
        iat,
        exp: iat + MAX_LIFE_SECONDS,
        jti: rand::random::<[u8; 16]>().into(),
        cb,
        batch_id,
        purpose: purpose(),
        cert: offer.leaf.fingerprint().into(),
        seal: offer.seal.as_ref().map(|seal| seal.es_id().to_owned()),
        format: Format::Pades,
        count: u32::try_from(manifest.len()).unwrap_or(u32::MAX),
        manifest_root: rp::manifest_root(manifest)
            .map_err(|_| ErrorCode::Internal)?
            .into(),
    };
    platform.portal.sign(rp::BATCH_TYP, &claims)
}

/// `GET /portal/api/sessions/{sid}/documents/{doc}`: the prepared file, whole or in parts.
pub(super) async fn document(
    State(platform): State<Arc<Platform>>,
    Visitor(visitor): Visitor,
    Path((sid, doc)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let (sid, _) = open_session(&platform, &visitor, &sid).await?;
    let row = in_session(&platform, &sid, &doc, None).await?;
    let size = u64::try_from(row.size).map_err(|_| StoreError::Damaged("size"))?;
    let wanted = headers
        .get(header::RANGE)
        .and_then(|value| value.to_str().ok());
    let kind = [
        (header::CONTENT_TYPE, PDF.to_owned()),
        (header::ACCEPT_RANGES, "bytes".to_owned()),
    ];
    let name = Name::Prepared(row.id);
    match range(wanted, size) {
        Range::Whole => Ok((kind, platform.portal.files.get(name).await?).into_response()),
        Range::Outside => {
            let of = [(header::CONTENT_RANGE, format!("bytes */{size}"))];
            Ok((StatusCode::RANGE_NOT_SATISFIABLE, of).into_response())
        }
        Range::Part { first, last } => {
            let length = usize::try_from(last - first + 1).map_err(|_| ErrorCode::Internal)?;
            let bytes = platform.portal.files.part(name, first, length).await?;
            let of = [(
                header::CONTENT_RANGE,
                format!("bytes {first}-{last}/{size}"),
            )];
            Ok((StatusCode::PARTIAL_CONTENT, kind, of, bytes).into_response())
        }
    }
}

/// A document of a batch of this session.
pub(super) async fn in_session(
    platform: &Platform,
    sid: &SessionId,
    doc: &str,
    batch: Option<&BatchId>,
) -> Result<PreparedRow, Failure> {
    let doc: DocumentId = doc.parse().map_err(|_| ErrorCode::NotFound)?;
    let row = rows::batch_document(platform.db.reader(), sid, &doc, batch).await?;
    row.ok_or_else(|| ApiError::new(ErrorCode::NotFound).into())
}
