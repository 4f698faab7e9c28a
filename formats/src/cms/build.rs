//! Making a signature: attributes first, the whole object when the signature value is there.

use super::tlv::{algorithm, certificate, children, context, first, oid, set_of, wrap};
use super::verify::key_algorithm;
use super::{
    CmsError, ID_CONTENT_TYPE, ID_MESSAGE_DIGEST, ID_SIGNED_DATA, ID_SIGNING_CERTIFICATE_V2, Oid,
};
use der::Tag;
use der::asn1::ObjectIdentifier;
use sha2::{Digest, Sha256};

/// The signed attributes as the DER `SET OF` that is to be signed (RFC 5652 § 5.4).
///
/// Exactly content-type, message-digest and signing-certificate-v2. No signing-time: PAdES baseline forbids it
/// (ETSI EN 319 142-1 § 6.3), the time stands in the document. `digest` is the 32-byte digest of the content
/// under the digest algorithm that goes with the certificate's key; `content_type` is [`super::ID_DATA`] for
/// documents.
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

    let signed = wrap(
        Tag::Sequence,
        &[
            &wrap(Tag::Integer, &[&[1]])?,
            &wrap(Tag::Set, &[&algorithm(key.digest())?])?,
            &wrap(Tag::Sequence, &[content_type])?,
            &set_of(context(0), chain.to_vec())?,
            &wrap(Tag::Set, &[&wrap(Tag::Sequence, &info)?])?,
        ],
    )?;
    wrap(
        Tag::Sequence,
        &[&oid(ID_SIGNED_DATA)?, &wrap(context(0), &[&signed])?],
    )
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
