//! The one list of what the tests need beside Rust and a C compiler, with a probe for each.
//!
//! On Debian as root, what is missing is installed; elsewhere it is named, with the way to get it.

mod install;

use anyhow::{Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::context::{Context, duration, on_path};

const REQUIREMENTS: &str = "tests/judges/python/requirements.txt";
const JUDGE_POM: &str = "tests/judges/java/pom.xml";

/// Where a tool comes from.
#[derive(Clone, Copy)]
pub enum Source {
    /// A program or file of these Debian packages.
    Apt(&'static [&'static str]),
    /// PyPI packages in a virtual environment of ours.
    Pip,
    /// npm packages, by the lock file in this folder.
    Npm(&'static str),
    /// Node.js itself, as npm has it: Debian 12's is older than playwright takes.
    Node,
    /// Our Java judge, built with what Maven resolves into `~/.m2`.
    Maven,
    /// zig from PyPI, in a virtual environment of ours: a C compiler for phones.
    Zig,
    /// What the Android shell is compiled from and with, as Maven resolves it into `~/.m2` by `android/deps`.
    Android,
    /// Swift out of Debian trixie's packages, in a folder of its own.
    Swift,
}

/// One thing that is needed.
#[derive(Clone, Copy)]
pub struct Tool {
    name: &'static str,
    source: Source,
    there: fn(&Context) -> bool,
    parts: &'static [&'static str],
    elsewhere: &'static str,
}

const JUDGING: &[&str] = &["judges", "rust", "demo"];
/// What the judge of the journeys in other languages needs.
const PDFSIG: &[&str] = &["judges", "rust", "demo", "bindings", "android", "ios"];

