//! A real PostgreSQL for tests: a cluster of its own in a temporary folder, reached through a socket in it, gone with the process that made it.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// The user that PostgreSQL runs as where the tests run as root, which it refuses to; Debian's package makes it.
const SERVER_USER: &str = "postgres";

/// A running server.
pub struct Cluster {
    dir: PathBuf,
    options: String,
    /// Stops the server and deletes the folder when this end of the pipe is closed, in whatever way this process ends.
    _keeper: (Child, ChildStdin),
}

impl Cluster {
    /// Makes a cluster and starts its server. `durable` as in earnest: a commit is on disk when it is answered.
    pub fn start(durable: bool) -> Self {
        let dir = tempfile::Builder::new()
            .prefix("kapok-pg-")
            .tempdir()
            .expect("a folder")
            .keep();
        if rustix::process::geteuid().is_root() {
            done(Command::new("chown").arg(SERVER_USER).arg(&dir));
        }
        let mut keeper = as_server("sh", &dir)
            .args([
                "-c",
                "read -r end; \"$0\" -D data -m immediate stop; cd /; rm -rf \"$1\"",
            ])
            .arg(program("pg_ctl"))
            .arg(&dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Ctrl-C is for the tests; it sees them end.
            .process_group(0)
            .spawn()
            .expect("sh");
        let end = keeper.stdin.take().expect("its input");
        let on = if durable { "on" } else { "off" };
        let cluster = Self {
            options: format!(
                "-k '{}' -c listen_addresses='' -c max_connections=400 -c shared_buffers=32MB -c fsync={on}",
                dir.display()
            ),
            dir,
            _keeper: (keeper, end),
        };
        let settings = ["-D", "data", "-U", "kapok", "-A", "trust", "-N"];
        let encoding = ["-E", "UTF8", "--locale=C"];
        done(
            as_server(program("initdb"), &cluster.dir)
                .args(settings)
                .args(encoding),
        );
        cluster.start_server();
        cluster
    }

    /// Starts the server; it takes connections when this returns.
    pub fn start_server(&self) {
        let (options, log) = (self.options.as_str(), "log");
        done(
            self.control()
                .args(["-l", log, "-o", options, "-w", "start"]),
        );
    }

    /// Stops the server. `immediate` as a crash does, `fast` in order.
    pub fn stop_server(&self, mode: &str) {
        done(self.control().args(["-m", mode, "-w", "stop"]));
    }

    /// Address of an empty schema of the one database.
    pub fn schema(&self) -> String {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("s{}", NEXT.fetch_add(1, Ordering::Relaxed));
        self.sql(&format!("CREATE SCHEMA {name}"));
        format!(
            "postgres://kapok@localhost/postgres?host={}&options[search_path]={name}",
            self.dir.display()
        )
    }

    /// Runs statements as an operator does.
    pub fn sql(&self, text: &str) {
        let connection = ["-U", "kapok", "-d", "postgres", "-q"];
        let stop = ["-v", "ON_ERROR_STOP=1", "-c", text];
        done(
            as_server(program("psql"), &self.dir)
                .arg("-h")
                .arg(&self.dir)
                .args(connection)
                .args(stop),
        );
    }

    /// Makes a standby of this server and starts it; commits wait for it from now on.
    pub fn standby(&self) -> Standby<'_> {
        let host = self.dir.display();
        let from = format!("host='{host}' user=kapok application_name=standby");
        done(
            as_server(program("pg_basebackup"), &self.dir)
                .args(["-D", "standby", "-R", "-c", "fast", "-d", &from]),
        );
        let sockets = self.dir.join("sockets");
        done(as_server("mkdir", &self.dir).arg(&sockets));
        let standby = Standby {
            of: self,
            options: format!(
                "-k '{}' -c listen_addresses='' -c max_connections=400 -c fsync=off",
                sockets.display()
            ),
        };
        standby.start();
        self.sql("ALTER SYSTEM SET synchronous_standby_names = 'FIRST 1 (standby)'");
        self.sql("SELECT pg_reload_conf()");
        standby
    }

    fn control(&self) -> Command {
        let mut control = as_server(program("pg_ctl"), &self.dir);
        control.args(["-D", "data"]);
        control
    }
}

/// A server that copies another one, commit by commit.
pub struct Standby<'a> {
    of: &'a Cluster,
    options: String,
}

impl Standby<'_> {
    /// Starts it; it is ready when this returns.
    pub fn start(&self) {
        let options = self.options.as_str();
        done(
            self.control()
                .args(["-l", "standby.log", "-o", options, "-w", "start"]),
        );
    }

    /// Stops it as a crash does.
    pub fn stop(&self) {
        done(self.control().args(["-m", "immediate", "-w", "stop"]));
    }

    /// Address of a schema in this copy; it can be read only.
    pub fn schema(&self, of: &str) -> String {
        let (there, here) = (
            self.of.dir.display().to_string(),
            self.of.dir.join("sockets"),
        );
        of.replace(&there, &here.display().to_string())
    }

    fn control(&self) -> Command {
        let mut control = as_server(program("pg_ctl"), &self.of.dir);
        control.args(["-D", "standby"]);
        control
    }
}

impl Drop for Standby<'_> {
    fn drop(&mut self) {
        // It may be stopped already.
        let _ = self
            .control()
            .args(["-m", "immediate", "stop"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
    }
}

/// The cluster of this process for tests that need no disk.
pub fn shared() -> &'static Cluster {
    static SHARED: OnceLock<Cluster> = OnceLock::new();
    SHARED.get_or_init(|| Cluster::start(false))
}

/// A program of the newest PostgreSQL: Debian has them apart from the others.
fn program(name: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter();
    let newest = versions
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin").join(name))
        .filter(|path| path.is_file())
        .max();
    newest.unwrap_or_else(|| name.into())
}

fn as_server(program: impl AsRef<std::ffi::OsStr>, dir: &Path) -> Command {
    let mut command = if rustix::process::geteuid().is_root() {
        let mut command = Command::new("setpriv");
        let user = [
            "--reuid",
            SERVER_USER,
            "--regid",
            SERVER_USER,
            "--clear-groups",
        ];
        command.args(user).arg(program);
        command
    } else {
        Command::new(program)
    };
    command.current_dir(dir);
    command
}

fn done(command: &mut Command) {
    // A server that is started keeps what it was given: a pipe would never end.
    let (out, errors) = (tempfile::tempfile(), tempfile::tempfile());
    let mut errors = errors.expect("a file");
    command
        .stdin(Stdio::null())
        .stdout(out.expect("a file"))
        .stderr(errors.try_clone().expect("a file"));
    let status = command.status().expect("a program of PostgreSQL");
    if !status.success() {
        use std::io::{Read, Seek};
        let mut text = String::new();
        errors.rewind().expect("a file");
        errors.read_to_string(&mut text).expect("a text");
        panic!("{command:?}: {text}");
    }
}
