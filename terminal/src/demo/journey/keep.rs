//! What stays of the journey: the files that anyone needs to check the result, and the checks.

use super::{Equipped, Journey, World};
use crate::demo::outputs::Outputs;
use crate::demo::report::Check;
use crate::exit::Failure;
use crate::person::simulated;
use kapok_core::ErrorCode;
use kapok_platform::pki::pem;
use kapok_platform::simulators::pc::PcSigned;
use kapok_platform::simulators::remote;
use kapok_platform::verify::{self, Signed};

impl Journey<'_> {
    /// Keeps what anyone needs to check the result, and checks it.
    pub(super) async fn keep(
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
