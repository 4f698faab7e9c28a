//! The report, signature by signature.

use super::super::document::{Document, guarded};
use super::super::evidence::{Evidence, read as read_evidence};
use super::super::signatures::{covered, view as view_of};
use super::super::{PdfError, SignatureView, verify_signature, verify_timestamp};
use super::changes::{Change, changes};
use crate::cms::{ID_TIMESTAMP_TOKEN, Verified};
use crate::ocsp::{Response, Status};
use crate::tsp::Token;
use crate::x509::{Certificate, ChainError, Crl, Name, verify_chain};
use std::collections::BTreeSet;

/// Most signatures that are judged.
const MAX_SIGNATURES: usize = 100;

/// What the caller trusts and knows.
#[derive(Debug, Clone, Copy)]
pub struct Trust<'a> {
    /// Anchors of signers and timestamping services.
    pub roots: &'a [Certificate],
    /// Revocation lists besides those in the file.
    pub crls: &'a [Crl],
    /// Now, Unix seconds.
    pub at: u64,
}

/// What is said of a whole file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Every signature holds, its signer is trusted, and nothing came after it that it does not permit.
    Valid,
    /// The cryptography holds; trust in a certificate cannot be established.
    Untrusted,
    /// A signature is broken, its signer revoked or expired, or the file was changed after it.
    Invalid,
}

/// Level of a signature (ETSI EN 319 142-1 § 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Not a PAdES signature: it does not name its certificate, or is of another kind.
    Basic,
    /// B-B.
    B,
    /// B-T: a timestamp over the signature value.
    T,
    /// B-LT: the file holds certificates and revocation data.
    Lt,
    /// B-LTA: a timestamp over all of that.
    Lta,
}

/// When a signature was made, Unix seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Time {
    /// As the signer says; in the form of `/M`, or nothing.
    Claimed,
    /// As a trusted service says.
    Stamped(u64),
}

/// What is said of one signature or timestamp of the file.
#[derive(Debug, Clone)]
pub struct SignatureReport {
    /// The field's name.
    pub field: String,
    /// Whether it is a timestamp of the file and not somebody's signature.
    pub is_timestamp: bool,
    /// Who: the certificate's subject; nothing if the signature cannot be read.
    pub signer: Option<Name>,
    /// The signer's certificate.
    pub certificate: Option<Certificate>,
    /// `/M` as written.
    pub claimed: Option<String>,
    /// When, as far as it is known.
    pub time: Time,
    /// Bytes from the beginning of the file that it covers, its own place left out.
    pub covers: u64,
    /// Why the cryptography or the covered range does not hold; nothing if it does.
    pub broken: Option<PdfError>,
    /// Why the certificate is not trusted at that time; nothing if it is.
    pub untrusted: Option<ChainError>,
    /// Whether revocation of the signer's certificate is known, one way or the other.
    pub revocation_known: bool,
    /// What came after it.
    pub later: BTreeSet<Change>,
    /// Its level.
    pub level: Level,
    /// The signature itself, for what others have put into it.
    pub verified: Option<Verified>,
}

impl SignatureReport {
    /// The verdict on this one.
    pub fn verdict(&self) -> Verdict {
        let foreign = self.later.iter().any(|c| matches!(c, Change::Other(_)));
        match self.untrusted {
            _ if self.broken.is_some() || foreign => Verdict::Invalid,
            None => Verdict::Valid,
            Some(ChainError::Untrusted | ChainError::RevocationList { .. }) => Verdict::Untrusted,
            Some(_) => Verdict::Invalid,
        }
    }
}

/// What is said of a file.
#[derive(Debug, Clone)]
pub struct Report {
    /// Its signatures and timestamps, in the order of what they cover.
    pub signatures: Vec<SignatureReport>,
}

impl Report {
    /// The worst verdict of all; [`Verdict::Invalid`] for a file without signatures: "nothing found" is not "nothing wrong".
    pub fn verdict(&self) -> Verdict {
        let worst = self.signatures.iter().map(SignatureReport::verdict).max();
        worst.unwrap_or(Verdict::Invalid)
    }
}

