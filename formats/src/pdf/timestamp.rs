//! A timestamp of the whole file (ISO 32000-2 § 12.8.5, ETSI EN 319 142-1 § 5.4.3): what makes a file B-LTA.

use super::attach::{free_name, shared_lists, write_form, write_page};
use super::document::{Document, guarded};
use super::prepare::{Unfilled, finish};
use super::revision::Revision;
use super::signatures::covered;
use super::{CONTENTS_ROOM, PdfError, Prepared, SignatureView};
use crate::tsp::{Token, TspError};

/// `/SubFilter` of a document's timestamp.
pub(super) const SUB_FILTER: &str = "ETSI.RFC3161";

/// Appends one revision with an invisible field that waits for a timestamp of all the file. [`super::to_be_timestamped`] then gives the digest for the
/// service ([`crate::tsp::Imprint::of_sha256`]), and [`super::embed`] writes its token into the place.
///
/// # Errors
/// As [`super::prepare`].
pub fn prepare_timestamp(bytes: &[u8]) -> Result<Prepared, PdfError> {
    guarded(|| {
        // Not `open`: certifications and locks let evidence and timestamps of the file follow (ISO 32000-2 § 12.8.2.2).
        let document = Document::read(bytes)?;
        document.has_room()?;
        let room = 2 * CONTENTS_ROOM + 64 * 1024;
        let mut revision = Revision::after(bytes, &document.structure, room);
        let field = revision.reserve();
        let stamp = revision.reserve();
        let page = write_page(
            &mut revision,
            &document,
            0,
            &[field],
            &shared_lists(&document),
        )?;
        write_form(&mut revision, &document, Some(field), None)?;
        let name = free_name(&document);
        // Hidden and locked: there is nothing to see.
        let widget = format!(
            "<</Type /Annot /Subtype /Widget /FT /Sig /T ({name}) /F 132 /P {page} /Rect [0 0 0 0] /V {stamp} 0 R>>"
        );
        revision.object(field, widget.as_bytes());
        let dictionary = Unfilled::new("DocTimeStamp", SUB_FILTER);
        finish(revision, &document, stamp, &dictionary)
    })
}

/// Checks the token of a document's timestamp over the bytes that it covers; `view` comes from [`super::signatures`] over the same bytes. Whether its
/// certificate can be trusted is for the caller.
///
/// # Errors
/// [`PdfError::SubFilter`] for a field that is no timestamp, [`PdfError::ByteRange`], [`PdfError::Timestamp`].
pub fn verify_timestamp(bytes: &[u8], view: &SignatureView) -> Result<Token, PdfError> {
    if view.sub_filter != SUB_FILTER {
        return Err(PdfError::SubFilter);
    }
    let parts =
        covered(bytes, view).ok_or(PdfError::ByteRange("it leaves out more than /Contents"))?;
    let token = Token::verify(&view.contents)?;
    if !token.stamp.imprint.is_of(&parts) {
        return Err(TspError::OtherData.into());
    }
    Ok(token)
}
