//! Checking a signature over the bytes as received.

use super::tlv::{Tlv, certificate, children, context, first};
use super::{
    CmsError, ID_CONTENT_TYPE, ID_EC_PUBLIC_KEY, ID_ECDSA_SHA256, ID_GM_SIGNED_DATA,
    ID_MESSAGE_DIGEST, ID_P256, ID_SHA256, ID_SIGNED_DATA, ID_SIGNING_CERTIFICATE_V2, ID_SM2,
    ID_SM2_SIGN, ID_SM2_SM3, ID_SM3, Oid,
};
use der::Tag;
use der::asn1::ObjectIdentifier;
use sha2::{Digest, Sha256};
use signature::Verifier;

/// The default distinguishing identifier of SM2 signatures (GB/T 35276).
const SM2_DEFAULT_ID: &str = "1234567812345678";

/// A signature whose cryptography holds. Trust in the certificate is not part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// DER certificate of the signer.
    pub signer_certificate: Vec<u8>,
    /// All DER certificates of the object, the signer's included, in the order found.
    pub certificates: Vec<Vec<u8>>,
    /// DER of the content type's object identifier, without tag and length.
    pub content_type: Vec<u8>,
    /// Digest algorithm of the content: SHA-256 or SM3.
    pub digest_algorithm: ObjectIdentifier,
    /// The signature value (DER `SEQUENCE{r,s}`): what a signature timestamp is over.
    pub signature: Vec<u8>,
    /// Whether signing-certificate-v2 names the signer's certificate. PAdES demands it; older kinds lack it.
    pub names_certificate: bool,
    /// What the signature value covers: the signed attributes as DER `SET OF`.
    pub signed_attributes: Vec<u8>,
    /// Unsigned attributes as (DER type without tag and length, DER of the first value).
    pub unsigned: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Verified {
    /// The receipt that [`super::receipt_attribute`] put in under `id`.
    pub fn receipt(&self, id: &Oid) -> Option<&[u8]> {
        let (_, value) = self
            .unsigned
            .iter()
            .find(|(kind, _)| kind == id.as_bytes())?;
        let (octets, rest) = first(value, "receipt").ok()?;
        (octets.tag == Tag::OctetString && rest.is_empty()).then_some(octets.value)
    }
}

/// Checks the one signer of a detached signature against the content's `digest` (32 bytes).
///
/// `cms` may be followed by the zeros of a PDF's `/Contents`. The signature covers the signed attributes exactly
/// as received.
pub fn verify(cms: &[u8], digest: &[u8]) -> Result<Verified, CmsError> {
    let object = SignedObject::open(cms)?;
    let signer = object.signer_certificate()?;
    let parts = certificate(signer)?;
    let key = key_algorithm(&parts.spki)?;
    if !object.digest_algorithm.is_oid(key.digest()) || !key.accepts(&object.signature_algorithm) {
        return Err(CmsError::UnsupportedAlgorithm);
    }

    let content_type = object.attribute(ID_CONTENT_TYPE, "content-type")?;
    if content_type.raw != object.content_type.raw {
        return Err(CmsError::Attribute("content-type"));
    }
    let message_digest = object.attribute(ID_MESSAGE_DIGEST, "message-digest")?;
    if message_digest.tag != Tag::OctetString || message_digest.value != digest {
        return Err(CmsError::DigestMismatch);
    }
    let names_certificate = match object.optional_attribute(ID_SIGNING_CERTIFICATE_V2)? {
        Some(value) if named_hash(&value)? != Some(Sha256::digest(signer).as_slice()) => {
            return Err(CmsError::OtherCertificate);
        }
        found => found.is_some(),
    };
    let signed_attributes = object.signed_bytes();
    key.verify(&parts.spki, &signed_attributes, object.signature)?;

    Ok(Verified {
        signer_certificate: signer.to_vec(),
        certificates: object.certificates.iter().map(|c| c.raw.to_vec()).collect(),
        content_type: object.content_type.value.to_vec(),
        digest_algorithm: key.digest(),
        signature: object.signature.to_vec(),
        signed_attributes,
        names_certificate,
        unsigned: object
            .unsigned
            .iter()
            .map(|(id, value)| (id.value.to_vec(), value.raw.to_vec()))
            .collect(),
    })
}

