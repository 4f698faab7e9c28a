//! What a platform is started with.

use crate::clock::Clock;
use crate::kms::TokenUri;
use kapok_protocol::api::identity::DocumentKind;
use kapok_protocol::api::profile::LoginWay;
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

/// Settings of one platform process.
#[derive(Clone)]
pub struct Config {
    /// Where databases and key files live; made when absent.
    pub dir: PathBuf,
    /// The phone's side, TLS. Port 0 = a free port.
    pub https: SocketAddr,
    /// The browser's side, plain http: loopback addresses only. Port 0 = a free port.
    pub http: SocketAddr,
    /// What the system allows and is called.
    pub profile: ProfileFile,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Base of the addresses of CRLs and CA certificates, as they stand in certificates; without a final slash.
    pub pki_base: String,
    /// Where the PIN guard keeps its counts and shares.
    pub guard: GuardSettings,
    /// The PKCS#11 token with the keys of guard and face service; key files in `dir` where none is given.
    pub token: Option<TokenUri>,
    /// The simulators are on, with their people and accounts: for a demonstration or tests on one machine. Off, `/sim` is 404.
    pub development: bool,
}

/// Settings of the PIN guard. No derived `Debug`: the address may hold a password.
#[derive(Clone, Default)]
pub struct GuardSettings {
    /// Address of a PostgreSQL database, `postgres://…`, that several guards may share; `guard.db` in the platform's folder by default.
    pub database: Option<String>,
    /// On how many machines a write of the guard is before it is answered, its own database among them. None: 1 in development, else 2.
    pub copies: Option<u32>,
}

impl GuardSettings {
    /// The same with [`GuardSettings::copies`] decided.
    pub fn decided(&self, development: bool) -> Self {
        let usual = if development { 1 } else { 2 };
        Self {
            copies: Some(self.copies.unwrap_or(usual)),
            ..self.clone()
        }
    }
}

/// A profile as its TOML file says it; unknown fields are refused, so that a typing mistake is noticed at start.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileFile {
    /// Stable name.
    pub id: String,
    /// Name shown to people.
    pub title: String,
    /// Oldest app version that is served.
    pub min_app: String,
    /// Newest app version.
    pub latest_app: String,
    /// Ways to log in, in the order of the login page.
    pub login_ways: Vec<LoginWay>,
    /// Documents that may use face (YST-058 to YST-061).
    pub face_documents: Vec<DocumentKind>,
    /// Host in the PC's QR text.
    pub qr_host: String,
    /// Version of the privacy text.
    pub privacy_version: String,
    /// Numbers of the face handoff.
    pub face: FaceLimits,
    /// Numbers of invites.
    pub invites: InviteLimits,
    /// Numbers of the password login.
    pub password: PasswordLimits,
}

/// Limits of the face handoff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaceLimits {
    /// Face checks that one handoff allows.
    pub tries_per_handoff: u32,
    /// Face checks a day for one person on one device.
    pub daily_per_person_and_device: u32,
    /// Face checks a day for one person on devices that the account does not know.
    pub daily_per_person: u32,
    /// WeChat scenes from which the mini program may start a handoff of the same phone.
    pub same_device_scenes: ScenesSame,
    /// WeChat scenes that a camera scan gives, for a handoff to another phone.
    pub cross_device_scenes: ScenesCross,
}

/// Scene numbers of a mini program opened by an app: 1069 and those that keep the earlier state.
pub type ScenesSame = [u32; 3];
/// Scene numbers of a mini program opened by scanning a code with the camera.
pub type ScenesCross = [u32; 2];

/// Limits of invite links.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InviteLimits {
    /// Hours that a link lives, at most 168.
    pub link_hours: u32,
    /// Longest grant, in days.
    pub max_valid_days: u32,
    /// Words that a scope may hold.
    pub scopes: Vec<String>,
}

/// Limits of the password login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PasswordLimits {
    /// Wrong passwords before the account waits.
    pub tries: u32,
    /// Minutes that it waits.
    pub wait_minutes: u32,
}

impl ProfileFile {
    /// Reads a profile; the error names the line and the field.
    pub fn from_toml(text: &str) -> Result<Self, StartError> {
        toml::from_str(text).map_err(|e| StartError::Profile(e.to_string()))
    }

    /// The profile of 粤商通 with 粤企签, which the demonstration uses.
    pub fn yst() -> Result<Self, StartError> {
        Self::from_toml(include_str!("../profiles/yst.toml"))
    }
}

/// Why a platform did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The browser's side would listen beyond this machine.
    #[error("the plain http side may listen on a loopback address only")]
    HttpNotLoopback,
    /// A file or socket.
    #[error("{0}: {1}")]
    Io(&'static str, #[source] std::io::Error),
    /// The database did not open or a migration failed.
    #[error("database: {0}")]
    Store(#[from] crate::store::StoreError),
    /// Fewer servers hold a write of the guard than the settings ask for.
    #[error(
        "the guard's database is in one place only, and {0} are asked for: set up synchronous standbys of its PostgreSQL, or set guard.copies to 1"
    )]
    OneCopy(u32),
    /// The guard's database is older than its witness.
    #[error(
        "the guard's database was put back from an older copy; its counts of tries cannot be trusted"
    )]
    GuardRolledBack,
    /// A folder in which no platform was started yet.
    #[error("there is no platform in {0}")]
    NoPlatform(PathBuf),
    /// A key file is damaged.
    #[error("key file {0} is damaged")]
    KeyFile(String),
    /// The key store did not do what it was asked.
    #[error("key store: {0}")]
    Kms(#[from] crate::kms::KmsError),
    /// No token of this label.
    #[error("there is no token {0}")]
    NoToken(String),
    /// The token lacks a key.
    #[error("there is no key {0}; `kapok make-keys` makes what a token lacks")]
    NoKey(String),
    /// Two keys of one name: which one is meant cannot be known.
    #[error("the token has more than one key {0}")]
    KeyTwice(String),
    /// The TLS certificate could not be made.
    #[error("TLS: {0}")]
    Tls(String),
    /// The profile or the simulators' data is not valid.
    #[error("profile: {0}")]
    Profile(String),
}
