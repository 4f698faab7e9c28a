//! The guard driven by a phone that uses the protocol's own functions.

pub mod client;
// Other tests use all of it.
#[allow(dead_code)]
#[path = "../../../../tests/src/postgres.rs"]
mod cluster;
mod postgres;
pub mod recovery;
mod sqlite;

use super::*;
use crate::clock::ManualClock;
use crate::keys::Keys;
use crate::store::statement::sql;
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
    settings: GuardSettings,
}

impl Bench {
    async fn on(settings: GuardSettings) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let keys = Keys::open(dir.path()).unwrap();
        let clock = Arc::new(ManualClock::at(START.cast_signed() * SECOND));
        let face = Arc::new(RoleKeys::open(&keys, "face").unwrap());
        let guard = open(dir.path(), &settings, &clock, &face).await.unwrap();
        Self {
            guard,
            face,
            clock,
            dir,
            settings,
        }
    }

    /// A guard in this folder, on the same server where it is one.
    async fn at(&self, dir: &FilePath) -> Result<Arc<Guard>, StartError> {
        open(dir, &self.settings, &self.clock, &self.face).await
    }

    /// Another guard on the same database.
    async fn second(&self) -> Arc<Guard> {
        self.at(self.dir.path()).await.unwrap()
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

async fn open(
    dir: &FilePath,
    settings: &GuardSettings,
    clock: &Arc<ManualClock>,
    face: &RoleKeys,
) -> Result<Arc<Guard>, StartError> {
    let keys = Keys::open(dir)?;
    let clock: Arc<dyn Clock> = Arc::<ManualClock>::clone(clock);
    Guard::open(dir, settings, &keys, clock, *face.sign_public()).await
}

fn lease_of(answer: &guard::ConfirmAnswer) -> LeaseId {
    answer.lease.as_ref().unwrap().lease
}
