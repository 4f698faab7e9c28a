//! Making a signature: attributes first, the whole object when the signature value is there.

use super::tlv::{algorithm, certificate, children, context, first, oid, set_of, wrap};
use super::verify::key_algorithm;
use super::{
    CmsError, ID_CONTENT_TYPE, ID_GM_DATA, ID_GM_SIGNED_DATA, ID_MESSAGE_DIGEST, ID_SIGNED_DATA,
    ID_SIGNING_CERTIFICATE_V2, Oid,
};
use der::Tag;
use der::asn1::ObjectIdentifier;
use sha2::{Digest, Sha256};

/// The signed attributes as the DER `SET OF` that is to be signed (RFC 5652 § 5.4).
///
/// Exactly content-type, message-digest and signing-certificate-v2. No signing-time: PAdES baseline forbids it
/// (ETSI EN 319 142-1 § 6.3), the time stands in the document. `digest` is the 32-byte digest of the content
/// under the digest algorithm that goes with the certificate's key; `content_type` is [`super::ID_DATA`] for
/// documents, or [`super::ID_GM_DATA`].
pub fn signed_attributes(
    digest: &[u8],
    cert_der: &[u8],
    content_type: ObjectIdentifier,
) -> Result<Vec<u8>, CmsError> {
    if digest.len() != 32 {
        return Err(CmsError::DigestLength);
    }
    set_of(
        Tag::Set,
        vec![
            attribute(&oid(ID_CONTENT_TYPE)?, oid(content_type)?)?,
            attribute(&oid(ID_MESSAGE_DIGEST)?, wrap(Tag::OctetString, &[digest])?)?,
            attribute(
                &oid(ID_SIGNING_CERTIFICATE_V2)?,
                signing_certificate_v2(cert_der)?,
            )?,
        ],
    )
}

/// The detached `ContentInfo` of one signer (DER), ready for a PDF's `/Contents`.
///
/// `attributes` is what [`signed_attributes`] returned, `signature` the DER `SEQUENCE{r,s}` over it, `chain` the
/// DER certificates with the signer's own first, `unsigned` attributes of type and DER value (see
/// [`receipt_attribute`]). Fails if the attributes do not name the first certificate of the chain.
pub fn signed_data(
    attributes: &[u8],
    signature: &[u8],
    chain: &[Vec<u8>],
    unsigned: &[(Oid, Vec<u8>)],
) -> Result<Vec<u8>, CmsError> {
    assemble(attributes, signature, chain, unsigned, None)
}

/// [`signed_data`] with the content inside (RFC 5652 § 5.2), as timestamps have it. `content` is what the digest in the attributes is over.
///
/// # Errors
/// As [`signed_data`].
pub fn attached_signed_data(
    attributes: &[u8],
    signature: &[u8],
    chain: &[Vec<u8>],
    content: &[u8],
) -> Result<Vec<u8>, CmsError> {
    assemble(attributes, signature, chain, &[], Some(content))
}

fn assemble(
    attributes: &[u8],
    signature: &[u8],
    chain: &[Vec<u8>],
    unsigned: &[(Oid, Vec<u8>)],
    content: Option<&[u8]>,
) -> Result<Vec<u8>, CmsError> {
    let signer = chain.first().ok_or(CmsError::NoCertificate)?;
    let parts = certificate(signer)?;
    let key = key_algorithm(&parts.spki)?;
    let content_type = check_attributes(attributes, signer)?;
    check_signature_shape(signature)?;

    let (set, _) = first(attributes, "signed attributes")?;
    let mut info = vec![
        wrap(Tag::Integer, &[&[1]])?,
        wrap(Tag::Sequence, &[parts.issuer.raw, parts.serial.raw])?,
        algorithm(key.digest())?,
        wrap(context(0), &[set.value])?,
        algorithm(key.signature())?,
        wrap(Tag::OctetString, &[signature])?,
    ];
    if !unsigned.is_empty() {
        let members = unsigned
            .iter()
            .map(|(id, value)| {
                attribute(
                    &wrap(Tag::ObjectIdentifier, &[id.as_bytes()])?,
                    value.clone(),
                )
            })
            .collect::<Result<Vec<_>, _>>()?;
        info.push(set_of(context(1), members)?);
    }
    let info: Vec<&[u8]> = info.iter().map(Vec::as_slice).collect();

    let content = content.map(|content| {
        let octets = wrap(Tag::OctetString, &[content])?;
        wrap(context(0), &[&octets])
    });
    let content = content.transpose()?.unwrap_or_default();
    let gm = content_type == oid(ID_GM_DATA)?;
    // RFC 5652 § 5.1: 3 for any content but data.
    let version = if gm || content_type == oid(super::ID_DATA)? {
        1
    } else {
        3
    };
    let signed = wrap(
        Tag::Sequence,
        &[
            &wrap(Tag::Integer, &[&[version]])?,
            &wrap(Tag::Set, &[&algorithm(key.digest())?])?,
            &wrap(Tag::Sequence, &[content_type, &content])?,
            &set_of(context(0), chain.to_vec())?,
            &wrap(Tag::Set, &[&wrap(Tag::Sequence, &info)?])?,
        ],
    )?;
    let kind = if gm {
        ID_GM_SIGNED_DATA
    } else {
        ID_SIGNED_DATA
    };
    wrap(
        Tag::Sequence,
        &[&oid(kind)?, &wrap(context(0), &[&signed])?],
    )
}

