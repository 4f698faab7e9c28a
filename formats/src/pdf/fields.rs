//! Walking the form's field tree for signature fields.

use hayro_syntax::object::{Array, Dict, MaybeRef, Name, Object, ObjectIdentifier};
use hayro_syntax::xref::XRef;
use std::collections::HashSet;

/// More fields than any form has; a bound for hostile files.
const MAX_FIELDS: usize = 20_000;
const MAX_DEPTH: usize = 32;

/// One signature field; `value` is its signature dictionary if it was signed or prepared.
pub(super) struct SignatureField<'a> {
    /// Its object, if it is one of its own.
    pub id: Option<ObjectIdentifier>,
    pub name: String,
    pub value: Option<Dict<'a>>,
    pub dict: Dict<'a>,
}

struct Node<'a> {
    dict: Dict<'a>,
    name: String,
    is_signature: bool,
    value: Option<Dict<'a>>,
    depth: usize,
}

/// All signature fields in document order.
pub(super) fn signature_fields<'a>(form: &Dict<'a>, xref: &'a XRef) -> Vec<SignatureField<'a>> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    let mut budget = MAX_FIELDS;
    let root = Node {
        dict: form.clone(),
        name: String::new(),
        is_signature: false,
        value: None,
        depth: 0,
    };
    let mut waiting = children(&root, "Fields", xref, &mut seen, &mut budget);
    waiting.reverse();
    while let Some(mut node) = waiting.pop() {
        if let Some(kind) = node.dict.get::<Name<'_>>("FT") {
            node.is_signature = kind.as_ref() == b"Sig";
        }
        node.value = node.dict.get::<Dict<'_>>("V").or(node.value);
        let mut kids = children(&node, "Kids", xref, &mut seen, &mut budget);
        // Kids without a name are the field's widgets, not fields.
        kids.retain(|kid| kid.dict.contains_key("T"));
        if kids.is_empty() && node.is_signature {
            found.push(SignatureField {
                id: node.dict.obj_id(),
                name: node.name,
                value: node.value,
                dict: node.dict,
            });
            continue;
        }
        kids.reverse();
        waiting.append(&mut kids);
    }
    found
}

/// Partial names of the form's root fields: a new field must not repeat one.
pub(super) fn root_names(form: &Dict<'_>, xref: &XRef) -> HashSet<Vec<u8>> {
    let Some(fields) = form.get::<Array<'_>>("Fields") else {
        return HashSet::new();
    };
    fields
        .raw_iter()
        .take(MAX_FIELDS)
        .filter_map(|f| text(&resolve(f, xref)?, "T"))
        .collect()
}

fn children<'a>(
    parent: &Node<'a>,
    key: &str,
    xref: &'a XRef,
    seen: &mut HashSet<ObjectIdentifier>,
    budget: &mut usize,
) -> Vec<Node<'a>> {
    let Some(list) = parent
        .dict
        .get::<Array<'a>>(key)
        .filter(|_| parent.depth < MAX_DEPTH)
    else {
        return Vec::new();
    };
    let mut nodes = Vec::new();
    for item in list.raw_iter() {
        if *budget == 0 {
            break;
        }
        *budget -= 1;
        if item.as_obj_ref().is_some_and(|r| !seen.insert(r.into())) {
            continue;
        }
        let Some(dict) = resolve(item, xref) else {
            continue;
        };
        let own = text(&dict, "T")
            .map(|t| decode_text(&t))
            .unwrap_or_default();
        let name = match (parent.name.is_empty(), own.is_empty()) {
            (true, _) => own,
            (false, true) => parent.name.clone(),
            (false, false) => format!("{}.{own}", parent.name),
        };
        nodes.push(Node {
            dict,
            name,
            is_signature: parent.is_signature,
            value: parent.value.clone(),
            depth: parent.depth + 1,
        });
    }
    nodes
}

fn resolve<'a>(item: MaybeRef<Object<'a>>, xref: &'a XRef) -> Option<Dict<'a>> {
    match item {
        MaybeRef::Ref(reference) => xref.get::<Dict<'a>>(reference.into()),
        MaybeRef::NotRef(object) => object.into_dict(),
    }
}

/// The bytes of a string entry.
pub(super) fn text(dict: &Dict<'_>, key: &str) -> Option<Vec<u8>> {
    Some(dict.get::<hayro_syntax::object::String<'_>>(key)?.to_vec())
}

/// A text string (ISO 32000-2 § 7.9.2.2): UTF-16BE or UTF-8 by its mark, else bytes as Latin-1.
pub(super) fn decode_text(bytes: &[u8]) -> String {
    if let Some(rest) = bytes.strip_prefix(&[0xfe, 0xff]) {
        let units: Vec<u16> = rest
            .chunks_exact(2)
            .map(|c| c.iter().fold(0, |unit, byte| unit << 8 | u16::from(*byte)))
            .collect();
        return String::from_utf16_lossy(&units);
    }
    if let Some(rest) = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]) {
        return String::from_utf8_lossy(rest).into_owned();
    }
    bytes.iter().map(|b| char::from(*b)).collect()
}
