//! The guard on a server.

use super::*;

mod copies;
mod server;
// Once more, with the other `new_bench`.
#[allow(clippy::duplicate_mod)]
#[path = "../suite.rs"]
mod suite;

/// Lets the disk of one account's attempts be full.
pub const FULL: &[&str] = &[
    "CREATE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS
     $$ BEGIN RAISE EXCEPTION 'disk full'; END $$",
    r"CREATE TRIGGER disk_full BEFORE INSERT ON attempts FOR EACH ROW
      WHEN (new.account = '\x01010101010101010101010101010101') EXECUTE FUNCTION disk_full()",
];
/// Ends it.
pub const FREE: &str = "DROP TRIGGER disk_full ON attempts";

/// A guard on a schema of its own.
pub async fn new_bench() -> Bench {
    Bench::on(GuardSettings {
        database: Some(cluster::shared().schema()),
        copies: None,
    })
    .await
}