/// The digest that a signature wants its content hashed with: SHA-256 or SM3, by the signer's key.
///
/// # Errors
/// As [`verify`], for an object whose signer cannot be read.
pub fn digest_algorithm(cms: &[u8]) -> Result<ObjectIdentifier, CmsError> {
    let object = SignedObject::open(cms)?;
    let parts = certificate(object.signer_certificate()?)?;
    Ok(key_algorithm(&parts.spki)?.digest())
}

/// A signature with its content inside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attached {
    /// The signature.
    pub signature: Verified,
    /// What it is over.
    pub content: Vec<u8>,
}

/// [`verify`] of an object that holds its content.
///
/// # Errors
/// As [`verify`]; [`CmsError::Malformed`] when there is no content.
pub fn verify_attached(cms: &[u8]) -> Result<Attached, CmsError> {
    let object = SignedObject::open(cms)?;
    let content = object.content.ok_or(CmsError::Malformed("content"))?;
    let parts = certificate(object.signer_certificate()?)?;
    let digest: [u8; 32] = match key_algorithm(&parts.spki)? {
        KeyAlgorithm::P256 => Sha256::digest(content).into(),
        KeyAlgorithm::Sm2 => sm3::Sm3::digest(content).into(),
    };
    Ok(Attached {
        signature: verify(cms, &digest)?,
        content: content.to_vec(),
    })
}

/// The parts of a `SignedData` with one signer.
struct SignedObject<'a> {
    content_type: Tlv<'a>,
    content: Option<&'a [u8]>,
    certificates: Vec<Tlv<'a>>,
    issuer_and_serial: Tlv<'a>,
    digest_algorithm: Tlv<'a>,
    signed: Tlv<'a>,
    signature_algorithm: Tlv<'a>,
    signature: &'a [u8],
    unsigned: Vec<(Tlv<'a>, Tlv<'a>)>,
}

impl<'a> SignedObject<'a> {
    fn open(cms: &'a [u8]) -> Result<Self, CmsError> {
        const WHAT: &str = "CMS object";
        let malformed = || CmsError::Malformed(WHAT);
        let (outer, rest) = first(cms, WHAT)?;
        if rest.iter().any(|b| *b != 0) {
            return Err(malformed());
        }
        let info = outer.open(Tag::Sequence, WHAT)?;
        let [kind, content] = info.as_slice() else {
            return Err(malformed());
        };
        if !kind.is_oid(ID_SIGNED_DATA) && !kind.is_oid(ID_GM_SIGNED_DATA) {
            return Err(malformed());
        }
        let content = content.open(context(0), WHAT)?;
        let signed_data = content
            .first()
            .ok_or_else(malformed)?
            .open(Tag::Sequence, WHAT)?;
        let [_version, _digests, encapsulated, middle @ .., signers] = signed_data.as_slice()
        else {
            return Err(malformed());
        };
        let encapsulated = encapsulated.open(Tag::Sequence, WHAT)?;
        let content_type = *encapsulated.first().ok_or_else(malformed)?;
        let content = match encapsulated.get(1) {
            Some(explicit) => match explicit.open(context(0), WHAT)?.as_slice() {
                [octets] if octets.tag == Tag::OctetString => Some(octets.value),
                _ => return Err(malformed()),
            },
            None => None,
        };
        let certificates = match middle.iter().find(|t| t.tag == context(0)) {
            Some(list) => children(list.value, WHAT)?,
            None => Vec::new(),
        };
        let signers = signers.open(Tag::Set, WHAT)?;
        let [signer] = signers.as_slice() else {
            return Err(CmsError::SignerCount(signers.len()));
        };
        Ok(Self {
            content,
            ..Self::open_signer(signer, content_type, certificates)?
        })
    }

