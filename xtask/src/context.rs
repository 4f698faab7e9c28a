//! Where the repository is, and how commands run: output to a log file, with a time limit.

use anyhow::{Context as _, Result, bail};
use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How much of a failed command's log is shown.
const SHOWN_LINES: usize = 120;

/// The repository and the folder of logs.
pub struct Context {
    /// Root of the workspace, absolute.
    pub root: PathBuf,
    /// `target/xtask`: logs, stamps and scratch files.
    pub scratch: PathBuf,
}

/// What a command left behind.
pub struct Finished {
    /// How it ended.
    pub status: ExitStatus,
    /// Its standard output and error, as they came.
    pub text: String,
    /// Where that text is kept.
    pub log: PathBuf,
}

impl Context {
    /// Finds the workspace that this program was built from.
    pub fn find() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .context("xtask lies in no workspace")?
            .to_path_buf();
        let scratch = root.join("target/xtask");
        fs::create_dir_all(&scratch)
            .with_context(|| format!("cannot create {}", scratch.display()))?;
        Ok(Self { root, scratch })
    }

    /// A path inside the repository.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// `cargo` with these arguments: the one that runs us.
    pub fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args(arguments).current_dir(&self.root);
        // Set for us by `cargo run`; a build script that sees them would be built again.
        command
            .env_remove("CARGO_MANIFEST_DIR")
            .env_remove("CARGO_MANIFEST_PATH");
        command
    }

    /// Runs a command to its end. Its output goes to `NAME.log`, not to the screen; it is ended after `limit`.
    pub fn run(&self, name: &str, command: &mut Command, limit: Duration) -> Result<Finished> {
        let log = self.scratch.join(format!("{name}.log"));
        let file = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
        let mut child = spawn(command, &file)?;
        let status = wait(&mut child, limit, |_| ())
            .with_context(|| format!("{} (log: {})", shown(command), log.display()))?;
        let text = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
        Ok(Finished { status, text, log })
    }

    /// Runs a command that must succeed.
    pub fn must(&self, name: &str, command: &mut Command, limit: Duration) -> Result<Finished> {
        let finished = self.run(name, command, limit)?;
        if !finished.status.success() {
            finished.show();
            bail!("`{}` failed ({})", shown(command), finished.status);
        }
        Ok(finished)
    }
}

impl Finished {
    /// Prints the end of the log.
    pub fn show(&self) {
        let lines: Vec<&str> = self.text.lines().collect();
        let from = lines.len().saturating_sub(SHOWN_LINES);
        println!("--- {} (last lines) ---", self.log.display());
        for line in lines.iter().skip(from) {
            println!("{line}");
        }
        println!("---");
    }
}

/// Starts a command in a process group of its own, writing both streams to `file`.
pub fn spawn(command: &mut Command, file: &File) -> Result<Child> {
    command
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file.try_clone()?)
        .process_group(0)
        .spawn()
        .with_context(|| format!("cannot start `{}`", shown(command)))
}

/// Waits for a child, calling `look` with its id ten times a second; ends its process group after `limit`.
pub fn wait(child: &mut Child, limit: Duration, mut look: impl FnMut(u32)) -> Result<ExitStatus> {
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if started.elapsed() > limit {
            let group = format!("-{}", child.id());
            let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
            let _ = child.wait();
            bail!("still running after {}: ended", duration(limit));
        }
        look(child.id());
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// A command as a person would type it.
pub fn shown(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(
        command
            .get_args()
            .map(|word| word.to_string_lossy().into_owned()),
    );
    words.join(" ")
}

/// A time for people: `4.2 s`, `3 min 07 s`.
pub fn duration(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds < 100.0 {
        return format!("{seconds:.1} s");
    }
    format!("{} min {:02} s", time.as_secs() / 60, time.as_secs() % 60)
}

/// Whether a program of this name is on the search path.
pub fn on_path(program: &str) -> bool {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&paths).any(|folder| folder.join(program).is_file())
}
