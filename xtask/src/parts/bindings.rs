//! Generated Kotlin and Swift compile with warnings as errors.

use anyhow::Result;

use crate::bindings;
use crate::context::Context;
use crate::count::Count;

/// Generates both and compiles both.
pub fn run(context: &Context) -> Result<Count> {
    let generated = bindings::generate(context, "bindings")?;
    let kotlin = bindings::compile_kotlin(context, &generated)?;
    let swift = bindings::compile_swift(context, &generated)?;
    Ok(Count::one(kotlin).plus(Count::one(swift)))
}
