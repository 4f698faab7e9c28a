//! The relay, in a child process with one worker, so that its memory and its CPU time are its own and count for one core.

mod child;
mod idle;
mod socket;
mod speed;

pub use child::serve;
pub use idle::measure as idle;
pub use speed::measure as speed;
