//! Runs 数字证书. The key is made once: from the row on, every repetition asks for the same request.

use super::events::Event as Told;
use super::net::Call;
use super::vault::guard::Pinned;
use super::vault::{PinUse, blocking};
use super::{Core, random};
use crate::certificates::check::{check_issued, make_csr};
use crate::certificates::state::{Row, State};
use crate::certificates::transitions::{self, Action, Event};
use crate::certificates::{local_view, merge, row_of};
use crate::error::AppError;
use crate::secret::Pin;
use crate::vault::keys::{Secret, VaultError};
use kapok_protocol::api::certificates::{
    CertificateIssued, CertificateKind, CertificateState, CertificateStatus, CertificateView,
    OrderCertificate,
};
use kapok_protocol::api::guard::AssertionPurpose;
use kapok_protocol::delivery::{ShareContext, ShareKind, seal_share};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::face::FaceAssertion;
use kapok_protocol::guard::wrap::{KeyAlgorithm, cert_aad, seal};
use kapok_protocol::guard::{
    AddedCert, ConfirmAnswer, HalfKey, IssueStatement, PinKind, Signed, Suite,
};
use kapok_protocol::ids::{AccountId, Bytes, CertId, EnterpriseId, OrderId};
use kapok_protocol::point;
use sha2::{Digest, Sha256};

/// A certificate that may sign.
pub(crate) struct Installed {
    pub cert_id: CertId,
    pub enterprise_id: EnterpriseId,
    pub kind: CertificateKind,
    /// Hexadecimal.
    pub serial: String,
    /// DER, leaf first, without the root.
    pub chain: Vec<Vec<u8>>,
    pub subject: String,
    pub issuer: String,
    /// Seconds since the epoch.
    pub not_after: u64,
}

/// What an order needs besides the row: made anew for every order.
struct Evidence {
    face: Signed,
    pin_proof: Signed,
    intent_salt: [u8; 32],
}

fn list_cell(account: AccountId) -> String {
    format!("certificates/{account}")
}

