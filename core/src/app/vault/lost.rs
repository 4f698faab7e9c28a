//! A phone that is lost: its revocation code beforehand, the report from another phone or by the code, the objection on the phone itself; and the
//! stop of a reset that the owner did not ask for.

use super::guard::Pinned;
use super::unlock::PinUse;
use crate::app::net::Call;
use crate::app::{Core, random};
use crate::error::AppError;
use crate::login::check_identity;
use crate::secret::Pin;
use kapok_protocol::api::guard::{
    AssertionPurpose, LossReported, PhoneView, ReportLoss, SignedBody, StopReset,
};
use kapok_protocol::api::identity::TypedIdentity;
use kapok_protocol::error::ErrorCode;
use kapok_protocol::face::FaceAssertion;
use kapok_protocol::guard::{Code, PinKind, RevocationCodeRequest, Suite};
use kapok_protocol::ids::DeviceId;

/// What the PIN is typed for.
const CODE: &[u8] = b"pinv1/revocation-code";
const OBJECTION: &[u8] = b"pinv1/objection";

impl Core {
    pub(crate) async fn phones(&self) -> Result<Vec<PhoneView>, AppError> {
        self.ask(Call::get("/v1/phones")).await
    }

    pub(crate) async fn report_loss(&self, device: DeviceId) -> Result<LossReported, AppError> {
        let account = self.require_account()?.account_id;
        let handoff = self.login_handoff().ok_or(ErrorCode::NotAllowed)?;
        let keys: Pinned = self.pinned().await?;
        let purpose = AssertionPurpose::DeviceChange;
        let (signed, assertion): (_, FaceAssertion) = self
            .face_statement(&keys, handoff, purpose, device.0)
            .await?;
        let same = assertion.purpose == purpose
            && (assertion.account, assertion.device) == (account, self.device)
            && assertion.reference == device.0;
        if !same {
            return Err(ErrorCode::GuardTampered.into());
        }
        let path = format!("/v1/phones/{device}/lost");
        let call = Call::post(path, &SignedBody::from(signed))?.repeatable();
        self.ask(call).await
    }

    pub(crate) async fn report_loss_by_code(
        &self,
        owner: TypedIdentity,
        code: &str,
    ) -> Result<LossReported, AppError> {
        let owner = check_identity("owner.", owner)?;
        let code = typed_code(code)?.text().to_string();
        let call = Call::post("/v1/phones/lost", &ReportLoss { owner, code })?;
        // A code that fits none costs a try: sent once.
        self.ask(call.public().never_repeated()).await
    }

    pub(crate) async fn stop_reset(&self, code: &str) -> Result<(), AppError> {
        let code = typed_code(code)?.text().to_string();
        let call = Call::post("/v1/resets/stop", &StopReset { code })?.repeatable();
        self.tell(call.public()).await
    }

    /// As text, to be written down; the guard keeps its hash.
    pub(crate) async fn revocation_code(&self, pin: Pin) -> Result<String, AppError> {
        let unlocked = self
            .unlock(pin, PinUse::of_vault(PinKind::Pin, CODE))
            .await?;
        self.confirm(&unlocked, Vec::new(), None).await?;
        let code = Code::new(random::array()?);
        let request = RevocationCodeRequest {
            suite: Suite::P256,
            account: unlocked.account,
            device: self.device,
            attempt: unlocked.attempt,
            code_hash: code.hash(),
        };
        self.guard(&unlocked.keys, request).await?;
        Ok(code.text().to_string())
    }

    pub(crate) async fn object_to_loss(&self, pin: Pin) -> Result<(), AppError> {
        let account = self.require_account()?.account_id;
        let _one = self.vault.acting.lock().await;
        // Nothing is staged for a phone that is reported lost, so nothing is renewed first.
        let for_what = PinUse::of_vault(PinKind::Object, OBJECTION);
        let unlocked = self.unlock_alone(account, pin, for_what).await?;
        self.confirm(&unlocked, Vec::new(), None).await.map(drop)
    }
}

fn typed_code(text: &str) -> Result<Code, AppError> {
    Code::parse(text).map_err(|_| AppError::field("code", "format"))
}
