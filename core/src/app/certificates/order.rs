//! Makes a key, proves the PIN for its request, orders, verifies and keeps what was issued.

use super::super::net::Call;
use super::super::vault::guard::Pinned;
use super::super::vault::{PinUse, blocking, public_of};
use super::super::{Core, random};
use crate::certificates::check::{check_issued, make_csr};
use crate::certificates::state::Row;
use crate::error::AppError;
use crate::secret::Pin;
use crate::vault::keys::{Secret, VaultError};
use kapok_protocol::api::certificates::{CertificateIssued, CertificateView, OrderCertificate};
use kapok_protocol::api::guard::AssertionPurpose;
use kapok_protocol::delivery::{ShareContext, ShareKind, seal_share};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::face::FaceAssertion;
use kapok_protocol::guard::wrap::{KeyAlgorithm, cert_aad, seal};
use kapok_protocol::guard::{
    AddedCert, ConfirmAnswer, HalfKey, IssueStatement, PinKind, Signed, Suite,
};
use kapok_protocol::ids::{AccountId, Bytes, CertId, OrderId};
use sha2::{Digest, Sha256};

/// What an order needs besides the row: made anew for every order.
pub(super) struct Evidence {
    face: Signed,
    pin_proof: Signed,
    intent_salt: [u8; 32],
}

