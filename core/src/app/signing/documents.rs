//! Documents of a batch as they are pulled through the channel: the phone asks for what it needs and hashes what it got.

use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::{Bytes, DocumentId};
use kapok_protocol::message::{DOC_PART_MAX, DOCUMENT_MAX_BYTES, DocGet, DocPart, ManifestEntry};
use sha2::{Digest, Sha256};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Pieces that are asked for ahead: as many as the relay's window holds.
const AHEAD: usize = 3;

/// Documents that are here or on their way.
#[derive(Default)]
pub(super) struct Documents {
    here: HashMap<DocumentId, Arc<Vec<u8>>>,
    pull: Option<Pull>,
}

struct Pull {
    doc: DocumentId,
    digest: Bytes,
    bytes: Vec<u8>,
    asked: u64,
    missing: BTreeSet<u64>,
}

/// What a piece led to.
pub(super) enum Piece {
    /// Ask for these next.
    More(Vec<DocGet>),
    /// The document is complete and its digest is the announced one.
    Complete(DocumentId, Arc<Vec<u8>>),
}

impl Documents {
    /// Starts to pull a document; gives the first requests.
    pub fn start(&mut self, entry: &ManifestEntry) -> Result<Vec<DocGet>, ErrorCode> {
        if entry.size == 0 {
            return Err(ErrorCode::DocEmpty);
        }
        if entry.size > DOCUMENT_MAX_BYTES {
            return Err(ErrorCode::DocSize);
        }
        let size = usize::try_from(entry.size).map_err(|_| ErrorCode::DocSize)?;
        let mut pull = Pull {
            doc: entry.doc,
            digest: entry.digest.clone(),
            bytes: vec![0; size],
            asked: 0,
            missing: BTreeSet::new(),
        };
        let first = (0..AHEAD).filter_map(|_| pull.ask()).collect();
        self.pull = Some(pull);
        Ok(first)
    }

    /// Takes a piece that was asked for.
    pub fn part(&mut self, part: &DocPart) -> Result<Piece, ErrorCode> {
        let pull = self
            .pull
            .as_mut()
            .filter(|pull| pull.doc == part.doc)
            .ok_or(ErrorCode::StateWrong)?;
        pull.put(part)?;
        if let Some(more) = pull.ask() {
            return Ok(Piece::More(vec![more]));
        }
        if !pull.missing.is_empty() {
            return Ok(Piece::More(Vec::new()));
        }
        let digest = Sha256::digest(&pull.bytes);
        let (doc, announced) = (pull.doc, pull.digest.clone());
        let bytes = Arc::new(std::mem::take(&mut pull.bytes));
        self.pull = None;
        if announced.0 != digest.as_slice() {
            return Err(ErrorCode::DocHash);
        }
        self.here.insert(doc, Arc::clone(&bytes));
        Ok(Piece::Complete(doc, bytes))
    }

    /// The document that is being pulled.
    pub fn pulling(&self) -> Option<DocumentId> {
        self.pull.as_ref().map(|pull| pull.doc)
    }

    /// A document that is here.
    pub fn get(&self, doc: DocumentId) -> Option<Arc<Vec<u8>>> {
        self.here.get(&doc).cloned()
    }

