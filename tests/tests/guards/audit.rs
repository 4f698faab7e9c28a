//! The guard's database read with our own eyes.

use kapok_platform::store::engine::Store;
use kapok_platform::store::guard::MIGRATIONS;
use kapok_platform::store::statement::sql;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::path::Path;

type Row = (
    i64,
    i64,
    Vec<u8>,
    Vec<u8>,
    String,
    Vec<u8>,
    Option<Vec<u8>>,
    Vec<u8>,
);

/// How often each event of a request stands in the log.
pub type Events = HashMap<(String, Vec<u8>), u32>;

/// Checks the chain, and the count of each phone against its lines.
pub async fn audit(dir: &Path, database: Option<&str>) -> Events {
    let store = Store::open(&dir.join("guard.db"), database, 1, &MIGRATIONS).await;
    let store = store.unwrap();
    let lines = "SELECT n, at, account, device, event, request, nonce, hash FROM log ORDER BY n";
    let rows: Vec<Row> = sql(lines).fetch_all(store.reader()).await.unwrap();
    chain(&rows);
    let phones = "SELECT account, fails FROM phones";
    let phones: Vec<(Vec<u8>, i64)> = sql(phones).fetch_all(store.reader()).await.unwrap();
    assert!(!phones.is_empty());
    for (account, fails) in phones {
        let own = rows.iter().rev().filter(|row| row.2 == account);
        let since = own.take_while(|row| !matches!(row.4.as_str(), "confirm" | "commit"));
        let counted = since.filter(|row| row.4 == "eval").count();
        assert_eq!(i64::try_from(counted).unwrap(), fails, "tries that count");
    }
    store.close().await;
    let mut events = Events::new();
    for row in rows {
        *events.entry((row.4, row.5)).or_default() += 1;
    }
    events
}

fn chain(rows: &[Row]) {
    let mut before = vec![0; 32];
    for (number, row) in (1..).zip(rows) {
        let (n, at, account, device, event, request, nonce, hash) = row;
        assert_eq!(*n, number, "a line is missing");
        let own = Sha256::new()
            .chain_update(&before)
            .chain_update(n.to_be_bytes())
            .chain_update(at.to_be_bytes())
            .chain_update(account)
            .chain_update(device)
            .chain_update((event.len() as u64).to_be_bytes())
            .chain_update(event)
            .chain_update(request)
            .chain_update(nonce.as_deref().unwrap_or_default());
        before = own.finalize().to_vec();
        assert_eq!(before, *hash, "line {n} does not follow the one before");
    }
}
