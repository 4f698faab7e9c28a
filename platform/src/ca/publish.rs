//! Revocation lists and CA certificates for everybody.

use crate::clock::seconds;
use crate::pki::{Authority, CA};
use crate::platform::Platform;
use crate::server::Failure;
use crate::store::ca as rows;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use kapok_formats::x509::{CrlEntry, RevocationReason, build_crl};
use kapok_protocol::error::ErrorCode;
use std::sync::Arc;

/// A list is made anew at each call and may be kept for a day; new revocations show in the next one.
const LIST_LIFE_SECONDS: u64 = 86_400;

/// `GET /crl/{name}.crl`.
pub(super) async fn crl(
    State(platform): State<Arc<Platform>>,
    Path(file): Path<String>,
) -> Result<Response, Failure> {
    let (name, authority) = named(&platform, &file, ".crl")?;
    let entries = if name == CA {
        entries(&platform).await?
    } else {
        Vec::new()
    };
    let now = platform.clock.seconds();
    let until = now + LIST_LIFE_SECONDS;
    let list = build_crl(
        &authority.certificate,
        &entries,
        now,
        now,
        until,
        authority.key.as_ref(),
    );
    let list = list.map_err(|_| ErrorCode::Internal)?;
    Ok(([(header::CONTENT_TYPE, "application/pkix-crl")], list).into_response())
}

/// `GET /ca/{name}.cer`.
pub(super) async fn certificate(
    State(platform): State<Arc<Platform>>,
    Path(file): Path<String>,
) -> Result<Response, Failure> {
    let (_, authority) = named(&platform, &file, ".cer")?;
    let der = authority.certificate.der().to_vec();
    Ok(([(header::CONTENT_TYPE, "application/pkix-cert")], der).into_response())
}

fn named<'a>(
    platform: &'a Platform,
    file: &'a str,
    end: &str,
) -> Result<(&'a str, &'a Authority), Failure> {
    let name = file.strip_suffix(end).ok_or(ErrorCode::NotFound)?;
    Ok((
        name,
        platform.pki.published(name).ok_or(ErrorCode::NotFound)?,
    ))
}

async fn entries(platform: &Platform) -> Result<Vec<CrlEntry>, Failure> {
    let entry = |reason| {
        move |(serial, at)| CrlEntry {
            serial,
            revoked_at: seconds(at),
            reason,
        }
    };
    let revoked = rows::revoked(platform.db.reader()).await?;
    let suspended = rows::suspended(platform.db.reader()).await?;
    let revoked = revoked
        .into_iter()
        .map(entry(RevocationReason::Unspecified));
    let suspended = suspended
        .into_iter()
        .map(entry(RevocationReason::CertificateHold));
    Ok(revoked.chain(suspended).collect())
}
