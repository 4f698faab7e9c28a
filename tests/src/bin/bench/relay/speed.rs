//! How fast the relay carries: the round trip of 1 KiB from one end to the other and back, and a stream within its window.

use super::child::Relay;
use super::socket::{Socket, encoded, hear, kilobyte, pair, say};
use crate::cpu;
use crate::figure::Figure;
use crate::say as show;
use anyhow::Result;
use futures_util::future::try_join_all;
use futures_util::{SinkExt, StreamExt};
use indicatif::ProgressBar;
use kapok_protocol::cbor;
use kapok_protocol::relay::{FromRelay, ToRelay, WINDOW_FRAMES};
use std::time::Instant;
use tokio_tungstenite::tungstenite::Message;

const WARM: u64 = 200;
const ROUNDS: u64 = 1_000;
/// Pairs that speak at the same time.
const PAIRS: usize = 20;
const STREAM: u64 = 4_000;

/// Round trips with one pair alone and with twenty, then a stream of all.
pub fn measure(progress: &ProgressBar) -> Result<Vec<Figure>> {
    tokio::runtime::Runtime::new()?.block_on(run(progress))
}

async fn run(progress: &ProgressBar) -> Result<Vec<Figure>> {
    let mut relay = Relay::start()?;
    show(progress, "pairs", PAIRS);
    let mut figures = Vec::new();
    let alone = open(&mut relay, 1).await?;
    let (_alone, times) = round_trips(alone).await?;
    figures.push(Figure::new("round trip of 1 KiB, 1 pair", "ms", times));
    let many = open(&mut relay, PAIRS).await?;
    let (many, times) = round_trips(many).await?;
    figures.push(Figure::new("round trip of 1 KiB, 20 pairs", "ms", times));
    progress.inc(PAIRS as u64);

    let (started, before) = (Instant::now(), cpu::other_seconds(relay.id())?);
    let streams = many.into_iter().map(|pair| tokio::spawn(stream(pair)));
    for done in try_join_all(streams).await? {
        done?;
    }
    let frames = (PAIRS as u64 * STREAM) as f64;
    let each = (cpu::other_seconds(relay.id())? - before) / frames;
    let rate = frames / started.elapsed().as_secs_f64();
    figures.push(Figure::one("stream of 1 KiB frames, 20 pairs", "1/s", rate));
    figures.push(Figure::one("relay's CPU a frame", "µs", each * 1e6));
    Ok(figures)
}

async fn open(relay: &mut Relay, count: usize) -> Result<Vec<(Socket, Socket)>> {
    let mut open = Vec::with_capacity(count);
    for _ in 0..count {
        let ticket = relay.ticket()?;
        open.push(pair(&relay.address, ticket).await?);
    }
    Ok(open)
}

/// Round trips of all pairs at the same time, milliseconds.
async fn round_trips(pairs: Vec<(Socket, Socket)>) -> Result<(Vec<(Socket, Socket)>, Vec<f64>)> {
    let running = pairs.into_iter().map(|pair| tokio::spawn(one_pair(pair)));
    let (mut pairs, mut times) = (Vec::new(), Vec::new());
    for done in try_join_all(running).await? {
        let (pair, measured) = done?;
        times.extend(measured);
        pairs.push(pair);
    }
    Ok((pairs, times))
}

async fn one_pair((mut pc, mut phone): (Socket, Socket)) -> Result<((Socket, Socket), Vec<f64>)> {
    let mut times = Vec::with_capacity(ROUNDS as usize);
    for seq in 0..WARM + ROUNDS {
        let started = Instant::now();
        one_way(&mut pc, &mut phone, seq).await?;
        one_way(&mut phone, &mut pc, seq).await?;
        if seq >= WARM {
            times.push(started.elapsed().as_secs_f64() * 1e3);
        }
    }
    Ok(((pc, phone), times))
}

async fn one_way(from: &mut Socket, to: &mut Socket, seq: u64) -> Result<()> {
    say(from, &kilobyte(seq)).await?;
    while !matches!(hear(to).await?, FromRelay::Data { .. }) {}
    say(to, &ToRelay::Ack { upto: seq + 1 }).await
}

async fn stream((mut pc, mut phone): (Socket, Socket)) -> Result<()> {
    let first = WARM + ROUNDS;
    let last = first + STREAM;
    let receive = async move {
        let mut next = first;
        while next < last {
            if let FromRelay::Data { seq, .. } = hear(&mut phone).await? {
                next = seq + 1;
                if next.is_multiple_of(16) || next == last {
                    say(&mut phone, &ToRelay::Ack { upto: next }).await?;
                }
            }
        }
        anyhow::Ok(phone)
    };
    let send = async move {
        let (mut sent, mut acked) = (first, first);
        while acked < last {
            while sent < last && sent - acked < WINDOW_FRAMES as u64 {
                pc.feed(encoded(&kilobyte(sent))?).await?;
                sent += 1;
            }
            pc.flush().await?;
            if let Some(Message::Binary(bytes)) = pc.next().await.transpose()?
                && let FromRelay::Ack { upto } = cbor::decode(&bytes)?
            {
                acked = acked.max(upto);
            }
        }
        anyhow::Ok(pc)
    };
    // Both ends stay open until both are done.
    let (_pc, _phone) = tokio::try_join!(send, receive)?;
    Ok(())
}
