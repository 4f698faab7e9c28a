//! Table, release, limits.

mod limits;
mod release;
mod table;
