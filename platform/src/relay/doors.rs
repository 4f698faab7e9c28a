//! What a socket must pass before the relay spends memory on it: few sockets a minute from one address, and few that have not joined.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Sockets from one address in a minute; a service hall with many PCs and phones has one address.
const PER_MINUTE: u32 = 600;
/// Sockets that have not joined yet.
const JOINING: usize = 2_000;
/// Addresses remembered at once; beyond that the minute starts anew for all.
const ADDRESSES: usize = 100_000;
const MINUTE: u64 = 60_000;

/// Counts who comes in.
pub struct Doors {
    joining: Arc<Semaphore>,
    minute: Mutex<(u64, HashMap<IpAddr, u32>)>,
}

impl Default for Doors {
    fn default() -> Self {
        Self {
            joining: Arc::new(Semaphore::new(JOINING)),
            minute: Mutex::default(),
        }
    }
}

impl Doors {
    /// Lets a socket in until it has joined; nothing when there are too many. `now` is milliseconds.
    pub fn enter(&self, address: Option<IpAddr>, now: u64) -> Option<OwnedSemaphorePermit> {
        if address.is_some_and(|address| !self.count(network(address), now / MINUTE)) {
            return None;
        }
        Arc::clone(&self.joining).try_acquire_owned().ok()
    }

    fn count(&self, address: IpAddr, minute: u64) -> bool {
        let mut held = self.minute.lock().unwrap_or_else(PoisonError::into_inner);
        if held.0 != minute || held.1.len() >= ADDRESSES {
            *held = (minute, HashMap::new());
        }
        let count = held.1.entry(address).or_default();
        *count = count.saturating_add(1);
        *count <= PER_MINUTE
    }
}

/// An IPv6 subscriber holds a /64.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => v4.into(),
            None => IpAddr::from((u128::from(v6) & !u128::from(u64::MAX)).to_be_bytes()),
        },
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn an_address_gets_so_many_sockets_a_minute_and_others_are_not_hurt() {
        let doors = Doors::default();
        for _ in 0..PER_MINUTE {
            assert!(doors.enter(address("2001:db8::1"), 59_999).is_some());
        }
        assert!(
            doors.enter(address("2001:db8::2"), 59_999).is_none(),
            "the same /64"
        );
        assert!(doors.enter(address("2001:db8:0:1::1"), 59_999).is_some());
        assert!(doors.enter(address("192.0.2.1"), 59_999).is_some());
        assert!(doors.enter(address("2001:db8::2"), 60_000).is_some());
    }

    #[test]
    fn sockets_that_do_not_join_leave_no_room_but_for_a_while() {
        let doors = Doors::default();
        let mut inside: Vec<_> = (0..JOINING)
            .map(|_| doors.enter(None, 0).unwrap())
            .collect();
        assert!(doors.enter(None, 0).is_none());
        inside.pop();
        assert!(doors.enter(None, 0).is_some());
    }
}
