//! Where the repository is, and how commands run: output to a log file, with a time limit.

use anyhow::{Context as _, Result, bail};
use std::fs::{self, File};
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

    /// `cargo` for builds on the dev profile: clippy compiles our own crates, so that one build is both linted and tested. Every build of a run
    /// has to go through it; cargo keeps what plain rustc has compiled apart.
    pub fn linting_cargo(&self, arguments: &[&str]) -> Command {
        let mut command = self.cargo(arguments);
        command
            .env("RUSTC_WORKSPACE_WRAPPER", "clippy-driver")
            // As `cargo clippy -- -D warnings` hands it on.
            .env(
                "CLIPPY_ARGS",
                "-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__",
            );
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

/// Starts a command that writes both streams to `file`; Ctrl-C reaches it as it reaches us.
pub fn spawn(command: &mut Command, file: &File) -> Result<Child> {
    command
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file.try_clone()?)
        .spawn()
        .with_context(|| format!("cannot start `{}`", shown(command)))
}

/// Waits for a child, calling `look` with its id ten times a second; ends it and all below it after `limit`.
pub fn wait(child: &mut Child, limit: Duration, mut look: impl FnMut(u32)) -> Result<ExitStatus> {
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if started.elapsed() > limit {
            let below = descendants(child.id());
            let _ = child.kill();
            let _ = child.wait();
            let _ = Command::new("kill").arg("-KILL").args(below).output();
            bail!("still running after {}: ended", duration(limit));
        }
        look(child.id());
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Ids of all processes below one, where the system has `/proc`: a test that hangs would go on after its `cargo test`.
fn descendants(id: u32) -> Vec<String> {
    let mut found = vec![id.to_string()];
    let parents: Vec<(String, String)> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
            // `id (name) state parent …`, and the name may hold anything.
            let parent = stat.rsplit_once(") ")?.1.split(' ').nth(1)?.to_owned();
            Some((entry.file_name().to_string_lossy().into_owned(), parent))
        })
        .collect();
    let mut next = 0;
    while let Some(parent) = found.get(next).cloned() {
        found.extend(
            parents
                .iter()
                .filter(|(_, of)| *of == parent)
                .map(|(id, _)| id.clone()),
        );
        next += 1;
    }
    found.split_off(1)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_too_long_is_ended_with_all_below_it() {
        let folder = std::env::temp_dir();
        let log = File::create(folder.join(format!("kapok-xtask-{}", std::process::id()))).unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 600 & wait"]);
        let mut child = spawn(&mut command, &log).unwrap();
        let mut below = Vec::new();
        let ended = wait(&mut child, Duration::from_secs(2), |id| {
            below = descendants(id)
        });
        assert!(ended.is_err());
        assert!(!below.is_empty());
        let until = Instant::now() + Duration::from_secs(10);
        for id in below {
            while is_alive(&id) {
                assert!(Instant::now() < until, "{id} goes on");
                std::thread::yield_now();
            }
        }
    }

    /// A process that was killed and not yet collected by its new parent counts as ended.
    fn is_alive(id: &str) -> bool {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        !stat.is_empty() && !stat.contains(") Z ")
    }

    #[test]
    fn times_are_said_as_people_say_them() {
        assert_eq!(duration(Duration::from_millis(4_210)), "4.2 s");
        assert_eq!(duration(Duration::from_secs(187)), "3 min 07 s");
    }
}
