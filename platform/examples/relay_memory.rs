//! How much memory an idle socket costs the relay: `cargo run --release -p kapok-platform --example relay_memory -- [sockets] [frames]`.
//!
//! The relay runs in a child process; what counts is the growth of its `RssAnon`, divided by the sockets (half of them PCs, half phones,
//! all paired). With `frames` every socket first gets so many frames of 1 KiB, to see what a burst leaves behind. Ends with 1 when a socket
//! costs more than 12 KiB. Linux only: it reads `/proc`.

#[path = "support/mod.rs"]
mod support;

use futures_util::{StreamExt, stream};
use std::time::Duration;
use support::{Fallible, Relay, Socket, exchange, pair, served};

const LIMIT_KIB: f64 = 12.0;
/// Connections that are made beside each other.
const AT_ONCE: usize = 64;

fn main() -> Fallible<()> {
    if served()? {
        return Ok(());
    }
    let mut arguments = std::env::args().skip(1);
    let sockets = arguments.next().map_or(Ok(10_000), |text| text.parse())?;
    let frames = arguments.next().map_or(Ok(0), |text| text.parse())?;
    tokio::runtime::Runtime::new()?.block_on(measure(sockets, frames))
}

async fn measure(sockets: usize, frames: u64) -> Fallible<()> {
    let mut relay = Relay::start()?;
    // A few sessions first, so that what every process needs once is not counted.
    let warm = pairs(&mut relay, 8, frames).await?;
    let before = relay.memory()?;
    let open = pairs(&mut relay, sockets / 2, frames).await?;
    // What was only needed to join is given back by then.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let each = (relay.memory()? - before) / (open.len() * 2) as f64;
    println!(
        "{} sockets, {frames} frames each: {each:.2} KiB a socket (limit {LIMIT_KIB})",
        open.len() * 2
    );
    drop(warm);
    if each > LIMIT_KIB {
        Err("an idle socket costs too much".into())
    } else {
        Ok(())
    }
}

async fn pairs(relay: &mut Relay, count: usize, frames: u64) -> Fallible<Vec<(Socket, Socket)>> {
    let mut open = Vec::with_capacity(count);
    while open.len() < count {
        let mut tickets = Vec::new();
        for _ in 0..AT_ONCE.min(count - open.len()) {
            tickets.push(relay.ticket()?);
        }
        let address = relay.address.as_str();
        let made = stream::iter(tickets)
            .map(|ticket| used(address, ticket, frames))
            .buffer_unordered(AT_ONCE);
        for pair in made.collect::<Vec<_>>().await {
            open.push(pair?);
        }
    }
    Ok(open)
}

async fn used(address: &str, ticket: Vec<u8>, frames: u64) -> Fallible<(Socket, Socket)> {
    let (mut pc, mut phone) = pair(address, ticket).await?;
    for seq in 0..frames {
        exchange(&mut pc, &mut phone, seq).await?;
        exchange(&mut phone, &mut pc, seq).await?;
    }
    Ok((pc, phone))
}
