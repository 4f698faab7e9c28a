//! Guards in processes of their own.

use kapok_platform::keys::Keys;
use kapok_platform::role_keys::RoleKeys;
use kapok_protocol::guard::Signed;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Lines, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::oneshot;

/// It did not answer, or it said that it failed: nobody knows whether the message had its effect.
#[derive(Debug)]
pub struct NoAnswer;

/// Who waits for which number's answer; nothing once there are no answers any more.
type Waiting = Arc<Mutex<Option<HashMap<u64, oneshot::Sender<Option<Signed>>>>>>;

/// A guard process.
pub struct Guard {
    child: Mutex<Child>,
    input: Mutex<ChildStdin>,
    waiting: Waiting,
    next: AtomicU64,
    keys: RoleKeys,
}

impl Guard {
    /// Starts a guard on the folder and the database; it answers when this returns.
    pub fn start(dir: &Path, database: Option<&str>) -> Arc<Self> {
        let mut child = Command::new(env!("CARGO_BIN_EXE_guard"))
            .arg(dir)
            .args(database)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert_eq!(lines.next().unwrap().unwrap(), "ready");
        let waiting = Waiting::new(Mutex::new(Some(HashMap::new())));
        let told = Arc::clone(&waiting);
        std::thread::spawn(move || tell(lines, &told));
        Arc::new(Self {
            child: Mutex::new(child),
            input: Mutex::new(input),
            waiting,
            next: AtomicU64::new(0),
            keys: RoleKeys::open(&Keys::open(dir).unwrap(), "guard").unwrap(),
        })
    }

    /// Sends a message; what waits for its answer.
    pub fn send(&self, name: &str, message: &Signed) -> oneshot::Receiver<Option<Signed>> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let (answer, answered) = oneshot::channel();
        if let Some(waiting) = &mut *self.waiting.lock().unwrap() {
            waiting.insert(number, answer);
        }
        let message = hex::encode(message.to_bytes().unwrap());
        let line = format!("{number} {name} {message}\n");
        // What a dead process was sent waits until its last answer was read, then for nothing.
        let _ = self.input.lock().unwrap().write_all(line.as_bytes());
        answered
    }

    pub async fn answer(&self, name: &str, message: Signed) -> Result<Signed, NoAnswer> {
        let answer = self.send(name, &message).await;
        answer.ok().flatten().ok_or(NoAnswer)
    }

    pub fn sign_public(&self) -> &[u8; 33] {
        self.keys.sign_public()
    }

    pub fn delivery_public(&self) -> &[u8; 33] {
        self.keys.delivery_public()
    }

    /// `kill -9`, and its end.
    pub fn kill(&self) {
        let mut child = self.child.lock().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.kill();
    }
}

fn tell(lines: Lines<BufReader<ChildStdout>>, waiting: &Waiting) {
    for line in lines.map_while(Result::ok) {
        let Some((number, answer)) = parsed(&line) else {
            // It was killed in the midst of a line.
            break;
        };
        let mut waiting = waiting.lock().unwrap();
        let waits = waiting.as_mut().and_then(|all| all.remove(&number));
        // A thrown message has nobody who waits.
        let _ = waits.unwrap().send(answer);
    }
    *waiting.lock().unwrap() = None;
}

fn parsed(line: &str) -> Option<(u64, Option<Signed>)> {
    let (number, answer) = line.split_once(' ')?;
    let answer = match answer {
        "!" => None,
        hex => Some(Signed::from_bytes(&hex::decode(hex).ok()?).ok()?),
    };
    Some((number.parse().ok()?, answer))
}
