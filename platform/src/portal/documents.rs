//! Uploads, the visitor's list, and the signed file.

use super::files::Name;
use super::visitor::{AnyVisitor, Visitor};
use crate::Platform;
use crate::server::{Answer, Failure};
use crate::store::StoreError;
use crate::store::portal::{self as rows, DocumentRow, VisitorKey};
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use kapok_formats::draw::COMPANY_DIAMETER_MM;
use kapok_formats::pdf::{self as pdf_format, Decision, Document, PdfError, ReviewReason};
use kapok_protocol::api::portal::{DocumentList, ListedDocument, Uploaded};
use kapok_protocol::error::{ApiError, ErrorCode};
use kapok_protocol::ids::DocumentId;
use serde::Deserialize;
use std::sync::Arc;

/// Largest document that is looked at, in bytes.
pub const LARGEST_DOCUMENT: u64 = pdf_format::MAX_FILE as u64;
/// Documents that a visitor may keep.
const DOCUMENTS: i64 = 200;
/// Characters of a file name.
pub const NAME_CHARS: usize = 200;

/// Query of an upload.
#[derive(Deserialize)]
pub(super) struct Named {
    #[serde(default)]
    name: String,
}

/// `POST /portal/api/documents?name=`: stores a PDF that can be signed.
pub(super) async fn upload(
    State(platform): State<Arc<Platform>>,
    visitor: AnyVisitor,
    Query(named): Query<Named>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Failure> {
    let body = body.map_err(|_| ErrorCode::DocSize)?;
    let name = file_name(&named.name)?;
    let (key, cookie) = visitor.or_new();
    if rows::count_documents(platform.db.reader(), &key).await? >= DOCUMENTS {
        return Err(ErrorCode::RateLimited.into());
    }
    let _turn = platform
        .portal
        .busy
        .acquire()
        .await
        .map_err(|_| ErrorCode::ServiceDown)?;
    let (body, pages) = looked_through(body).await?;
    let stored = store(&platform, key, name, body, pages).await?;
    let mut response = Json(stored).into_response();
    if let Some(cookie) = cookie {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// A name that is shown and offered for download: no path, no control characters.
fn file_name(name: &str) -> Result<String, Failure> {
    let name = name.trim();
    let reason = match name {
        "" => "empty",
        _ if name.chars().count() > NAME_CHARS => "too_long",
        _ if name
            .chars()
            .any(|c| c.is_control() || matches!(c, '/' | '\\')) =>
        {
            "characters"
        }
        _ => return Ok(name.to_owned()),
    };
    Err(Failure::field("name", reason))
}

/// Pages of a file that can be signed and that a phone will show; else the refusal that an upload gets.
pub fn inspect(pdf: &[u8]) -> Result<u32, ApiError> {
    if pdf.len() > pdf_format::MAX_UNSIGNED {
        return Err(refusal(&PdfError::TooLarge).0);
    }
    let document = Document::open(pdf).map_err(|e| refusal(&e).0)?;
    document.takes_signature().map_err(|e| refusal(&e).0)?;
    let pages = document.page_count();
    let review = pdf_format::review(pdf);
    if review.decision == Decision::Refuse {
        let reason = review.reasons.first().map_or("content", reason_word);
        return Err(ApiError {
            reason: Some(reason.to_owned()),
            ..ApiError::new(ErrorCode::DocType)
        });
    }
    u32::try_from(pages).map_err(|_| ErrorCode::DocType.into())
}

/// Refuses a file whose last page is smaller than the round seal of a company; other seals are smaller.
///
/// # Errors
/// `DOC_PAGE`, or why the file cannot be opened.
pub fn takes_company_seal(pdf: &[u8]) -> Result<(), ApiError> {
    let document = Document::open(pdf).map_err(|e| refusal(&e).0)?;
    let side = f64::from(COMPANY_DIAMETER_MM);
    let last = document.page_box(document.page_count().saturating_sub(1));
    if last.is_none_or(|page| page.width_mm < side || page.height_mm < side) {
        return Err(refusal(&PdfError::OutsidePage).0);
    }
    Ok(())
}

/// [`inspect`] on a thread that may block.
async fn looked_through(body: Bytes) -> Result<(Bytes, usize), Failure> {
    let job = move || inspect(&body).map(|pages| (body, pages as usize));
    let looked = tokio::task::spawn_blocking(job)
        .await
        .map_err(|_| ErrorCode::DocDamaged)?;
    Ok(looked?)
}

const fn reason_word(reason: &ReviewReason) -> &'static str {
    match reason {
        ReviewReason::JavaScript => "javascript",
        ReviewReason::Xfa => "xfa",
        ReviewReason::OpenAction => "open_action",
        ReviewReason::Launch => "launch",
        ReviewReason::RichMedia => "rich_media",
        ReviewReason::Encrypted => "encrypted",
        ReviewReason::Unreadable(_) => "unreadable",
        ReviewReason::OptionalContent => "optional_content",
        ReviewReason::FontNotEmbedded => "font",
    }
}

/// The code of a file that cannot be signed.
pub(super) fn refusal(error: &PdfError) -> Failure {
    let (code, reason) = match error {
        PdfError::Empty => (ErrorCode::DocEmpty, "empty"),
        PdfError::NotPdf => (ErrorCode::DocNotPdf, "header"),
        PdfError::Truncated => (ErrorCode::DocDamaged, "truncated"),
        PdfError::Damaged(_) => (ErrorCode::DocDamaged, "damaged"),
        PdfError::NoPages => (ErrorCode::DocDamaged, "no_pages"),
        PdfError::Encrypted => (ErrorCode::DocEncrypted, "encrypted"),
        PdfError::TooLarge => (ErrorCode::DocSize, "bytes"),
        PdfError::TooManyPages => (ErrorCode::DocSize, "pages"),
        PdfError::CertifiedNoChanges | PdfError::CertifiedNoNewField => {
            (ErrorCode::DocLocked, "certified")
        }
        PdfError::FieldsLocked => (ErrorCode::DocLocked, "fields"),
        PdfError::Unpacked => (ErrorCode::DocSize, "unpacked"),
        PdfError::Xfa => (ErrorCode::DocType, "xfa"),
        PdfError::OutsidePage => (ErrorCode::DocPage, "page_size"),
        _ => (ErrorCode::DocType, "signature"),
    };
    ApiError {
        reason: Some(reason.to_owned()),
        ..ApiError::new(code)
    }
    .into()
}

async fn store(
    platform: &Platform,
    visitor: VisitorKey,
    name: String,
    body: Bytes,
    pages: usize,
) -> Result<Uploaded, Failure> {
    let doc = DocumentId(rand::random());
    let size = body.len() as u64;
    let pages = u32::try_from(pages).unwrap_or(u32::MAX);
    // The file before its row: a row without a file would be a document that cannot be had.
    platform
        .portal
        .files
        .put(Name::Original(doc), body.into())
        .await?;
    let row = DocumentRow {
        id: doc.0.to_vec(),
        name: name.clone(),
        size: i64::try_from(size).unwrap_or(i64::MAX),
        pages: i64::from(pages),
        signed_at: None,
        signed_by: None,
        prepared: None,
    };
    let now = platform.now();
    platform
        .db
        .write(move |tx| Box::pin(async move { rows::put_document(tx, visitor, &row, now).await }))
        .await?;
    Ok(Uploaded {
        doc,
        name,
        size,
        pages,
    })
}

/// `GET /portal/api/documents`: what this browser has uploaded.
pub(super) async fn list(
    State(platform): State<Arc<Platform>>,
    visitor: AnyVisitor,
) -> Answer<DocumentList> {
    let Some(key) = visitor.known else {
        return Ok(Json(DocumentList {
            documents: Vec::new(),
        }));
    };
    let rows = rows::documents(platform.db.reader(), &key).await?;
    let documents = rows.into_iter().map(listed).collect::<Result<_, _>>()?;
    Ok(Json(DocumentList { documents }))
}

fn listed(row: DocumentRow) -> Result<ListedDocument, Failure> {
    let doc = DocumentId::from_slice(&row.id).map_err(|_| StoreError::Damaged("document id"))?;
    Ok(ListedDocument {
        doc,
        name: row.name,
        size: u64::try_from(row.size).unwrap_or(0),
        pages: u32::try_from(row.pages).unwrap_or(0),
        download: row.signed_at.map(|_| download(&doc)),
    })
}

/// Path of the signed file.
pub(super) fn download(doc: &DocumentId) -> String {
    format!("/portal/api/documents/{doc}/signed.pdf")
}

/// `GET /portal/api/documents/{doc}/signed.pdf`.
pub(super) async fn signed(
    State(platform): State<Arc<Platform>>,
    Visitor(visitor): Visitor,
    Path(doc): Path<String>,
) -> Result<Response, Failure> {
    let doc: DocumentId = doc.parse().map_err(|_| ErrorCode::NotFound)?;
    let row = rows::document(platform.db.reader(), &visitor, &doc)
        .await?
        .ok_or(ErrorCode::NotFound)?;
    let cms: [u8; 32] = row
        .signed_by
        .and_then(|hash| hash.try_into().ok())
        .ok_or(ErrorCode::NotFound)?;
    let bytes = platform.portal.files.get(Name::Signed(doc, cms)).await?;
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/pdf"),
    );
    if let Ok(value) = HeaderValue::from_str(&disposition(&row.name)) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

/// RFC 6266 with the UTF-8 form of RFC 8187: 合同.pdf is offered as 合同-已签.pdf.
fn disposition(name: &str) -> String {
    let stem = name
        .strip_suffix(".pdf")
        .or_else(|| name.strip_suffix(".PDF"))
        .unwrap_or(name);
    let encoded: String = format!("{stem}-已签.pdf")
        .bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() || b"-._".contains(&b) {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect();
    format!("attachment; filename=\"signed.pdf\"; filename*=UTF-8''{encoded}")
}
