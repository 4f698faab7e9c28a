//! Making a seal.

use super::SealError;
use crate::signer::{Algorithm, Signer};
use crate::x509::Certificate;
use der::asn1::{Any, BitString, GeneralizedTime, Ia5String, OctetString};
use der::{Decode, Encode, Sequence};
use std::time::Duration;

/// Vid of seals made here; an IA5String, so ASCII.
pub const VENDOR: &str = "KAPOK";
/// Largest certificate, in bytes, that known implementations of the GM seal interface take.
pub const LARGEST_CERTIFICATE: usize = 5_120;
/// Largest seal, in bytes, that they take.
pub const LARGEST_SEAL: usize = 51_200;

/// Format of a seal's picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PictureKind {
    /// `PNG`, what every reader shows.
    Png,
    /// `SVG`.
    Svg,
}

impl PictureKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Png => "PNG",
            Self::Svg => "SVG",
        }
    }
}

/// A seal's picture and its size on paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Picture<'a> {
    /// Format of `data`.
    pub kind: PictureKind,
    /// The file.
    pub data: &'a [u8],
    /// Width on paper in millimetres, 1 to 100.
    pub width_mm: u8,
    /// Height on paper in millimetres, 1 to 100.
    pub height_mm: u8,
}

/// What the maker confirms (SES_SealInfo).
#[derive(Debug, Clone, Copy)]
pub struct SealInfo<'a> {
    /// esID: number of the seal, ASCII, unique at this authority.
    pub es_id: &'a str,
    /// Type, free for the business (samples: 1, 3, 4).
    pub seal_type: u32,
    /// Name of the seal; equal to the name filed with the police, where filed.
    pub name: &'a str,
    /// Certificates that may sign with the seal; written whole (certListType 1).
    pub signers: &'a [Certificate],
    /// createDate, Unix seconds.
    pub created: u64,
    /// validStart, Unix seconds.
    pub valid_from: u64,
    /// validEnd, Unix seconds.
    pub valid_to: u64,
    /// What it looks like.
    pub picture: Picture<'a>,
}

#[derive(Sequence)]
struct Info {
    header: Header,
    es_id: Ia5String,
    property: Property,
    picture: PictureInfo,
}

#[derive(Sequence)]
struct Header {
    id: Ia5String,
    version: u8,
    vendor: Ia5String,
}

#[derive(Sequence)]
struct Property {
    seal_type: u32,
    name: String,
    cert_list_type: u8,
    cert_list: Vec<OctetString>,
    created: GeneralizedTime,
    valid_from: GeneralizedTime,
    valid_to: GeneralizedTime,
}

#[derive(Sequence)]
struct PictureInfo {
    kind: Ia5String,
    data: OctetString,
    width: u8,
    height: u8,
}

#[derive(Sequence)]
struct SignedSeal {
    info: Any,
    maker: OctetString,
    algorithm: der::asn1::ObjectIdentifier,
    signature: BitString,
}

/// The part that the maker signs: DER of SES_SealInfo, version 4, Vid `KAPOK`, no extension data.
///
/// # Errors
/// [`SealError::Field`] naming what cannot be written.
pub fn seal_info(info: &SealInfo<'_>) -> Result<Vec<u8>, SealError> {
    check(info)?;
    let created = date(info.created, "created")?;
    let valid_from = date(info.valid_from, "valid_from")?;
    let valid_to = date(info.valid_to, "valid_to")?;
    let encode = || -> der::Result<Vec<u8>> {
        let cert_list = info
            .signers
            .iter()
            .map(|certificate| OctetString::new(certificate.der()));
        Info {
            header: Header {
                id: Ia5String::new("ES")?,
                version: 4,
                vendor: Ia5String::new(VENDOR)?,
            },
            es_id: Ia5String::new(info.es_id)?,
            property: Property {
                seal_type: info.seal_type,
                name: info.name.to_owned(),
                cert_list_type: 1,
                cert_list: cert_list.collect::<der::Result<_>>()?,
                created,
                valid_from,
                valid_to,
            },
            picture: PictureInfo {
                kind: Ia5String::new(info.picture.kind.as_str())?,
                data: OctetString::new(info.picture.data)?,
                width: info.picture.width_mm,
                height: info.picture.height_mm,
            },
        }
        .to_der()
    };
    encode().map_err(|_| SealError::Malformed {
        element: "eSealInfo",
    })
}

/// Signs what [`seal_info`] made with the maker's key: DER of SESeal.
///
/// # Errors
/// [`SealError::Signer`] when the signer is not SM2 or not the key of `maker`, [`SealError::MakerUsage`],
/// [`SealError::Field`] when the whole exceeds [`LARGEST_SEAL`], [`SealError::Key`].
pub fn seal(
    info_der: &[u8],
    maker: &Certificate,
    signer: &dyn Signer,
) -> Result<Vec<u8>, SealError> {
    if signer.algorithm() != Algorithm::Sm2Sm3 || signer.spki_der()? != maker.spki_der() {
        return Err(SealError::Signer);
    }
    if !maker.may_sign() {
        return Err(SealError::MakerUsage);
    }
    if maker.der().len() > LARGEST_CERTIFICATE {
        return Err(SealError::Field {
            field: "maker",
            reason: "is larger than 5,120 bytes",
        });
    }
    let signature = signer.sign(info_der)?;
    let encode = || -> der::Result<Vec<u8>> {
        SignedSeal {
            info: Any::from_der(info_der)?,
            maker: OctetString::new(maker.der())?,
            algorithm: signer.algorithm().signature_oid(),
            signature: BitString::from_bytes(&signature)?,
        }
        .to_der()
    };
    let sealed = encode().map_err(|_| SealError::Malformed {
        element: "eSealInfo",
    })?;
    if sealed.len() > LARGEST_SEAL {
        return Err(SealError::Field {
            field: "picture",
            reason: "makes the seal larger than 51,200 bytes",
        });
    }
    Ok(sealed)
}

fn date(unix_seconds: u64, field: &'static str) -> Result<GeneralizedTime, SealError> {
    GeneralizedTime::from_unix_duration(Duration::from_secs(unix_seconds)).map_err(|_| {
        SealError::Field {
            field,
            reason: "is after the year 9999",
        }
    })
}

fn check(info: &SealInfo<'_>) -> Result<(), SealError> {
    let refuse = |field, reason| Err(SealError::Field { field, reason });
    if info.es_id.is_empty() || !info.es_id.bytes().all(|byte| byte.is_ascii_graphic()) {
        return refuse("es_id", "must be visible ASCII characters");
    }
    if info.name.trim().is_empty() {
        return refuse("name", "is empty");
    }
    if info.signers.is_empty() {
        return refuse("signers", "is empty");
    }
    if info
        .signers
        .iter()
        .any(|certificate| certificate.der().len() > LARGEST_CERTIFICATE)
    {
        return refuse("signers", "holds a certificate larger than 5,120 bytes");
    }
    if info.valid_to <= info.valid_from {
        return refuse("valid_to", "is not after valid_from");
    }
    let sizes = [
        ("picture.width_mm", info.picture.width_mm),
        ("picture.height_mm", info.picture.height_mm),
    ];
    for (field, size) in sizes {
        if !(1..=100).contains(&size) {
            return refuse(field, "is not from 1 to 100");
        }
    }
    if info.picture.data.is_empty() {
        return refuse("picture", "is empty");
    }
    Ok(())
}
