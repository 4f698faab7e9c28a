//! The guard driven by a phone that uses the protocol's own functions.

pub mod client;
mod epochs;
mod leases;
mod limits;
mod loss;
mod masters;
pub mod recovery;
mod repeats;
mod resets;
mod tries;

use super::*;
use crate::clock::ManualClock;
use client::Phone;
use kapok_protocol::guard;
use kapok_protocol::ids::LeaseId;

/// Where every test's clock starts, seconds.
const START: u64 = 1_800_000_000;

/// A guard with a clock that stands until it is moved.
pub struct Bench {
    guard: Arc<Guard>,
    face: Arc<RoleKeys>,
    clock: Arc<ManualClock>,
    dir: tempfile::TempDir,
}

impl Bench {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let keys = Keys::open(dir.path()).unwrap();
        let clock = Arc::new(ManualClock::at(START.cast_signed() * SECOND));
        let face = Arc::new(RoleKeys::open(&keys, "face").unwrap());
        let guard = Self::open(&dir, &clock, &face).await;
        Self {
            guard,
            face,
            clock,
            dir,
        }
    }

    async fn open(
        dir: &tempfile::TempDir,
        clock: &Arc<ManualClock>,
        face: &RoleKeys,
    ) -> Arc<Guard> {
        let keys = Keys::open(dir.path()).unwrap();
        let clock: Arc<dyn Clock> = Arc::<ManualClock>::clone(clock);
        Guard::open(dir.path(), &keys, clock, *face.sign_public())
            .await
            .unwrap()
    }

    /// Another guard process on the same file.
    async fn second(&self) -> Arc<Guard> {
        Self::open(&self.dir, &self.clock, &self.face).await
    }

    /// Moves the clock by seconds.
    fn wait(&self, seconds: i64) {
        self.clock.advance(seconds * SECOND);
    }

    fn now(&self) -> u64 {
        self.clock.seconds()
    }

    /// A phone with its first PIN set.
    async fn phone(&self) -> Phone {
        let mut phone = Phone::new(self, 1, 0x41);
        phone.set_first(&client::PIN, self.now()).await;
        phone
    }
}

fn lease_of(answer: &guard::ConfirmAnswer) -> LeaseId {
    answer.lease.as_ref().unwrap().lease
}