    fn open_signer(
        signer: &Tlv<'a>,
        content_type: Tlv<'a>,
        certificates: Vec<Tlv<'a>>,
    ) -> Result<Self, CmsError> {
        const WHAT: &str = "SignerInfo";
        let malformed = || CmsError::Malformed(WHAT);
        let fields = signer.open(Tag::Sequence, WHAT)?;
        let [
            _version,
            issuer_and_serial,
            digest,
            signed,
            algorithm,
            value,
            rest @ ..,
        ] = fields.as_slice()
        else {
            return Err(malformed());
        };
        if signed.tag != context(0) || value.tag != Tag::OctetString {
            return Err(malformed());
        }
        let unsigned = match rest.first() {
            Some(list) => attributes(list.open(context(1), WHAT)?)?,
            None => Vec::new(),
        };
        Ok(Self {
            content_type,
            content: None,
            certificates,
            issuer_and_serial: *issuer_and_serial,
            digest_algorithm: *digest
                .open(Tag::Sequence, WHAT)?
                .first()
                .ok_or_else(malformed)?,
            signed: *signed,
            signature_algorithm: *algorithm
                .open(Tag::Sequence, WHAT)?
                .first()
                .ok_or_else(malformed)?,
            signature: value.value,
            unsigned,
        })
    }

    fn signer_certificate(&self) -> Result<&'a [u8], CmsError> {
        let wanted = self.issuer_and_serial.open(Tag::Sequence, "SignerInfo")?;
        let [issuer, serial] = wanted.as_slice() else {
            return Err(CmsError::Malformed("SignerInfo"));
        };
        self.certificates
            .iter()
            .find(|c| {
                certificate(c.raw)
                    .is_ok_and(|p| p.issuer.raw == issuer.raw && p.serial.raw == serial.raw)
            })
            .map(|c| c.raw)
            .ok_or(CmsError::SignerMissing)
    }

    /// The signed attributes with the tag of a SET, as RFC 5652 § 5.4 has them hashed.
    fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes = self.signed.raw.to_vec();
        if let Some(tag) = bytes.first_mut() {
            *tag = 0x31;
        }
        bytes
    }

    fn optional_attribute(&self, id: ObjectIdentifier) -> Result<Option<Tlv<'a>>, CmsError> {
        let mut found = attributes(children(self.signed.value, "signed attributes")?)?
            .into_iter()
            .filter(|(kind, _)| kind.is_oid(id));
        let value = found.next().map(|(_, value)| value);
        match found.next() {
            Some(_) => Err(CmsError::Attribute("named twice")),
            None => Ok(value),
        }
    }

    fn attribute(&self, id: ObjectIdentifier, name: &'static str) -> Result<Tlv<'a>, CmsError> {
        self.optional_attribute(id)?
            .ok_or(CmsError::Attribute(name))
    }
}

fn attributes(members: Vec<Tlv<'_>>) -> Result<Vec<(Tlv<'_>, Tlv<'_>)>, CmsError> {
    const WHAT: &str = "attribute";
    members
        .into_iter()
        .map(|member| {
            let fields = member.open(Tag::Sequence, WHAT)?;
            let [id, values] = fields.as_slice() else {
                return Err(CmsError::Malformed(WHAT));
            };
            let values = values.open(Tag::Set, WHAT)?;
            Ok((*id, *values.first().ok_or(CmsError::Malformed(WHAT))?))
        })
        .collect()
}

