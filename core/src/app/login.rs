//! Runs the face handoff: stores each new state before what follows from it is done, and talks to the platform.

use super::events::{Event as Told, ShellRequest};
use super::net::Call;
use super::session::{self, Session};
use super::{Core, random};
use crate::error::AppError;
use crate::links::{self, Link};
use crate::login::state::{Proof, State, Verifier};
use crate::login::transitions::{self, Action, Event};
use crate::login::{HandoffView, Outcome, Resumed};
use crate::store::{Store, StoreError, Unit};
use kapok_protocol::api::identity::{
    AccountView, FinishHandoff, HandoffFinished, HandoffMode, HandoffStarted, HandoffStatus,
    LoggedIn, PasswordLogin, Purpose, StartHandoff, TypedIdentity,
};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::{Bytes, HandoffId, RequestId};
use std::time::Duration;
use tokio::sync::{Mutex, MutexGuard};
use zeroize::Zeroize;

const CELL_HANDOFF: &str = "handoff";
const CELL_VERIFIED: &str = "verified";

/// The one open handoff.
pub(crate) struct Handoff {
    state: Mutex<State>,
    /// Held from the proof to its answer, so that exactly one call gets the result; the next one finds it taken.
    finishing: Mutex<()>,
}

impl Handoff {
    pub(crate) fn load(store: &Store) -> Result<Self, StoreError> {
        let state = store.read_now(|unit| unit.cell(CELL_HANDOFF))?;
        Ok(Self {
            state: Mutex::new(state.unwrap_or(State::Idle)),
            finishing: Mutex::new(()),
        })
    }
}

fn put(unit: &Unit<'_>, state: &State) -> Result<(), StoreError> {
    match state.persistent() {
        Some(state) => unit.set_cell(CELL_HANDOFF, state),
        None => unit.remove_cell(CELL_HANDOFF),
    }
}

impl Core {
    /// Takes an event through the table. The new state is stored before it counts; a failure to store changes nothing.
    async fn handoff_step(&self, event: Event) -> Result<Vec<Action>, AppError> {
        let mut state = self.handoff.state.lock().await;
        let (next, actions) = transitions::next(&state, &event)?;
        if next == *state {
            return Ok(actions);
        }
        if next.persistent().is_some() || state.persistent().is_some() {
            let stored = next.clone();
            self.store.write(move |unit| put(unit, &stored)).await?;
        }
        *state = next;
        drop(state);
        self.emit(Told::HandoffChanged);
        Ok(actions)
    }

    /// Starts a face check for any purpose and leaves for the mini program.
    pub(crate) async fn start_handoff(
        &self,
        purpose: Purpose,
        subject_ref: Option<String>,
        declared: Option<TypedIdentity>,
    ) -> Result<HandoffView, AppError> {
        self.may_send()?;
        if let Some(typed) = &declared {
            self.note_own_number(&typed.number);
        }
        let verifier = Verifier::new(random::array()?);
        let challenge = verifier.challenge();
        let body = StartHandoff {
            code_challenge: Bytes::from(challenge),
            purpose,
            mode: HandoffMode::SameDevice,
            subject_ref: subject_ref.clone(),
            declared,
            locale: self.settings.locale.clone(),
            device_label: self.settings.device_label.clone(),
        };
        let event = Event::Start {
            purpose,
            subject_ref,
            verifier,
        };
        self.do_all(self.handoff_step(event).await?).await?;
        let call = Call::post("/v1/handoffs", &body)?;
        let again = purpose == Purpose::Login && self.account().is_some();
        let call = if purpose.of_account() || again {
            call
        } else {
            call.device_only()
        };
        let event = match self.ask::<HandoffStarted>(call).await {
            Ok(answer) => Event::Started {
                challenge,
                answer,
                now_ms: self.server_ms(),
            },
            Err(error) => {
                self.handoff_step(Event::StartFailed { challenge }).await?;
                return Err(error);
            }
        };
        self.do_all(self.handoff_step(event).await?).await?;
        self.handoff_view()
            .await
            .ok_or_else(|| ErrorCode::UserCancelled.into())
    }

    pub(crate) async fn handoff_view(&self) -> Option<HandoffView> {
        let state = self.handoff.state.lock().await;
        let open = state.open()?;
        let left_ms = open.expires_ms.saturating_sub(self.server_ms());
        Some(HandoffView {
            handoff_id: open.handoff_id,
            purpose: open.purpose,
            match_code: open.match_code.clone(),
            expires_in: u32::try_from(left_ms / 1000).unwrap_or(u32::MAX),
            code_asked: open.code_asked,
            finishing: matches!(*state, State::Finishing { .. }),
        })
    }