fn hash(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

impl Core {
    /// The face service's word that this person holds this phone, for one order. Asked first: a refusal then costs no PIN and no key.
    async fn order_assertion(
        &self,
        keys: &Pinned,
        account: AccountId,
        order_id: OrderId,
    ) -> Result<Signed, AppError> {
        let handoff = self.login_handoff().ok_or(ErrorCode::NotAllowed)?;
        let (signed, assertion): (_, FaceAssertion) = self
            .face_statement(keys, handoff, AssertionPurpose::Certificate, order_id.0)
            .await?;
        let same = assertion.purpose == AssertionPurpose::Certificate
            && (assertion.account, assertion.device) == (account, self.device)
            && assertion.reference == order_id.0;
        if !same {
            return Err(ErrorCode::GuardTampered.into());
        }
        Ok(signed)
    }

    /// Key and request in memory, PIN, share at the guard, then the row: from here on the key is never made again.
    pub(super) async fn make_certificate_key(
        &self,
        account: AccountId,
        view: &CertificateView,
        pin: Pin,
    ) -> Result<(Row, Evidence), AppError> {
        let keys = self.pinned().await?;
        let (cert_id, order_id) = (CertId(random::array()?), OrderId(random::array()?));
        let face = self.order_assertion(&keys, account, order_id).await?;
        let scalar = random::scalar()?;
        let (csr, public_key, scalar) = self.certificate_request(view, scalar).await?;
        let mut unlocked = self.unlock(pin, install_use(&csr)).await?;
        let half = HalfKey::new(&unlocked.vmk, cert_id);
        unlocked.vmk = Secret::default();
        let s_cert = random::secret()?;
        let added = self
            .added_certificate(&keys, account, cert_id, public_key, s_cert.clone())
            .await?;
        let ConfirmAnswer { pin_proof, .. } = self.confirm(&unlocked, vec![added], None).await?;
        let nonce = random::array()?;
        let wrapped = blocking(move || {
            let key = half.cert_key(cert_id, &s_cert);
            let aad = cert_aad(cert_id, KeyAlgorithm::P256);
            Ok(seal(&key, &nonce, &aad, &*scalar).map_err(VaultError::from)?)
        })
        .await?;
        let row = Row {
            suite: Suite::P256,
            cert_id,
            order_id,
            enterprise_id: view.enterprise_id,
            enterprise: view.enterprise.clone(),
            kind: view.kind,
            csr: Bytes(csr),
            public_key: Bytes::from(public_key),
            wrapped: Bytes(wrapped),
            issued: None,
        };
        let stored = row.clone();
        self.store
            .write(move |unit| unit.put_certificate(account, &stored))
            .await?;
        let evidence = Evidence {
            face,
            pin_proof,
            intent_salt: unlocked.salt,
        };
        Ok((row, evidence))
    }

    async fn certificate_request(
        &self,
        view: &CertificateView,
        scalar: Secret,
    ) -> Result<(Vec<u8>, [u8; 33], Secret), AppError> {
        let known = self.enterprise_list().await.unwrap_or_default();
        let enterprise = known
            .into_iter()
            .find(|known| known.enterprise_id == view.enterprise_id);
        let uscc = enterprise.map(|enterprise| enterprise.uscc);
        let (kind, name) = (view.kind, view.enterprise.clone());
        let person = self.require_account()?.display_name;
        blocking(move || {
            let csr = make_csr(&scalar, kind, &name, uscc.as_deref(), &person)?;
            Ok((csr, public_of(&scalar)?, scalar))
        })
        .await
    }

    async fn added_certificate(
        &self,
        keys: &Pinned,
        account: AccountId,
        cert_id: CertId,
        public_key: [u8; 33],
        s_cert: Secret,
    ) -> Result<AddedCert, AppError> {
        let context = ShareContext {
            account,
            device: self.device,
            kind: ShareKind::Cert { cert_id },
        };
        let (ephemeral, nonce, receiver) =
            (random::scalar()?, random::array()?, keys.guard_delivery);
        let share = blocking(move || {
            let sealed = seal_share(&context, &receiver, &ephemeral, &nonce, &s_cert);
            Ok(sealed.map_err(VaultError::from)?)
        });
        Ok(AddedCert {
            cert_id,
            algorithm: KeyAlgorithm::P256,
            public_key,
            share: share.await?,
        })
    }

    /// The PIN once more for the request that is there; the guard holds its share already.
    pub(super) async fn prove_again(&self, row: &Row, pin: Pin) -> Result<Evidence, AppError> {
        let account = self.require_account()?.account_id;
        let keys = self.pinned().await?;
        let face = self.order_assertion(&keys, account, row.order_id).await?;
        let mut unlocked = self.unlock(pin, install_use(&row.csr)).await?;
        unlocked.vmk = Secret::default();
        let ConfirmAnswer { pin_proof, .. } = self.confirm(&unlocked, Vec::new(), None).await?;
        Ok(Evidence {
            face,
            pin_proof,
            intent_salt: unlocked.salt,
        })
    }

    pub(super) async fn order_certificate(
        &self,
        account: AccountId,
        row: Row,
        evidence: Evidence,
    ) -> Result<Row, AppError> {
        let statement = IssueStatement {
            suite: Suite::P256,
            order: row.order_id,
            csr_hash: hash(&row.csr),
        };
        let input = statement.signing_input().map_err(VaultError::from)?;
        let hardware = self.ports.hardware.clone();
        let device_key = blocking(move || Ok(hardware.public_key()?)).await?;
        let order = OrderCertificate {
            order_id: row.order_id,
            enterprise_id: row.enterprise_id,
            kind: row.kind,
            cert_id: row.cert_id,
            csr: row.csr.clone(),
            face: evidence.face.into(),
            device_signature: Bytes::from(self.device_signature(input).await?),
            device_key: Bytes::from(device_key),
            pin_proof: evidence.pin_proof.into(),
            intent_salt: Bytes::from(evidence.intent_salt),
        };
        let issued = self.ask(Call::post("/v1/certificates", &order)?).await?;
        self.keep_issued(account, row, issued).await
    }

    pub(super) async fn fetch_certificate(
        &self,
        account: AccountId,
        row: Row,
    ) -> Result<Option<Row>, AppError> {
        let path = format!("/v1/certificates/by-csr/{}", hex::encode(hash(&row.csr)));
        match self.ask(Call::get(path)).await {
            Ok(issued) => self.keep_issued(account, row, issued).await.map(Some),
            Err(error) if error.code == ErrorCode::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Verifies what the CA issued and makes the row active; older rows of the same certificate go with it.
    async fn keep_issued(
        &self,
        account: AccountId,
        mut row: Row,
        answer: CertificateIssued,
    ) -> Result<Row, AppError> {
        let root = self.pinned().await?.ca_root;
        let now = self.server_seconds();
        let row = blocking(move || {
            row.issued = Some(check_issued(answer, row.order_id, &row.csr, &root, now)?);
            Ok(row)
        })
        .await?;
        let stored = row.clone();
        self.store
            .write(move |unit| {
                for old in unit.certificates(account)? {
                    let same = (old.enterprise_id, old.kind) == (stored.enterprise_id, stored.kind);
                    if same && old.cert_id != stored.cert_id {
                        unit.remove_certificate(old.cert_id)?;
                    }
                }
                unit.put_certificate(account, &stored)
            })
            .await?;
        Ok(row)
    }
}

fn install_use(csr: &[u8]) -> PinUse {
    PinUse {
        kind: PinKind::Install,
        count: 0,
        object: hash(csr),
        rp: None,
        cb: None,
    }
}