const TOOLS: &[Tool] = &[
    Tool {
        name: "pdfsig and pdftoppm",
        source: Source::Apt(&["poppler-utils"]),
        there: |_| on_path("pdfsig") && on_path("pdftoppm"),
        parts: PDFSIG,
        elsewhere: "install poppler with its command line tools",
    },
    Tool {
        name: "certutil of NSS",
        source: Source::Apt(&["libnss3-tools"]),
        there: |_| on_path("certutil"),
        parts: PDFSIG,
        elsewhere: "install the tools of NSS: pdfsig trusts what is in an NSS database",
    },
    Tool {
        name: "qpdf",
        source: Source::Apt(&["qpdf"]),
        there: |_| on_path("qpdf"),
        parts: JUDGING,
        elsewhere: "install qpdf",
    },
    Tool {
        name: "mutool",
        source: Source::Apt(&["mupdf-tools"]),
        there: |_| on_path("mutool"),
        parts: JUDGING,
        elsewhere: "install the MuPDF command line tools",
    },
    Tool {
        name: "openssl 3",
        source: Source::Apt(&["openssl"]),
        there: |_| on_path("openssl"),
        parts: PDFSIG,
        elsewhere: "install OpenSSL 3 (LibreSSL has no SM2)",
    },
    Tool {
        name: "a CJK font",
        source: Source::Apt(&["fonts-noto-cjk"]),
        there: |_| Path::new("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc").is_file(),
        parts: &["rust", "browser", "demo"],
        elsewhere: "install Noto Sans CJK and Noto Serif CJK",
    },
    Tool {
        name: "a JDK, 17 or later",
        source: Source::Apt(&["openjdk-17-jdk-headless"]),
        there: |_| on_path("javac"),
        parts: &["judges", "rust", "demo", "bindings", "android"],
        elsewhere: "install a JDK, 17 or later",
    },
    Tool {
        name: "Maven",
        source: Source::Apt(&["maven"]),
        there: |_| on_path("mvn"),
        parts: &["judges", "rust", "demo", "bindings", "android"],
        elsewhere: "install Apache Maven 3.8 or later",
    },
    Tool {
        name: "PostgreSQL 15 or later",
        source: Source::Apt(&["postgresql"]),
        there: |_| postgres_is_there(),
        parts: &["rust"],
        elsewhere: "install PostgreSQL 15 or later with initdb and pg_ctl",
    },
    Tool {
        name: "SoftHSM 2",
        source: Source::Apt(&["softhsm2"]),
        there: |_| on_path("softhsm2-util"),
        parts: &["rust"],
        elsewhere: "install SoftHSM 2, with its library at /usr/lib/softhsm/libsofthsm2.so",
    },
    Tool {
        name: "Python 3.11 with venv",
        source: Source::Apt(&["python3-venv", "python3"]),
        there: |_| install::succeeds("python3", &["-c", "import ensurepip, venv"]),
        parts: &["judges", "rust", "demo", "targets"],
        elsewhere: "install Python 3.11 or later",
    },
    Tool {
        name: "Node.js and npm",
        source: Source::Apt(&["nodejs", "npm"]),
        there: |_| on_path("node") && on_path("npm"),
        parts: &["page", "browser"],
        elsewhere: "install Node.js 20 or later",
    },
    Tool {
        name: "Node.js 20 or later",
        source: Source::Node,
        there: |context| install::node_is_new() || node_folder(context).join("node").is_file(),
        parts: &["page", "browser"],
        elsewhere: "",
    },
    Tool {
        name: "Chromium",
        source: Source::Apt(&["chromium"]),
        there: |_| Path::new("/usr/bin/chromium").is_file(),
        parts: &["browser"],
        elsewhere: "install Chromium as /usr/bin/chromium",
    },
    Tool {
        name: "the Python judge's packages",
        source: Source::Pip,
        there: |context| {
            !context.path(REQUIREMENTS).exists()
                || install::same_text(
                    &context.path(REQUIREMENTS),
                    &venv(context).join("requirements.txt"),
                )
        },
        parts: JUDGING,
        elsewhere: "",
    },
    Tool {
        name: "the Java judge",
        source: Source::Maven,
        there: |context| !context.path(JUDGE_POM).exists() || install::judge_is_current(context),
        parts: JUDGING,
        elsewhere: "",
    },
    Tool {
        name: "npm packages of the PC page",
        source: Source::Npm("platform/page"),
        there: |context| install::npm_is_current(context, "platform/page"),
        parts: &["page"],
        elsewhere: "",
    },
    Tool {
        name: "npm packages of the browser tests",
        source: Source::Npm("tests/browser"),
        there: |context| install::npm_is_current(context, "tests/browser"),
        parts: &["browser"],
        elsewhere: "",
    },
    Tool {
        name: "Python 3",
        source: Source::Apt(&["python3"]),
        there: |_| on_path("python3"),
        parts: &["android"],
        elsewhere: "install Python 3.11 or later",
    },
    Tool {
        name: "AndroidX, the Kotlin compiler and Robolectric",
        source: Source::Android,
        there: |context| install::succeeds_in(context, "python3", &["android/build.py", "there"]),
        parts: &["android"],
        elsewhere: "",
    },
    Tool {
        name: "Swift 6",
        source: Source::Swift,
        there: |_| on_path("swiftc") || swift_folder().join(".swift-6.0.3").exists(),
        parts: &["bindings", "ios"],
        elsewhere: "install Swift 6 (Xcode 16, or swift.org's toolchain)",
    },
    Tool {
        name: "rustc with the standard library's source, clang, lld and llvm",
        source: Source::Apt(&[
            "rustc-web",
            "cargo-web",
            "rust-web-src",
            "clang",
            "lld",
            "llvm",
            "binutils",
        ]),
        there: |_| {
            Path::new("/usr/bin/rustc").is_file()
                && Path::new("/usr/lib/rustlib/src/rust/library/vendor").is_dir()
                && Path::new("/usr/lib/llvm-14/bin/ld64.lld").is_file()
                && ["clang", "llvm-ar", "readelf"].into_iter().all(on_path)
        },
        parts: &["targets"],
        elsewhere: "this part knows Debian's packages only: build with xtask/mobile/ndk.sh and xcframework.sh",
    },
    Tool {
        name: "zig",
        source: Source::Zig,
        there: |context| zig(context).is_file(),
        parts: &["targets"],
        elsewhere: "",
    },
];