    pub(crate) async fn open_mini_program_again(&self) -> Result<(), AppError> {
        let state = self.handoff.state.lock().await;
        let open = state.open().ok_or(ErrorCode::StateWrong)?;
        self.request(ShellRequest::OpenMiniProgram {
            path: open.mini_program_path.clone(),
            match_code: open.match_code.clone(),
        });
        Ok(())
    }

    pub(crate) async fn handoff_returned(&self, link: &str) -> Result<Option<Outcome>, AppError> {
        let Some(Link::Return { handoff_id, code }) = links::parse(link) else {
            return Ok(None);
        };
        let request_id = RequestId(random::array()?);
        let event = Event::Returned {
            handoff_id,
            code,
            request_id,
        };
        let one = self.handoff.finishing.lock().await;
        match self.handoff_step(event).await?.as_slice() {
            [Action::Finish] => self.finish(&one).await.map(Some),
            _ => Ok(None),
        }
    }

    pub(crate) async fn handoff_typed(&self, code: &str) -> Result<Outcome, AppError> {
        let request_id = RequestId(random::array()?);
        let event = Event::Typed {
            code: code.to_owned(),
            request_id,
        };
        let one = self.handoff.finishing.lock().await;
        self.handoff_step(event).await?;
        self.finish(&one).await
    }

    pub(crate) async fn handoff_resume(&self) -> Result<Resumed, AppError> {
        let tick = Event::Tick {
            now_ms: self.server_ms(),
        };
        self.do_all(self.handoff_step(tick).await?).await?;
        let mut n = 0;
        loop {
            let handoff_id = match &*self.handoff.state.lock().await {
                State::Idle | State::Starting { .. } => return Ok(Resumed::Nothing),
                State::Waiting(open) => Some(open.handoff_id),
                State::Finishing { .. } => None,
            };
            let Some(handoff_id) = handoff_id else {
                match self.finish_again().await? {
                    Some(outcome) => return Ok(Resumed::Finished(outcome)),
                    None => continue,
                }
            };
            match self.poll(handoff_id).await?.as_slice() {
                [Action::Poll] => {}
                [Action::AskCode] => return Ok(Resumed::CodeNeeded),
                [Action::Fail(code)] => return Err((*code).into()),
                _ => continue,
            }
            tokio::time::sleep(Duration::from_millis(transitions::poll_delay_ms(n))).await;
            n += 1;
            let tick = Event::Tick {
                now_ms: self.server_ms(),
            };
            self.do_all(self.handoff_step(tick).await?).await?;
        }
    }

    async fn poll(&self, handoff_id: HandoffId) -> Result<Vec<Action>, AppError> {
        let call = Call::get(format!("/v1/handoffs/{handoff_id}")).device_only();
        let status = self.ask::<HandoffStatus>(call).await?;
        self.handoff_step(Event::Status { handoff_id, status })
            .await
    }

    pub(crate) async fn handoff_cancel(&self) -> Result<(), AppError> {
        self.do_all(self.handoff_step(Event::Cancel).await?).await
    }

    /// Finishes what a kill or a lost answer has left; nothing if a link or a typed code has done so while this call waited.
    async fn finish_again(&self) -> Result<Option<Outcome>, AppError> {
        let one = self.handoff.finishing.lock().await;
        if !matches!(*self.handoff.state.lock().await, State::Finishing { .. }) {
            return Ok(None);
        }
        self.handoff_step(Event::Retry).await?;
        self.finish(&one).await.map(Some)
    }

    /// Sends the finish that the state holds, as often as it takes, always under the same key.
    async fn finish(&self, _one: &MutexGuard<'_, ()>) -> Result<Outcome, AppError> {
        let (open, proof, request_id) = match &*self.handoff.state.lock().await {
            State::Finishing {
                open,
                proof,
                request_id,
            } => (open.clone(), proof.clone(), *request_id),
            _ => return Err(ErrorCode::StateWrong.into()),
        };
        let Proof(proof) = proof;
        let handoff_id = open.handoff_id;
        // A login while logged in replaces the tokens: no refresh of the old ones may run meanwhile.
        let _refresh = self.hold_refresh(open.purpose).await;
        let body = FinishHandoff {
            verifier: open.verifier.to_bytes(),
            purpose: open.purpose,
            proof,
        };
        let call = Call::post(format!("/v1/handoffs/{handoff_id}/finish"), &body)?
            .device_only()
            .once_as(request_id);
        match self.ask::<HandoffFinished>(call).await {
            Ok(finished) => {
                let outcome = self.keep(open.purpose, handoff_id, finished).await?;
                self.handoff_step(Event::Finished { handoff_id }).await?;
                Ok(outcome)
            }
            Err(error) => {
                let event = Event::FinishFailed {
                    handoff_id,
                    code: error.code,
                };
                self.handoff_step(event).await?;
                Err(error)
            }
        }
    }

