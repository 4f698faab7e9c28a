//! The library works from Kotlin and Swift, whose generated code compiles with warnings as errors, and its listing is current.

use anyhow::Result;

use crate::context::Context;
use crate::count::Count;
use crate::{bindings, journey, surface};

/// Generates both, runs the tests of both, and compares the listing.
pub fn run(context: &Context) -> Result<Count> {
    let generated = bindings::generate(context, "bindings")?;
    let listing = surface::is_current(context, &generated.kotlin)?;
    journey::build(context)?;
    let kotlin = bindings::test_kotlin(context, &generated)?;
    let swift = bindings::test_swift(context, &generated)?;
    Ok(kotlin.plus(swift).plus(Count::one(listing)))
}
