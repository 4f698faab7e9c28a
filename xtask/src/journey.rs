//! What the journeys in Kotlin and Swift meet: a `kapok up` of their own, and the program that stands around the phone.

use anyhow::{Context as _, Result, bail};
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::context::Context;
use crate::count::Count;

const BUILD_LIMIT: Duration = Duration::from_secs(45 * 60);
const JUDGE_LIMIT: Duration = Duration::from_secs(2 * 60);

/// Builds `kapok` and `counterpart`.
pub fn build(context: &Context) -> Result<()> {
    // `--workspace`: the same features as in the tests, so that nothing is built twice.
    let build = [
        "build",
        "--workspace",
        "--bin",
        "kapok",
        "--bin",
        "counterpart",
        "--locked",
    ];
    let mut cargo = context.linting_cargo(&build);
    context.must("journey-build", &mut cargo, BUILD_LIMIT)?;
    Ok(())
}

/// A platform with fresh databases on free ports of this machine; it ends with this value.
pub struct Platform {
    child: Child,
    http: String,
    https: String,
    root: String,
    counterpart: PathBuf,
    /// What is signed, for [`Platform::judge`].
    signed: PathBuf,
}

impl Platform {
    /// Starts `kapok up` for the journey in one language and waits for its addresses.
    pub fn start(context: &Context, language: &str) -> Result<Self> {
        let dir = context.scratch.join(format!("{language}-platform"));
        if dir.exists() {
            fs::remove_dir_all(&dir)?;
        }
        let signed = context.scratch.join(format!("{language}-signed"));
        if signed.exists() {
            fs::remove_dir_all(&signed)?;
        }
        fs::create_dir_all(&signed)?;
        let log = context.scratch.join(format!("{language}-platform.log"));
        let mut child = Command::new(context.path("target/debug/kapok"))
            .args(["up", "--json", "--http-port", "0", "--https-port", "0"])
            .arg("--dir")
            .arg(&dir)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(&log)?)
            .spawn()
            .context("cannot start `kapok up`")?;
        let mut line = String::new();
        if let Some(out) = child.stdout.take() {
            BufReader::new(out).read_line(&mut line)?;
        }
        let Some([http, https, root]) = addresses(&line) else {
            let _ = child.kill();
            let _ = child.wait();
            bail!("`kapok up` did not start (log: {})", log.display());
        };
        Ok(Self {
            child,
            http,
            https,
            root,
            counterpart: context.path("target/debug/counterpart"),
            signed,
        })
    }

    /// Tells a test where everything is.
    pub fn tell(&self, test: &mut Command) {
        test.env("KAPOK_HTTP", &self.http)
            .env("KAPOK_HTTPS", &self.https)
            .env("KAPOK_ROOT", &self.root)
            .env("KAPOK_COUNTERPART", &self.counterpart)
            .env("KAPOK_SIGNED", &self.signed);
    }

    /// Whether software that is not ours accepts all that the tests have signed.
    pub fn judge(&self, context: &Context) -> Result<Count> {
        let mut judge = Command::new(&self.counterpart);
        judge.arg("judge").arg(&self.signed);
        let finished = context.run("journey-judge", &mut judge, JUDGE_LIMIT)?;
        if !finished.status.success() {
            finished.show();
        }
        Ok(Count::one(finished.status.success()))
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The addresses of both sides and the root certificate's file, out of what `kapok up --json` prints.
fn addresses(line: &str) -> Option<[String; 3]> {
    let value: serde_json::Value = serde_json::from_str(line).ok()?;
    let text = |name: &str| Some(value.get(name)?.as_str()?.to_owned());
    Some([text("http")?, text("https")?, text("root")?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_without_all_addresses_is_none() {
        let line = r#"{"http":"http://a","https":"https://b","root":"c.pem"}"#;
        let wanted = ["http://a", "https://b", "c.pem"].map(str::to_owned);
        assert_eq!(addresses(line), Some(wanted));
        assert_eq!(addresses(r#"{"http":"http://a","https":null}"#), None);
        assert_eq!(addresses(""), None);
    }
}
