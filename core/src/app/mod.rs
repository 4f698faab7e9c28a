//! Wiring: makes the app out of settings and ports, and runs what the capabilities' transitions return, one file a capability.

mod agents;
pub(crate) mod certificates;
mod enterprise;
pub mod events;
mod login;
pub(crate) mod net;
pub(crate) mod random;
mod seals;
pub(crate) mod session;
pub(crate) mod signing;
#[cfg(test)]
mod tests;
pub(crate) mod vault;

use crate::client::retry::Budget;
use crate::client::{Client, ClientError};
use crate::error::AppError;
use crate::ports::Ports;
use crate::profile::{self, PRIVACY_VERSION, PrivacyNotice};
use crate::store::{Store, StoreError};
use events::{Event, Queue, ShellRequest};
use kapok_protocol::api::profile::Profile;
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::DeviceId;
use net::Call;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use zeroize::Zeroizing;

const STORE_FILE: &str = "kapok.db";
const STORE_KEY: &str = "store-key";
const CELL_CONSENT: &str = "consent";
const CELL_DEVICE: &str = "device";
const CELL_PROFILE: &str = "profile";

/// What a shell decides before the app starts.
#[derive(Debug, Clone)]
pub struct Settings {
    /// A private directory that is not backed up; made if missing.
    pub dir: PathBuf,
    /// The platform's `https` address without a path.
    pub platform_url: String,
    /// The certificates that the platform's TLS is pinned to, PEM.
    pub trust_roots_pem: Vec<String>,
    /// `zh-CN`, `zh-HK` or `en`.
    pub locale: String,
    /// What a mini program shows as the asking phone, such as `Pixel 9`; at most 64 characters.
    pub device_label: String,
    /// This app's version, such as `0.1.0`.
    pub app_version: String,
}

impl Settings {
    fn check(&self) -> Result<(), AppError> {
        if !["zh-CN", "zh-HK", "en"].contains(&self.locale.as_str()) {
            return Err(AppError::field("locale", "unknown"));
        }
        let label = self.device_label.trim();
        if label.is_empty() || label.chars().any(char::is_control) {
            return Err(AppError::field("device_label", "format"));
        }
        if label.chars().count() > 64 {
            return Err(AppError::field("device_label", "too_long"));
        }
        Ok(())
    }
}

/// The app. Cheap to clone; all clones are one app.
#[derive(Clone)]
pub struct App {
    pub(crate) core: Arc<Core>,
}

/// What all capabilities share.
pub(crate) struct Core {
    pub(crate) settings: Settings,
    pub(crate) ports: Ports,
    pub(crate) device: DeviceId,
    pub(crate) store: Store,
    pub(crate) client: Client,
    pub(crate) session: session::Sessions,
    pub(crate) handoff: login::Handoff,
    pub(crate) invite: agents::Invite,
    pub(crate) signing: crate::signing::Slot,
    pub(crate) vault: vault::Vault,
    /// Held by the one install that runs.
    pub(crate) installing: tokio::sync::Mutex<()>,
    events: Queue<Event>,
    requests: Queue<ShellRequest>,
    consent: AtomicBool,
    too_old: AtomicBool,
    /// The platform's clock minus the phone's, in milliseconds.
    clock_offset: AtomicI64,
    budget: Mutex<Budget>,
}

