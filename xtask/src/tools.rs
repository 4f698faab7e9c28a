//! The one list of what the tests need beside Rust and a C compiler, with a probe for each.
//!
//! On Debian as root, what is missing is installed; elsewhere it is named, with the way to get it.

use anyhow::{Context as _, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::context::{Context, duration, on_path};

const LIMIT: Duration = Duration::from_secs(30 * 60);
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
    /// Our Java judge, built with what Maven resolves into `~/.m2`.
    Maven,
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

const JUDGING: &[&str] = &["judges", "rust"];

const TOOLS: &[Tool] = &[
    Tool {
        name: "pdfsig and pdftoppm",
        source: Source::Apt(&["poppler-utils"]),
        there: |_| on_path("pdfsig") && on_path("pdftoppm"),
        parts: JUDGING,
        elsewhere: "install poppler with its command line tools",
    },
    Tool {
        name: "certutil of NSS",
        source: Source::Apt(&["libnss3-tools"]),
        there: |_| on_path("certutil"),
        parts: JUDGING,
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
        parts: JUDGING,
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
        parts: &["judges", "rust", "bindings"],
        elsewhere: "install a JDK, 17 or later",
    },
    Tool {
        name: "Maven",
        source: Source::Apt(&["maven"]),
        there: |_| on_path("mvn"),
        parts: &["judges", "rust", "bindings"],
        elsewhere: "install Apache Maven 3.8 or later",
    },
    Tool {
        name: "Python 3.11 with venv",
        source: Source::Apt(&["python3-venv", "python3"]),
        there: |_| succeeds("python3", &["-c", "import ensurepip, venv"]),
        parts: JUDGING,
        elsewhere: "install Python 3.11 or later",
    },
    Tool {
        name: "Node.js and npm",
        source: Source::Apt(&["nodejs", "npm"]),
        there: |_| on_path("node") && on_path("npm"),
        parts: &["page", "browser"],
        elsewhere: "install Node.js 18 or later",
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
                || same_text(
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
        there: |context| {
            !context.path(JUDGE_POM).exists()
                || judge_jar(context).exists()
                    && fs::read_to_string(judge_stamp(context)).ok() == judge_inputs(context).ok()
        },
        parts: JUDGING,
        elsewhere: "",
    },
    Tool {
        name: "npm packages of the PC page",
        source: Source::Npm("platform/page"),
        there: |context| npm_is_current(context, "platform/page"),
        parts: &["page"],
        elsewhere: "",
    },
    Tool {
        name: "npm packages of the browser tests",
        source: Source::Npm("tests/browser"),
        there: |context| npm_is_current(context, "tests/browser"),
        parts: &["browser"],
        elsewhere: "",
    },
    Tool {
        name: "Swift 6",
        source: Source::Swift,
        there: |_| on_path("swiftc") || swift_folder().join(".swift-6.0.3").exists(),
        parts: &["bindings", "ios"],
        elsewhere: "install Swift 6 (Xcode 16, or swift.org's toolchain)",
    },
];

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

/// Makes sure that all of `tools` are there.
pub fn provide(context: &Context, tools: &[Tool]) -> Result<()> {
    let missing: Vec<&Tool> = tools.iter().filter(|tool| !(tool.there)(context)).collect();
    install_packages(context, &missing)?;
    for tool in &missing {
        let started = Instant::now();
        match tool.source {
            Source::Apt(_) => continue,
            Source::Pip => install_python(context)?,
            Source::Npm(folder) => install_npm(context, folder)?,
            Source::Maven => build_java_judge(context)?,
            Source::Swift => install_swift(context)?,
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

/// Installs Debian packages, or says which tools a person must get.
fn install_packages(context: &Context, missing: &[&Tool]) -> Result<()> {
    let packages: Vec<&str> = missing
        .iter()
        .filter_map(|tool| match tool.source {
            Source::Apt(packages) => Some(packages),
            _ => None,
        })
        .flatten()
        .copied()
        .collect();
    let by_hand: Vec<&&Tool> = missing
        .iter()
        .filter(|tool| !tool.elsewhere.is_empty())
        .collect();
    if !is_debian_root() && !by_hand.is_empty() {
        for tool in &by_hand {
            println!("missing: {}: {}", tool.name, tool.elsewhere);
        }
        bail!(
            "{} tools are missing; on Debian as root they are installed for you (packages: {})",
            by_hand.len(),
            packages.join(" ")
        );
    }
    if packages.is_empty() {
        return Ok(());
    }
    let started = Instant::now();
    let mut update = Command::new("apt-get");
    update.args(["-qq", "-o", "Acquire::Retries=3", "update"]);
    context.must("apt-update", &mut update, LIMIT)?;
    let mut install = Command::new("apt-get");
    install
        .args([
            "-qq",
            "-y",
            "--no-install-recommends",
            "-o",
            "Acquire::Retries=3",
            "install",
        ])
        .args(&packages)
        .env("DEBIAN_FRONTEND", "noninteractive");
    context.must("apt-install", &mut install, LIMIT)?;
    println!(
        "tools: {} ({})",
        packages.join(" "),
        duration(started.elapsed())
    );
    Ok(())
}

fn is_debian_root() -> bool {
    Path::new("/etc/debian_version").exists() && on_path("apt-get") && output("id", &["-u"]) == "0"
}

fn install_python(context: &Context) -> Result<()> {
    let folder = venv(context);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let mut create = Command::new("python3");
    create.args(["-m", "venv"]).arg(&folder);
    context.must("venv", &mut create, LIMIT)?;
    let mut pip = Command::new(folder.join("bin/pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check", "-r"])
        .arg(context.path(REQUIREMENTS));
    context.must("pip", &mut pip, LIMIT)?;
    // The stamp comes last: a broken installation is done again.
    fs::copy(context.path(REQUIREMENTS), folder.join("requirements.txt"))?;
    Ok(())
}

fn install_npm(context: &Context, folder: &str) -> Result<()> {
    let mut npm = Command::new("npm");
    npm.args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
        .current_dir(context.path(folder));
    context.must("npm", &mut npm, LIMIT)?;
    fs::copy(
        context.path(folder).join("package-lock.json"),
        context.path(folder).join("node_modules/.kapok-lock.json"),
    )?;
    Ok(())
}

fn npm_is_current(context: &Context, folder: &str) -> bool {
    let lock = context.path(folder).join("package-lock.json");
    !lock.exists()
        || same_text(
            &lock,
            &context.path(folder).join("node_modules/.kapok-lock.json"),
        )
}

fn build_java_judge(context: &Context) -> Result<()> {
    let mut maven = Command::new("mvn");
    maven
        .args(["-q", "-B", "-f"])
        .arg(context.path(JUDGE_POM))
        .arg("package");
    context.must("maven", &mut maven, LIMIT)?;
    fs::write(judge_stamp(context), judge_inputs(context)?)?;
    Ok(())
}

fn judge_stamp(context: &Context) -> PathBuf {
    context.path("target/judges/java/built-from")
}

/// All that the Java judge is built from, as one text.
fn judge_inputs(context: &Context) -> Result<String> {
    let mut text = fs::read_to_string(context.path(JUDGE_POM))?;
    let mut folders = vec![context.path("tests/judges/java/src")];
    while let Some(folder) = folders.pop() {
        let mut paths: Vec<PathBuf> = fs::read_dir(&folder)
            .with_context(|| format!("cannot list {}", folder.display()))?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()?;
        paths.sort();
        for path in paths {
            if path.is_dir() {
                folders.push(path);
            } else {
                text.push_str(&fs::read_to_string(&path)?);
            }
        }
    }
    Ok(text)
}

fn install_swift(context: &Context) -> Result<()> {
    let mut script = Command::new(context.path("xtask/swift/install.sh"));
    script.arg(swift_folder());
    context.must("swift-install", &mut script, LIMIT)?;
    Ok(())
}

fn same_text(one: &Path, other: &Path) -> bool {
    match (fs::read(one), fs::read(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

fn succeeds(program: &str, arguments: &[&str]) -> bool {
    Command::new(program)
        .args(arguments)
        .output()
        .is_ok_and(|output| output.status.success())
}

fn output(program: &str, arguments: &[&str]) -> String {
    Command::new(program)
        .args(arguments)
        .output()
        .map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
        .unwrap_or_default()
}
