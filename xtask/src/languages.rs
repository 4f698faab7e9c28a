//! What `cargo xtask bench` measures in Kotlin and Swift: their programs over the library in the release profile.

use anyhow::{Context as _, Result, bail};
use std::fs;
use std::time::Duration;

use crate::bindings;
use crate::context::Context;

const BUILD_LIMIT: Duration = Duration::from_secs(3600);
const CLASSPATH: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath";

/// Builds both and leaves in `target/xtask/languages` a script for each that measures once.
pub fn build(context: &Context) -> Result<()> {
    let generated = bindings::generate(context, "bench-generate")?;
    let library = [
        "build",
        "--release",
        "--locked",
        "--package",
        "kapok-bindings",
        "--lib",
    ];
    context.must("bench-library", &mut context.cargo(&library), BUILD_LIMIT)?;
    let library = context.path("target/release");
    let folder = context.scratch.join("languages");
    fs::create_dir_all(&folder)?;
    let root = context.path("core/testdata/root.pem");

    let classpath = folder.join("classpath");
    let mut maven = bindings::maven(context, &generated, &library);
    maven
        .args(["test-compile", CLASSPATH])
        .arg(format!("-Dmdep.outputFile={}", classpath.display()));
    context.must("bench-kotlin", &mut maven, BUILD_LIMIT)?;
    let classes = context.path("target/kotlin");
    let jvm = format!(
        "exec java -Djna.library.path='{library}' -cp '{classes}/classes:{classes}/test-classes:{jars}' dev.kapok.Measure '{root}'\n",
        library = library.display(),
        classes = classes.display(),
        jars = fs::read_to_string(&classpath)?.trim(),
        root = root.display(),
    );
    fs::write(folder.join("jvm"), jvm)?;

    let Some(program) = bindings::compile_swift(context, &generated, &library)? else {
        bail!("the facade's Swift does not compile");
    };
    let swift = bindings::swift(context, &program);
    let words = std::iter::once(swift.get_program()).chain(swift.get_args());
    let words = words
        .map(|word| word.to_str().map(|word| format!("'{word}'")))
        .collect::<Option<Vec<_>>>()
        .context("a path that is not UTF-8")?;
    let swift = format!("exec {} '{}' measure\n", words.join(" "), root.display());
    fs::write(folder.join("swift"), swift)?;
    Ok(())
}
