//! How fast the relay carries: `cargo run --release -p kapok-platform --example relay_speed -- [pairs] [idle sockets]`.
//!
//! The relay runs in a child process with one worker. First the round trip: each pair sends 1 KiB to the phone and back, 300 times, one
//! after the other; printed are p50 and p99 in milliseconds. Then the stream: each PC sends 2,000 frames of 1 KiB within its window;
//! printed are frames a second and the relay's CPU time a frame. Linux only: it reads `/proc`.

#[path = "support/mod.rs"]
mod support;

use futures_util::future::try_join_all;
use futures_util::{SinkExt, StreamExt};
use kapok_protocol::cbor;
use kapok_protocol::relay::{FromRelay, ToRelay, WINDOW_FRAMES};
use std::time::{Duration, Instant};
use support::{Fallible, Relay, Socket, hear, pair, say, served};
use tokio_tungstenite::tungstenite::Message;

const ROUNDS: u64 = 300;
const STREAM: u64 = 2_000;
/// Clock ticks of `/proc` in a second: fixed on Linux.
const TICKS: f64 = 100.0;

fn main() -> Fallible<()> {
    if served()? {
        return Ok(());
    }
    let mut arguments = std::env::args().skip(1);
    let pairs = arguments.next().map_or(Ok(20), |text| text.parse())?;
    let idle = arguments.next().map_or(Ok(0), |text| text.parse())?;
    tokio::runtime::Runtime::new()?.block_on(measure(pairs, idle))
}

async fn measure(pairs: usize, idle: usize) -> Fallible<()> {
    let mut relay = Relay::start()?;
    let mut quiet: Vec<(Socket, Socket)> = Vec::new();
    for _ in 0..idle / 2 {
        let ticket = relay.ticket()?;
        quiet.push(pair(&relay.address, ticket).await?);
    }
    let mut open = Vec::new();
    for _ in 0..pairs {
        let ticket = relay.ticket()?;
        open.push(pair(&relay.address, ticket).await?);
    }
    let rounds = open.into_iter().map(|pair| tokio::spawn(round_trips(pair)));
    let mut times = Vec::new();
    let mut open = Vec::new();
    for done in try_join_all(rounds).await? {
        let (pair, measured) = done?;
        times.extend(measured);
        open.push(pair);
    }
    times.sort();
    let at = |share: f64| {
        times
            .get((times.len() as f64 * share) as usize)
            .copied()
            .unwrap_or_default()
            .as_secs_f64()
            * 1000.0
    };
    println!(
        "round trip of 1 KiB, {pairs} pairs among {idle} idle sockets: p50 {:.2} ms, p99 {:.2} ms",
        at(0.5),
        at(0.99)
    );

    let (started, before) = (Instant::now(), cpu(&relay)?);
    let streams = open.into_iter().map(|pair| tokio::spawn(stream(pair)));
    for done in try_join_all(streams).await? {
        done?;
    }
    let frames = (pairs as u64 * STREAM) as f64;
    let each = (cpu(&relay)? - before) / frames * 1e6;
    println!(
        "stream of 1 KiB: {:.0} frames/s, {each:.1} µs of the relay's CPU a frame",
        frames / started.elapsed().as_secs_f64()
    );
    drop(quiet);
    Ok(())
}

/// The relay's CPU time, user and system, in seconds.
fn cpu(relay: &Relay) -> Fallible<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", relay.pid()))?;
    // Fields 14 and 15 of the line, counted behind the name in brackets, which may hold spaces.
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    let ticks = |at: usize| {
        fields
            .get(at)
            .and_then(|text| text.parse::<f64>().ok())
            .ok_or("no CPU time")
    };
    Ok((ticks(11)? + ticks(12)?) / TICKS)
}

async fn round_trips(
    (mut pc, mut phone): (Socket, Socket),
) -> Fallible<((Socket, Socket), Vec<Duration>)> {
    let mut times = Vec::with_capacity(ROUNDS as usize);
    for seq in 0..ROUNDS {
        let started = Instant::now();
        one_way(&mut pc, &mut phone, seq).await?;
        one_way(&mut phone, &mut pc, seq).await?;
        times.push(started.elapsed());
    }
    Ok(((pc, phone), times))
}

async fn one_way(from: &mut Socket, to: &mut Socket, seq: u64) -> Fallible<()> {
    say(
        from,
        &ToRelay::Data {
            seq,
            bytes: [5; 1024].into(),
        },
    )
    .await?;
    while !matches!(hear(to).await?, FromRelay::Data { .. }) {}
    say(to, &ToRelay::Ack { upto: seq + 1 }).await
}

async fn stream((mut pc, mut phone): (Socket, Socket)) -> Fallible<()> {
    let last = ROUNDS + STREAM;
    let receive = async move {
        let mut next = ROUNDS;
        while next < last {
            if let FromRelay::Data { seq, .. } = hear(&mut phone).await? {
                next = seq + 1;
                if next.is_multiple_of(16) || next == last {
                    say(&mut phone, &ToRelay::Ack { upto: next }).await?;
                }
            }
        }
        Fallible::Ok(phone)
    };
    let send = async move {
        let (mut sent, mut acked) = (ROUNDS, ROUNDS);
        while acked < last {
            while sent < last && sent - acked < WINDOW_FRAMES as u64 {
                let frame = ToRelay::Data {
                    seq: sent,
                    bytes: [5; 1024].into(),
                };
                pc.feed(Message::Binary(cbor::encode(&frame)?.into()))
                    .await?;
                sent += 1;
            }
            pc.flush().await?;
            if let Some(Message::Binary(bytes)) = pc.next().await.transpose()?
                && let FromRelay::Ack { upto } = cbor::decode(&bytes)?
            {
                acked = acked.max(upto);
            }
        }
        Fallible::Ok(pc)
    };
    // Both ends stay open until both are done.
    let (_pc, _phone) = tokio::try_join!(send, receive)?;
    Ok(())
}
