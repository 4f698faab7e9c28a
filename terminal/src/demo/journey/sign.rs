//! From the code on the PC to the signed PDF.

use super::*;

impl Journey<'_> {
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
}

fn png(page: &pages::PageImage) -> Result<Vec<u8>, Failure> {
    page.to_png()
        .map_err(|_| Failure::new(codes::FAILED, "页面无法保存。", "The page cannot be saved."))
}
