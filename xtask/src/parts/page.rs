//! The PC page: its own lint, and what a portal loads to let people scan and sign.

use anyhow::{Context as _, Result, bail};
use std::collections::BTreeSet;
use std::fs;
use std::process::Command;
use std::time::Duration;

use crate::context::Context;
use crate::count::Count;

/// What the module and all that it imports may weigh on the wire (gzip), in bytes.
const MAX_BYTES: usize = 20 * 1024;
const FOLDER: &str = "platform/page";
/// The module that a portal imports.
const MODULE: &str = "sign.js";

/// Runs the page's own `npm run lint`, then weighs its module.
pub fn run(context: &Context) -> Result<Count> {
    let mut lint = Command::new("npm");
    lint.args(["run", "--silent", "lint"])
        .current_dir(context.path(FOLDER));
    let finished = context.run("page", &mut lint, Duration::from_secs(120))?;
    if !finished.status.success() {
        finished.show();
    }
    Ok(Count::one(finished.status.success()).plus(weigh(context)?))
}

fn weigh(context: &Context) -> Result<Count> {
    let mut bytes = 0;
    for name in modules(context)? {
        bytes += gzipped(context, &name)?;
    }
    if bytes > MAX_BYTES {
        println!(
            "      {MODULE} and its imports weigh {bytes} bytes gzipped; the limit is {MAX_BYTES}"
        );
    }
    Ok(Count::one(bytes <= MAX_BYTES))
}

/// The module and everything that it imports, all of it in the same folder.
fn modules(context: &Context) -> Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    let mut open = vec![MODULE.to_owned()];
    while let Some(name) = open.pop() {
        let path = context.path(FOLDER).join(&name);
        let text =
            fs::read_to_string(&path).with_context(|| format!("{} is missing", path.display()))?;
        open.extend(imports(&text).filter(|import| !found.contains(import)));
        found.insert(name);
    }
    Ok(found)
}

/// Names that stand in `from './NAME'`.
fn imports(text: &str) -> impl Iterator<Item = String> {
    text.lines()
        .filter_map(|line| line.split_once("from './"))
        .filter_map(|(_, rest)| rest.split('\'').next())
        .map(str::to_owned)
}

fn gzipped(context: &Context, name: &str) -> Result<usize> {
    let output = Command::new("gzip")
        .args(["-9", "-c", name])
        .current_dir(context.path(FOLDER))
        .output()
        .context("gzip does not start")?;
    if !output.status.success() {
        bail!("gzip cannot read {name}");
    }
    Ok(output.stdout.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_imports_of_modules_beside_it() {
        let text = "import { a } from './a.js';\nimport b from \"elsewhere\";\nexport { c } from './c.js';\n";
        assert_eq!(imports(text).collect::<Vec<_>>(), ["a.js", "c.js"]);
    }
}
