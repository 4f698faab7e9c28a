//! Relying parties: the portal's own certificate, and the register that phones ask.

use super::authority::Authority;
use super::files::Files;
use crate::Platform;
use crate::clock::seconds;
use crate::config::StartError;
use crate::keys::Keys;
use crate::pki::Pki;
use crate::server::{Answer, Failure};
use crate::store::parties::{self as rows, PartyRow};
use crate::store::{Database, StoreError};
use axum::Json;
use axum::extract::{Path, State};
use kapok_formats::signer::{P256Key, Signer};
use kapok_formats::x509::Certificate;
use kapok_protocol::api::portal::RelyingParty;
use kapok_protocol::error::ErrorCode;
use kapok_protocol::jws;
use kapok_protocol::rp::RpHeader;
use serde::{Deserialize, Serialize};
use std::path::Path as FilePath;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::Semaphore;

/// PDFs that are taken apart at once: each may need several times its size in memory.
const AT_ONCE: usize = 2;

/// The portal: its key, its files, and whom it asks.
pub struct Portal {
    /// Its certificate.
    pub certificate: Certificate,
    pub(super) files: Files,
    pub(super) busy: Semaphore,
    key: P256Key,
    authority: RwLock<Option<Arc<dyn Authority>>>,
}

/// A relying party of the file that the platform ships.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    /// Name of its key file.
    file: String,
    name: String,
    contact: String,
    /// The portal's own entry has the address that the platform listens on.
    #[serde(default)]
    origins: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Register {
    party: Vec<Listed>,
}

impl Portal {
    /// Makes the key and certificate at first start and brings the register up to date.
    pub async fn open(
        dir: &FilePath,
        keys: &Keys,
        pki: &Pki,
        db: &Database,
        (http_url, now): (&str, i64),
    ) -> Result<Self, StartError> {
        let register: Register =
            toml::from_str(include_str!("../../profiles/relying_parties.toml"))
                .map_err(|e| StartError::Profile(e.to_string()))?;
        let mut own = None;
        for listed in register.party {
            let (key, certificate) =
                pki.relying_party(keys, &listed.file, &listed.name, seconds(now))?;
            let mut origins = listed.origins;
            if origins.is_empty() {
                origins.push(http_url.to_owned());
            }
            let row = PartyRow {
                name: listed.name,
                contact: listed.contact,
                origins: serde_json::to_string(&origins)
                    .map_err(|e| StartError::Profile(e.to_string()))?,
                blind: false,
                revoked_at: None,
            };
            let leaf = certificate.fingerprint();
            db.write(move |tx| Box::pin(async move { rows::put_party(tx, leaf, &row, now).await }))
                .await?;
            own.get_or_insert((key, certificate));
        }
        let (key, certificate) =
            own.ok_or_else(|| StartError::Profile("no relying party is listed".into()))?;
        let files = Files::open(&dir.join("portal"))
            .map_err(|e| StartError::Io("making the portal's folder", e))?;
        Ok(Self {
            certificate,
            files,
            busy: Semaphore::new(AT_ONCE),
            key,
            authority: RwLock::default(),
        })
    }

    /// Says whom the portal asks for the status of certificates and seals, in place of whom it asked before.
    pub fn ask(&self, authority: Box<dyn Authority>) {
        *self
            .authority
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Some(Arc::from(authority));
    }

    /// Whom the portal asks; without one nothing is signed.
    pub(super) fn authority(&self) -> Result<Arc<dyn Authority>, Failure> {
        let held = self
            .authority
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        held.clone().ok_or_else(|| ErrorCode::ServiceDown.into())
    }

    /// Signs claims with the portal's certificate in the header.
    pub(super) fn sign(&self, typ: &str, claims: &impl Serialize) -> Result<String, Failure> {
        let header = RpHeader::new(typ, &[self.certificate.der()]);
        jws::sign(&header, claims, |input| {
            let der = self.key.sign(input).map_err(|_| ErrorCode::Internal)?;
            let signature =
                p256::ecdsa::Signature::from_der(&der).map_err(|_| ErrorCode::Internal)?;
            Ok::<[u8; 64], ErrorCode>(signature.to_bytes().into())
        })
        .map_err(|_| ErrorCode::Internal.into())
    }
}

/// `GET /v1/relying-parties/{leaf}`: what the register says of a certificate. `RP_UNKNOWN` when it says nothing.
pub(super) async fn entry(
    State(platform): State<Arc<Platform>>,
    Path(leaf): Path<String>,
) -> Answer<RelyingParty> {
    let mut hash = [0; 32];
    hex::decode_to_slice(&leaf, &mut hash).map_err(|_| ErrorCode::RpUnknown)?;
    let reader = platform.db.reader();
    let row = rows::party(reader, &hash)
        .await?
        .ok_or(ErrorCode::RpUnknown)?;
    let others = rows::other_origins(reader, &hash).await?;
    let other_origins = others
        .iter()
        .map(|text| first_origin(text))
        .take(2)
        .collect::<Result<_, _>>()?;
    Ok(Json(RelyingParty {
        name: row.name,
        contact: row.contact,
        origins: origins(&row.origins)?,
        other_origins,
        good: row.revoked_at.is_none(),
        blind: row.blind,
        at: seconds(platform.now()),
    }))
}

fn origins(text: &str) -> Result<Vec<String>, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Damaged("origins"))
}

fn first_origin(text: &str) -> Result<String, StoreError> {
    origins(text)?
        .into_iter()
        .next()
        .ok_or(StoreError::Damaged("origins"))
}
