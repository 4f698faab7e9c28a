//! What the phone checks itself: who asks, what was signed by whom, and what may be shown.

use super::{Driver, Offered};
use crate::app::net::Call;
use crate::app::random;
use crate::error::AppError;
use crate::signing::state::{BatchState, Document, DocumentState, Picked, RpView, State};
use crate::signing::transitions::Event;
use kapok_formats::pdf::{self, Decision, PdfError};
use kapok_formats::x509::{self, Certificate};
use kapok_protocol::api::portal::RelyingParty;
use kapok_protocol::error::ErrorCode;
use kapok_protocol::message::{
    BATCH_MAX_BYTES, BATCH_MAX_DOCUMENTS, Batch, CertList, CertOffer, CertPick, Certs, Format,
    Message, SealOffer,
};
use kapok_protocol::rp::{self, RequestClaims, RpError, RpPurpose, Session};
use p256::pkcs8::DecodePublicKey;
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// Characters of the site's own words that are shown.
const TITLE_CHARS: usize = 200;

/// The session's request, verified.
pub(super) struct Request {
    /// What it says.
    pub claims: RequestClaims,
    /// The leaf certificate that signed it, DER.
    pub leaf: Vec<u8>,
    /// Its key, SEC1.
    pub leaf_key: Vec<u8>,
}

impl Driver {
    /// Checks signature, certificate chain, registration, origin and channel of the request.
    pub(super) async fn check_request(&mut self, jws: &str) -> Result<Event, ErrorCode> {
        let State::Checking(peer) = self.state.clone() else {
            return Err(ErrorCode::StateWrong);
        };
        let cb = self.link.as_ref().ok_or(ErrorCode::RelayFailed)?.cb();
        let parsed = rp::parse_request(jws).map_err(rp_code)?;
        let chain = rp::chain(&parsed.header).map_err(rp_code)?;
        let (leaf, rest) = chain.split_first().ok_or(ErrorCode::RpSignature)?;
        let profile = self.core.known_profile().await.map_err(|e| e.code)?;
        let now = self.core.server_ms() / 1000;
        let leaf_key =
            rp_key(leaf, rest, &profile.keys.rp_root, now).ok_or(ErrorCode::RpUnknown)?;
        let session = Session {
            now,
            cb: &cb,
            phone_nonce: &self.phone_nonce,
            origin: &peer.origin,
        };
        rp::verify_request(&parsed, leaf, &leaf_key, &session).map_err(rp_code)?;

        let path = format!("/v1/relying-parties/{}", hex::encode(Sha256::digest(leaf)));
        let party: RelyingParty = self.core.ask(Call::get(path)).await.map_err(status_code)?;
        if !party.good {
            return Err(ErrorCode::RpRevoked);
        }
        if !party.origins.contains(&peer.origin) {
            return Err(ErrorCode::OriginMismatch);
        }
        if !matches!(parsed.claims.purpose, RpPurpose::Sign | RpPurpose::Seal) {
            return Err(ErrorCode::NotAllowed);
        }
        let view = RpView {
            name: party.name,
            contact: party.contact,
            origin: peer.origin.clone(),
            title: parsed
                .claims
                .ctx
                .title
                .chars()
                .filter(|c| !c.is_control())
                .take(TITLE_CHARS)
                .collect(),
        };
        let choices =
            shuffled(&peer.origin, &party.other_origins).map_err(|_| ErrorCode::Internal)?;
        self.request = Some(Request {
            claims: parsed.claims,
            leaf: leaf.clone(),
            leaf_key,
        });
        Ok(Event::RequestGood { rp: view, choices })
    }

