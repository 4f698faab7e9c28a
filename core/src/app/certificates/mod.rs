//! Runs 数字证书. The key is made once: from the row on, every repetition asks for the same request.

mod order;

use super::Core;
use super::events::Event as Told;
use super::net::Call;
use crate::certificates::state::{Row, State};
use crate::certificates::transitions::{self, Action, Event};
use crate::certificates::{local_view, merge, row_of};
use crate::error::AppError;
use crate::secret::Pin;
use crate::store::Unit;
use kapok_protocol::api::certificates::{
    CertificateKind, CertificateState, CertificateStatus, CertificateView,
};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::{AccountId, CertId, EnterpriseId};

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

fn list_cell(account: AccountId) -> String {
    format!("certificates/{account}")
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

    /// What was installed is in the list that is shown offline, too.
    async fn note_installed(
        &self,
        account: AccountId,
        shown: CertificateView,
    ) -> Result<(), AppError> {
        let write = move |unit: &Unit<'_>| {
            let name = list_cell(account);
            let mut known: Vec<CertificateView> = unit.cell(&name)?.unwrap_or_default();
            let same = |view: &CertificateView| {
                (view.enterprise_id, view.kind) == (shown.enterprise_id, shown.kind)
            };
            match known.iter_mut().find(|view| same(view)) {
                Some(view) => *view = shown,
                None => known.push(shown),
            }
            unit.set_cell(&name, &known)
        };
        Ok(self.store.write(write).await?)
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
        let shown = local_view(&installed, self.server_seconds());
        self.note_installed(account, shown.clone()).await?;
        self.emit(Told::CertificatesChanged);
        Ok(shown)
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
