//! The PIN guard: key schedule, messages and receipts.
//!
//! A six-digit PIN is protected by three parties that must come together: the phone's chip (`HwPrf`), the guard (a counted [VOPRF](crate::oprf)) and
//! the phone's own files. [`schedule`] derives every key; [`messages`] holds what phone and guard say; [`signed`] how it is signed;
//! [`receipt`] what a verifier checks.
//!
//! Encodings: `lp(x)` = 4-byte big-endian length, then x; integers big-endian; ids 16 bytes; points 33-byte compressed; ECDSA P-256 with
//! SHA-256 as 64-byte r ‖ s. Messages are deterministic CBOR arrays with the suite byte first.

pub mod code;
pub mod issue;
pub mod messages;
pub mod nonce;
pub mod receipt;
pub mod schedule;
pub mod signed;
#[cfg(test)]
mod tests;
pub mod wrap;

pub use code::{Code, CodeError};
pub use issue::IssueStatement;
pub use messages::*;
pub use nonce::{NONCE_LIFE_SECONDS, Nonce, NonceError};
pub use receipt::{RECEIPT_OID, Receipt, ReceiptError, verify_receipt};
pub use schedule::{
    Argon2Params, AuthKey, CertKey, HalfKey, Prk, SlotContext, commit_matches, intent,
    intent_object,
};
pub use signed::{Message, Signed, SignedError, Suite, Unsigned, raw_signature};