/// A finished object with one unsigned attribute more, which no signature covers; what was there stays byte for byte. Zeros that follow the object
/// (a PDF's `/Contents`) are left out.
///
/// # Errors
/// [`CmsError::Malformed`] when `cms` is no such object, [`CmsError::SignerCount`].
pub fn add_unsigned(cms: &[u8], id: &Oid, value: &[u8]) -> Result<Vec<u8>, CmsError> {
    const WHAT: &str = "CMS object";
    let malformed = || CmsError::Malformed(WHAT);
    let (outer, _) = first(cms, WHAT)?;
    let info = outer.open(Tag::Sequence, WHAT)?;
    let [kind, content] = info.as_slice() else {
        return Err(malformed());
    };
    let inside = content.open(context(0), WHAT)?;
    let fields = inside.first().ok_or_else(malformed)?;
    let fields = fields.open(Tag::Sequence, WHAT)?;
    let (signers, before) = fields.split_last().ok_or_else(malformed)?;
    let signers = signers.open(Tag::Set, WHAT)?;
    let [signer] = signers.as_slice() else {
        return Err(CmsError::SignerCount(signers.len()));
    };
    let signer = with_attribute(&signer.open(Tag::Sequence, WHAT)?, id, value)?;
    let mut parts: Vec<&[u8]> = before.iter().map(|field| field.raw).collect();
    let signers = wrap(Tag::Set, &[&signer])?;
    parts.push(&signers);
    let signed = wrap(Tag::Sequence, &parts)?;
    wrap(Tag::Sequence, &[kind.raw, &wrap(context(0), &[&signed])?])
}

/// A SignerInfo with one unsigned attribute more.
fn with_attribute(
    fields: &[super::tlv::Tlv<'_>],
    id: &Oid,
    value: &[u8],
) -> Result<Vec<u8>, CmsError> {
    let name = wrap(Tag::ObjectIdentifier, &[id.as_bytes()])?;
    let mut members = vec![attribute(&name, value.to_vec())?];
    let mut parts = Vec::new();
    for field in fields {
        if field.tag == context(1) {
            let held = children(field.value, "unsigned attributes")?;
            members.extend(held.iter().map(|held| held.raw.to_vec()));
        } else {
            parts.push(field.raw);
        }
    }
    let unsigned = set_of(context(1), members)?;
    parts.push(&unsigned);
    wrap(Tag::Sequence, &parts)
}

/// An unsigned attribute that carries a receipt (opaque bytes, as an OCTET STRING) under the caller's OID.
pub fn receipt_attribute(id: Oid, receipt: &[u8]) -> Result<(Oid, Vec<u8>), CmsError> {
    Ok((id, wrap(Tag::OctetString, &[receipt])?))
}

fn attribute(type_der: &[u8], value_der: Vec<u8>) -> Result<Vec<u8>, CmsError> {
    wrap(Tag::Sequence, &[type_der, &wrap(Tag::Set, &[&value_der])?])
}

/// RFC 5035 § 3: SHA-256 is the default and therefore absent in DER.
fn signing_certificate_v2(cert_der: &[u8]) -> Result<Vec<u8>, CmsError> {
    let parts = certificate(cert_der)?;
    let hash = wrap(Tag::OctetString, &[&Sha256::digest(cert_der)])?;
    let names = wrap(Tag::Sequence, &[&wrap(context(4), &[parts.issuer.raw])?])?;
    let issuer_serial = wrap(Tag::Sequence, &[&names, parts.serial.raw])?;
    let certificate_id = wrap(Tag::Sequence, &[&hash, &issuer_serial])?;
    wrap(Tag::Sequence, &[&wrap(Tag::Sequence, &[&certificate_id])?])
}

/// Returns the content type's OID element. Attributes made for another certificate would only be noticed by the
/// reader of the finished document, so they are refused here.
fn check_attributes<'a>(attributes: &'a [u8], signer: &[u8]) -> Result<&'a [u8], CmsError> {
    const WHAT: &str = "signed attributes";
    let (set, rest) = first(attributes, WHAT)?;
    if !rest.is_empty() {
        return Err(CmsError::Malformed(WHAT));
    }
    let mut content_type = None;
    let mut names_signer = false;
    let expected = signing_certificate_v2(signer)?;
    for member in set.open(Tag::Set, WHAT)? {
        let fields = member.open(Tag::Sequence, WHAT)?;
        let [id, values] = fields.as_slice() else {
            return Err(CmsError::Malformed(WHAT));
        };
        if id.is_oid(ID_CONTENT_TYPE) {
            content_type = Some(values.value);
        }
        names_signer |= id.is_oid(ID_SIGNING_CERTIFICATE_V2) && values.value == expected;
    }
    if !names_signer {
        return Err(CmsError::OtherCertificate);
    }
    content_type.ok_or(CmsError::Attribute("content-type"))
}

fn check_signature_shape(signature: &[u8]) -> Result<(), CmsError> {
    const WHAT: &str = "signature value";
    let members = children(signature, WHAT)?;
    let [sequence] = members.as_slice() else {
        return Err(CmsError::Malformed(WHAT));
    };
    match sequence.open(Tag::Sequence, WHAT)?.as_slice() {
        [r, s] if r.tag == Tag::Integer && s.tag == Tag::Integer => Ok(()),
        _ => Err(CmsError::Malformed(WHAT)),
    }
}
