//! Generates Kotlin and Swift from the library, and runs the facade's tests in both languages.

use anyhow::{Context as _, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::context::{Context, on_path};
use crate::count::{self, Count};
use crate::journey::Platform;
use crate::tools;

const BUILD_LIMIT: Duration = Duration::from_secs(30 * 60);
const TEST_LIMIT: Duration = Duration::from_secs(5 * 60);

/// Where generated code lies; it is never committed.
pub struct Generated {
    /// The library it was generated from, which is also what it runs with.
    pub library: PathBuf,
    /// Folder of Kotlin sources.
    pub kotlin: PathBuf,
    /// Folder with `Kapok.swift`, `kapokFFI.h` and `kapokFFI.modulemap`.
    pub swift: PathBuf,
}

/// Builds the library (dev profile) and generates both languages into `target/gen`.
pub fn generate(context: &Context, log: &str) -> Result<Generated> {
    // `--workspace`: the same features as in the tests, so that nothing is built twice.
    let build = [
        "build",
        "--workspace",
        "--lib",
        "--bin",
        "uniffi-bindgen",
        "--locked",
    ];
    context.must(log, &mut context.linting_cargo(&build), BUILD_LIMIT)?;
    let library = context.path(&format!(
        "target/debug/{}kapok{}",
        std::env::consts::DLL_PREFIX,
        std::env::consts::DLL_SUFFIX
    ));
    let folder = context.path("target/gen");
    let generated = Generated {
        library,
        kotlin: folder.join("kotlin"),
        swift: folder.join("swift"),
    };
    for (language, out) in [("kotlin", &generated.kotlin), ("swift", &generated.swift)] {
        if out.exists() {
            fs::remove_dir_all(out)?;
        }
        fs::create_dir_all(out).with_context(|| format!("cannot create {}", out.display()))?;
        let mut command = Command::new(context.path("target/debug/uniffi-bindgen"));
        command
            .current_dir(&context.root)
            .arg("generate")
            .arg(&generated.library)
            .args([
                "--language",
                language,
                "--no-format",
                "--config",
                "uniffi.toml",
                "--out-dir",
            ])
            .arg(out);
        context.must(log, &mut command, Duration::from_secs(120))?;
    }
    println!("generated {}", folder.display());
    Ok(generated)
}

/// Compiles the generated Kotlin with `-Werror` and runs the facade's tests on the Java machine; [`crate::journey::build`] comes first.
pub fn test_kotlin(context: &Context, generated: &Generated) -> Result<Count> {
    let library = generated
        .library
        .parent()
        .context("a library in no folder")?;
    let mut maven = maven(context, generated, library);
    maven.arg("test");
    let platform = Platform::start(context, "kotlin")?;
    platform.tell(&mut maven);
    let finished = context.run("kotlin", &mut maven, BUILD_LIMIT)?;
    if finished.status.success() {
        let count = count::surefire(&finished.text);
        return Ok(count.plus(platform.judge(context)?));
    }
    finished.show();
    Ok(Count::one(false))
}

/// Maven over the generated Kotlin and the facade's tests, with the library in this folder.
pub fn maven(context: &Context, generated: &Generated, library: &Path) -> Command {
    let mut maven = Command::new("mvn");
    maven
        .args(["-B", "-Dkotlin.compiler.daemon=false", "-f"])
        .arg(context.path("xtask/kotlin/pom.xml"))
        .arg(format!("-Dkapok.generated={}", generated.kotlin.display()))
        .arg(format!("-Dkapok.library={}", library.display()));
    maven
}

/// Compiles the generated Swift with warnings as errors, links it with the library and runs the facade's tests;
/// [`crate::journey::build`] comes first.
pub fn test_swift(context: &Context, generated: &Generated) -> Result<Count> {
    let library = generated
        .library
        .parent()
        .context("a library in no folder")?;
    let Some(program) = compile_swift(context, generated, library)? else {
        return Ok(Count::one(false));
    };
    let mut run = swift(context, &program);
    run.arg(context.path("core/testdata/root.pem"));
    let platform = Platform::start(context, "swift")?;
    platform.tell(&mut run);
    let finished = context.run("swift-tests", &mut run, TEST_LIMIT)?;
    let count = count::totals(&finished.text);
    if finished.status.success() {
        let count = count.unwrap_or(Count::one(false));
        return Ok(count.plus(platform.judge(context)?));
    }
    finished.show();
    println!("the Swift tests ended with {}", finished.status);
    // A program that was ended, or crashed after its closing line, has failed whatever it counted.
    Ok(count
        .filter(|count| count.failed > 0)
        .unwrap_or(Count::one(false)))
}

/// The program of the facade's tests in Swift, over the library in this folder; nothing if it does not compile.
pub fn compile_swift(
    context: &Context,
    generated: &Generated,
    library: &Path,
) -> Result<Option<PathBuf>> {
    let sources = &generated.swift;
    // The compiler looks for a module map of this name only.
    fs::copy(
        sources.join("kapokFFI.modulemap"),
        sources.join("module.modulemap"),
    )?;
    let program = sources.join("facade-tests");
    let mut compile = swift(context, Path::new("swiftc"));
    compile
        .args([
            "-warnings-as-errors",
            "-swift-version",
            "5",
            "-module-name",
            "Facade",
            "-I",
        ])
        .arg(sources)
        .arg("-L")
        .arg(library)
        .args(["-lkapok", "-Xlinker", "-rpath", "-Xlinker"])
        .arg(library)
        .arg("-o")
        .arg(&program)
        .arg(sources.join("Kapok.swift"));
    for file in ["FirstLogin", "Journey", "Measure", "main"] {
        compile.arg(context.path(&format!("bindings/tests/swift/{file}.swift")));
    }
    Ok(passes(context, "swift", &mut compile)?.then_some(program))
}

/// A program of the Swift toolchain, or made by it: with the system's toolchain, or inside the one that we unpacked.
pub fn swift(context: &Context, program: &Path) -> Command {
    if on_path("swiftc") {
        return Command::new(program);
    }
    let mut command = Command::new(context.path("xtask/swift/run.sh"));
    command.arg(tools::swift_folder()).arg(program);
    command
}

fn passes(context: &Context, log: &str, command: &mut Command) -> Result<bool> {
    let finished = context.run(log, command, BUILD_LIMIT)?;
    if !finished.status.success() {
        finished.show();
    }
    Ok(finished.status.success())
}
