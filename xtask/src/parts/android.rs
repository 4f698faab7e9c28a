//! The Android shell: compiled with warnings as errors, and clicked under Robolectric over the real library.

use anyhow::Result;

use crate::context::Context;
use crate::count::Count;
use crate::{android, bindings, journey};

/// Generates, builds and tests.
pub fn run(context: &Context) -> Result<Count> {
    let generated = bindings::generate(context, "android-generate")?;
    journey::build(context)?;
    android::test(context, &generated)
}