/// Judges every signature of a file.
///
/// # Errors
/// [`PdfError`] for a file that cannot be read; what is wrong with a signature stands in its report.
pub fn verify(bytes: &[u8], trust: &Trust<'_>) -> Result<Report, PdfError> {
    guarded(|| {
        let document = Document::read(bytes)?;
        let fields = document.signature_fields();
        let mut views: Vec<SignatureView> = fields
            .iter()
            .take(MAX_SIGNATURES)
            .filter_map(|field| view_of(bytes, field))
            .filter(|view| !view.waiting)
            .collect();
        views.sort_by_key(end);
        let known = Known::of(&document, trust);
        let mut signatures: Vec<SignatureReport> = views
            .iter()
            .map(|view| judge(&document, view, trust, &known))
            .collect();
        raise(&mut signatures);
        Ok(Report { signatures })
    })
}

fn end(view: &SignatureView) -> u64 {
    let [_, _, start, length] = view.byte_range;
    start.saturating_add(length)
}

/// The material of the file and of the caller.
struct Known {
    certificates: Vec<Certificate>,
    crls: Vec<Crl>,
    ocsps: Vec<Response>,
}

impl Known {
    fn of(document: &Document, trust: &Trust<'_>) -> Self {
        let Evidence {
            certificates,
            crls,
            ocsps,
        } = read_evidence(document);
        let lists = crls.iter().filter_map(|der| Crl::parse(der).ok());
        Self {
            certificates: parsed(&certificates),
            crls: lists.chain(trust.crls.iter().cloned()).collect(),
            ocsps: ocsps
                .iter()
                .filter_map(|der| Response::parse(der).ok())
                .collect(),
        }
    }
}

fn parsed(certificates: &[Vec<u8>]) -> Vec<Certificate> {
    let read = certificates.iter().map(|der| Certificate::parse(der));
    read.filter_map(Result::ok).collect()
}

fn judge(
    document: &Document,
    view: &SignatureView,
    trust: &Trust<'_>,
    known: &Known,
) -> SignatureReport {
    let bytes = document.bytes();
    let mut report = SignatureReport {
        field: view.field.clone(),
        is_timestamp: view.sub_filter == super::super::timestamp::SUB_FILTER,
        signer: None,
        certificate: None,
        claimed: view.signed_at.clone(),
        time: Time::Claimed,
        covers: end(view),
        broken: None,
        untrusted: Some(ChainError::Untrusted),
        revocation_known: false,
        later: BTreeSet::new(),
        level: Level::Basic,
        verified: None,
    };
    if let Err(error) = cryptography(bytes, view, trust, known, &mut report) {
        report.broken = Some(error);
        return report;
    }
    match later(document, view) {
        Ok(found) => report.later = found,
        Err(error) => report.broken = Some(error),
    }
    report
}

fn cryptography(
    bytes: &[u8],
    view: &SignatureView,
    trust: &Trust<'_>,
    known: &Known,
    report: &mut SignatureReport,
) -> Result<(), PdfError> {
    covered(bytes, view).ok_or(PdfError::ByteRange("it leaves out more than /Contents"))?;
    if report.is_timestamp {
        let token = verify_timestamp(bytes, view)?;
        let time = token.stamp.time;
        let brought = parsed(&token.certificates);
        trusted(&token.certificate, &brought, time, trust, known, report);
        if report.untrusted.is_none() {
            report.time = Time::Stamped(time);
        }
        report.level = Level::B;
        return Ok(());
    }
    let verified = verify_signature(bytes, view)?;
    let certificate = Certificate::parse(&verified.signer_certificate)
        .map_err(|_| PdfError::Damaged("the signer's certificate"))?;
    let brought = parsed(&verified.certificates);
    if view.sub_filter == "ETSI.CAdES.detached" && verified.names_certificate {
        report.level = Level::B;
    }
    let stamp = stamp(&verified, trust, known)?;
    let time = stamp.unwrap_or(trust.at);
    if let Some(time) = stamp {
        report.time = Time::Stamped(time);
        report.level = report.level.max(Level::T);
    }
    trusted(&certificate, &brought, time, trust, known, report);
    if !certificate.may_sign() {
        report.untrusted = Some(ChainError::NotAnIssuer { depth: 0 });
    }
    report.verified = Some(verified);
    Ok(())
}

