//! The journey, step by step.

use super::Document;
use super::outputs::Outputs;
use super::report::{Check, Progress};
use crate::cli::Lang;
use crate::exit::{Failure, codes};
use crate::person::{Network, Person, Return, pin, random_pin, simulated};
use crate::picture;
use kapok_core::scan::Source;
use kapok_core::signing::{ScanResult, State};
use kapok_core::types::{CertificateKind, DocumentKind, NewInvite, SealKind, SealView};
use kapok_core::{ErrorCode, pages};
use kapok_platform::pki::pem;
use kapok_platform::simulators::People;
use kapok_platform::simulators::pc::{PcDocument, PcSigned, SimulatedPc};
use kapok_platform::simulators::remote;
use kapok_platform::verify::{self, Signed};
use kapok_platform::{Config, ProfileFile, Running};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tempfile::TempDir;

/// The legal representative and the agent of the simulated register.
const LEGAL_REP: &str = "张伟";
const AGENT: &str = "李娜";
/// Width of the page picture that is kept, in pixels.
const PAGE_WIDTH: u32 = 1240;

/// One run.
pub struct Journey<'a> {
    lang: Lang,
    document: &'a Document,
}

/// Platform and phones, each in a folder that goes when the run ends.
struct World {
    running: Running,
    admin: Person,
    agent: Person,
    _dirs: TempDir,
}

/// What the phone holds after it was set up.
struct Equipped {
    pin: [u8; 6],
    chain: Vec<Vec<u8>>,
    seal: SealView,
}

impl<'a> Journey<'a> {
    pub fn new(lang: Lang, document: &'a Document) -> Self {
        Self { lang, document }
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
                async { self.keep(outputs, &world, &equipped, &signed).await },
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
        let dirs = tempfile::Builder::new()
            .prefix("kapok-")
            .tempdir()
            .map_err(|e| failed(&e.kind().to_string()))?;
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let config = Config {
            dir: dirs.path().join("platform"),
            https: any,
            http: any,
            profile: ProfileFile::yst().map_err(|e| failed(&e.to_string()))?,
            clock: Arc::new(kapok_platform::clock::SystemClock),
            pki_base: "http://pki.kapok.example".to_owned(),
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
        let admin = Person::new(LEGAL_REP, &dirs.path().join("phone-1"), &network, self.lang)?;
        let agent = Person::new(AGENT, &dirs.path().join("phone-2"), &network, self.lang)?;
        Ok(World {
            running,
            admin,
            agent,
            _dirs: dirs,
        })
    }
}