/// The SHA-256 certificate hash inside a `SigningCertificateV2`; `None` if it uses another digest.
fn named_hash<'a>(value: &Tlv<'a>) -> Result<Option<&'a [u8]>, CmsError> {
    const WHAT: &str = "signing-certificate-v2";
    let malformed = || CmsError::Malformed(WHAT);
    let list = value.open(Tag::Sequence, WHAT)?;
    let ids = list
        .first()
        .ok_or_else(malformed)?
        .open(Tag::Sequence, WHAT)?;
    let fields = ids
        .first()
        .ok_or_else(malformed)?
        .open(Tag::Sequence, WHAT)?;
    match fields.as_slice() {
        [hash, ..] if hash.tag == Tag::OctetString => Ok(Some(hash.value)),
        [algorithm, hash, ..] if hash.tag == Tag::OctetString => {
            let sha256 = algorithm
                .open(Tag::Sequence, WHAT)?
                .first()
                .is_some_and(|id| id.is_oid(ID_SHA256));
            Ok(sha256.then_some(hash.value))
        }
        _ => Err(malformed()),
    }
}

/// The kinds of key that sign here; each fixes its digest.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyAlgorithm {
    P256,
    Sm2,
}

/// The kind of key in a SubjectPublicKeyInfo. SM2 occurs with both algorithm OIDs (GM/T 0015-2023).
pub(super) fn key_algorithm(spki: &Tlv<'_>) -> Result<KeyAlgorithm, CmsError> {
    const WHAT: &str = "public key";
    let fields = spki.open(Tag::Sequence, WHAT)?;
    let algorithm = fields
        .first()
        .ok_or(CmsError::Malformed(WHAT))?
        .open(Tag::Sequence, WHAT)?;
    match algorithm.as_slice() {
        [id, curve] if id.is_oid(ID_EC_PUBLIC_KEY) && curve.is_oid(ID_P256) => {
            Ok(KeyAlgorithm::P256)
        }
        [id, curve] if id.is_oid(ID_EC_PUBLIC_KEY) && curve.is_oid(ID_SM2) => Ok(KeyAlgorithm::Sm2),
        [id, ..] if id.is_oid(ID_SM2) => Ok(KeyAlgorithm::Sm2),
        _ => Err(CmsError::UnsupportedAlgorithm),
    }
}

impl KeyAlgorithm {
    pub fn digest(self) -> ObjectIdentifier {
        match self {
            Self::P256 => ID_SHA256,
            Self::Sm2 => ID_SM3,
        }
    }

    pub fn signature(self) -> ObjectIdentifier {
        match self {
            Self::P256 => ID_ECDSA_SHA256,
            Self::Sm2 => ID_SM2_SM3,
        }
    }

    /// Some producers write the key's OID where the signature's belongs; the digest algorithm then decides.
    fn accepts(self, id: &Tlv<'_>) -> bool {
        match self {
            Self::P256 => id.is_oid(ID_ECDSA_SHA256) || id.is_oid(ID_EC_PUBLIC_KEY),
            Self::Sm2 => [ID_SM2_SM3, ID_SM2, ID_SM2_SIGN]
                .iter()
                .any(|sm2| id.is_oid(*sm2)),
        }
    }

    fn verify(self, spki: &Tlv<'_>, message: &[u8], signature: &[u8]) -> Result<(), CmsError> {
        let fields = spki.open(Tag::Sequence, "public key")?;
        let point = match fields.as_slice() {
            [_, bits] if bits.tag == Tag::BitString => bits.value.get(1..).unwrap_or_default(),
            _ => return Err(CmsError::Malformed("public key")),
        };
        let key_error = |_| CmsError::Malformed("public key");
        let bad = |_| CmsError::BadSignature;
        match self {
            Self::P256 => {
                let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(point).map_err(key_error)?;
                let value = p256::ecdsa::Signature::from_der(signature).map_err(bad)?;
                key.verify(message, &value).map_err(bad)
            }
            Self::Sm2 => {
                let key = sm2::dsa::VerifyingKey::from_sec1_bytes(SM2_DEFAULT_ID, point)
                    .map_err(key_error)?;
                let value = sm2::dsa::Signature::from_der(signature).map_err(bad)?;
                key.verify(message, &value).map_err(bad)
            }
        }
    }
}
