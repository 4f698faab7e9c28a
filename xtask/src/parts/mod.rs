//! The parts of `cargo xtask test`, in the order in which they run: what is quick and often fails comes first.

mod android;
mod bindings;
mod browser;
mod demo;
mod docs;
mod ios;
mod judges;
mod page;
mod rust;
mod targets;

use anyhow::Result;

use crate::context::Context;
use crate::count::Count;

/// One part of the tests.
pub struct Part {
    /// The name for `--only`.
    pub name: &'static str,
    /// What it shows, in a few words.
    pub about: &'static str,
    /// A path that must exist for the part to make sense here; empty if it always does.
    pub subject: &'static str,
    /// Runs it and counts its tests.
    pub run: fn(&Context) -> Result<Count>,
}

const PARTS: &[Part] = &[
    Part {
        name: "fmt",
        about: "the code is formatted",
        subject: "",
        run: rust::fmt,
    },
    Part {
        name: "docs",
        about: "generated documents are up to date",
        subject: "docs/behaviours.tsv",
        run: docs::run,
    },
    Part {
        name: "clippy",
        about: "all Rust targets are built, without a warning of rustc or clippy",
        subject: "",
        run: rust::clippy,
    },
    Part {
        name: "page",
        about: "lint of the PC page",
        subject: "platform/page/package.json",
        run: page::run,
    },
    Part {
        name: "judges",
        about: "the outside judges answer, in the pinned versions",
        subject: "tests/judges",
        run: judges::run,
    },
    Part {
        name: "rust",
        about: "all Rust tests, journeys included",
        subject: "",
        run: rust::test,
    },
    Part {
        name: "bindings",
        about: "generated Kotlin and Swift compile without warnings, and the library works from both",
        subject: "",
        run: bindings::run,
    },
    Part {
        name: "android",
        about: "the Android shell clicked under Robolectric over the real library; not run on a device",
        subject: "android/build.py",
        run: android::run,
    },
    Part {
        name: "ios",
        about: "the Swift wrappers and models over the real library; views type-checked, not compiled with Xcode",
        subject: "ios/Package.swift",
        run: ios::run,
    },
    Part {
        name: "demo",
        about: "the demo signs a PDF and a seal within its limits",
        subject: "terminal/src/demo",
        run: demo::run,
    },
    Part {
        name: "browser",
        about: "the PC page in a real browser",
        subject: "tests/browser/package.json",
        run: browser::run,
    },
    Part {
        name: "targets",
        about: "arm64 Android and iOS: builds, page size, system functions, size, privacy manifest",
        subject: "xtask/mobile",
        run: targets::run,
    },
];

/// The parts whose subject exists in this checkout.
pub fn present(context: &Context) -> Vec<Part> {
    PARTS
        .iter()
        .filter(|part| part.subject.is_empty() || context.path(part.subject).exists())
        .map(|part| Part { ..*part })
        .collect()
}
