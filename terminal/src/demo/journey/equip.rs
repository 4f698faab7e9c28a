//! What the phone needs before it can sign: PIN, certificate, seal.

use super::{Equipped, Journey, World};
use crate::demo::report::Progress;
use crate::exit::Failure;
use crate::person::{pin, random_pin};
use kapok_core::ErrorCode;
use kapok_core::types::{CertificateKind, SealKind};

impl Journey<'_> {
    /// PIN, certificate, seal.
    pub(super) async fn equip(
        &self,
        progress: &mut Progress,
        world: &World,
    ) -> Result<Equipped, Failure> {
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
}