impl App {
    /// Opens the app's files and checks the ports. Synchronous, needs no runtime, sends nothing.
    ///
    /// Ends in `INPUT_INVALID` at the setting that is wrong, `HARDWARE_KEY` if the key does not answer rightly, or `INTERNAL`
    /// with reason `store` if the directory cannot be written. A database of a newer app opens for reading; see
    /// [`App::read_only`].
    pub fn open(settings: Settings, ports: Ports) -> Result<Self, AppError> {
        settings.check()?;
        let public_key = ports.check()?;
        let client = Client::new(
            &settings.platform_url,
            &settings.trust_roots_pem,
            &settings.app_version,
        )
        .map_err(setting_error)?;
        let (store, lost) = open_store(&settings.dir, &ports)?;
        let device = DeviceId::of_key(&public_key);
        let replaced = bind_device(&store, device)?;
        let agreed: Option<String> = store.read_now(|unit| unit.cell(CELL_CONSENT))?;
        let session = session::Sessions::load(&store)?;
        let handoff = login::Handoff::load(&store)?;
        let invite = agents::Invite::load(&store)?;
        let core = Core {
            settings,
            ports,
            device,
            store,
            client,
            session,
            handoff,
            invite,
            signing: crate::signing::Slot::new(),
            vault: vault::Vault::default(),
            installing: tokio::sync::Mutex::new(()),
            events: Queue::new(),
            requests: Queue::new(),
            consent: AtomicBool::new(agreed.as_deref() == Some(PRIVACY_VERSION)),
            too_old: AtomicBool::new(false),
            clock_offset: AtomicI64::new(0),
            budget: Mutex::new(Budget::new()),
        };
        if lost || replaced {
            core.emit(Event::EnrolAgain);
        }
        Ok(Self {
            core: Arc::new(core),
        })
    }

    /// The data on this phone was written by a newer app: it is shown, and every act that would change it ends in `STORE_NEWER`.
    pub fn read_only(&self) -> bool {
        self.core.store.read_only()
    }

    /// This phone's number: derived from its hardware key.
    pub fn device_id(&self) -> DeviceId {
        self.core.device
    }

    /// The privacy text of the settings' locale, and whether it was agreed to. Offline.
    pub fn privacy(&self) -> PrivacyNotice {
        PrivacyNotice {
            version: PRIVACY_VERSION.into(),
            text: profile::privacy_text(&self.core.settings.locale).into(),
            agreed: self.core.consent.load(Ordering::Acquire),
        }
    }

    /// The person agrees to the privacy text of this version. Until then every call that would go online ends in
    /// `PRIVACY_REQUIRED`. Ends in `INPUT_INVALID` at `version` if it is not the version that was shown.
    pub async fn agree_privacy(&self, version: &str) -> Result<(), AppError> {
        if version != PRIVACY_VERSION {
            return Err(AppError::field("version", "unknown"));
        }
        self.core.store.set(CELL_CONSENT, PRIVACY_VERSION).await?;
        self.core.consent.store(true, Ordering::Release);
        Ok(())
    }

    /// The person withdraws the agreement: nothing is sent any more.
    pub async fn withdraw_privacy(&self) -> Result<(), AppError> {
        self.core.consent.store(false, Ordering::Release);
        Ok(self.core.store.remove(CELL_CONSENT).await?)
    }

    /// The platform's profile: asked from the platform, else the last one known. Ends in `APP_TOO_OLD` if this app is no longer
    /// served, `GUARD_TAMPERED` if the platform's keys are not those of first use, `OFFLINE` if none is known.
    pub async fn profile(&self) -> Result<Profile, AppError> {
        self.core.profile().await
    }

    /// Waits for the next event.
    pub async fn next_event(&self) -> Event {
        self.core.events.next().await
    }

    /// Waits for the next thing that the shell has to do.
    pub async fn next_request(&self) -> ShellRequest {
        self.core.requests.next().await
    }

    /// The app goes to the background: files are closed, no lock is left. Calls end in `STATE_WRONG` until [`App::resume`].
    pub async fn pause(&self) -> Result<(), AppError> {
        Ok(self.core.store.pause().await?)
    }

    /// The app is in the foreground again.
    pub async fn resume(&self) -> Result<(), AppError> {
        Ok(self.core.store.resume().await?)
    }
}

impl Core {
    pub(crate) fn emit(&self, event: Event) {
        self.events.push(event);
    }

    pub(crate) fn request(&self, request: ShellRequest) {
        self.requests.push(request);
    }

    /// Nothing leaves the phone before the privacy text is agreed to, or by an app that is no longer served.
    pub(crate) fn may_send(&self) -> Result<(), AppError> {
        if !self.consent.load(Ordering::Acquire) {
            return Err(ErrorCode::PrivacyRequired.into());
        }
        if self.too_old.load(Ordering::Acquire) {
            return Err(ErrorCode::AppTooOld.into());
        }
        Ok(())
    }

