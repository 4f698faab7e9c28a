//! What holds on either engine.

use super::*;

mod borders;
mod epochs;
mod leases;
mod limits;
mod loss;
mod masters;
mod repeats;
mod resets;
mod tries;
