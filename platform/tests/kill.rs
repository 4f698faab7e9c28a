//! No acknowledged write is lost and no effect happens twice, whenever the process is killed.
//!
//! The program starts itself again as a child that writes and says `n` after each acknowledged effect, kills it with SIGKILL in the
//! midst, and lets the next child repeat what was not acknowledged under the same key. A main of its own, because a child must not
//! run the test runner.

// A main of one's own is a test all the same.
#![allow(clippy::expect_used)]

use kapok_platform::clock::SystemClock;
use kapok_platform::server::Failure;
use kapok_platform::store::StoreError;
use kapok_platform::store::idempotency::Once;
use kapok_platform::{Config, Platform, ProfileFile};
use kapok_protocol::ids::RequestId;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

const CHILD: &str = "KAPOK_KILL_TEST_DIR";
const ROUNDS: u64 = 20;

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    match std::env::var(CHILD) {
        Ok(dir) => runtime.block_on(write_on(Path::new(&dir))),
        Err(_) => {
            let dir = tempfile::tempdir().expect("a folder");
            let acknowledged = (0..ROUNDS).fold(0, |from, round| kill_one(dir.path(), from, round));
            runtime.block_on(count(dir.path(), acknowledged));
            println!("{ROUNDS} kills, {acknowledged} acknowledged, none lost, none doubled");
        }
    }
}

async fn open(dir: &Path) -> Arc<Platform> {
    let config = Config {
        dir: dir.to_owned(),
        https: "127.0.0.1:0".parse().expect("an address"),
        http: "127.0.0.1:0".parse().expect("an address"),
        profile: ProfileFile::yst().expect("the profile"),
        clock: Arc::new(SystemClock),
        pki_base: "http://127.0.0.1:1".into(),
        guard: Default::default(),
        token: None,
        development: true,
    };
    let urls = ("https://127.0.0.1:1".into(), "http://127.0.0.1:2".into());
    Platform::open(config, urls.0, urls.1)
        .await
        .expect("a platform")
}

/// The child: effects from the number on standard input, until it is killed.
async fn write_on(dir: &Path) {
    let platform = open(dir).await;
    let mut from = String::new();
    std::io::stdin().read_line(&mut from).expect("a number");
    let from: u64 = from.trim().parse().expect("a number");
    for n in from.. {
        effect(&platform, n).await.expect("an effect");
        println!("{n}");
        std::io::stdout().flush().expect("a pipe");
    }
}

async fn effect(platform: &Platform, n: u64) -> Result<(), Failure> {
    let once = Once {
        owner: b"kill test".to_vec(),
        route: "kill",
        key: RequestId(u128::from(n).to_be_bytes()),
        digest: [0; 32],
    };
    platform
        .once(once, move |tx| {
            Box::pin(async move {
                sqlx::query("INSERT INTO face_checks VALUES ($1, $2, $3, $4)")
                    .bind(rand::random::<[u8; 16]>().to_vec())
                    .bind(n.to_be_bytes().to_vec())
                    .bind(vec![0_u8])
                    .bind(0_i64)
                    .execute(&mut *tx)
                    .await?;
                Ok(())
            })
        })
        .await
}

/// Kills a child after some acknowledged effects; answers the first number that is not acknowledged.
fn kill_one(dir: &Path, from: u64, round: u64) -> u64 {
    let program = std::env::current_exe().expect("this program");
    let mut child = Command::new(program)
        .env(CHILD, dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a child");
    let mut input = child.stdin.take().expect("its input");
    writeln!(input, "{from}").expect("its input");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let enough = from + 3 + round * 7 % 11;
    let mut next = from;
    while next < enough {
        let line = lines.next().expect("a line").expect("a line");
        next = line.parse::<u64>().expect("a number") + 1;
    }
    child.kill().expect("a kill");
    // What it had said before the kill arrived counts as acknowledged too.
    for line in lines.map_while(Result::ok) {
        next = line.parse::<u64>().map_or(next, |n| n + 1);
    }
    child.wait().expect("its end");
    next
}

async fn count(dir: &Path, acknowledged: u64) {
    let platform = open(dir).await;
    let rows: Vec<Vec<u8>> = sqlx::query_scalar("SELECT person_mac FROM face_checks")
        .fetch_all(platform.db.reader())
        .await
        .expect("rows");
    let mut times: HashMap<Vec<u8>, u32> = HashMap::new();
    for row in rows {
        *times.entry(row).or_default() += 1;
    }
    for n in 0..acknowledged {
        let found = times.get(n.to_be_bytes().as_slice());
        assert_eq!(found, Some(&1), "effect {n} of {acknowledged}");
    }
    // One more may have been written and not acknowledged.
    assert!(times.values().all(|t| *t == 1) && times.len() as u64 <= acknowledged + 1);
    let intact: String = sqlx::query_scalar("PRAGMA integrity_check")
        .fetch_one(platform.db.reader())
        .await
        .map_err(StoreError::from)
        .expect("a check");
    assert_eq!(intact, "ok");
    platform.close().await;
}
