//! How long and how much of everything.

/// Life of a ticket, ms.
pub const TICKET_LIFE: u64 = 60_000;
/// Wrong frame MACs that end a session which waits for its phone.
pub const WRONG_MACS: u8 = 5;
/// How long a side may be away, or both silent, ms.
pub const AWAY_LIFE: u64 = 600_000;
/// Longest life of a session, ms; the endpoints end most of them earlier (2 h, 8 h for a remembered PC).
pub const ABSOLUTE_LIFE: u64 = 8 * 3_600_000;
/// Bytes that a session may carry in both directions.
pub const CARRIED_MAX: u64 = 512 * 1024 * 1024;
/// Largest first handshake message: 65 bytes of key and a padded payload.
pub const M1_MAX: usize = 4 * 1024;
