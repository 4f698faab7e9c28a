//! The relay's process: prints its address, then a fresh session's ticket for every line it reads.

use crate::RELAY;
use anyhow::{Context as _, Result, anyhow};
use axum::Router;
use axum::extract::WebSocketUpgrade;
use axum::http::HeaderMap;
use axum::routing::any;
use axum::serve::ListenerExt;
use kapok_platform::clock::{Clock as _, SystemClock};
use kapok_platform::relay::{LocalBus, run, upgrade};
use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// The browser's origin.
pub const ORIGIN: &str = "http://portal.test";

/// Is the relay until standard input ends.
pub fn serve() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    runtime.block_on(listen())
}

async fn listen() -> Result<()> {
    let now = || u64::try_from(SystemClock.micros() / 1000).unwrap_or(0);
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
            let made = bus.create().map_err(|code| anyhow!(code.as_str()))?;
            println!("{}", hex::encode(made.ticket.as_slice()));
        }
        Ok(())
    };
    tokio::task::spawn_blocking(tickets).await?
}

/// The child; it ends with this value.
pub struct Relay {
    child: Child,
    ask: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    /// Where it listens.
    pub address: String,
}

impl Relay {
    /// Starts it.
    pub fn start() -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg(RELAY)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let ask = child.stdin.take().context("no stdin")?;
        let mut lines = BufReader::new(child.stdout.take().context("no stdout")?).lines();
        let address = lines.next().context("the relay did not start")??;
        Ok(Self {
            child,
            ask,
            lines,
            address,
        })
    }

    /// A fresh session's ticket.
    pub fn ticket(&mut self) -> Result<Vec<u8>> {
        self.ask.write_all(b"\n")?;
        let line = self.lines.next().context("the relay ended")??;
        Ok(hex::decode(line)?)
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Anonymous resident memory, KiB (Linux).
    pub fn memory(&self) -> Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id()))?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("RssAnon:"));
        let number = line.context("no RssAnon")?.trim().trim_end_matches(" kB");
        Ok(number.parse()?)
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
