//! Electronic seals, SESeal of GB/T 38540-2020 (header version 4): built strictly, read forgivingly.
//!
//! Making one is two steps, so that an authority can record before it signs: [`seal_info`] makes the signed part,
//! [`seal`] signs exactly these bytes with the maker's SM2 key. Reading accepts what vendors are known to write
//! (raw signatures, integers that are not minimal, header version 5 of GM/T 0031-2025) and always verifies over the
//! bytes as received. No extension data is written: readers disagree about its encoding.

mod build;
mod lenient;
mod read;

pub use build::{
    LARGEST_CERTIFICATE, LARGEST_SEAL, Picture, PictureKind, SealInfo, VENDOR, seal, seal_info,
};
pub use read::{Remark, Seal, SignerList};

use crate::signer::SignerError;
use crate::x509::ChainError;
use thiserror::Error;

/// Why a seal was refused or not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SealError {
    /// The bytes are no seal; the element that could not be read.
    #[error("the seal is malformed at {element}")]
    Malformed {
        /// Name of the element in the standard's ASN.1.
        element: &'static str,
    },
    /// The header names a version other than 4 and 5, or the structure is that of GM/T 0031-2014.
    #[error("the seal is of an unsupported version")]
    Version,
    /// A field of what was asked for cannot be written into a seal.
    #[error("{field}: {reason}")]
    Field {
        /// The field.
        field: &'static str,
        /// Why not.
        reason: &'static str,
    },
    /// The signer is not the maker's SM2 key.
    #[error("the signer is not the SM2 key of the maker's certificate")]
    Signer,
    /// The key did not sign.
    #[error(transparent)]
    Key(#[from] SignerError),
    /// The maker's signature over the seal is wrong, or of another algorithm than SM2 with SM3.
    #[error("the maker's signature does not verify")]
    Signature,
    /// The maker's certificate is not trusted.
    #[error("the maker's certificate: {0}")]
    Maker(#[from] ChainError),
    /// The maker's certificate may not sign.
    #[error("the maker's certificate is not for signatures")]
    MakerUsage,
    /// The seal is not valid yet.
    #[error("the seal is not valid yet")]
    NotYetValid,
    /// The seal is no longer valid.
    #[error("the seal has expired")]
    Expired,
}
