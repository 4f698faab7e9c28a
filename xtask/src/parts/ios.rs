//! The iOS shell: wrappers and models compiled and tested over the real library, views type-checked, all of it linted.

use anyhow::Result;

use crate::context::Context;
use crate::count::Count;
use crate::{bindings, catalogue, ios, journey};

/// Generates, builds, tests and lints.
pub fn run(context: &Context) -> Result<Count> {
    let generated = bindings::generate(context, "ios-generate")?;
    journey::build(context)?;
    let texts = Count::one(catalogue::is_current(context)?);
    Ok(ios::test(context, &generated)?
        .plus(ios::lint(context)?)
        .plus(texts))
}
