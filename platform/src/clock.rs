//! Time as an argument: the platform asks its [`Clock`], never the operating system.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Microseconds in a second: the unit of time in the store.
pub const SECOND: i64 = 1_000_000;
/// Microseconds in a minute.
pub const MINUTE: i64 = 60 * SECOND;
/// Microseconds in an hour.
pub const HOUR: i64 = 60 * MINUTE;
/// Microseconds in a day.
pub const DAY: i64 = 24 * HOUR;

/// Where the platform's time comes from.
pub trait Clock: Send + Sync {
    /// Microseconds since the Unix epoch, UTC.
    fn micros(&self) -> i64;

    /// Whole seconds since the Unix epoch, as they travel in answers.
    fn seconds(&self) -> u64 {
        seconds(self.micros())
    }

    /// Lets `seconds` pass at once, where that can be: whether they have passed. Only a demonstration's clock does it.
    fn pass(&self, _seconds: u32) -> bool {
        false
    }
}

/// Whole seconds of a stored time; what lies before the epoch reads as 0.
pub fn seconds(micros: i64) -> u64 {
    u64::try_from(micros / SECOND).unwrap_or(0)
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn micros(&self) -> i64 {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
    }
}

/// The machine's clock in a demonstration, where nobody waits for an hour to pass: it can be put ahead, never back.
#[derive(Debug, Default)]
pub struct DemoClock {
    ahead: AtomicI64,
}

impl Clock for DemoClock {
    fn micros(&self) -> i64 {
        let ahead = self.ahead.load(Ordering::SeqCst);
        SystemClock.micros().saturating_add(ahead)
    }

    fn pass(&self, seconds: u32) -> bool {
        self.ahead
            .fetch_add(i64::from(seconds) * SECOND, Ordering::SeqCst);
        true
    }
}

/// A clock that stands until it is moved: for tests and journeys.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// Stands at `micros` since the epoch.
    pub const fn at(micros: i64) -> Self {
        Self(AtomicI64::new(micros))
    }

    /// Moves by `micros`, forward or back.
    pub fn advance(&self, micros: i64) {
        self.0.fetch_add(micros, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn micros(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}