fn hash(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

impl Core {
    pub(crate) async fn certificate_rows(&self, account: AccountId) -> Result<Vec<Row>, AppError> {
        Ok(self
            .store
            .read(move |unit| unit.certificates(account))
            .await?)
    }

    fn server_seconds(&self) -> u64 {
        self.server_ms() / 1000
    }

    /// The account's certificates that are issued and not over.
    pub(crate) async fn installed(&self) -> Result<Vec<Installed>, AppError> {
        let account = self.require_account()?.account_id;
        let now = self.server_seconds();
        let rows = self.certificate_rows(account).await?;
        let installed = rows.into_iter().filter_map(|row| {
            let issued = row.issued.filter(|issued| issued.not_after >= now)?;
            Some(Installed {
                cert_id: row.cert_id,
                enterprise_id: row.enterprise_id,
                kind: row.kind,
                serial: issued.serial,
                chain: issued.chain.into_iter().map(|der| der.0).collect(),
                subject: issued.subject,
                issuer: issued.issuer,
                not_after: issued.not_after,
            })
        });
        Ok(installed.collect())
    }

    /// Asks for the live status. Ends in `CERT_REVOKED`, `GRANT_SUSPENDED`, `CERT_EXISTS` or `CERT_NONE` for one that is not good.
    pub(crate) async fn certificate_good(&self, serial: &str) -> Result<(), AppError> {
        let call = Call::get(format!("/v1/certificates/{serial}/status"));
        let status: CertificateStatus = self.ask(call).await?;
        Err(match status.state {
            CertificateState::Active => return Ok(()),
            CertificateState::Revoked => ErrorCode::CertRevoked.into(),
            CertificateState::Suspended => ErrorCode::GrantSuspended.into(),
            CertificateState::Elsewhere => ErrorCode::CertExists.into(),
            CertificateState::Installable
            | CertificateState::Expired
            | CertificateState::Unknown => ErrorCode::CertNone.into(),
        })
    }

    pub(crate) async fn certificate_list(&self) -> Result<Vec<CertificateView>, AppError> {
        let account = self.require_account()?.account_id;
        let rows = self.certificate_rows(account).await?;
        let now = self.server_seconds();
        match self.served_certificates(account).await {
            Ok(views) => Ok(merge(views, &rows, now)),
            Err(error) if error.code == ErrorCode::Offline => {
                let known: Option<Vec<CertificateView>> =
                    self.store.get(list_cell(account)).await?;
                match known {
                    Some(views) => Ok(merge(views, &rows, now)),
                    None if rows.is_empty() => Err(error),
                    None => Ok(rows.iter().map(|row| local_view(row, now)).collect()),
                }
            }
            Err(error) => Err(error),
        }
    }

    async fn served_certificates(
        &self,
        account: AccountId,
    ) -> Result<Vec<CertificateView>, AppError> {
        let views: Vec<CertificateView> = self.ask(Call::get("/v1/certificates")).await?;
        self.store.set(list_cell(account), views.clone()).await?;
        Ok(views)
    }

    pub(crate) async fn install_certificate(
        &self,
        enterprise_id: EnterpriseId,
        kind: CertificateKind,
        pin: Pin,
    ) -> Result<CertificateView, AppError> {
        let account = self.require_account()?.account_id;
        if kind == CertificateKind::Unknown {
            return Err(AppError::field("kind", "unknown"));
        }
        // Two installs at once would make two keys for one certificate.
        let _one = self.installing.lock().await;
        self.pin_is_set(account).await?;
        let rows = self.certificate_rows(account).await?;
        let views = merge(
            self.served_certificates(account).await?,
            &rows,
            self.server_seconds(),
        );
        let view = views
            .into_iter()
            .find(|view| view.enterprise_id == enterprise_id && view.kind == kind)
            .ok_or(ErrorCode::NotAllowed)?;
        let row = row_of(&rows, enterprise_id, kind).cloned();
        let state = local_state(&view, row.as_ref())?;
        // A row of a certificate that has ended counts no more; a fresh one takes its place.
        let row = row.filter(|_| state != State::Idle);
        let installed = self.install(account, view, state, row, pin).await?;
        self.emit(Told::CertificatesChanged);
        Ok(local_view(&installed, self.server_seconds()))
    }

    /// Follows the table from the state to the installed row.
    async fn install(
        &self,
        account: AccountId,
        view: CertificateView,
        mut state: State,
        mut row: Option<Row>,
        pin: Pin,
    ) -> Result<Row, AppError> {
        let mut pin = Some(pin);
        let mut evidence = None;
        let mut event = Event::Install;
        loop {
            let (next, action) = transitions::next(&state, &event)?;
            state = next;
            let there = || row.clone().ok_or(ErrorCode::StateWrong);
            event = match action.ok_or(ErrorCode::StateWrong)? {
                Action::Show => return Ok(there()?),
                Action::MakeKey => {
                    let pin = pin.take().ok_or(ErrorCode::PinRequired)?;
                    let (made, shown) = self.make_certificate_key(account, &view, pin).await?;
                    row = Some(made);
                    evidence = Some(shown);
                    Event::Stored
                }
                Action::Fetch => match self.fetch_certificate(account, there()?).await? {
                    Some(issued) => {
                        row = Some(issued);
                        Event::Issued
                    }
                    None => Event::NotIssued,
                },
                Action::Prove => {
                    let pin = pin.take().ok_or(ErrorCode::PinRequired)?;
                    evidence = Some(self.prove_again(&there()?, pin).await?);
                    Event::Proved
                }
                Action::Order => {
                    let shown = evidence.take().ok_or(ErrorCode::StateWrong)?;
                    row = Some(self.order_certificate(account, there()?, shown).await?);
                    Event::Issued
                }
            };
        }
    }

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
    async fn make_certificate_key(
        &self,
        account: AccountId,
        view: &CertificateView,
        pin: Pin,
    ) -> Result<(Row, Evidence), AppError> {
        let keys = self.pinned().await?;
        let (cert_id, order_id) = (CertId(random::array()?), OrderId(random::array()?));
        let face = self.order_assertion(&keys, account, order_id).await?;
        let scalar = random::scalar()?;
        let public_key = point::public_of(&scalar).map_err(|_| VaultError::Scalar)?;
        let (csr, scalar) = self.certificate_request(view, scalar).await?;
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
    ) -> Result<(Vec<u8>, Secret), AppError> {
        let known = self.enterprise_list().await.unwrap_or_default();
        let enterprise = known
            .into_iter()
            .find(|known| known.enterprise_id == view.enterprise_id);
        let uscc = enterprise.map(|enterprise| enterprise.uscc);
        let (kind, name) = (view.kind, view.enterprise.clone());
        let person = self.require_account()?.display_name;
        blocking(move || {
            let csr = make_csr(&scalar, kind, &name, uscc.as_deref(), &person)?;
            Ok((csr, scalar))
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
    async fn prove_again(&self, row: &Row, pin: Pin) -> Result<Evidence, AppError> {
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

    async fn order_certificate(
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

    async fn fetch_certificate(
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

/// Where the certificate is on this phone, with the platform's word for whether it may be installed.
fn local_state(view: &CertificateView, row: Option<&Row>) -> Result<State, AppError> {
    let pending = row.filter(|row| row.issued.is_none());
    match view.state {
        CertificateState::Active => Ok(State::Active),
        // An ended certificate is installed anew; an open order goes on.
        CertificateState::Installable => Ok(pending.map_or(State::Idle, Row::state)),
        CertificateState::Elsewhere => Err(ErrorCode::CertExists.into()),
        CertificateState::Suspended => Err(ErrorCode::GrantSuspended.into()),
        CertificateState::Revoked | CertificateState::Expired => Err(ErrorCode::NotAllowed.into()),
        CertificateState::Unknown => Err(ErrorCode::AppTooOld.into()),
    }
}
