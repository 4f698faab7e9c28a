//! The session by itself, with a clock in the hand, and whole sockets on loopback.

mod claims;
mod hand;
mod listeners;
mod sockets;
mod stories;
mod wire;
