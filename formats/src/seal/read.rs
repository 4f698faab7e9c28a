//! Reading and verifying a seal.

use super::SealError;
use super::lenient::{Element, OCTET_STRING, OID, SEQUENCE, canonical_signature};
use crate::signer::Algorithm;
use crate::x509::{Certificate, ChainError, Crl, verify_chain};
use sha2::{Digest, Sha256};
use sm3::Sm3;

/// Who may sign with a seal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignerList {
    /// certListType 1: DER certificates.
    Certificates(Vec<Vec<u8>>),
    /// certListType 2: digests over DER certificates.
    Digests(Vec<Vec<u8>>),
}

/// Something that a person should know about a seal that is valid all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remark {
    /// The maker's certificate expired or was revoked after the seal was made: no failure since GM/T 0031-2025.
    MakerNoLongerValid,
}

/// A parsed seal with its bytes as received.
#[derive(Debug, Clone)]
pub struct Seal {
    der: Vec<u8>,
    info_der: Vec<u8>,
    version: u32,
    vendor: String,
    es_id: String,
    seal_type: u32,
    name: String,
    signers: SignerList,
    created: u64,
    valid_from: u64,
    valid_to: u64,
    picture_kind: String,
    picture: Vec<u8>,
    width_mm: u32,
    height_mm: u32,
    maker: Certificate,
    algorithm: Vec<u8>,
    signature: Vec<u8>,
}

impl Seal {
    /// Reads SESeal of version 4 or 5. Nothing is verified yet: see [`Seal::verify`].
    ///
    /// # Errors
    /// [`SealError::Malformed`] naming the element, [`SealError::Version`].
    pub fn parse(der: &[u8]) -> Result<Self, SealError> {
        let outer = need("SESeal", Element::only(der))?;
        let parts = fields("SESeal", &outer)?;
        let (info, maker, algorithm, signature) = match parts.as_slice() {
            [info, maker, algorithm, signature] | [info, maker, algorithm, signature, _] => {
                (info, maker, algorithm, signature)
            }
            // Two fields: GM/T 0031-2014.
            [_, _] => return Err(SealError::Version),
            _ => return Err(SealError::Malformed { element: "SESeal" }),
        };
        let info_fields = fields("eSealInfo", info)?;
        let (header, es_id, property, picture) = match info_fields.as_slice() {
            [header, es_id, property, picture] | [header, es_id, property, picture, _] => {
                (header, es_id, property, picture)
            }
            _ => {
                return Err(SealError::Malformed {
                    element: "eSealInfo",
                });
            }
        };
        let (version, vendor) = read_header(header)?;
        let property = read_property(property)?;
        let (picture_kind, picture, width_mm, height_mm) = read_picture(picture)?;
        let maker = need("cert", maker.tagged(OCTET_STRING))?;
        Ok(Self {
            der: der.to_vec(),
            info_der: info.whole.to_vec(),
            version,
            vendor,
            es_id: need("esID", es_id.text())?,
            seal_type: property.seal_type,
            name: property.name,
            signers: property.signers,
            created: property.created,
            valid_from: property.valid_from,
            valid_to: property.valid_to,
            picture_kind,
            picture,
            width_mm,
            height_mm,
            maker: need("cert", Certificate::parse(maker).ok())?,
            algorithm: need("signAlgID", algorithm.tagged(OID))?.to_vec(),
            signature: need("signedValue", signature.bits())?.to_vec(),
        })
    }

    /// Verifies the seal at `at` (Unix seconds) in the order of GB/T 38540 section 6.3: the maker's signature over the
    /// bytes as received, the maker's certificate (path to `roots`, dates, revocation, usage), the seal's own dates.
    ///
    /// In a version 5 seal a maker's certificate that expired or was revoked after the seal was made is a remark.
    ///
    /// # Errors
    /// [`SealError`]: the first check that fails.
    pub fn verify(
        &self,
        intermediates: &[Certificate],
        roots: &[Certificate],
        at: u64,
        crls: &[Crl],
    ) -> Result<Vec<Remark>, SealError> {
        self.verify_signature()?;
        if !self.maker.may_sign() {
            return Err(SealError::MakerUsage);
        }
        let now = verify_chain(&self.maker, intermediates, roots, at, crls);
        let mut remarks = Vec::new();
        match now {
            Err(ChainError::Expired { .. } | ChainError::Revoked { .. }) if self.version >= 5 => {
                verify_chain(&self.maker, intermediates, roots, self.created, crls)?;
                remarks.push(Remark::MakerNoLongerValid);
            }
            other => other?,
        }
        if at < self.valid_from {
            return Err(SealError::NotYetValid);
        }
        if at > self.valid_to {
            return Err(SealError::Expired);
        }
        Ok(remarks)
    }

    fn verify_signature(&self) -> Result<(), SealError> {
        if self.algorithm != Algorithm::Sm2Sm3.signature_oid().as_bytes() {
            return Err(SealError::Signature);
        }
        let key = self.maker.public_key().map_err(|_| SealError::Signature)?;
        if key.algorithm() != Algorithm::Sm2Sm3 {
            return Err(SealError::Signature);
        }
        let signature = canonical_signature(&self.signature).ok_or(SealError::Signature)?;
        key.verify(&self.info_der, &signature)
            .map_err(|_| SealError::Signature)
    }

