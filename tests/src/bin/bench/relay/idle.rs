//! What an idle socket costs the relay: the growth of its `RssAnon` by 10,000 sockets, half of them PCs, half phones, all paired.
//!
//! Measured twice: sockets that never carried a frame, and sockets of which each has carried some, to see what a burst leaves.

use super::child::Relay;
use super::socket::{Socket, hear, kilobyte, pair, say};
use crate::figure::{Figure, Must};
use crate::say as show;
use anyhow::Result;
use futures_util::{StreamExt, stream};
use indicatif::ProgressBar;
use kapok_protocol::relay::{FromRelay, ToRelay};
use std::time::{Duration, Instant};

const SOCKETS: usize = 10_000;
/// Frames of 1 KiB that a used socket has sent, and as many that it has received.
const USED: u64 = 4;
const LIMIT_KIB: f64 = 12.0;
/// So long may the memory stay as it is before it counts as settled.
const CALM: Duration = Duration::from_secs(2);
/// Connections that are made beside each other.
const AT_ONCE: usize = 64;

/// KiB a socket.
pub fn measure(progress: &ProgressBar) -> Result<Vec<Figure>> {
    let runtime = tokio::runtime::Runtime::new()?;
    let each = |frames| runtime.block_on(idle(progress, frames));
    let what = |which| format!("memory of an idle socket, {which}");
    Ok(vec![
        Figure::one(what("unused"), "KiB", each(0)?).must(Must::AtMost(LIMIT_KIB)),
        Figure::one(what("after 8 frames"), "KiB", each(USED)?).must(Must::AtMost(LIMIT_KIB)),
    ])
}

async fn idle(progress: &ProgressBar, frames: u64) -> Result<f64> {
    show(progress, "sockets", SOCKETS);
    let mut relay = Relay::start()?;
    // A few sessions first, so that what every process needs once is not counted.
    let _warm = pairs(&mut relay, 8, frames, &ProgressBar::hidden()).await?;
    let before = relay.memory()?;
    let open = pairs(&mut relay, SOCKETS / 2, frames, progress).await?;
    Ok((settled(&mut relay).await? - before) / (open.len() * 2) as f64)
}

/// The memory once it no longer falls: what was only needed to join is given back late.
async fn settled(relay: &mut Relay) -> Result<f64> {
    let mut least = relay.memory()?;
    let mut since = Instant::now();
    while since.elapsed() < CALM {
        tokio::time::sleep(CALM / 8).await;
        let now = relay.memory()?;
        if now < least {
            (least, since) = (now, Instant::now());
        }
    }
    Ok(least)
}

async fn pairs(
    relay: &mut Relay,
    count: usize,
    frames: u64,
    progress: &ProgressBar,
) -> Result<Vec<(Socket, Socket)>> {
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
            progress.inc(2);
        }
    }
    Ok(open)
}

async fn used(address: &str, ticket: Vec<u8>, frames: u64) -> Result<(Socket, Socket)> {
    let (mut pc, mut phone) = pair(address, ticket).await?;
    for seq in 0..frames {
        exchange(&mut pc, &mut phone, seq).await?;
        exchange(&mut phone, &mut pc, seq).await?;
    }
    Ok((pc, phone))
}

/// One frame and its acknowledgement.
async fn exchange(from: &mut Socket, to: &mut Socket, seq: u64) -> Result<()> {
    say(from, &kilobyte(seq)).await?;
    while !matches!(hear(to).await?, FromRelay::Data { .. }) {}
    say(to, &ToRelay::Ack { upto: seq + 1 }).await?;
    while !matches!(hear(from).await?, FromRelay::Ack { .. }) {}
    Ok(())
}