/// The time of a trusted timestamp over the signature value. One that is over other data breaks the signature: somebody put it there to deceive.
fn stamp(verified: &Verified, trust: &Trust<'_>, known: &Known) -> Result<Option<u64>, PdfError> {
    let held = &verified.unsigned;
    let Some((_, token)) = held
        .iter()
        .find(|(id, _)| id == ID_TIMESTAMP_TOKEN.as_bytes())
    else {
        return Ok(None);
    };
    let token = Token::verify(token)?;
    token.is_over(&verified.signature)?;
    let mut others = parsed(&token.certificates);
    others.extend(known.certificates.iter().cloned());
    let time = token.stamp.time;
    let chain = verify_chain(&token.certificate, &others, trust.roots, time, &known.crls);
    Ok(chain.is_ok().then_some(time))
}

/// Trust in a certificate at a time, and what is known of its revocation.
fn trusted(
    certificate: &Certificate,
    brought: &[Certificate],
    time: u64,
    trust: &Trust<'_>,
    known: &Known,
    report: &mut SignatureReport,
) {
    let mut others = brought.to_vec();
    others.extend(known.certificates.iter().cloned());
    let chain = verify_chain(certificate, &others, trust.roots, time, &known.crls);
    report.untrusted = chain.err();
    report.signer = Some(certificate.subject().clone());
    report.certificate = Some(certificate.clone());
    let listed = known
        .crls
        .iter()
        .any(|crl| crl.issuer().der == certificate.issuer().der);
    report.revocation_known = listed;
    let issuers = others.iter().chain(trust.roots);
    for issuer in issuers.filter(|one| one.subject().der == certificate.issuer().der) {
        for answer in &known.ocsps {
            let Ok(said) = answer.check(certificate.serial(), issuer) else {
                continue;
            };
            report.revocation_known |= said.status != Status::Unknown;
            if let Status::Revoked { at, .. } = said.status
                && at <= time
                && report.untrusted.is_none()
            {
                report.untrusted = Some(ChainError::Revoked {
                    depth: 0,
                    revoked_at: at,
                });
            }
        }
    }
}

/// What the file holds beyond the signed revision.
fn later(document: &Document, view: &SignatureView) -> Result<BTreeSet<Change>, PdfError> {
    let bytes = document.bytes();
    let end = usize::try_from(end(view)).unwrap_or(usize::MAX);
    let rest = bytes
        .get(end..)
        .ok_or(PdfError::ByteRange("it reaches beyond the file"))?;
    if rest.iter().all(u8::is_ascii_whitespace) {
        return Ok(BTreeSet::new());
    }
    // What follows must be a revision of its own: readers that repair files would find what the chain does not reach.
    if document.structure.startxref < end {
        let what = "bytes follow that belong to no revision".to_owned();
        return Ok(BTreeSet::from([Change::Other(what)]));
    }
    let signed = Document::read(bytes.get(..end).unwrap_or_default())?;
    changes(&signed, document)
}

/// B-LT and B-LTA are of the file: evidence for a stamped signature, and a timestamp after it.
fn raise(signatures: &mut [SignatureReport]) {
    let stamps: Vec<u64> = signatures
        .iter()
        .filter(|one| one.is_timestamp && one.broken.is_none() && one.untrusted.is_none())
        .map(|one| one.covers)
        .collect();
    for one in signatures.iter_mut().filter(|one| !one.is_timestamp) {
        let evidence = one.later.contains(&Change::Evidence) && one.revocation_known;
        if one.level == Level::T && evidence {
            one.level = Level::Lt;
            if stamps.iter().any(|covers| *covers > one.covers) {
                one.level = Level::Lta;
            }
        }
    }
}