    /// Stops pulling and forgets one document.
    pub fn drop_one(&mut self, doc: DocumentId) {
        self.here.remove(&doc);
        if self.pulling() == Some(doc) {
            self.pull = None;
        }
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

impl Pull {
    fn ask(&mut self) -> Option<DocGet> {
        let left = (self.bytes.len() as u64)
            .checked_sub(self.asked)
            .filter(|left| *left > 0)?;
        let len = left.min(DOC_PART_MAX as u64) as u32;
        let get = DocGet {
            doc: self.doc,
            len,
            offset: self.asked,
        };
        self.missing.insert(self.asked);
        self.asked += u64::from(len);
        Some(get)
    }

    fn put(&mut self, part: &DocPart) -> Result<(), ErrorCode> {
        if !self.missing.contains(&part.offset) {
            return Err(ErrorCode::DocHash);
        }
        let wanted = (self.bytes.len() as u64 - part.offset).min(DOC_PART_MAX as u64) as usize;
        let start = part.offset as usize;
        let place = self
            .bytes
            .get_mut(start..start + wanted)
            .ok_or(ErrorCode::DocHash)?;
        if part.bytes.len() != wanted {
            return Err(ErrorCode::DocHash);
        }
        place.copy_from_slice(&part.bytes);
        self.missing.remove(&part.offset);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(bytes: &[u8]) -> ManifestEntry {
        ManifestEntry {
            doc: DocumentId([1; 16]),
            mime: "application/pdf".into(),
            name: "a.pdf".into(),
            size: bytes.len() as u64,
            pages: 1,
            digest: Bytes(Sha256::digest(bytes).to_vec()),
        }
    }

    fn part(bytes: &[u8], get: &DocGet) -> DocPart {
        let start = get.offset as usize;
        DocPart {
            doc: get.doc,
            bytes: bytes[start..start + get.len as usize].into(),
            offset: get.offset,
        }
    }

    /// Serves all requests, the newest first where `reversed`.
    fn pull(bytes: &[u8], reversed: bool) -> Result<Arc<Vec<u8>>, ErrorCode> {
        let mut documents = Documents::default();
        let mut asked = documents.start(&entry(bytes))?;
        assert!(asked.len() <= AHEAD);
        while !asked.is_empty() {
            let get = if reversed {
                asked.pop().unwrap()
            } else {
                asked.remove(0)
            };
            match documents.part(&part(bytes, &get))? {
                Piece::More(more) => asked.extend(more),
                Piece::Complete(doc, whole) => {
                    assert_eq!(documents.get(doc).unwrap(), whole);
                    return Ok(whole);
                }
            }
        }
        panic!("asked for nothing and is not complete")
    }

    #[test]
    fn a_document_is_pulled_in_pieces_in_any_order() {
        for size in [
            1,
            DOC_PART_MAX - 1,
            DOC_PART_MAX,
            DOC_PART_MAX + 1,
            5 * DOC_PART_MAX + 17,
        ] {
            let bytes: Vec<u8> = (0..size).map(|i| (i % 251) as u8).collect();
            assert_eq!(*pull(&bytes, false).unwrap(), bytes);
            assert_eq!(*pull(&bytes, true).unwrap(), bytes);
        }
    }

    #[test]
    fn pin_30_t5_a_document_that_differs_from_what_was_announced_is_refused() {
        let bytes = vec![7; 100];
        let mut documents = Documents::default();
        let asked = documents.start(&entry(&bytes)).unwrap();
        let mut swapped = part(&bytes, &asked[0]);
        swapped.bytes.0[50] ^= 1;
        assert_eq!(documents.part(&swapped).err(), Some(ErrorCode::DocHash));
        assert!(documents.get(DocumentId([1; 16])).is_none());
    }

    #[test]
    fn pieces_nobody_asked_for_and_pieces_of_another_length_are_refused() {
        let bytes = vec![7; 100];
        let mut documents = Documents::default();
        let asked = documents.start(&entry(&bytes)).unwrap();
        let mut elsewhere = part(&bytes, &asked[0]);
        elsewhere.offset = 10;
        assert_eq!(documents.part(&elsewhere).err(), Some(ErrorCode::DocHash));
        let mut short = part(&bytes, &asked[0]);
        short.bytes.0.pop();
        assert_eq!(documents.part(&short).err(), Some(ErrorCode::DocHash));
        let other = DocPart {
            doc: DocumentId([2; 16]),
            ..part(&bytes, &asked[0])
        };
        assert_eq!(documents.part(&other).err(), Some(ErrorCode::StateWrong));
    }

    #[test]
    fn empty_and_too_large_documents_are_refused_before_anything_is_allocated() {
        let mut documents = Documents::default();
        let mut huge = entry(b"x");
        huge.size = DOCUMENT_MAX_BYTES + 1;
        assert_eq!(documents.start(&huge).err(), Some(ErrorCode::DocSize));
        huge.size = 0;
        assert_eq!(documents.start(&huge).err(), Some(ErrorCode::DocEmpty));
    }
}