    /// The platform's time as far as it is known, milliseconds since the epoch.
    pub(crate) fn server_ms(&self) -> u64 {
        let offset = self.clock_offset.load(Ordering::Relaxed);
        self.ports.clock.unix_ms().saturating_add_signed(offset)
    }

    pub(crate) fn note_server_ms(&self, server_ms: u64) {
        let ahead = i128::from(server_ms) - i128::from(self.ports.clock.unix_ms());
        let offset = i64::try_from(ahead).unwrap_or(0);
        self.clock_offset.store(offset, Ordering::Relaxed);
    }

    pub(crate) fn budget(&self) -> MutexGuard<'_, Budget> {
        self.budget.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) async fn profile(&self) -> Result<Profile, AppError> {
        let earlier: Option<Profile> = self.store.get(CELL_PROFILE).await?;
        let served: Profile = match self.ask(Call::get("/v1/profile").public()).await {
            Ok(served) => served,
            Err(error) if error.code == ErrorCode::Offline => {
                return earlier.ok_or(error);
            }
            Err(error) => return Err(error),
        };
        let profile = profile::accept(earlier.as_ref(), served)?;
        self.store.set(CELL_PROFILE, profile.clone()).await?;
        if profile::too_old(&self.settings.app_version, &profile.min_app) {
            self.too_old.store(true, Ordering::Release);
            return Err(ErrorCode::AppTooOld.into());
        }
        Ok(profile)
    }

    /// The profile that this phone has seen last, else the platform's.
    pub(crate) async fn known_profile(&self) -> Result<Profile, AppError> {
        match self.store.get(CELL_PROFILE).await? {
            Some(profile) => Ok(profile),
            None => self.profile().await,
        }
    }
}

fn setting_error(error: ClientError) -> AppError {
    match error {
        ClientError::Url => AppError::field("platform_url", "format"),
        ClientError::Roots => AppError::field("trust_roots_pem", "format"),
        ClientError::Version => AppError::field("app_version", "format"),
        ClientError::Tls => ErrorCode::Internal.into(),
    }
}

/// Opens the database under the key of the secure storage. A database whose key is gone is moved aside (true): it can never be
/// read again, and the app must start with "enrol again" instead of an error.
fn open_store(dir: &Path, ports: &Ports) -> Result<(Store, bool), AppError> {
    let unwritable = |_| AppError {
        reason: Some("store".into()),
        ..AppError::new(ErrorCode::Internal)
    };
    std::fs::create_dir_all(dir).map_err(unwritable)?;
    let path = dir.join(STORE_FILE);
    if let Some(key) = ports.storage.get(STORE_KEY)? {
        let key: Zeroizing<[u8; 32]> = Zeroizing::new(
            key.as_slice()
                .try_into()
                .map_err(|_| StoreError::Malformed)?,
        );
        return Ok((Store::open(&path, &key)?, false));
    }
    let lost = path.exists();
    if lost {
        for end in ["", "-wal", "-shm"] {
            let from = dir.join(format!("{STORE_FILE}{end}"));
            if from.exists() {
                std::fs::rename(&from, dir.join(format!("unreadable.db{end}")))
                    .map_err(unwritable)?;
            }
        }
    }
    let key = random::secret::<32>()?;
    ports.storage.set(STORE_KEY, &key[..])?;
    Ok((Store::open(&path, &key)?, lost))
}

/// Notes whose hardware key the database belongs to. After a change (true) the login is dropped: its tokens are bound to the
/// old key.
fn bind_device(store: &Store, device: DeviceId) -> Result<bool, AppError> {
    let known: Option<DeviceId> = store.read_now(|unit| unit.cell(CELL_DEVICE))?;
    if known == Some(device) || store.read_only() {
        return Ok(false);
    }
    store.write_now(|unit| {
        session::remove(unit)?;
        unit.set_cell(CELL_DEVICE, &device)
    })?;
    Ok(known.is_some())
}

impl From<random::NoRandom> for AppError {
    fn from(_: random::NoRandom) -> Self {
        Self {
            reason: Some("random".into()),
            ..Self::new(ErrorCode::Internal)
        }
    }
}
