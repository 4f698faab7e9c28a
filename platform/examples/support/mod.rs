//! A relay in a child process, and endpoints that speak to it.
#![allow(dead_code, reason = "each example uses its part")]

use axum::Router;
use axum::extract::WebSocketUpgrade;
use axum::http::HeaderMap;
use axum::routing::any;
use axum::serve::ListenerExt;
use futures_util::{SinkExt, StreamExt};
use kapok_platform::relay::{LocalBus, run, upgrade};
use kapok_protocol::cbor;
use kapok_protocol::ids::SessionId;
use kapok_protocol::relay::{FromRelay, ToRelay};
use std::error::Error;
use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};
use tokio_util::sync::CancellationToken;

const ORIGIN: &str = "http://portal.test";

/// What an example gives back.
pub type Fallible<T> = Result<T, Box<dyn Error + Send + Sync>>;
/// An endpoint.
pub type Socket = WebSocketStream<TcpStream>;

/// Runs the relay if this process is the child; one worker, as the figures of the goals are per core.
pub fn served() -> Fallible<bool> {
    if std::env::args().nth(1).as_deref() != Some("serve") {
        return Ok(false);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    runtime.block_on(serve())?;
    Ok(true)
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
        async move { upgrade(ws, &headers, &[ORIGIN], bus, None) }
    };
    // As the platform's own listeners do: small frames must not wait for Nagle's timer.
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    println!("{address}");
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

/// The child.
pub struct Relay {
    child: Child,
    ask: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    /// Where it listens.
    pub address: String,
}

impl Relay {
    /// Starts it.
    pub fn start() -> Fallible<Self> {
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

    /// A fresh session's ticket.
    pub fn ticket(&mut self) -> Fallible<Vec<u8>> {
        self.ask.write_all(b"\n")?;
        let line = self.lines.next().ok_or("the relay ended")??;
        Ok(hex::decode(line)?)
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Anonymous resident memory, KiB.
    pub fn memory(&self) -> Fallible<f64> {
        let pid = self.pid();
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

/// A PC and a phone in one session.
pub async fn pair(address: &str, ticket: Vec<u8>) -> Fallible<(Socket, Socket)> {
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
    Ok((pc, phone))
}

/// One frame of 1 KiB and its acknowledgement.
pub async fn exchange(from: &mut Socket, to: &mut Socket, seq: u64) -> Fallible<()> {
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
    stream.set_nodelay(true)?;
    Ok(client_async_with_config(request, stream, Some(config))
        .await?
        .0)
}

/// Sends a frame.
pub async fn say(socket: &mut Socket, frame: &ToRelay) -> Fallible<()> {
    Ok(socket
        .send(Message::Binary(cbor::encode(frame)?.into()))
        .await?)
}

/// Waits for a frame.
pub async fn hear(socket: &mut Socket) -> Fallible<FromRelay> {
    loop {
        match socket.next().await.ok_or("closed")?? {
            Message::Binary(bytes) => return Ok(cbor::decode(&bytes)?),
            Message::Close(_) => return Err("closed".into()),
            _ => {}
        }
    }
}
