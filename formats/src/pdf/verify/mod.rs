//! What anyone can say of a signed PDF: for each signature who, when, what it covers, what came after it, whether its certificate can be
//! trusted, and its level (ETSI EN 319 102-1, EN 319 142-1).

mod changes;
mod report;

pub use changes::Change;
pub use report::{Level, Report, SignatureReport, Time, Trust, Verdict, verify};
