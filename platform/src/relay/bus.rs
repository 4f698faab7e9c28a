//! Where sessions live: the [`Bus`], and its local form that keeps them in this process.
//!
//! A socket knows only the trait, so that a bus over Redis (mailbox as stream, wake-up as sharded publish) can take the local one's place
//! without a change there. Sessions are memory only: nothing of them is ever written to disk.

use super::doors::Doors;
use super::end::Out;
use super::outcome::{PostError, encode_data};
use super::session::{ClaimFrame, Session};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::SessionId;
use kapok_protocol::relay::{Side, ToRelay};
use std::collections::HashMap;
use std::future::Future;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use tokio::sync::{Notify, OwnedSemaphorePermit};
use zeroize::Zeroizing;

/// Milliseconds since the epoch, by the platform's clock.
pub type Millis = Arc<dyn Fn() -> u64 + Send + Sync>;
/// Bytes that the relay carried.
pub type Capture = Arc<Mutex<Vec<u8>>>;

/// Sessions at once.
const SESSIONS_MAX: usize = 50_000;
/// Bytes in all mailboxes, above which new frames are refused: 80 % of 320 MiB.
const BUDGET: usize = 256 * 1024 * 1024;

/// Carries frames between the two ends of a session, whichever process holds their sockets.
pub trait Bus: Send + Sync + 'static {
    /// A socket's place in a session.
    type Seat: Send + Sync;

    /// Joins with `ATTACH`, `CLAIM` or `RESUME`; anything else is [`ErrorCode::StateWrong`].
    fn join(&self, frame: ToRelay) -> impl Future<Output = Result<Self::Seat, ErrorCode>> + Send;
    /// Takes a frame of a joined socket without waiting for the peer.
    fn take(
        &self,
        seat: &Self::Seat,
        frame: ToRelay,
    ) -> impl Future<Output = Result<(), PostError>> + Send;
    /// Something arrived on the socket, a pong included.
    fn heard(&self, seat: &Self::Seat);
    /// What the socket sends next; waits until there is something.
    fn next(&self, seat: &Self::Seat) -> impl Future<Output = Out> + Send;
    /// The socket is gone.
    fn leave(&self, seat: &Self::Seat) -> impl Future<Output = ()> + Send;
    /// Sees bytes that came from or went to a socket.
    fn observe(&self, bytes: &[u8]);
}

/// A new session, for the portal's server.
pub struct Created {
    /// Its number.
    pub sid: SessionId,
    /// The PC's one-time ticket.
    pub ticket: Zeroizing<[u8; 32]>,
}

type Shared = Arc<Mutex<Session>>;

/// Sessions of this process.
pub struct LocalBus {
    now: Millis,
    sessions: Mutex<HashMap<SessionId, Shared>>,
    sockets: AtomicU64,
    held: AtomicUsize,
    stopping: AtomicBool,
    capture: OnceLock<Capture>,
    doors: Doors,
}

