//! A PIN guard in a process of its own, for tests that kill it: messages in on standard input, answers out, a line each, as
//! `number name hex` and `number hex`. `number !` is a failure, after which the same message may be sent again.
//!
//! Called with the folder of its keys, and the address of a PostgreSQL unless it is to keep a file.

use anyhow::{Context as _, Result};
use kapok_platform::clock::SystemClock;
use kapok_platform::config::GuardSettings;
use kapok_platform::guard::Guard;
use kapok_platform::keys::Keys;
use kapok_platform::role_keys::RoleKeys;
use kapok_protocol::guard::Signed;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::runtime::Handle;

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let dir = PathBuf::from(arguments.next().context("a folder")?);
    let keys = Keys::open(&dir)?;
    let face = *RoleKeys::open(&keys, "face")?.sign_public();
    let settings = GuardSettings {
        database: arguments.next(),
        copies: None,
    };
    let guard = Guard::open(&dir, &settings, &keys, Arc::new(SystemClock), face).await?;
    say("ready")?;
    let (runtime, answering) = (Handle::current(), Arc::clone(&guard));
    let read = move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            runtime.spawn(answer(Arc::clone(&answering), line));
        }
    };
    tokio::task::spawn_blocking(read).await?;
    guard.close().await;
    Ok(())
}

async fn answer(guard: Arc<Guard>, line: String) -> Result<()> {
    let mut words = line.split(' ');
    let mut word = || words.next().context("three words");
    let (number, name, message) = (
        word()?,
        word()?,
        Signed::from_bytes(&hex::decode(word()?)?)?,
    );
    match guard.answer(name, message).await {
        Ok(reply) => say(&format!("{number} {}", hex::encode(reply.to_bytes()?))),
        Err(_) => say(&format!("{number} !")),
    }
}

fn say(line: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}
