//! Generated documents are up to date.

use anyhow::Result;
use std::fs;

use crate::behaviours;
use crate::context::Context;
use crate::count::Count;

/// Compares what is committed with what would be generated now.
pub fn run(context: &Context) -> Result<Count> {
    let committed = fs::read_to_string(context.path(behaviours::DOCUMENT)).unwrap_or_default();
    let fresh = committed == behaviours::document(context)?;
    if !fresh {
        println!(
            "      {} is out of date: run `cargo xtask behaviours`",
            behaviours::DOCUMENT
        );
    }
    Ok(Count::one(fresh))
}
