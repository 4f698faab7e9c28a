//! The app and the way to its capabilities.

use crate::agents::Agents;
use crate::certificates::Certificates;
use crate::enterprises::Enterprises;
use crate::error::KapokError;
use crate::events::{KapokEvent, ShellRequest};
use crate::login::Login;
use crate::ports::Ports;
use crate::runtime::{CancelToken, run, run_until};
use crate::seals::Seals;
use crate::signing::Signing;
use crate::vault::Vault;
use kapok_core::types::{DeviceId, DocumentKind, LoginWay, Profile};
use kapok_core::{App, PrivacyNotice, Settings};
use std::sync::Arc;

/// The text that a person must agree to before the app goes online.
#[uniffi::remote(Record)]
pub struct PrivacyNotice {
    /// To be named in the agreement.
    pub version: String,
    /// Plain text; the first line is the title.
    pub text: String,
    /// It was agreed to on this phone.
    pub agreed: bool,
}

/// A way to log in.
#[uniffi::remote(Enum)]
pub enum LoginWay {
    Face,
    Password,
    Unknown,
}

/// What a shell decides before the app starts.
#[derive(Debug, Clone, uniffi::Record)]
pub struct AppSettings {
    /// A private directory that is not backed up; made if missing.
    pub dir: String,
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

impl From<AppSettings> for Settings {
    fn from(settings: AppSettings) -> Self {
        let AppSettings {
            dir,
            platform_url,
            trust_roots_pem,
            locale,
            device_label,
            app_version,
        } = settings;
        Self {
            dir: dir.into(),
            platform_url,
            trust_roots_pem,
            locale,
            device_label,
            app_version,
        }
    }
}

/// The system that the app talks to, as far as screens need it.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct SystemProfile {
    /// Name shown to people.
    pub title: String,
    /// Oldest app version that is served.
    pub min_app: String,
    /// Newest app version.
    pub latest_app: String,
    /// Ways to log in, in the order of the login page.
    pub login_ways: Vec<LoginWay>,
    /// Documents that may use face.
    pub face_documents: Vec<DocumentKind>,
    /// Version of the privacy text that must be agreed before anything is sent.
    pub privacy_version: String,
}

impl From<Profile> for SystemProfile {
    fn from(profile: Profile) -> Self {
        let Profile {
            id: _,
            title,
            min_app,
            latest_app,
            login_ways,
            face_documents,
            qr_host: _,
            privacy_version,
            keys: _,
        } = profile;
        Self {
            title,
            min_app,
            latest_app,
            login_ways,
            face_documents,
            privacy_version,
        }
    }
}

/// The app. One for a process; everything else is reached from here.
#[derive(uniffi::Object)]
pub struct KapokApp {
    app: App,
}

#[uniffi::export]
impl KapokApp {
    /// Opens the app's files and checks the ports. Sends nothing; reads and writes files, so call it off the main thread. Ends in
    /// `INPUT_INVALID` at the setting that is wrong, `HARDWARE_KEY` if the key does not answer rightly, or `INTERNAL` with reason
    /// `store` if the directory cannot be written.
    #[uniffi::constructor]
    pub fn open(settings: AppSettings, ports: Ports) -> Result<Arc<Self>, KapokError> {
        crate::panics::install_hook();
        let app = App::open(settings.into(), ports.into())?;
        Ok(Arc::new(Self { app }))
    }

    /// The data on this phone was written by a newer app: every act that would change it ends in `STORE_NEWER`.
    pub fn read_only(&self) -> bool {
        self.app.read_only()
    }

    /// This phone's number: derived from its hardware key.
    pub fn device_id(&self) -> DeviceId {
        self.app.device_id()
    }

    /// The privacy text of the settings' locale, and whether it was agreed to. Offline.
    pub fn privacy(&self) -> PrivacyNotice {
        self.app.privacy()
    }

    /// The person agrees to the privacy text of this version. Until then every call that would go online ends in
    /// `PRIVACY_REQUIRED`. Ends in `INPUT_INVALID` at `version` if it is not the version that was shown.
    pub async fn agree_privacy(&self, version: String) -> Result<(), KapokError> {
        run(self.app.clone(), |app| async move {
            app.agree_privacy(&version).await
        })
        .await
    }

    /// The person withdraws the agreement: nothing is sent any more.
    pub async fn withdraw_privacy(&self) -> Result<(), KapokError> {
        run(self.app.clone(), |app| async move {
            app.withdraw_privacy().await
        })
        .await
    }

    /// The platform's profile: asked from the platform, else the last one known. Ends in `APP_TOO_OLD` if this app is no longer
    /// served, `GUARD_TAMPERED` if the platform's keys are not those of first use, `OFFLINE` if none is known.
    pub async fn profile(&self) -> Result<SystemProfile, KapokError> {
        run(self.app.clone(), |app| async move {
            Ok(app.profile().await?.into())
        })
        .await
    }

    /// Waits for the next event. A late shell loses the oldest events, never the newest.
    #[uniffi::method(default(cancel = None))]
    pub async fn next_event(
        &self,
        cancel: Option<Arc<CancelToken>>,
    ) -> Result<KapokEvent, KapokError> {
        run_until(cancel, self.app.clone(), |app| async move {
            Ok(app.next_event().await.into())
        })
        .await
    }

    /// Waits for the next thing that the shell has to do.
    #[uniffi::method(default(cancel = None))]
    pub async fn next_request(
        &self,
        cancel: Option<Arc<CancelToken>>,
    ) -> Result<ShellRequest, KapokError> {
        run_until(cancel, self.app.clone(), |app| async move {
            Ok(app.next_request().await)
        })
        .await
    }

    /// The app goes to the background: files are closed, no lock is left. Call [`Signing::background`] before. Calls end in
    /// `STATE_WRONG` until [`KapokApp::resume`].
    pub async fn pause(&self) -> Result<(), KapokError> {
        run(self.app.clone(), |app| async move { app.pause().await }).await
    }

    /// The app is in the foreground again.
    pub async fn resume(&self) -> Result<(), KapokError> {
        run(self.app.clone(), |app| async move { app.resume().await }).await
    }

    /// 登录.
    pub fn login(&self) -> Arc<Login> {
        Login::of(&self.app)
    }

    /// 办事企业.
    pub fn enterprises(&self) -> Arc<Enterprises> {
        Enterprises::of(&self.app)
    }

    /// 经办人管理.
    pub fn agents(&self) -> Arc<Agents> {
        Agents::of(&self.app)
    }

    /// The PIN.
    pub fn vault(&self) -> Arc<Vault> {
        Vault::of(&self.app)
    }

    /// 数字证书.
    pub fn certificates(&self) -> Arc<Certificates> {
        Certificates::of(&self.app)
    }

    /// 印章.
    pub fn seals(&self) -> Arc<Seals> {
        Seals::of(&self.app)
    }

    /// Signing with a PC.
    pub fn signing(&self) -> Arc<Signing> {
        Signing::of(&self.app)
    }
}
