//! Every build step and check of Kapok as one command: `cargo xtask --help`.

mod android;
mod behaviours;
mod bench;
mod bindings;
mod catalogue;
mod context;
mod count;
mod docs;
mod ios;
mod journey;
mod languages;
mod mutants;
mod parts;
mod soak;
mod surface;
mod test;
mod tools;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

use context::Context;

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    about = "Every build step and check of Kapok as one command"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run everything that CI runs; installs missing tools on Debian
    Test {
        /// Run only this part (may be given several times)
        #[arg(long, value_name = "PART")]
        only: Vec<String>,
        /// Name the parts and stop
        #[arg(long)]
        list: bool,
    },
    /// Install the tools that the tests need, or say what is missing
    Tools,
    /// Write docs/behaviours.md: which test shows which behaviour
    Behaviours,
    /// Write all generated documents: docs/behaviours.md, docs/errors.md and the iOS shell's texts of the error codes
    Docs,
    /// Generate Kotlin and Swift from the library, into target/gen, and list what they export in bindings/surface.txt
    Bindings,
    /// Generate Swift from the library as the package that ios/Package.swift depends on, into target/ios/core
    Ios,
    /// Pack, sign with a throw-away key and verify the APK of the Android shell
    Android {
        /// `libkapok.so` for arm64, to be packed with it
        #[arg(long, value_name = "FILE")]
        arm64: Option<PathBuf>,
        /// Instead run the tests and make the pictures of docs/pictures/android anew
        #[arg(long)]
        pictures: bool,
    },
    /// Run the benchmarks and print a table
    Bench(bench::Arguments),
    /// Run what takes too long for every run of the tests
    Soak(soak::Arguments),
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs one command; `false` means that a check failed and has already said so.
fn run(command: Command) -> Result<bool> {
    let context = Context::find()?;
    match command {
        Command::Test { list: true, .. } => {
            test::list(&context);
            Ok(true)
        }
        Command::Test { only, list: false } => test::run(&context, &only),
        Command::Tools => tools::provide(&context, &tools::all()).map(|()| true),
        Command::Behaviours => behaviours::write(&context).map(|()| true),
        Command::Docs => {
            behaviours::write(&context)?;
            docs::write_tested(&context)?;
            catalogue::write(&context).map(|()| true)
        }
        Command::Bindings => {
            let generated = bindings::generate(&context, "bindings")?;
            surface::write(&context, &generated.kotlin).map(|()| true)
        }
        Command::Ios => {
            let generated = bindings::generate(&context, "ios-generate")?;
            let package = ios::core_package(&context, &generated)?;
            println!("wrote {}", package.display());
            catalogue::write(&context).map(|()| true)
        }
        Command::Android { arm64, pictures } => {
            let generated = bindings::generate(&context, "android-generate")?;
            if pictures {
                journey::build(&context)?;
                return android::pictures(&context, &generated);
            }
            android::apk(&context, &generated, arm64.as_deref()).map(|()| true)
        }
        Command::Bench(arguments) => bench::run(&context, &arguments),
        Command::Soak(arguments) => soak::run(&context, &arguments),
    }
}
