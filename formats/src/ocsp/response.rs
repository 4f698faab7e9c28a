//! Reading an answer, and checking that it is by somebody who may give it.

use super::id::key_hash;
use super::request::nonce;
use super::respond::{Refusal, Status, implicit};
use super::{CertId, ID_BASIC, MAX_CERTIFICATES, OcspError};
use crate::cms::tlv::{Tlv, children, context, first};
use crate::signer::{PublicKey, SignerError};
use crate::x509::{Certificate, OCSP_SIGNING, RevocationReason, reason_of};
use der::asn1::GeneralizedTime;
use der::{Decode, Tag};
use x509_cert::ext::pkix::CrlReason;

const WHAT: &str = "OCSP response";
/// Most certificates that an answer brings along.
const MAX_BROUGHT: usize = 8;

/// An answer as received; nothing of it is checked before [`Response::check`].
#[derive(Debug, Clone)]
pub struct Response {
    /// DER of what the signature covers.
    data: Vec<u8>,
    algorithm: Vec<u8>,
    signature: Vec<u8>,
    certificates: Vec<Certificate>,
    responder: Responder,
    produced_at: u64,
    lines: Vec<Line>,
    nonce: Option<Vec<u8>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Responder {
    Name(Vec<u8>),
    Key(Vec<u8>),
}

#[derive(Debug, Clone)]
struct Line {
    id: CertId,
    status: Status,
    this_update: u64,
    next_update: Option<u64>,
}

/// What a checked answer says of one certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// What is known of it.
    pub status: Status,
    /// When that was known, Unix seconds.
    pub this_update: u64,
    /// Until when nothing newer is to be expected.
    pub next_update: Option<u64>,
    /// When the answer was signed, Unix seconds.
    pub produced_at: u64,
    /// Certificate of the responder, if it is not the issuer itself.
    pub responder: Option<Certificate>,
}

impl Response {
    /// Reads DER `OCSPResponse`.
    ///
    /// # Errors
    /// [`OcspError::Refused`] for an answer without content, [`OcspError::Malformed`].
    pub fn parse(der: &[u8]) -> Result<Self, OcspError> {
        let malformed = || OcspError::Malformed(WHAT);
        let (outer, rest) = first(der, WHAT)?;
        let fields = outer.open(Tag::Sequence, WHAT)?;
        let (status, bytes) = fields.split_first().ok_or_else(malformed)?;
        if !rest.is_empty() || status.tag != Tag::Enumerated {
            return Err(malformed());
        }
        match (status.value, bytes) {
            ([0], [bytes]) => {
                let bytes = bytes.open(context(0), WHAT)?;
                let bytes = bytes.first().ok_or_else(malformed)?;
                let bytes = bytes.open(Tag::Sequence, WHAT)?;
                match bytes.as_slice() {
                    [kind, basic] if kind.is_oid(ID_BASIC) && basic.tag == Tag::OctetString => {
                        Self::basic(basic.value)
                    }
                    _ => Err(malformed()),
                }
            }
            ([number], _) => Err(Refusal::of(*number).map_or_else(malformed, OcspError::Refused)),
            _ => Err(malformed()),
        }
    }

    /// Reads DER `BasicOCSPResponse`.
    fn basic(der: &[u8]) -> Result<Self, OcspError> {
        let malformed = || OcspError::Malformed(WHAT);
        let (outer, rest) = first(der, WHAT)?;
        let fields = outer.open(Tag::Sequence, WHAT)?;
        let [data, algorithm, signature, certificates @ ..] = fields.as_slice() else {
            return Err(malformed());
        };
        let algorithm = algorithm.open(Tag::Sequence, WHAT)?;
        let algorithm = algorithm.first().ok_or_else(malformed)?;
        let (unused, signature) = match (signature.tag, signature.value.split_first()) {
            (Tag::BitString, Some(parts)) => parts,
            _ => return Err(malformed()),
        };
        if !rest.is_empty() || *unused != 0 {
            return Err(malformed());
        }
        let mut brought = Vec::new();
        if let Some(list) = certificates.first() {
            let list = list.open(context(0), WHAT)?;
            let list = list.first().ok_or_else(malformed)?;
            let list = list.open(Tag::Sequence, WHAT)?;
            for one in list.iter().take(MAX_BROUGHT) {
                brought.push(Certificate::parse(one.raw)?);
            }
        }
        let inner = Data::read(data)?;
        Ok(Self {
            data: data.raw.to_vec(),
            algorithm: algorithm.value.to_vec(),
            signature: signature.to_vec(),
            certificates: brought,
            responder: inner.responder,
            produced_at: inner.produced_at,
            lines: inner.lines,
            nonce: inner.nonce,
        })
    }

    /// The nonce that the answer repeats.
    pub fn nonce(&self) -> Option<&[u8]> {
        self.nonce.as_deref()
    }

