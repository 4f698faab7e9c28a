//! What a signature needs to be checked long after: certificates, revocation lists and OCSP answers, kept in the file (`/DSS`, ISO 32000-2
//! § 12.8.4.3, ETSI EN 319 142-1 § 5.4.2).

use super::attach::{indirect, with_entries};
use super::document::{Document, guarded};
use super::revision::Revision;
use super::unpack::Budget;
use super::{MAX_FILE, PdfError};
use hayro_syntax::object::{Array, Dict, Stream};

const KINDS: [&str; 3] = ["Certs", "CRLs", "OCSPs"];
/// Most entries of a kind that are read or written.
const MAX_ENTRIES: usize = 1_000;
/// Longest entry that is read, unpacked, in bytes.
const MAX_ENTRY: u64 = 8 * 1024 * 1024;

/// Evidence, each piece in DER.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Evidence {
    /// Certificates.
    pub certificates: Vec<Vec<u8>>,
    /// Certificate revocation lists.
    pub crls: Vec<Vec<u8>>,
    /// OCSP answers (`OCSPResponse`).
    pub ocsps: Vec<Vec<u8>>,
}

impl Evidence {
    fn lists(&self) -> [&[Vec<u8>]; 3] {
        [&self.certificates, &self.crls, &self.ocsps]
    }
}

/// Appends one revision with this evidence beside what the file has; pieces that are there already are not written again. Earlier
/// signatures stay valid: the standard lets such a revision follow them.
///
/// # Errors
/// As [`super::prepare`]; a file that is certified against changes still takes evidence.
pub fn add_evidence(bytes: &[u8], new: &Evidence) -> Result<Vec<u8>, PdfError> {
    const WHAT: PdfError = PdfError::Damaged("the catalog");
    guarded(|| {
        let document = Document::read(bytes)?;
        let held = read(&document);
        let catalog = document.catalog().ok_or(WHAT)?;
        let store = catalog.get::<Dict<'_>>("DSS");
        let size: usize = new
            .lists()
            .iter()
            .flat_map(|list| list.iter())
            .map(Vec::len)
            .sum();
        let mut revision = Revision::after(bytes, &document.structure, size + 16 * 1024);
        let mut changes = Vec::new();
        for ((kind, new), held) in KINDS.iter().zip(new.lists()).zip(held.lists()) {
            let mut added = String::new();
            let fresh = new.iter().filter(|piece| !held.contains(piece));
            for piece in fresh.take(MAX_ENTRIES) {
                let number = revision.reserve();
                revision.stream(number, "", piece);
                added.push_str(&format!("{number} 0 R "));
            }
            let list = store
                .as_ref()
                .and_then(|store| store.get::<Array<'_>>(*kind));
            if !added.is_empty() {
                let before = list.map(|list| list.data().trim_ascii().to_vec());
                let all = [
                    b"[",
                    &before.unwrap_or_default()[..],
                    b"\n",
                    added.trim_end().as_bytes(),
                    b"]",
                ];
                changes.push((*kind, all.concat()));
            }
        }
        let changes: Vec<(&str, &[u8])> = changes.iter().map(|(k, v)| (*k, &v[..])).collect();
        let body = with_entries(store.as_ref().map_or(b"<<>>", |s| s.data()), &changes);
        let body = body.ok_or(PdfError::Damaged("the security store"))?;
        match indirect(&catalog, "DSS") {
            Some((number, generation)) => {
                revision.replace(number, generation, &body);
            }
            None => {
                let number = revision.reserve();
                revision.object(number, &body);
                let root = document.pdf.xref().root_id();
                let generation = u32::try_from(root.gen_number).map_err(|_| WHAT)?;
                let entry = format!("{number} 0 R");
                let body =
                    with_entries(catalog.data(), &[("DSS", entry.as_bytes())]).ok_or(WHAT)?;
                revision.replace(root.obj_number, generation, &body);
            }
        }
        let bytes = revision.finish(&document.structure)?;
        if bytes.len() > MAX_FILE {
            return Err(PdfError::TooLarge);
        }
        Ok(bytes)
    })
}

/// The evidence that a file holds; pieces that cannot be unpacked are left out.
///
/// # Errors
/// As [`super::signatures`].
pub fn evidence(bytes: &[u8]) -> Result<Evidence, PdfError> {
    guarded(|| Ok(read(&Document::read(bytes)?)))
}

pub(super) fn read(document: &Document) -> Evidence {
    let catalog = document.catalog();
    let store = catalog.as_ref().and_then(|c| c.get::<Dict<'_>>("DSS"));
    let list = |kind: &str| -> Vec<Vec<u8>> {
        let list = store.as_ref().and_then(|s| s.get::<Array<'_>>(kind));
        let Some(list) = list else {
            return Vec::new();
        };
        list.iter::<Stream<'_>>()
            .take(MAX_ENTRIES)
            .filter(|stream| Budget::of(MAX_ENTRY).stream(stream).is_ok())
            .filter_map(|stream| Some(stream.decoded_data().ok()?.to_vec()))
            .collect()
    };
    Evidence {
        certificates: list("Certs"),
        crls: list("CRLs"),
        ocsps: list("OCSPs"),
    }
}