    /// Whether `certificate` is in the seal's list, by its bytes or by its SM3 or SHA-256 digest.
    pub fn allows(&self, certificate: &Certificate) -> bool {
        match &self.signers {
            SignerList::Certificates(list) => list.iter().any(|der| der == certificate.der()),
            SignerList::Digests(list) => {
                let sm3 = Sm3::digest(certificate.der());
                let sha256 = Sha256::digest(certificate.der());
                list.iter()
                    .any(|digest| digest[..] == sm3[..] || digest[..] == sha256[..])
            }
        }
    }

    /// The bytes as received.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The signed part as received.
    pub fn info_der(&self) -> &[u8] {
        &self.info_der
    }

    /// Header version, 4 or 5.
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// Vid.
    pub fn vendor(&self) -> &str {
        &self.vendor
    }

    /// esID.
    pub fn es_id(&self) -> &str {
        &self.es_id
    }

    /// Type, free for the business.
    pub const fn seal_type(&self) -> u32 {
        self.seal_type
    }

    /// Name of the seal; some makers put a GUID there.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Who may sign with it.
    pub const fn signers(&self) -> &SignerList {
        &self.signers
    }

    /// createDate, Unix seconds.
    pub const fn created(&self) -> u64 {
        self.created
    }

    /// validStart, Unix seconds.
    pub const fn valid_from(&self) -> u64 {
        self.valid_from
    }

    /// validEnd, Unix seconds.
    pub const fn valid_to(&self) -> u64 {
        self.valid_to
    }

    /// Format of the picture as written: `PNG`, `GIF`, `BMP`, `JPG`, `SVG`, in whatever case.
    pub fn picture_kind(&self) -> &str {
        &self.picture_kind
    }

    /// The picture file.
    pub fn picture(&self) -> &[u8] {
        &self.picture
    }

    /// Width on paper in millimetres.
    pub const fn width_mm(&self) -> u32 {
        self.width_mm
    }

    /// Height on paper in millimetres.
    pub const fn height_mm(&self) -> u32 {
        self.height_mm
    }

    /// The maker's certificate.
    pub const fn maker(&self) -> &Certificate {
        &self.maker
    }

    /// The maker's signature as in the seal (DER or raw).
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }
}

fn need<T>(element: &'static str, found: Option<T>) -> Result<T, SealError> {
    found.ok_or(SealError::Malformed { element })
}

fn fields<'a>(element: &'static str, of: &Element<'a>) -> Result<Vec<Element<'a>>, SealError> {
    need(element, of.tagged(SEQUENCE))?;
    need(element, of.children())
}

fn read_header(header: &Element<'_>) -> Result<(u32, String), SealError> {
    let parts = fields("header", header)?;
    let [id, version, vendor] = parts.as_slice() else {
        return Err(SealError::Malformed { element: "header" });
    };
    if id.text().as_deref() != Some("ES") {
        return Err(SealError::Malformed {
            element: "header.ID",
        });
    }
    let version = need("header.version", version.number())?;
    if !matches!(version, 4 | 5) {
        return Err(SealError::Version);
    }
    Ok((version, need("header.Vid", vendor.text())?))
}

struct Property {
    seal_type: u32,
    name: String,
    signers: SignerList,
    created: u64,
    valid_from: u64,
    valid_to: u64,
}

fn read_property(property: &Element<'_>) -> Result<Property, SealError> {
    let parts = fields("property", property)?;
    let [
        seal_type,
        name,
        list_type,
        list,
        created,
        valid_from,
        valid_to,
    ] = parts.as_slice()
    else {
        return Err(SealError::Malformed {
            element: "property",
        });
    };
    Ok(Property {
        seal_type: need("property.type", seal_type.number())?,
        name: need("property.name", name.text())?,
        signers: read_signers(need("certListType", list_type.number())?, list)?,
        created: need("createDate", created.time())?,
        valid_from: need("validStart", valid_from.time())?,
        valid_to: need("validEnd", valid_to.time())?,
    })
}

/// The two kinds of list carry no tag of their own: certListType alone decides.
fn read_signers(list_type: u32, list: &Element<'_>) -> Result<SignerList, SealError> {
    let entries = fields("certList", list)?;
    let octets = |entry: &Element<'_>| entry.tagged(OCTET_STRING).map(<[u8]>::to_vec);
    match list_type {
        1 => {
            let found = entries.iter().map(octets).collect::<Option<Vec<_>>>();
            Ok(SignerList::Certificates(need("certList", found)?))
        }
        2 => {
            let digest = |entry: &Element<'_>| octets(entry.children()?.get(1)?);
            let found = entries.iter().map(digest).collect::<Option<Vec<_>>>();
            Ok(SignerList::Digests(need("certList", found)?))
        }
        _ => Err(SealError::Malformed {
            element: "certListType",
        }),
    }
}

fn read_picture(picture: &Element<'_>) -> Result<(String, Vec<u8>, u32, u32), SealError> {
    let parts = fields("picture", picture)?;
    let [kind, data, width, height] = parts.as_slice() else {
        return Err(SealError::Malformed { element: "picture" });
    };
    Ok((
        need("picture.type", kind.text())?,
        need("picture.data", data.tagged(OCTET_STRING))?.to_vec(),
        need("picture.width", width.number())?,
        need("picture.height", height.number())?,
    ))
}
