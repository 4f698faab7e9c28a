//! What a signature forbids to those who come after (ISO 32000-2 § 12.8.2).

use super::fields::decode_text;
use hayro_syntax::object::{Array, Dict, Name, String as PdfString};

/// Most names of a lock that are read; a bound for hostile files.
const MAX_NAMES: usize = 20_000;

/// One rule of an earlier signature.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Lock {
    /// No change but evidence and timestamps (DocMDP P=1).
    NoChanges,
    /// No new visible field (DocMDP P=2, P=3).
    NoNewField,
    /// These fields are locked (FieldMDP).
    Fields(LockedFields),
}

/// The fields that FieldMDP or a field's `/Lock` names.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum LockedFields {
    All,
    Only(Vec<String>),
    AllBut(Vec<String>),
}

impl LockedFields {
    /// Reads `/Action` and `/Fields`.
    pub fn read(parameters: &Dict<'_>) -> Option<Self> {
        let names = || -> Vec<String> {
            let list = parameters.get::<Array<'_>>("Fields").unwrap_or_default();
            list.iter::<PdfString<'_>>()
                .take(MAX_NAMES)
                .map(|name| decode_text(&name))
                .collect()
        };
        match parameters.get::<Name<'_>>("Action")?.as_ref() {
            b"All" => Some(Self::All),
            b"Include" => Some(Self::Only(names())),
            b"Exclude" => Some(Self::AllBut(names())),
            _ => None,
        }
    }

    /// Whether the field of this full name is among them.
    pub fn covers(&self, field: &str) -> bool {
        let listed = |names: &[String]| {
            names.iter().any(|name| {
                let below = field.strip_prefix(name.as_str());
                below.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            })
        };
        match self {
            Self::All => true,
            Self::Only(names) => listed(names),
            Self::AllBut(names) => !listed(names),
        }
    }
}

/// The rules of one signature.
pub(super) fn locks(signature: &Dict<'_>) -> Vec<Lock> {
    let Some(references) = signature.get::<Array<'_>>("Reference") else {
        return Vec::new();
    };
    references
        .iter::<Dict<'_>>()
        .filter_map(|reference| {
            let method = reference.get::<Name<'_>>("TransformMethod")?;
            let parameters = reference.get::<Dict<'_>>("TransformParams")?;
            match method.as_ref() {
                b"DocMDP" if parameters.get::<i32>("P") == Some(1) => Some(Lock::NoChanges),
                b"DocMDP" => Some(Lock::NoNewField),
                b"FieldMDP" => LockedFields::read(&parameters).map(Lock::Fields),
                _ => None,
            }
        })
        .collect()
}
