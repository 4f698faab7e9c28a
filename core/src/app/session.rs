//! Who is logged in, and the tokens that show it to the platform: sealed in the store, refreshed once for all who wait.

use super::Core;
use super::events::Event;
use super::net::Call;
use crate::error::AppError;
use crate::store::{Store, StoreError, Unit};
use kapok_protocol::api::identity::{AccountView, Purpose, RefreshTokens, Tokens};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::{HandoffId, RequestId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::sync::{Mutex, MutexGuard, PoisonError};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

const CELL_SESSION: &str = "session";

/// A login. Has no `Debug`: it holds tokens.
#[derive(Clone, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Session {
    access: String,
    refresh: String,
    #[zeroize(skip)]
    pub(crate) account: AccountView,
    /// The face check that made it; a password login has none.
    #[zeroize(skip)]
    pub(crate) handoff: Option<HandoffId>,
}

impl Session {
    pub(crate) fn new(tokens: Tokens, account: AccountView, handoff: Option<HandoffId>) -> Self {
        Self {
            access: tokens.access,
            refresh: tokens.refresh,
            account,
            handoff,
        }
    }
}

/// The open login, if any.
pub(crate) struct Sessions {
    now: Mutex<Option<Session>>,
    /// Held by the one call that refreshes; the others wait and find new tokens.
    refreshing: tokio::sync::Mutex<()>,
}

/// Forgets the login in the store.
pub(crate) fn remove(unit: &Unit<'_>) -> Result<(), StoreError> {
    unit.remove_cell(CELL_SESSION)
}

impl Sessions {
    pub(crate) fn load(store: &Store) -> Result<Self, StoreError> {
        Ok(Self {
            now: Mutex::new(store.read_now(|unit| unit.cell(CELL_SESSION))?),
            refreshing: tokio::sync::Mutex::new(()),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Option<Session>> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn access(&self) -> Option<Zeroizing<String>> {
        let guard = self.lock();
        Some(Zeroizing::new(guard.as_ref()?.access.clone()))
    }
}

impl Core {
    /// The account that is logged in.
    pub(crate) fn account(&self) -> Option<AccountView> {
        let guard = self.session.lock();
        Some(guard.as_ref()?.account.clone())
    }

    /// The account that is logged in, or `LOGIN_REQUIRED`.
    pub(crate) fn require_account(&self) -> Result<AccountView, AppError> {
        self.account()
            .ok_or_else(|| ErrorCode::LoginRequired.into())
    }

    /// The face check of the current login: what a first PIN and a certificate order refer to.
    pub(crate) fn login_handoff(&self) -> Option<HandoffId> {
        self.session.lock().as_ref()?.handoff
    }

    /// The access token, or `LOGIN_REQUIRED`.
    pub(crate) fn access_token(&self) -> Result<Zeroizing<String>, AppError> {
        self.session
            .access()
            .ok_or_else(|| ErrorCode::LoginRequired.into())
    }

    /// Makes this the login. `also` runs in the same transaction as the write.
    pub(crate) async fn open_session(
        &self,
        session: Session,
        also: impl FnOnce(&Unit<'_>) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<(), AppError> {
        let stored = session.clone();
        self.store
            .write(move |unit| {
                also(unit)?;
                unit.set_cell(CELL_SESSION, &stored)
            })
            .await?;
        let account = session.account.clone();
        *self.session.lock() = Some(session);
        self.emit(Event::LoggedIn(account));
        Ok(())
    }

    /// Forgets the login on this phone. What belongs to the account stays sealed and unseen by another account.
    pub(crate) async fn close_session(&self) -> Result<(), AppError> {
        let was_open = self.session.lock().take().is_some();
        self.close_vault();
        self.store.write(remove).await?;
        if was_open {
            self.emit(Event::LoggedOut);
        }
        Ok(())
    }

    /// Keeps refreshes waiting while the answer to a login is on its way.
    pub(crate) async fn hold_refresh(
        &self,
        purpose: Purpose,
    ) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        match purpose {
            Purpose::Login => Some(self.session.refreshing.lock().await),
            _ => None,
        }
    }

    /// New tokens in place of `stale`. Concurrent callers share one refresh; who comes late finds it done. A refusal ends the
    /// login.
    pub(crate) async fn refresh(&self, stale: &str) -> Result<(), AppError> {
        let _one = self.session.refreshing.lock().await;
        let Some(session) = self.session.lock().clone() else {
            return Err(ErrorCode::LoginRequired.into());
        };
        if session.access != stale {
            return Ok(());
        }
        let body = RefreshTokens {
            refresh: session.refresh.clone(),
        };
        // The same refresh token always goes out under the same key, so that a lost reply can be asked again.
        let call = Call::post("/v1/tokens/refresh", &body)?
            .device_only()
            .once_as(refresh_key(&session.refresh));
        match Box::pin(self.ask::<Tokens>(call)).await {
            Ok(tokens) => self.replace_tokens(session, tokens).await,
            Err(error) if ends_login(error.code) => {
                self.close_session().await?;
                Err(ErrorCode::LoginRequired.into())
            }
            Err(error) => Err(error),
        }
    }

    async fn replace_tokens(&self, mut session: Session, tokens: Tokens) -> Result<(), AppError> {
        session.access = tokens.access;
        session.refresh = tokens.refresh;
        self.store.set(CELL_SESSION, session.clone()).await?;
        let mut guard = self.session.lock();
        // A logout while the answer was on its way wins.
        if guard.is_some() {
            *guard = Some(session);
        }
        Ok(())
    }
}

fn refresh_key(refresh: &str) -> RequestId {
    let digest = Sha256::new()
        .chain_update(b"kapok/refresh")
        .chain_update(refresh)
        .finalize();
    let mut id = [0; 16];
    id.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    RequestId(id)
}

const fn ends_login(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::LoginRequired | ErrorCode::LoginRefused | ErrorCode::TokenExpired
    )
}
