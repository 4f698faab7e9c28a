//! From the code on the PC to the signed PDF.

use super::{Equipped, Journey, World};
use crate::demo::outputs::Outputs;
use crate::demo::report::Progress;
use crate::exit::{Failure, codes};
use crate::person::{pin, simulated};
use crate::phone;
use crate::picture::{self, Code};
use kapok_core::scan::Source;
use kapok_core::signing::{ScanResult, State};
use kapok_core::types::DocumentId;
use kapok_core::{App, AppError, ErrorCode, pages};
use kapok_platform::simulators::pc::{PcDocument, PcError, PcSigned, SimulatedPc};
use std::time::Duration;
use tokio::task::JoinHandle;

/// Width of the page picture that is kept, in pixels.
const PAGE_WIDTH: u32 = 1240;
/// How long the PC may take to say why it left, after the phone saw that it did.
const LAST_WORD: Duration = Duration::from_secs(2);

/// The PC, serving the phone on its own.
type Serving = JoinHandle<Result<Vec<PcSigned>, PcError>>;

impl Journey<'_> {
    /// The PC draws its code, the phone reads it from pixels, and both go through the session.
    pub(super) async fn sign(
        &self,
        progress: &mut Progress,
        outputs: &mut Outputs,
        world: &World,
        equipped: &Equipped,
    ) -> Result<PcSigned, Failure> {
        let app = &world.admin.app;
        let (pc, code) = progress
            .step(
                "qr",
                (
                    "电脑端上传文件，显示动态二维码",
                    "the PC uploads the document and shows the rotating code",
                ),
                self.show_code(&world.running.http_url),
            )
            .await?;
        outputs.put("qr.png", &code.png)?;
        let wanted = equipped.seal.es_id.clone();
        let serving = tokio::spawn(pc.serve(move |offers| phone::choose(offers, Some(&wanted))));
        let docs = match connect_and_review(progress, outputs, app, &code, &equipped.pin).await {
            Ok(docs) => docs,
            Err(failure) => return Err(told_by_pc(serving).await.unwrap_or(failure)),
        };
        progress
            .step(
                "sign",
                (
                    "确认签署：签名、回执、送回电脑端完成 PDF",
                    "confirm: signature, receipt, the PC side completes the PDF",
                ),
                async {
                    app.signing().confirm(docs).await?;
                    completed(serving).await
                },
            )
            .await
    }

    async fn show_code(&self, http_url: &str) -> Result<(SimulatedPc, Code), Failure> {
        let document = PcDocument {
            name: self.document.name.clone(),
            bytes: self.document.bytes.clone(),
        };
        let mut pc = SimulatedPc::open(http_url, vec![document])
            .await
            .map_err(simulated)?;
        let text = pc.frame().await.map_err(simulated)?;
        Ok((pc, picture::qr(&text)?))
    }
}

/// The phone's side up to the question whether to sign; gives the documents that were looked at.
async fn connect_and_review(
    progress: &mut Progress,
    outputs: &mut Outputs,
    app: &App,
    code: &Code,
    digits: &[u8; 6],
) -> Result<Vec<DocumentId>, Failure> {
    progress
        .step(
            "scan",
            (
                "手机从像素识别二维码，建立端到端加密通道",
                "the phone reads the code from pixels, channel and request checked",
            ),
            scan(app, code),
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
                app.signing().approve(pin(digits)?).await?;
                phone::until(app, |state| matches!(state, State::Handover { .. })).await?;
                Ok::<_, Failure>(app.signing().hand_over().await?)
            },
        )
        .await?;
    progress
        .step(
            "review",
            (
                "手机拉取文件、核对摘要、绘制页面",
                "the phone pulls the document, checks its digest, draws its pages",
            ),
            async {
                let docs = phone::reviewed(app).await?;
                let first = docs.first().copied();
                let first = first.ok_or(AppError::from(ErrorCode::NotFound))?;
                let page = app.signing().page(first, 0, PAGE_WIDTH).await?;
                outputs.put("page-1.png", &png(&page)?)?;
                Ok::<_, Failure>(docs)
            },
        )
        .await
}

async fn scan(app: &App, code: &Code) -> Result<(), Failure> {
    match app.signing().scan(code.frame()?, Source::Camera).await? {
        ScanResult::Connecting { .. } => phone::answer_site(app).await.map(drop),
        ScanResult::Nothing => Err(AppError::from(ErrorCode::QrFormat).into()),
    }
}

/// What the PC came to, once the phone has confirmed.
async fn completed(serving: Serving) -> Result<PcSigned, Failure> {
    let signed = serving
        .await
        .map_err(|_| Failure::new(codes::FAILED, "电脑端中断。", "The PC stopped."))?
        .map_err(simulated)?;
    signed.into_iter().next().ok_or_else(|| {
        Failure::new(
            codes::REFUSED,
            "电脑端没有收到签名。",
            "The PC got no signature.",
        )
    })
}

/// Why the PC left, where it was the PC that did: the phone only sees that it is gone.
async fn told_by_pc(serving: Serving) -> Option<Failure> {
    let ended = tokio::time::timeout(LAST_WORD, serving).await.ok()?;
    match ended.ok()? {
        Err(error @ PcError::Refused(_)) => Some(simulated(error)),
        _ => None,
    }
}

fn png(page: &pages::PageImage) -> Result<Vec<u8>, Failure> {
    page.to_png()
        .map_err(|_| Failure::new(codes::FAILED, "页面无法保存。", "The page cannot be saved."))
}
