//! Size of the phone's library as it ships: `--profile size`, without debug information and local symbols.
//!
//! `cargo xtask bench` builds it, with and without the drawing of pages, and puts both into `target/xtask/size`.

use super::figure::{Figure, Must};
use anyhow::{Context as _, Result, bail};
use kapok_tests::judges::root;
use std::path::Path;
use std::process::Command;

/// Bytes of both variants, in MB of 10⁶ bytes.
pub fn measure() -> Result<Vec<Figure>> {
    let folder = root().join("target/xtask/size");
    let stripped = |name: &str| megabytes(&folder.join(name));
    Ok(vec![
        Figure::one(
            "libkapok.so, shell draws pages",
            "MB",
            stripped("without-pages.so")?,
        )
        .must(Must::AtMost(5.0)),
        Figure::one(
            "libkapok.so, core draws pages",
            "MB",
            stripped("with-pages.so")?,
        ),
    ])
}

fn megabytes(library: &Path) -> Result<f64> {
    let folder = tempfile::tempdir()?;
    let out = folder.path().join("stripped.so");
    let status = Command::new("strip")
        .arg("--strip-unneeded")
        .arg("-o")
        .arg(&out)
        .arg(library)
        .status()
        .context("cannot start `strip` (binutils)")?;
    if !status.success() {
        bail!("`strip` cannot read {}", library.display());
    }
    Ok(std::fs::metadata(out)?.len() as f64 / 1e6)
}