/// Whether there is a server to start: Debian has it in a folder for each version.
fn postgres_is_there() -> bool {
    let versions = std::fs::read_dir("/usr/lib/postgresql");
    let mut programs = versions.into_iter().flatten().flatten();
    programs.any(|version| version.path().join("bin/initdb").is_file()) || on_path("initdb")
}

/// Everything.
pub fn all() -> Vec<Tool> {
    TOOLS.to_vec()
}

/// What these parts need.
pub fn for_parts(parts: &[&str]) -> Vec<Tool> {
    TOOLS
        .iter()
        .filter(|tool| tool.parts.iter().any(|part| parts.contains(part)))
        .copied()
        .collect()
}

/// The virtual environment of the Python judge.
pub fn venv(context: &Context) -> PathBuf {
    context.path("target/judges/venv")
}

/// The Java judge; its libraries lie beside it in `lib/`.
pub fn judge_jar(context: &Context) -> PathBuf {
    context.path("target/judges/java/kapok-judge.jar")
}

/// Where our own Node.js lies, if the system's is too old.
fn node_folder(context: &Context) -> PathBuf {
    let package = format!("target/node/node_modules/{}", install::node_package());
    context.path(&package).join("bin")
}

/// `npm run --silent SCRIPT` in this folder, by a Node.js that is new enough.
pub fn npm_run(context: &Context, folder: &str, script: &str) -> Command {
    let mut command = Command::new("npm");
    command
        .args(["run", "--silent", script])
        .current_dir(context.path(folder));
    let own = node_folder(context);
    if own.is_dir() {
        let before = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(own).chain(std::env::split_paths(&before));
        if let Ok(path) = std::env::join_paths(folders) {
            command.env("PATH", path);
        }
    }
    command
}

/// Where Swift is unpacked: outside of the checkout, because it has 1.6 GB.
pub fn swift_folder() -> PathBuf {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = std::env::var_os("HOME")
        .map(PathBuf::from)
        .unwrap_or_default();
    cache
        .unwrap_or_else(|| home.join(".cache"))
        .join("kapok/swift")
}

/// zig, as PyPI's package has it.
pub fn zig(context: &Context) -> PathBuf {
    let python = "target/mobile/zig/lib";
    let inside = "site-packages/ziglang/zig";
    let versions = std::fs::read_dir(context.path(python))
        .into_iter()
        .flatten();
    versions
        .flatten()
        .map(|version| version.path().join(inside))
        .find(|path| path.is_file())
        .unwrap_or_else(|| context.path(python).join(inside))
}

/// Makes sure that all of `tools` are there.
pub fn provide(context: &Context, tools: &[Tool]) -> Result<()> {
    let missing: Vec<&Tool> = tools.iter().filter(|tool| !(tool.there)(context)).collect();
    install::packages(context, &missing)?;
    for tool in &missing {
        let started = Instant::now();
        match tool.source {
            Source::Apt(_) => continue,
            Source::Pip => install::python(context)?,
            Source::Npm(folder) => install::npm(context, folder)?,
            Source::Node => install::node(context)?,
            Source::Maven => install::java_judge(context)?,
            Source::Android => install::android(context)?,
            Source::Swift => install::swift(context)?,
            Source::Zig => install::zig(context)?,
        }
        println!("tools: {} ({})", tool.name, duration(started.elapsed()));
    }
    for tool in &missing {
        if !(tool.there)(context) {
            bail!("{} was installed and is still not found", tool.name);
        }
    }
    Ok(())
}
