//! The session by itself, with a clock in the hand, and whole sockets on loopback.

mod sockets;
mod stories;
