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

    /// Log in, find and select the enterprise, invite the agent, who accepts on the other phone.
    async fn enrol(&self, progress: &mut Progress, world: &World) -> Result<(), Failure> {
        let (admin, agent) = (&world.admin, &world.agent);
        let by_button = (
            "法定代表人刷脸登录（App → 粤信签 → App）",
            "legal representative logs in by face (app → mini program → app)",
        );
        progress
            .step("login", by_button, admin.log_in(Return::Button))
            .await?;
        progress
            .step(
                "enterprise",
                (
                    "查出名下企业并选择办事企业",
                    "find the enterprises under the name, select one",
                ),
                async {
                    let found = admin.app.enterprises().list().await?;
                    let first = found
                        .iter()
                        .find(|e| e.name.contains("公司"))
                        .or(found.first());
                    let enterprise =
                        first.ok_or(kapok_core::AppError::from(ErrorCode::EnterpriseRequired))?;
                    admin
                        .app
                        .enterprises()
                        .select(enterprise.enterprise_id)
                        .await?;
                    Ok::<_, Failure>(())
                },
            )
            .await?;
        let link = progress
            .step(
                "invite",
                (
                    "邀请经办人，链接分享到微信",
                    "invite an agent, share the link",
                ),
                async {
                    let invite = admin.app.agents().invite(self.invitation()?).await?;
                    admin.app.agents().share(invite.invite_id).await?;
                    admin.app.agents().sent(invite.invite_id).await?;
                    Ok::<_, Failure>(invite.link)
                },
            )
            .await?;
        let by_hand = (
            "经办人刷脸登录（手工返回，输入验证码）",
            "agent logs in by face (comes back by hand, types the code)",
        );
        progress
            .step("agent_login", by_hand, agent.log_in(Return::Typed))
            .await?;
        progress
            .step(
                "accept",
                (
                    "经办人打开链接、刷脸、同意，并切换到该企业",
                    "agent opens the link, passes the face check, agrees, switches",
                ),
                async {
                    agent.accept(&link).await?;
                    let mine = agent.app.enterprises().list().await?;
                    let enterprise = mine
                        .first()
                        .ok_or(kapok_core::AppError::from(ErrorCode::EnterpriseRequired))?;
                    agent
                        .app
                        .enterprises()
                        .select(enterprise.enterprise_id)
                        .await?;
                    Ok::<_, Failure>(())
                },
            )
            .await
    }

    fn invitation(&self) -> Result<NewInvite, Failure> {
        let missing = || {
            Failure::new(
                codes::FAILED,
                "模拟人员缺失。",
                "A simulated person is missing.",
            )
        };
        let people = People::built_in().map_err(|_| missing())?;
        let person = people.named(AGENT).ok_or_else(missing)?;
        Ok(NewInvite {
            name: person.name.clone(),
            document: DocumentKind::ResidentId,
            number: person.number.clone(),
            phone: "13800138000".to_owned(),
            valid_days: 365,
            scope: vec!["matters".to_owned(), "certificates".to_owned()],
        })
    }

    /// PIN, certificate, seal.
    async fn equip(&self, progress: &mut Progress, world: &World) -> Result<Equipped, Failure> {
        let app = &world.admin.app;
        let digits = progress
            .step(
                "pin",
                (
                    "设置6位签名PIN码（Argon2id → 芯片 → OPRF 守护）",
                    "set the six-digit PIN (Argon2id → chip → OPRF guard)",
                ),
                async {
                    loop {
                        let digits = random_pin()?;
                        match app.vault().set_pin(pin(&digits)?, pin(&digits)?).await {
                            Ok(()) => return Ok::<_, Failure>(digits),
                            // One in eleven is on the list of PINs that are easy to guess.
                            Err(error) if error.code == ErrorCode::PinWeak => {}
                            Err(error) => return Err(error.into()),
                        }
                    }
                },
            )
            .await?;
        let enterprise = app
            .enterprises()
            .current()
            .await?
            .ok_or(kapok_core::AppError::from(ErrorCode::EnterpriseRequired))?
            .enterprise_id;
        let chain = progress
            .step(
                "certificate",
                (
                    "安装数字证书（密钥在手机上生成，先封存再申请）",
                    "install the certificate (key made on the phone, wrapped first)",
                ),
                async {
                    app.certificates()
                        .install(enterprise, CertificateKind::Organisation, pin(&digits)?)
                        .await?;
                    Ok::<_, Failure>(
                        app.certificates()
                            .chain(enterprise, CertificateKind::Organisation)
                            .await?,
                    )
                },
            )
            .await?;
        let seal = progress
            .step(
                "seal",
                (
                    "预览并生成机构印章（GB/T 38540，SM2）",
                    "preview and generate the seal (GB/T 38540, SM2)",
                ),
                async {
                    let preview = app
                        .seals()
                        .preview(enterprise, SealKind::Organisation)
                        .await?;
                    Ok::<_, Failure>(app.seals().generate(preview.preview_id).await?)
                },
            )
            .await?;
        Ok(Equipped {
            pin: digits,
            chain,
            seal,
        })
    }

    /// The PC draws its code, the phone reads it from pixels, and both go through the session.
    async fn sign(
        &self,
        progress: &mut Progress,
        outputs: &mut Outputs,
        world: &World,
        equipped: &Equipped,
    ) -> Result<PcSigned, Failure> {
        let app = &world.admin.app;
        let http = world.running.http_url.clone();
        let (pc, code) = progress
            .step(
                "qr",
                (
                    "电脑端上传文件，显示动态二维码",
                    "the PC uploads the document and shows the rotating code",
                ),
                async {
                    let document = PcDocument {
                        name: self.document.name.clone(),
                        bytes: self.document.bytes.clone(),
                    };
                    let mut pc = SimulatedPc::open(&http, vec![document])
                        .await
                        .map_err(simulated)?;
                    let text = pc.frame().await.map_err(simulated)?;
                    Ok::<_, Failure>((pc, picture::qr(&text)?))
                },
            )
            .await?;
        outputs.put("qr.png", &code.png)?;
        let wanted = equipped.seal.es_id.clone();
        let serving =
            tokio::spawn(pc.serve(move |offers| crate::phone::choose(offers, Some(&wanted))));
        progress
            .step(
                "scan",
                (
                    "手机从像素识别二维码，建立端到端加密通道",
                    "the phone reads the code from pixels, channel and request checked",
                ),
                async {
                    let frame = code.frame()?;
                    match app.signing().scan(frame, Source::Camera).await? {
                        ScanResult::Connecting { .. } => {}
                        ScanResult::Nothing => {
                            return Err(kapok_core::AppError::from(ErrorCode::QrFormat).into());
                        }
                    }
                    crate::phone::answer_site(app).await
                },
            )
            .await?;
        progress
            .step(
                "unlock",
                (
                    "输入PIN码，守护服务开出租约，电脑端选择证书与印章",
                    "the PIN opens a lease, the PC picks certificate and seal",
                ),
                async {
                    app.signing().approve(pin(&equipped.pin)?).await?;
                    crate::phone::until(app, |state| matches!(state, State::Handover { .. }))
                        .await?;
                    Ok::<_, Failure>(app.signing().hand_over().await?)
                },
            )
            .await?;
        let docs = progress
            .step(
                "review",
                (
                    "手机拉取文件、核对摘要、绘制页面",
                    "the phone pulls the document, checks its digest, draws its pages",
                ),
                async {
                    let docs = crate::phone::reviewed(app).await?;
                    let first = docs
                        .first()
                        .copied()
                        .ok_or(kapok_core::AppError::from(ErrorCode::NotFound))?;
                    let page = app.signing().page(first, 0, PAGE_WIDTH).await?;
                    outputs.put("page-1.png", &png(&page)?)?;
                    Ok::<_, Failure>(docs)
                },
            )
            .await?;
        progress
            .step(
                "sign",
                (
                    "确认签署：签名、回执、送回电脑端完成 PDF",
                    "confirm: signature, receipt, the PC side completes the PDF",
                ),
                async {
                    app.signing().confirm(docs).await?;
                    let signed = serving.await.map_err(|_| {
                        Failure::new(codes::FAILED, "电脑端中断。", "The PC stopped.")
                    })?;
                    let signed = signed.map_err(simulated)?;
                    let one = signed.into_iter().next();
                    one.ok_or_else(|| {
                        Failure::new(
                            codes::REFUSED,
                            "电脑端没有收到签名。",
                            "The PC got no signature.",
                        )
                    })
                },
            )
            .await
    }

    /// Keeps what anyone needs to check the result, and checks it.
    async fn keep(
        &self,
        outputs: &mut Outputs,
        world: &World,
        equipped: &Equipped,
        signed: &PcSigned,
    ) -> Result<Vec<Check>, Failure> {
        let platform = world.running.platform();
        outputs.put("signed.pdf", &signed.pdf)?;
        outputs.put("seal.png", &equipped.seal.picture)?;
        outputs.put("seal.esl", &equipped.seal.seal)?;
        let leaf = equipped
            .chain
            .first()
            .map(Vec::as_slice)
            .unwrap_or_default();
        outputs.put("certificate.pem", pem(leaf).as_bytes())?;
        let chain: String = equipped.chain.iter().map(|der| pem(der)).collect();
        outputs.put("chain.pem", chain.as_bytes())?;
        outputs.put(
            "root.pem",
            pem(platform.pki.root.certificate.der()).as_bytes(),
        )?;
        outputs.put(
            "seal-root.pem",
            pem(platform.pki.seal_root.certificate.der()).as_bytes(),
        )?;
        let mut crls = Vec::new();
        for name in ["ca", "root", "seal"] {
            let crl = remote::fetch(&world.running.http_url, &format!("/crl/{name}.crl"))
                .await
                .map_err(simulated)?;
            outputs.put(&format!("{name}.crl"), &crl)?;
            crls.push(crl);
        }
        let profile = world.admin.app.profile().await?;
        let receipt_key: [u8; 33] = profile
            .keys
            .guard_sign
            .array()
            .ok_or(kapok_core::AppError::from(ErrorCode::GuardTampered))?;
        let signed = Signed {
            original: &self.document.bytes,
            pdf: &signed.pdf,
            seal: &equipped.seal.seal,
            crls: &crls,
            receipt_key: &receipt_key,
            at: platform.clock.seconds(),
        };
        let checks = verify::signed_pdf(&platform.pki, &signed);
        Ok(checks
            .into_iter()
            .map(|c| Check {
                check: c.name.to_owned(),
                ok: c.ok,
                detail: c.detail,
            })
            .collect())
    }
}

fn png(page: &pages::PageImage) -> Result<Vec<u8>, Failure> {
    page.to_png()
        .map_err(|_| Failure::new(codes::FAILED, "页面无法保存。", "The page cannot be saved."))
}
