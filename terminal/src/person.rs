//! A person with a phone who does what the screens ask for: what the demo and `phone --auto` have in common.

use crate::cli::Lang;
use crate::exit::{Failure, codes};
use kapok_core::ports::software;
use kapok_core::{App, Pin, Settings, ShellRequest};
use kapok_platform::simulators::pc::PcError;
use kapok_platform::simulators::remote;
use std::path::Path;

/// How the user comes back from the mini program.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Return {
    /// By the 返回 button.
    Button,
    /// By hand: the six digits of the success page are typed.
    Typed,
}

/// A simulated person holding a phone.
pub struct Person {
    /// The app on the phone.
    pub app: App,
    name: String,
    simulators: String,
}

/// Where a phone finds its platform.
pub struct Network<'a> {
    /// Address for phones.
    pub https_url: &'a str,
    /// Address of the simulators' pages.
    pub http_url: &'a str,
    /// The platform's root, PEM.
    pub root_pem: &'a str,
}

/// Opens the app of a phone in a folder; its hardware key is the software one.
pub fn open_app(
    dir: &Path,
    https_url: &str,
    root_pem: &str,
    lang: Lang,
    label: &str,
) -> Result<App, Failure> {
    let ports = software::open(dir).map_err(|_| {
        Failure::new(
            codes::OUTPUT,
            format!("无法使用手机文件夹 {}。", dir.display()),
            format!("Cannot use the phone's folder {}.", dir.display()),
        )
    })?;
    let settings = Settings {
        dir: dir.to_owned(),
        platform_url: https_url.to_owned(),
        trust_roots_pem: vec![root_pem.to_owned()],
        locale: lang.locale().to_owned(),
        device_label: label.to_owned(),
        app_version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    Ok(App::open(settings, ports)?)
}

impl Person {
    /// Gives a person a phone.
    pub fn new(name: &str, dir: &Path, network: &Network<'_>, lang: Lang) -> Result<Self, Failure> {
        let app = open_app(
            dir,
            network.https_url,
            network.root_pem,
            lang,
            "Kapok terminal",
        )?;
        Ok(Self {
            app,
            name: name.to_owned(),
            simulators: network.http_url.to_owned(),
        })
    }

    /// Agrees to the privacy text and logs in by face.
    pub async fn log_in(&self, back: Return) -> Result<(), Failure> {
        let notice = self.app.privacy();
        if !notice.agreed {
            self.app.agree_privacy(&notice.version).await?;
        }
        self.app.profile().await?;
        self.app.login().start_face(None).await?;
        self.face(back).await
    }

    /// Passes the face check that is open in the app, in the simulated mini program, and comes back.
    pub async fn face(&self, back: Return) -> Result<(), Failure> {
        let path = loop {
            if let ShellRequest::OpenMiniProgram { path, .. } = self.app.next_request().await {
                break path;
            }
        };
        let walked = remote::walk(&self.simulators, &path, &self.name)
            .await
            .map_err(simulated)?;
        match back {
            Return::Button => drop(self.app.login().returned(&walked.return_link).await?),
            Return::Typed => drop(self.app.login().type_code(&walked.typed_code).await?),
        }
        Ok(())
    }

    /// Opens an invite's link, passes the face check as the named person and agrees.
    pub async fn accept(&self, link: &str) -> Result<(), Failure> {
        let page = self.app.agents().open_link(link).await?;
        page.ok_or_else(|| {
            Failure::new(
                codes::REFUSED,
                "邀请链接无效。",
                "The invite link is not valid.",
            )
        })?;
        self.app.agents().accept().await?;
        self.face(Return::Button).await?;
        self.app.agents().answer(true).await?;
        Ok(())
    }
}

/// What went wrong at a simulator's page or at the simulated PC.
pub fn simulated(error: PcError) -> Failure {
    match error {
        PcError::Refused(code) | PcError::Phone(code) => kapok_core::AppError::from(code).into(),
        other => Failure::new(
            codes::FAILED,
            format!("模拟端出错：{other}。"),
            format!("A simulator failed: {other}."),
        ),
    }
}

/// Six digits that the rules take, drawn at random; weak ones are refused by the vault and drawn anew by the caller.
pub fn random_pin() -> Result<[u8; 6], Failure> {
    let mut bytes = [0u8; 6];
    for byte in &mut bytes {
        // Rejection keeps the digits even.
        *byte = loop {
            let [drawn] = random_byte()?;
            if drawn < 250 {
                break drawn % 10;
            }
        };
    }
    Ok(bytes)
}

fn random_byte() -> Result<[u8; 1], Failure> {
    let mut byte = [0u8; 1];
    getrandom::fill(&mut byte).map_err(|_| {
        Failure::new(
            codes::FAILED,
            "系统随机数不可用。",
            "The system has no random bytes.",
        )
    })?;
    Ok(byte)
}

/// A typed PIN out of digit values 0 to 9.
pub fn pin(digits: &[u8; 6]) -> Result<Pin, Failure> {
    Pin::from_digits(digits)
        .ok_or_else(|| Failure::from(kapok_core::AppError::from(kapok_core::ErrorCode::PinFormat)))
}
