//! The simulators' pages as a program calls them over loopback: for the demo, the terminal phone and tests.

use super::mini::Walked;
use super::pc::{PcError, PortalClient};
use super::time::{Pass, Passed};
use serde_json::json;

/// Scene of a mini program that an app opened.
const FROM_APP: u32 = 1069;

/// Walks a person through the mini program: opens it with what the app gave, passes the face check, comes to the success page.
/// `path` is the mini program's path, `pages/face?h=<handoff id>`.
pub async fn walk(http_url: &str, path: &str, person: &str) -> Result<Walked, PcError> {
    let handoff = path.rsplit_once("h=").map_or(path, |(_, id)| id);
    let body = json!({ "person": person, "scene": FROM_APP, "outcome": "pass", "openid": person });
    PortalClient::new(http_url)
        .post(&format!("/sim/api/mini/{handoff}"), &body)
        .await
}

/// Lets time pass on a demonstration's platform; `NOT_FOUND` from one whose clock is the machine's.
pub async fn pass_time(http_url: &str, seconds: u32) -> Result<Passed, PcError> {
    PortalClient::new(http_url)
        .post("/sim/api/time", &Pass::of(seconds))
        .await
}

/// Reads a public file of the browser's side, such as `/crl/ca.crl`.
pub async fn fetch(http_url: &str, path: &str) -> Result<Vec<u8>, PcError> {
    PortalClient::new(http_url).get(path).await
}