    /// What may be used in this session: installed, authorised now, with its seals (YQQ-025).
    pub(super) async fn make_offers(&self) -> Result<HashMap<u32, Offered>, AppError> {
        let wanted = self
            .request
            .as_ref()
            .and_then(|request| request.claims.uscc_hash.clone());
        let seals = self.core.known_seals().await?;
        let mut offers = HashMap::new();
        for installed in self.core.installed().await? {
            match self.core.certificate_good(&installed.serial).await {
                Ok(()) => {}
                Err(error) if error.code == ErrorCode::Offline => return Err(error),
                Err(_) => continue,
            }
            if let Some(hash) = &wanted {
                let uscc = installed
                    .chain
                    .first()
                    .and_then(|der| Certificate::parse(der).ok())
                    .and_then(|c| c.uscc());
                if uscc.is_none_or(|uscc| {
                    hash.0 != Sha256::digest(uscc.as_str().as_bytes()).as_slice()
                }) {
                    continue;
                }
            }
            let handle = u32::from_be_bytes(random::array()?);
            let of_this = seals
                .iter()
                .filter(|seal| seal.certificate_serial == installed.serial);
            let seals = of_this
                .map(|seal| SealOffer {
                    name: seal.name.clone(),
                    es_id: seal.es_id.clone(),
                    thumbnail: seal.picture.clone(),
                })
                .collect();
            let offer = CertOffer {
                seals,
                handle,
                issuer: installed.issuer.clone(),
                subject: installed.subject.clone(),
                not_after: installed.not_after,
            };
            offers.insert(handle, Offered { installed, offer });
        }
        Ok(offers)
    }

    pub(super) async fn send_offers(
        &mut self,
        _filter: &CertList,
        re: u32,
    ) -> Result<(), ErrorCode> {
        if !matches!(self.state, State::Connected { .. }) {
            return Err(ErrorCode::StateWrong);
        }
        let mut certs: Vec<CertOffer> = self
            .offers
            .values()
            .map(|offered| offered.offer.clone())
            .collect();
        certs.sort_by(|a, b| (&a.subject, a.handle).cmp(&(&b.subject, b.handle)));
        self.send(Message::Certs(Certs { certs }), Some(re)).await
    }

    /// The certificate and seal of a pick; only what was offered can be picked.
    pub(super) fn picked(&self, pick: &CertPick) -> Result<Picked, ErrorCode> {
        let offered = self.offers.get(&pick.handle).ok_or(ErrorCode::CertNone)?;
        let seal = match &pick.es_id {
            Some(es_id) => {
                let seal = offered
                    .offer
                    .seals
                    .iter()
                    .find(|seal| &seal.es_id == es_id)
                    .ok_or(ErrorCode::SealNone)?;
                Some((seal.es_id.clone(), seal.name.clone()))
            }
            None => None,
        };
        Ok(Picked {
            handle: pick.handle,
            subject: offered.offer.subject.clone(),
            seal,
        })
    }

    /// Checks a batch against the request, the channel, the picked certificate and its manifest.
    pub(super) async fn check_batch(&mut self, batch: &Batch) -> Result<BatchState, ErrorCode> {
        let State::Connected {
            picked: Some(picked),
            ..
        } = &self.state
        else {
            return Err(ErrorCode::StateWrong);
        };
        let request = self.request.as_ref().ok_or(ErrorCode::StateWrong)?;
        let cb = self.link.as_ref().ok_or(ErrorCode::RelayFailed)?.cb();
        let offered = self.offers.get(&picked.handle).ok_or(ErrorCode::CertNone)?;
        if batch.handle != picked.handle {
            return Err(ErrorCode::ChannelBinding);
        }
        let expected = rp::Expected {
            request: &request.claims,
            cb: &cb,
            now: self.core.server_ms() / 1000,
            batch_id: batch.batch_id,
            format: batch.format,
            certificate: offered.installed.chain.first().ok_or(ErrorCode::CertNone)?,
            seal: picked.seal.as_ref().map(|(es_id, _)| es_id.as_str()),
            manifest: &batch.manifest,
        };
        rp::verify_batch(&batch.jws, &request.leaf, &request.leaf_key, &expected)
            .map_err(rp_code)?;
        let bytes = batch
            .manifest
            .iter()
            .try_fold(0u64, |sum, entry| sum.checked_add(entry.size));
        let within = |count: usize| {
            (1..=BATCH_MAX_DOCUMENTS).contains(&count)
                && count <= request.claims.limits.docs as usize
        };
        if !within(batch.manifest.len())
            || bytes.is_none_or(|sum| sum > BATCH_MAX_BYTES.min(request.claims.limits.bytes))
        {
            return Err(ErrorCode::BatchLimit);
        }
        let mut seen = std::collections::HashSet::new();
        if !batch.manifest.iter().all(|entry| seen.insert(entry.doc)) {
            return Err(ErrorCode::ChannelBinding);
        }
        if batch.format != Format::Pades {
            return Err(ErrorCode::DocType);
        }
        if let Some((es_id, _)) = &picked.seal {
            self.core.seal_good(es_id).await.map_err(|e| e.code)?;
        }
        self.core
            .certificate_good(&offered.installed.serial)
            .await
            .map_err(|e| e.code)?;
        let waiting = |entry: &kapok_protocol::message::ManifestEntry| Document {
            entry: entry.clone(),
            state: DocumentState::Waiting,
            reasons: Vec::new(),
        };
        Ok(BatchState {
            batch_id: batch.batch_id,
            documents: batch.manifest.iter().map(waiting).collect(),
        })
    }
}

