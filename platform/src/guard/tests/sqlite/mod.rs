//! The guard on a file.

use super::*;

mod files;
// Once more, with the other `new_bench`.
#[allow(clippy::duplicate_mod)]
#[path = "../suite.rs"]
mod suite;

/// Lets the disk of one account's attempts be full.
pub const FULL: &[&str] = &["CREATE TRIGGER disk_full BEFORE INSERT ON attempts
     WHEN new.account = x'01010101010101010101010101010101'
     BEGIN SELECT RAISE(ABORT, 'disk full'); END"];
/// Ends it.
pub const FREE: &str = "DROP TRIGGER disk_full";

/// A guard on a file of its own.
pub async fn new_bench() -> Bench {
    Bench::on(GuardSettings::default()).await
}