    /// What the answer says of the certificate `serial` of `issuer`, after checking that it is signed by the issuer, or by a responder to which the
    /// issuer gave a certificate for it that was valid then (RFC 6960 § 4.2.2.2). How fresh it has to be is for the caller.
    ///
    /// # Errors
    /// [`OcspError::OtherCertificate`], [`OcspError::NotAuthorised`], [`OcspError::Signature`].
    pub fn check(&self, serial: &[u8], issuer: &Certificate) -> Result<Checked, OcspError> {
        let responder = self.authorised(issuer)?;
        let signer = responder.unwrap_or(issuer);
        self.verify(&signer.public_key()?)?;
        let zeros = serial.iter().take_while(|byte| **byte == 0).count();
        let serial = serial.get(zeros..).unwrap_or_default();
        for line in self.lines.iter().filter(|line| line.id.serial() == serial) {
            if line.id.is_of(issuer)? {
                return Ok(Checked {
                    status: line.status,
                    this_update: line.this_update,
                    next_update: line.next_update,
                    produced_at: self.produced_at,
                    responder: responder.cloned(),
                });
            }
        }
        Err(OcspError::OtherCertificate)
    }

    /// The responder's certificate; nothing where it is the issuer's.
    fn authorised(&self, issuer: &Certificate) -> Result<Option<&Certificate>, OcspError> {
        if self.is_named(issuer)? {
            return Ok(None);
        }
        let issuer_key = issuer.public_key()?;
        for one in &self.certificates {
            let may = self.is_named(one)?
                && one.issuer().der == issuer.subject().der
                && one.extended_key_usage().contains(&OCSP_SIGNING)
                && one.is_valid_at(self.produced_at)
                && one.is_signed_by(&issuer_key).is_ok();
            if may {
                return Ok(Some(one));
            }
        }
        Err(OcspError::NotAuthorised)
    }

    fn is_named(&self, certificate: &Certificate) -> Result<bool, OcspError> {
        Ok(match &self.responder {
            Responder::Name(name) => certificate.subject().der == *name,
            Responder::Key(hash) => key_hash(certificate)? == *hash,
        })
    }

    fn verify(&self, key: &PublicKey) -> Result<(), SignerError> {
        if key.algorithm().signature_oid().as_bytes() != self.algorithm {
            return Err(SignerError::Signature);
        }
        key.verify(&self.data, &self.signature)
    }
}

/// `ResponseData`.
struct Data {
    responder: Responder,
    produced_at: u64,
    lines: Vec<Line>,
    nonce: Option<Vec<u8>>,
}

impl Data {
    fn read(element: &Tlv<'_>) -> Result<Self, OcspError> {
        let malformed = || OcspError::Malformed(WHAT);
        let mut fields = element.open(Tag::Sequence, WHAT)?;
        if fields.first().is_some_and(|f| f.tag == context(0)) {
            let version = fields.remove(0);
            if version.value != [2, 1, 0] {
                return Err(malformed());
            }
        }
        let [responder, produced_at, list, extensions @ ..] = fields.as_slice() else {
            return Err(malformed());
        };
        let named = children(responder.value, WHAT)?;
        let [named] = named.as_slice() else {
            return Err(malformed());
        };
        let responder = match responder.tag {
            tag if tag == context(1) => Responder::Name(named.raw.to_vec()),
            tag if tag == context(2) && named.tag == Tag::OctetString => {
                Responder::Key(named.value.to_vec())
            }
            _ => return Err(malformed()),
        };
        let list = list.open(Tag::Sequence, WHAT)?;
        if list.len() > MAX_CERTIFICATES {
            return Err(malformed());
        }
        let extensions = extensions.iter().find(|field| field.tag == context(1));
        Ok(Self {
            responder,
            produced_at: seconds(produced_at)?,
            lines: list.iter().map(line).collect::<Result<_, _>>()?,
            nonce: extensions.map(nonce).transpose()?.flatten(),
        })
    }
}

fn line(element: &Tlv<'_>) -> Result<Line, OcspError> {
    let malformed = || OcspError::Malformed(WHAT);
    let fields = element.open(Tag::Sequence, WHAT)?;
    let [id, status, this_update, rest @ ..] = fields.as_slice() else {
        return Err(malformed());
    };
    let next = rest.iter().find(|field| field.tag == context(0));
    let next = next.map(|next| match children(next.value, WHAT)?.as_slice() {
        [time] => seconds(time),
        _ => Err(malformed()),
    });
    let status = match status.tag {
        tag if tag == implicit(0) => Status::Good,
        tag if tag == implicit(2) => Status::Unknown,
        tag if tag == context(1) => revoked(status)?,
        _ => return Err(malformed()),
    };
    Ok(Line {
        id: CertId::read(id)?,
        status,
        this_update: seconds(this_update)?,
        next_update: next.transpose()?,
    })
}

fn revoked(element: &Tlv<'_>) -> Result<Status, OcspError> {
    let malformed = || OcspError::Malformed(WHAT);
    let fields = children(element.value, WHAT)?;
    let (at, reason) = fields.split_first().ok_or_else(malformed)?;
    let reason = match reason {
        [] => RevocationReason::Unspecified,
        [explicit] if explicit.tag == context(0) => {
            reason_of(CrlReason::from_der(explicit.value).map_err(|_| malformed())?)
        }
        _ => return Err(malformed()),
    };
    Ok(Status::Revoked {
        at: seconds(at)?,
        reason,
    })
}

fn seconds(element: &Tlv<'_>) -> Result<u64, OcspError> {
    let time = GeneralizedTime::from_der(element.raw);
    let time = time.map_err(|_| OcspError::Malformed("time"))?;
    Ok(time.to_unix_duration().as_secs())
}
