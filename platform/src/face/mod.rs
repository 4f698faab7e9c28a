//! The face service: results of face checks, in a database file and under a seal key of its own.

mod results;

pub use results::Results;