    /// Stores what a finished face check gives, in one transaction with the end of the handoff.
    async fn keep(
        &self,
        purpose: Purpose,
        handoff_id: HandoffId,
        finished: HandoffFinished,
    ) -> Result<Outcome, AppError> {
        let note = move |unit: &Unit<'_>| {
            unit.set_cell(&verified_cell(purpose), &handoff_id)?;
            put(unit, &State::Idle)
        };
        match finished {
            HandoffFinished::LoggedIn(LoggedIn { tokens, account }) => {
                let session = Session::new(tokens, account.clone(), Some(handoff_id));
                self.open_session(session, note).await?;
                Ok(Outcome::LoggedIn(account))
            }
            HandoffFinished::Consent(page) => {
                self.store.write(note).await?;
                self.agents_checked(&page).await?;
                Ok(Outcome::Consent(page))
            }
            HandoffFinished::Verified {} => {
                self.store.write(note).await?;
                Ok(Outcome::Verified {
                    purpose,
                    handoff_id,
                })
            }
        }
    }

    /// The last face check of a purpose that passed on this phone; the platform decides whether it is still fresh.
    pub(crate) async fn verified_handoff(
        &self,
        purpose: Purpose,
    ) -> Result<Option<HandoffId>, AppError> {
        Ok(self.store.get(verified_cell(purpose)).await?)
    }

    pub(crate) async fn password_login(
        &self,
        login: &str,
        password: &str,
    ) -> Result<AccountView, AppError> {
        if self.account().is_some() {
            return Err(ErrorCode::StateWrong.into());
        }
        let mut body = PasswordLogin {
            login: login.to_owned(),
            password: password.to_owned(),
        };
        let call = Call::post("/v1/sessions/password", &body)?
            .device_only()
            .never_repeated();
        body.password.zeroize();
        let LoggedIn { tokens, account } = self.ask(call).await?;
        let session = Session::new(tokens, account.clone(), None);
        self.open_session(session, |_| Ok(())).await?;
        Ok(account)
    }

    pub(crate) async fn logout(&self) -> Result<(), AppError> {
        if self.handoff_view().await.is_some() {
            // The face check may have ended meanwhile; then there is nothing to cancel.
            let _ = self.handoff_cancel().await;
        }
        if self.account().is_none() {
            return Ok(());
        }
        // The phone forgets in any case; the platform's session ends by itself if it cannot be told.
        let told = self.tell(Call::act("/v1/sessions/end")).await;
        if let Err(error) = told {
            tracing::info!(code = %error.code, "the platform was not told of the logout");
        }
        self.leave_invite().await?;
        self.forget_account().await?;
        self.close_session().await
    }

    /// What is known of the account beyond its sealed rows.
    async fn forget_account(&self) -> Result<(), AppError> {
        Ok(self
            .store
            .write(|unit| {
                unit.tx
                    .execute("DELETE FROM cell WHERE name LIKE 'verified/%'", [])?;
                session::remove(unit)
            })
            .await?)
    }

    /// Does what a step asks for, apart from what its caller waits for itself.
    async fn do_all(&self, actions: Vec<Action>) -> Result<(), AppError> {
        for action in actions {
            match action {
                Action::OpenMiniProgram { path, match_code } => {
                    self.request(ShellRequest::OpenMiniProgram { path, match_code });
                }
                Action::CancelAtPlatform(id) => {
                    let call = Call::act(format!("/v1/handoffs/{id}/cancel")).device_only();
                    // Best effort: it expires by itself in five minutes.
                    if let Err(error) = self.tell(call).await {
                        tracing::info!(code = %error.code, "a handoff was not cancelled at the platform");
                    }
                }
                Action::Fail(code) => return Err(code.into()),
                Action::Finish | Action::Poll | Action::AskCode => {}
            }
        }
        Ok(())
    }
}

/// Where a passed face check of a purpose is noted.
pub(crate) fn verified_cell(purpose: Purpose) -> String {
    // The wire name of a purpose is its stable name.
    let name = serde_json::to_value(purpose).ok();
    let name = name
        .as_ref()
        .and_then(|name| name.as_str())
        .unwrap_or_default();
    format!("{CELL_VERIFIED}/{name}")
}