/// A socket's place in a local session.
pub struct LocalSeat {
    session: Shared,
    side: Side,
    socket: u64,
    wake: Arc<Notify>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl LocalBus {
    /// An empty bus.
    pub fn new(now: Millis) -> Self {
        Self {
            now,
            sessions: Mutex::default(),
            sockets: AtomicU64::new(1),
            held: AtomicUsize::new(0),
            stopping: AtomicBool::new(false),
            capture: OnceLock::new(),
            doors: Doors::default(),
        }
    }

    /// Lets a socket in until it has joined; nothing when there are too many.
    pub fn enter(&self, address: Option<IpAddr>) -> Option<OwnedSemaphorePermit> {
        self.doors.enter(address, (self.now)())
    }

    /// Collects every byte that the relay carries from now on, for a test that looks for plaintext in it.
    pub fn capture(&self) -> Capture {
        Arc::clone(self.capture.get_or_init(Capture::default))
    }

    /// Opens a session. `RATE_LIMITED` when the relay is full, `SERVICE_DOWN` while it stops.
    pub fn create(&self) -> Result<Created, ErrorCode> {
        if self.stopping.load(Ordering::Relaxed) {
            return Err(ErrorCode::ServiceDown);
        }
        let sid = SessionId(rand::random());
        let ticket = Zeroizing::new(rand::random::<[u8; 32]>());
        // The session's number stands in front, so that the ticket alone finds it.
        let whole = ticket_of(&sid, &ticket);
        let session = Session::new(sid, &whole, rand::random(), (self.now)());
        let mut sessions = lock(&self.sessions);
        if sessions.len() >= SESSIONS_MAX {
            return Err(ErrorCode::RateLimited);
        }
        sessions.insert(sid, Arc::new(Mutex::new(session)));
        Ok(Created { sid, ticket: whole })
    }

    /// Ends a session for both sides; one that is not there changes nothing.
    pub fn end(&self, sid: &SessionId, code: ErrorCode) {
        let session = lock(&self.sessions).remove(sid);
        if let Some(session) = session {
            lock(&session).end(code);
        }
    }

    /// Sessions that are alive.
    pub fn sessions(&self) -> usize {
        lock(&self.sessions).len()
    }

    /// Moves every session's time; the relay's only timer calls it.
    pub fn tick(&self) {
        let now = (self.now)();
        let mut held = 0;
        lock(&self.sessions).retain(|_, session| {
            let mut session = lock(session);
            session.tick(now);
            held += session.held();
            session.over().is_none()
        });
        self.held.store(held, Ordering::Relaxed);
    }

    /// Closes every socket with 1012; new sessions are refused.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        for session in lock(&self.sessions).values() {
            lock(session).restart();
        }
    }

    fn find(&self, sid: &SessionId) -> Result<Shared, ErrorCode> {
        lock(&self.sessions)
            .get(sid)
            .cloned()
            .ok_or(ErrorCode::SessionExpired)
    }

    fn seat(&self, shared: &Shared, session: &mut Session, side: Side) -> LocalSeat {
        let seat = LocalSeat {
            session: Arc::clone(shared),
            side,
            socket: self.sockets.fetch_add(1, Ordering::Relaxed),
            wake: Arc::default(),
        };
        session.seat(side, seat.socket, Arc::clone(&seat.wake), (self.now)());
        seat
    }

    fn seated(&self, frame: &ToRelay) -> Result<LocalSeat, ErrorCode> {
        let now = (self.now)();
        match frame {
            ToRelay::Attach {
                commit,
                ticket,
                verifier,
            } => {
                let sid = ticket
                    .get(..16)
                    .and_then(|sid| SessionId::from_slice(sid).ok())
                    .ok_or(ErrorCode::NotAllowed)?;
                let shared = self.find(&sid)?;
                let mut session = lock(&shared);
                session.attach(ticket, commit, verifier, now)?;
                Ok(self.seat(&shared, &mut session, Side::Pc))
            }
            ToRelay::Claim {
                m1,
                mac,
                sid,
                frame,
                commit,
                verifier,
            } => {
                let shared = self.find(sid)?;
                let mut session = lock(&shared);
                session.claim(
                    &ClaimFrame {
                        frame: *frame,
                        mac,
                        commit,
                        verifier,
                        m1,
                    },
                    now,
                )?;
                Ok(self.seat(&shared, &mut session, Side::Phone))
            }
            ToRelay::Resume {
                sid,
                next,
                side,
                token,
                received,
            } => {
                let shared = self.find(sid)?;
                let mut session = lock(&shared);
                session.resume(*side, token, next, *received)?;
                Ok(self.seat(&shared, &mut session, *side))
            }
            _ => Err(ErrorCode::StateWrong),
        }
    }

    fn pass(&self, seat: &LocalSeat, frame: ToRelay) -> Result<(), PostError> {
        let now = (self.now)();
        match frame {
            ToRelay::Data { seq, bytes } => {
                if self.held.load(Ordering::Relaxed) > BUDGET {
                    return Err(PostError::Full);
                }
                // Encoded before the lock: the peer's next frame must not wait for it.
                let encoded = encode_data(seq, bytes);
                lock(&seat.session).post(seat.side, seat.socket, seq, encoded, now)
            }
            ToRelay::Ack { upto } => lock(&seat.session).ack(seat.side, seat.socket, upto, now),
            ToRelay::Close {} => {
                let mut session = lock(&seat.session);
                session.hang_up(seat.side, seat.socket)
            }
            _ => Err(PostError::NotPaired),
        }
    }
}

fn ticket_of(sid: &SessionId, random: &[u8; 32]) -> Zeroizing<[u8; 32]> {
    let mut ticket = Zeroizing::new(*random);
    ticket
        .iter_mut()
        .zip(sid.as_bytes())
        .for_each(|(to, from)| *to = *from);
    ticket
}

impl Bus for LocalBus {
    type Seat = LocalSeat;

    async fn join(&self, frame: ToRelay) -> Result<LocalSeat, ErrorCode> {
        self.seated(&frame)
    }

    async fn take(&self, seat: &LocalSeat, frame: ToRelay) -> Result<(), PostError> {
        self.pass(seat, frame)
    }

    fn heard(&self, seat: &LocalSeat) {
        lock(&seat.session).heard(seat.side, seat.socket, (self.now)());
    }

    async fn next(&self, seat: &LocalSeat) -> Out {
        loop {
            let out = lock(&seat.session).next(seat.side, seat.socket);
            if out != Out::Wait {
                return out;
            }
            seat.wake.notified().await;
        }
    }

    async fn leave(&self, seat: &LocalSeat) {
        lock(&seat.session).leave(seat.side, seat.socket, (self.now)());
    }

    fn observe(&self, bytes: &[u8]) {
        if let Some(capture) = self.capture.get() {
            lock(capture).extend_from_slice(bytes);
        }
    }
}
