//! The wire between phone and platform, which a test cuts at the n-th message: whatever was to come after it never happened.
//!
//! It passes TLS on without opening it and counts its records of application data in both directions: each request, answer and
//! frame of the relay is one or more of them.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Content type of application data (RFC 8446 § 5.1).
const APPLICATION_DATA: u8 = 23;
const HEADER: usize = 5;

/// The wire.
#[derive(Clone)]
pub struct Wire {
    at: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    to: Mutex<Option<SocketAddr>>,
    passed: AtomicU64,
    /// The first record that does not pass.
    last: AtomicU64,
    /// A connection belongs to one life of the phone and ends with it.
    life: watch::Sender<u64>,
    /// Whether the wire of this life is cut.
    cut: watch::Sender<bool>,
}

impl Wire {
    /// Listens. Nothing passes before [`Wire::lead_to`].
    pub async fn open() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let wire = Self {
            at: listener.local_addr().unwrap(),
            shared: Arc::new(Shared {
                to: Mutex::new(None),
                passed: AtomicU64::new(0),
                last: AtomicU64::new(u64::MAX),
                life: watch::Sender::new(0),
                cut: watch::Sender::new(false),
            }),
        };
        tokio::spawn(accept(listener, Arc::clone(&wire.shared)));
        wire
    }

    /// What phones call.
    pub fn url(&self) -> String {
        format!("https://{}", self.at)
    }

    /// Where the platform listens.
    pub fn lead_to(&self, platform: SocketAddr) {
        let mut to = self
            .shared
            .to
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *to = Some(platform);
    }

    /// A new life of the phone: older connections end, `n` records pass, the next one does not.
    pub fn let_pass(&self, n: u64) {
        self.shared.life.send_modify(|life| *life += 1);
        self.shared.passed.store(0, Ordering::SeqCst);
        self.shared.last.store(n, Ordering::SeqCst);
        self.shared.cut.send_replace(false);
    }

    /// Waits until the wire is cut. Nothing passes from then on, and no connection closes: the phone waits for what never comes.
    pub async fn cut(&self) {
        let mut cut = self.shared.cut.subscribe();
        // The sender lives as long as the wire does.
        let _ = cut.wait_for(|cut| *cut).await;
    }
}

impl Shared {
    /// Counts a record; false where it must not pass.
    fn pass(&self) -> bool {
        let n = self.passed.fetch_add(1, Ordering::SeqCst);
        let passes = n < self.last.load(Ordering::SeqCst);
        if !passes {
            self.cut.send_replace(true);
        }
        passes
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((phone, _)) = listener.accept().await {
        let to = *shared.to.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(to) = to {
            tokio::spawn(carry(phone, to, Arc::clone(&shared)));
        }
    }
}

async fn carry(phone: TcpStream, to: SocketAddr, shared: Arc<Shared>) {
    let mut life = shared.life.subscribe();
    let Ok(platform) = TcpStream::connect(to).await else {
        return;
    };
    for end in [&phone, &platform] {
        // Small records must not wait for Nagle's timer.
        let _ = end.set_nodelay(true);
    }
    let (from_phone, to_phone) = phone.into_split();
    let (from_platform, to_platform) = platform.into_split();
    tokio::select! {
        () = records(from_phone, to_platform, &shared) => {}
        () = records(from_platform, to_phone, &shared) => {}
        _ = life.changed() => {}
    }
}

/// Passes whole records on until an end closes or a record must not pass.
async fn records(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    shared: &Shared,
) {
    loop {
        let mut record = vec![0; HEADER];
        if from.read_exact(&mut record).await.is_err() {
            return;
        }
        let length = usize::from(u16::from_be_bytes([record[3], record[4]]));
        record.resize(HEADER + length, 0);
        if from.read_exact(&mut record[HEADER..]).await.is_err() {
            return;
        }
        if record[0] == APPLICATION_DATA && !shared.pass() {
            return std::future::pending().await;
        }
        if to.write_all(&record).await.is_err() {
            return;
        }
    }
}