/// The key of a relying party's certificate that stands under the pinned root, SEC1.
fn rp_key(leaf: &[u8], rest: &[Vec<u8>], root: &[u8], now: u64) -> Option<Vec<u8>> {
    let leaf = Certificate::parse(leaf).ok()?;
    let rest: Vec<Certificate> = rest
        .iter()
        .map(|der| Certificate::parse(der).ok())
        .collect::<Option<_>>()?;
    let root = Certificate::parse(root).ok()?;
    x509::verify_chain(&leaf, &rest, &[root], now, &[]).ok()?;
    let key = p256::PublicKey::from_public_key_der(leaf.spki_der()).ok()?;
    Some(key.to_sec1_bytes().into_vec())
}

/// What the phone finds in a pulled document: the words why it is amber, or why it is refused.
pub(super) fn review(bytes: &[u8]) -> Result<Vec<String>, ErrorCode> {
    pdf::to_be_signed(bytes).map_err(|error| pdf_code(&error))?;
    let review = pdf::review(bytes);
    match review.decision {
        Decision::Refuse => Err(ErrorCode::DocType),
        Decision::Show => Ok(Vec::new()),
        Decision::Amber => Ok(review
            .reasons
            .iter()
            .map(|reason| reason.word().to_owned())
            .collect()),
    }
}

fn pdf_code(error: &PdfError) -> ErrorCode {
    match error {
        PdfError::Encrypted => ErrorCode::DocEncrypted,
        PdfError::Empty => ErrorCode::DocEmpty,
        PdfError::NotPdf => ErrorCode::DocNotPdf,
        _ => ErrorCode::DocHash,
    }
}

fn rp_code(error: RpError) -> ErrorCode {
    match error {
        RpError::Signature | RpError::Issuer => ErrorCode::RpSignature,
        RpError::Expired => ErrorCode::SessionExpired,
        RpError::Binding => ErrorCode::ChannelBinding,
        RpError::Origin => ErrorCode::OriginMismatch,
        RpError::Manifest => ErrorCode::DocHash,
    }
}

/// A status that cannot be had counts as bad: signing fails closed.
fn status_code(error: AppError) -> ErrorCode {
    if error.code == ErrorCode::NotFound {
        ErrorCode::RpUnknown
    } else {
        error.code
    }
}

/// The true address among two others, in random order; without two others there is no question to ask.
fn shuffled(origin: &str, others: &[String]) -> Result<Vec<String>, random::NoRandom> {
    let mut choices: Vec<String> = others
        .iter()
        .filter(|other| *other != origin)
        .take(2)
        .cloned()
        .collect();
    if choices.len() < 2 {
        return Ok(Vec::new());
    }
    let [at] = random::array::<1>()?;
    choices.insert(usize::from(at) % 3, origin.to_owned());
    Ok(choices)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_true_address_is_among_three_at_any_place() {
        let others = [
            "https://a".to_owned(),
            "https://b".to_owned(),
            "https://c".to_owned(),
        ];
        let mut places = std::collections::HashSet::new();
        for _ in 0..200 {
            let choices = shuffled("https://true", &others).unwrap();
            assert_eq!(choices.len(), 3);
            places.insert(choices.iter().position(|c| c == "https://true").unwrap());
        }
        assert_eq!(places.len(), 3);
        assert!(shuffled("https://true", &others[..1]).unwrap().is_empty());
    }
}
