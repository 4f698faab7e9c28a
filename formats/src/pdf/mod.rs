//! Signing PDF files (ISO 32000-2 § 12.8, ETSI EN 319 142-1), append-only.
//!
//! The steps of one signature: [`prepare`] appends a revision with the signature field, the seal on the page and
//! a zero-filled place for the signature; [`to_be_signed`] checks that place and returns the digest; `cms` makes
//! the signature from it; [`embed`] writes it into the place. With a timestamp of the signature value among the unsigned attributes it is PAdES B-T; with
//! [`add_evidence`] in a later revision B-LT; with a timestamp of the whole file on top ([`prepare_timestamp`]) B-LTA. Bytes that were there before are never rewritten,
//! so earlier signatures stay valid.
//!
//! Objects are read with `hayro-syntax`, the parser that also draws the pages: one reading decides what is shown
//! and what is signed. Only where bytes must be copied or counted does the module look at them itself.

mod attach;
mod containers;
mod document;
mod drawable;
mod evidence;
mod existing;
mod fields;
mod geometry;
mod hole;
mod lex;
mod locks;
mod options;
mod picture;
mod prepare;
mod review;
mod revision;
mod signatures;
mod spread;
mod structure;
mod timestamp;
mod unpack;
pub mod verify;

#[cfg(test)]
mod tests;

pub use containers::check_opening;
pub use document::{Document, PageBox};
pub use drawable::check_page;
pub use evidence::{Evidence, add_evidence, evidence};
pub use geometry::Position;
pub use hole::{ToBeSigned, embed, to_be_signed, to_be_signed_sm3, to_be_timestamped};
pub use options::{Certification, EdgeSeal, FieldLock, FieldOptions, Spread};
pub use prepare::{FieldPlan, Prepared, prepare};
pub use review::{Decision, Review, ReviewReason, review};
pub use signatures::{SignatureView, signatures, verify_signature};
pub use timestamp::{prepare_timestamp, verify_timestamp};

use crate::cms::CmsError;
use crate::tsp::TspError;
use thiserror::Error;

/// Largest file that is opened, in bytes (50 MiB).
pub const MAX_FILE: usize = 50 * 1024 * 1024;
/// Largest file that is signed, in bytes: with its new revision it must still be one that is opened.
pub const MAX_UNSIGNED: usize = MAX_FILE - 512 * 1024;
/// Most bytes that the object streams of a file, or the streams of one page, may unpack to (256 MiB).
pub const MAX_UNPACKED: u64 = 256 * 1024 * 1024;
/// Most pixels that the images of one page may have together: A3 at 600 dots per inch.
pub const MAX_IMAGE_PIXELS: u64 = 72_000_000;
/// Largest number of pages that is opened.
pub const MAX_PAGES: usize = 5_000;
/// Bytes reserved for a signature in `/Contents`: a chain of three, a timestamp and a receipt fit twice.
pub const CONTENTS_ROOM: usize = 16 * 1024;

/// Why a file is refused. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PdfError {
    /// No bytes.
    #[error("the file is empty")]
    Empty,
    /// No `%PDF-` header.
    #[error("the file is not a PDF")]
    NotPdf,
    /// The end of the file, with `startxref`, is missing.
    #[error("the file is cut off: its end is missing")]
    Truncated,
    /// The cross-reference chain or an object that signing needs cannot be read.
    #[error("the file is damaged: {0} cannot be read")]
    Damaged(&'static str),
    /// The file is encrypted, with or without a password.
    #[error("the file is encrypted; remove the protection first")]
    Encrypted,
    /// More than [`MAX_FILE`] bytes, or more than [`MAX_UNSIGNED`] before signing.
    #[error("the file is larger than 50 MiB")]
    TooLarge,
    /// Unpacks to more than [`MAX_UNPACKED`] bytes, or holds an image of more than [`MAX_IMAGE_PIXELS`] pixels.
    #[error("the file unpacks to more than can be shown")]
    Unpacked,
    /// Certified with "no changes allowed" (DocMDP P=1).
    #[error("the file is certified and allows no changes")]
    CertifiedNoChanges,
    /// Certified with form filling or annotations allowed (DocMDP P=2, P=3): signing a field that exists is, adding
    /// a visible one is a change that breaks the certification.
    #[error("the file is certified and allows no new signature field")]
    CertifiedNoNewField,
    /// An earlier signature locks all form fields, or the one to be signed (FieldMDP).
    #[error("an earlier signature locks the fields of the file")]
    FieldsLocked,
    /// A certification is asked for a file that has a signature.
    #[error("only the first signature of a file can certify it")]
    CertifyNotFirst,
    /// There is no empty signature field of the planned name that can be filled in.
    #[error("the file has no empty signature field of this name")]
    NoSuchField,
    /// The field asks for a kind of signature that is not made here (seed values, ISO 32000-2 § 12.7.5.5), or its own
    /// lock and the plan's are both to hold.
    #[error("the signature field makes demands that cannot be met")]
    FieldDemands,
    /// An existing field has its place: its seal cannot be spread over pages.
    #[error("the seal of an existing field cannot be spread over pages")]
    FieldHasItsPlace,
    /// A seal over the edges needs two pages at least, and 2 to 100 pages to a seal.
    #[error("a seal over the edges needs two pages or more, and 2 to 100 pages to a seal")]
    EdgePages,
    /// The page tree has no page.
    #[error("the file has no pages")]
    NoPages,
    /// More than [`MAX_PAGES`] pages.
    #[error("the file has more than 5000 pages")]
    TooManyPages,
    /// An XFA form: what it shows is not what its pages hold.
    #[error("the file is an XFA form, which cannot be shown faithfully")]
    Xfa,
    /// `FieldPlan::page` is beyond the last page.
    #[error("page {page} does not exist; the file has {count} pages (counted from 0)")]
    NoSuchPage {
        /// The page asked for, from 0.
        page: usize,
        /// Number of pages.
        count: usize,
    },
    /// `FieldPlan::picture_png` is not a PNG of at most 4096 × 4096 pixels.
    #[error("the seal picture is not a usable PNG")]
    Picture,
    /// `FieldPlan::width_mm` or `height_mm` is not between 1 and 500 mm.
    #[error("the seal must be 1 to 500 mm wide and high")]
    SealSize,
    /// The seal would not lie wholly on the visible page.
    #[error("the seal does not fit on the page at this position")]
    OutsidePage,
    /// There is no signature field that waits for its signature, or more than one.
    #[error("the file must have exactly one field waiting for a signature, it has {0}")]
    Placeholders(usize),
    /// `/ByteRange` does not cover everything but the zero-filled `/Contents`, or the field is not in the last revision.
    #[error("the signature would not cover the file: {0}")]
    ByteRange(&'static str),
    /// The waiting field's `/SubFilter` is not what is asked for: `ETSI.CAdES.detached` or `adbe.pkcs7.detached` for a signature, `ETSI.RFC3161` for
    /// a timestamp.
    #[error("the field asks for another kind of signature")]
    SubFilter,
    /// The CMS object is larger than the reserved place.
    #[error("the signature has {size} bytes, the file has room for {room}")]
    NoRoom {
        /// Bytes of the CMS object.
        size: usize,
        /// Bytes reserved in the file.
        room: usize,
    },
    /// The signature itself is wrong.
    #[error(transparent)]
    Signature(#[from] CmsError),
    /// The document's timestamp is wrong.
    #[error(transparent)]
    Timestamp(#[from] TspError),
}
