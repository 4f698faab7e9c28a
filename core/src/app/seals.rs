//! Runs what `seals` asks for, and keeps the seals that verify.

use super::Core;
use super::net::Call;
use crate::error::AppError;
use kapok_formats::seal::Seal;
use kapok_formats::x509::Certificate;
use kapok_protocol::api::certificates::CertificateKind;
use kapok_protocol::api::seals::{
    AskPreview, GenerateSeal, SealKind, SealPreview, SealStatus, SealView,
};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::{EnterpriseId, PreviewId};

impl Core {
    pub(crate) async fn preview_seal(
        &self,
        enterprise_id: EnterpriseId,
        kind: SealKind,
    ) -> Result<SealPreview, AppError> {
        let wanted = match kind {
            SealKind::Organisation => CertificateKind::Organisation,
            _ => CertificateKind::Employee,
        };
        let installed = self.installed().await?;
        let of_enterprise = || {
            installed
                .iter()
                .filter(|c| c.enterprise_id == enterprise_id)
        };
        // An admin's certificate of organisation scope serves for the own seal as well.
        let certificate = of_enterprise()
            .find(|c| c.kind == wanted)
            .or_else(|| of_enterprise().next())
            .ok_or(ErrorCode::CertNone)?;
        let ask = AskPreview {
            enterprise_id,
            kind,
            certificate_serial: certificate.serial.clone(),
        };
        self.ask(Call::post("/v1/seals/previews", &ask)?).await
    }

    pub(crate) async fn generate_seal(&self, preview_id: PreviewId) -> Result<SealView, AppError> {
        let seal: SealView = self
            .ask(Call::post("/v1/seals", &GenerateSeal { preview_id })?)
            .await?;
        self.check_seal(&seal).await?;
        let mut seals = self.known_seals().await?;
        seals.retain(|known| known.es_id != seal.es_id);
        seals.push(seal.clone());
        self.store.set(self.seal_cell()?, seals).await?;
        Ok(seal)
    }

    pub(crate) async fn list_seals(&self) -> Result<Vec<SealView>, AppError> {
        let served: Vec<SealView> = match self.ask(Call::get("/v1/seals")).await {
            Ok(served) => served,
            Err(error) if error.code == ErrorCode::Offline => return self.known_seals().await,
            Err(error) => return Err(error),
        };
        let mut good = Vec::with_capacity(served.len());
        for seal in served {
            if self.check_seal(&seal).await.is_ok() {
                good.push(seal);
            }
        }
        self.store.set(self.seal_cell()?, good.clone()).await?;
        Ok(good)
    }

    /// The seals of this account that this phone has checked.
    pub(crate) async fn known_seals(&self) -> Result<Vec<SealView>, AppError> {
        Ok(self.store.get(self.seal_cell()?).await?.unwrap_or_default())
    }

    /// Whether a seal may be used now; a status that cannot be had counts as no.
    pub(crate) async fn seal_good(&self, es_id: &str) -> Result<(), AppError> {
        let status: SealStatus = self
            .ask(Call::get(format!("/v1/seals/{es_id}/status")).public())
            .await?;
        if status.good {
            Ok(())
        } else {
            Err(ErrorCode::SealRevoked.into())
        }
    }

    fn seal_cell(&self) -> Result<String, AppError> {
        Ok(format!("seals/{}", self.require_account()?.account_id))
    }

    /// The seal authority's signature, the picture and names inside, and that this phone's certificate may use it.
    async fn check_seal(&self, view: &SealView) -> Result<(), AppError> {
        let refused = || AppError::new(ErrorCode::SealRevoked);
        let profile = self.known_profile().await?;
        let root = Certificate::parse(&profile.keys.seal_root).map_err(|_| refused())?;
        let seal = Seal::parse(&view.seal).map_err(|_| refused())?;
        seal.verify(&[], &[root], self.server_ms() / 1000, &[])
            .map_err(|_| refused())?;
        let same = seal.es_id() == view.es_id
            && seal.name() == view.name
            && seal.picture() == view.picture.0;
        let installed = self.installed().await?;
        let listed = installed
            .iter()
            .filter(|c| c.serial == view.certificate_serial)
            .any(|c| {
                c.chain
                    .first()
                    .and_then(|der| Certificate::parse(der).ok())
                    .is_some_and(|certificate| seal.allows(&certificate))
            });
        if same && listed {
            Ok(())
        } else {
            Err(refused())
        }
    }
}
