//! The journey, step by step: this file starts its world and walks through the parts.

mod enrol;
mod equip;
mod keep;
mod sign;

use super::Document;
use super::outputs::Outputs;
use super::report::{Check, Progress};
use super::scratch::Scratch;
use crate::cli::Lang;
use crate::exit::{Failure, codes};
use crate::person::{Network, Person};
use kapok_core::types::SealView;
use kapok_platform::{Config, ProfileFile, Running};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

/// The legal representative of the simulated register.
const LEGAL_REP: &str = "张伟";
/// The agent whom he invites.
const AGENT: &str = "李娜";

/// One run.
pub struct Journey<'a> {
    lang: Lang,
    document: &'a Document,
    scratch: &'a Scratch,
}

/// Platform and phones, each in a folder of the scratch folder.
struct World {
    running: Running,
    admin: Person,
    agent: Person,
}

/// What the phone holds after it was set up.
struct Equipped {
    pin: [u8; 6],
    chain: Vec<Vec<u8>>,
    seal: SealView,
}

impl<'a> Journey<'a> {
    /// A journey with `document`; platform and phones live in `scratch`.
    pub fn new(lang: Lang, document: &'a Document, scratch: &'a Scratch) -> Self {
        Self {
            lang,
            document,
            scratch,
        }
    }

    /// Walks it; gives the checks of what came out.
    pub async fn run(
        &self,
        progress: &mut Progress,
        outputs: &mut Outputs,
    ) -> Result<Vec<Check>, Failure> {
        let world = progress
            .step(
                "platform",
                (
                    "启动内嵌平台（SQLite）",
                    "start the embedded platform (SQLite)",
                ),
                self.start(),
            )
            .await?;
        self.enrol(progress, &world).await?;
        let equipped = self.equip(progress, &world).await?;
        let signed = self.sign(progress, outputs, &world, &equipped).await?;
        let checks = progress
            .step(
                "verify",
                (
                    "独立核验签名、证书链、回执与印章",
                    "check signature, chain, receipt and seal",
                ),
                self.keep(outputs, &world, &equipped, &signed),
            )
            .await?;
        world.running.shutdown().await;
        Ok(checks)
    }

    async fn start(&self) -> Result<World, Failure> {
        let failed = |what: &str| {
            Failure::new(
                codes::FAILED,
                format!("平台无法启动：{what}。"),
                format!("The platform did not start: {what}."),
            )
        };
        let dirs = self.scratch.path();
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let config = Config {
            dir: dirs.join("platform"),
            https: any,
            http: any,
            profile: ProfileFile::yst().map_err(|e| failed(&e.to_string()))?,
            clock: Arc::new(kapok_platform::clock::SystemClock),
            pki_base: "http://pki.kapok.example".to_owned(),
            guard: Default::default(),
            token: None,
            development: true,
        };
        let running = kapok_platform::start(config)
            .await
            .map_err(|e| failed(&e.to_string()))?;
        let network = Network {
            https_url: &running.https_url,
            http_url: &running.http_url,
            root_pem: &running.tls_root_pem,
        };
        let admin = Person::new(LEGAL_REP, &dirs.join("phone-1"), &network, self.lang)?;
        let agent = Person::new(AGENT, &dirs.join("phone-2"), &network, self.lang)?;
        Ok(World {
            running,
            admin,
            agent,
        })
    }
}
