//! How much memory an idle socket costs the relay: `cargo run --release -p kapok-platform --example relay_memory -- [sockets] [frames]`.
//!
//! The relay runs in a child process; what counts is the growth of its `RssAnon`, divided by the sockets (half of them PCs, half phones,
//! all paired). With `frames` every socket first gets so many frames of 1 KiB, to see what a burst leaves behind. Ends with 1 when a socket
//! costs more than 12 KiB. Linux only: it reads `/proc`.

use axum::Router;
use axum::extract::WebSocketUpgrade;
use axum::http::HeaderMap;
use axum::routing::any;
use futures_util::{SinkExt, StreamExt, stream};
use kapok_platform::relay::{LocalBus, run, upgrade};
use kapok_protocol::cbor;
use kapok_protocol::ids::SessionId;
use kapok_protocol::relay::{FromRelay, ToRelay};
use std::error::Error;
use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};
use tokio_util::sync::CancellationToken;

const ORIGIN: &str = "http://portal.test";
const LIMIT_KIB: f64 = 12.0;
/// Connections that are made beside each other.
const AT_ONCE: usize = 64;

type Fallible<T> = Result<T, Box<dyn Error + Send + Sync>>;
type Socket = WebSocketStream<TcpStream>;

fn main() -> Fallible<()> {
    let mut arguments = std::env::args().skip(1);
    let first = arguments.next();
    if first.as_deref() == Some("serve") {
        // One worker, as the figures of the goals are per core.
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        return runtime.block_on(serve());
    }
    let sockets = first.map_or(Ok(10_000), |text| text.parse())?;
    let frames = arguments.next().map_or(Ok(0), |text| text.parse())?;
    tokio::runtime::Runtime::new()?.block_on(measure(sockets, frames))
}

/// The child: prints its address, then a ticket for every line it reads.
async fn serve() -> Fallible<()> {
    let now = || {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_millis() as u64)
    };
    let bus = Arc::new(LocalBus::new(Arc::new(now)));
    tokio::spawn(run(Arc::clone(&bus), CancellationToken::new()));
    let shared = Arc::clone(&bus);
    let handler = move |ws: WebSocketUpgrade, headers: HeaderMap| {
        let bus = Arc::clone(&shared);
        async move { upgrade(ws, &headers, &[ORIGIN], bus) }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    let app = Router::new().route("/v1/relay", any(handler));
    tokio::spawn(async move { axum::serve(listener, app).await });
    let tickets = move || {
        for _ in std::io::stdin().lines().map_while(Result::ok) {
            let made = bus.create().map_err(|code| code.as_str())?;
            println!("{}", hex::encode(made.ticket.as_slice()));
        }
        Ok(())
    };
    tokio::task::spawn_blocking(tickets).await?
}

struct Relay {
    child: Child,
    ask: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    address: String,
}

impl Relay {
    fn start() -> Fallible<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("serve")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let ask = child.stdin.take().ok_or("no stdin")?;
        let mut lines = BufReader::new(child.stdout.take().ok_or("no stdout")?).lines();
        let address = lines.next().ok_or("the relay did not start")??;
        Ok(Self {
            child,
            ask,
            lines,
            address,
        })
    }

    fn ticket(&mut self) -> Fallible<Vec<u8>> {
        self.ask.write_all(b"\n")?;
        let line = self.lines.next().ok_or("the relay ended")??;
        Ok(hex::decode(line)?)
    }

    /// Anonymous resident memory, KiB.
    fn memory(&self) -> Fallible<f64> {
        let pid = self.child.id();
        let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("RssAnon:"))
            .ok_or("no RssAnon")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
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
            .map(|ticket| pair(address, ticket, frames))
            .buffer_unordered(AT_ONCE);
        for pair in made.collect::<Vec<_>>().await {
            open.push(pair?);
        }
    }
    Ok(open)
}

async fn pair(address: &str, ticket: Vec<u8>, frames: u64) -> Fallible<(Socket, Socket)> {
    let sid = SessionId::from_slice(ticket.get(..16).ok_or("short ticket")?)?;
    let mut pc = connect(address, true).await?;
    let (commit, verifier) = ([1; 32].into(), [2; 32].into());
    say(
        &mut pc,
        &ToRelay::Attach {
            commit,
            ticket: ticket.into(),
            verifier,
        },
    )
    .await?;
    let (mac, frame) = loop {
        if let FromRelay::Frame { mac, frame, .. } = hear(&mut pc).await? {
            break (mac, frame);
        }
    };
    let mut phone = connect(address, false).await?;
    let (commit, verifier) = ([1; 32].into(), [3; 32].into());
    say(
        &mut phone,
        &ToRelay::Claim {
            m1: [4; 300].into(),
            mac,
            sid,
            frame,
            commit,
            verifier,
        },
    )
    .await?;
    while hear(&mut phone).await? != (FromRelay::ClaimOk {}) {}
    while !matches!(hear(&mut pc).await?, FromRelay::Claimed { .. }) {}
    for seq in 0..frames {
        exchange(&mut pc, &mut phone, seq).await?;
        exchange(&mut phone, &mut pc, seq).await?;
    }
    Ok((pc, phone))
}

async fn exchange(from: &mut Socket, to: &mut Socket, seq: u64) -> Fallible<()> {
    say(
        from,
        &ToRelay::Data {
            seq,
            bytes: [5; 1024].into(),
        },
    )
    .await?;
    while !matches!(hear(to).await?, FromRelay::Data { .. }) {}
    say(to, &ToRelay::Ack { upto: seq + 1 }).await?;
    while !matches!(hear(from).await?, FromRelay::Ack { .. }) {}
    Ok(())
}

async fn connect(address: &str, browser: bool) -> Fallible<Socket> {
    let mut request = format!("ws://{address}/v1/relay").into_client_request()?;
    if browser {
        request.headers_mut().insert("origin", ORIGIN.parse()?);
    }
    let config = WebSocketConfig::default()
        .read_buffer_size(1024)
        .write_buffer_size(0);
    let stream = TcpStream::connect(address).await?;
    Ok(client_async_with_config(request, stream, Some(config))
        .await?
        .0)
}

async fn say(socket: &mut Socket, frame: &ToRelay) -> Fallible<()> {
    Ok(socket
        .send(Message::Binary(cbor::encode(frame)?.into()))
        .await?)
}

async fn hear(socket: &mut Socket) -> Fallible<FromRelay> {
    loop {
        match socket.next().await.ok_or("closed")?? {
            Message::Binary(bytes) => return Ok(cbor::decode(&bytes)?),
            Message::Close(_) => return Err("closed".into()),
            _ => {}
        }
    }
}
