//! Enums of the wire as words in a column: the same words that JSON uses.

use super::StoreError;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The word of a unit variant.
pub fn word<T: Serialize>(value: &T) -> Result<String, StoreError> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Ok(word),
        _ => Err(StoreError::Damaged("word")),
    }
}

/// The variant of a word.
pub fn of_word<T: DeserializeOwned>(column: &'static str, word: &str) -> Result<T, StoreError> {
    serde_json::from_value(serde_json::Value::from(word)).map_err(|_| StoreError::Damaged(column))
}

/// Fixed-size bytes of a column.
pub fn array<const N: usize>(column: &'static str, bytes: &[u8]) -> Result<[u8; N], StoreError> {
    bytes.try_into().map_err(|_| StoreError::Damaged(column))
}
