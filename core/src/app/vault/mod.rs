//! Runs the vault: state from the store, one PIN act at a time, and the public calls. What the guard is told is in [`guard`], the
//! first PIN in [`set`], another one in [`change`] and [`reset`], the same one under a newer master key in [`renew`], all by way of [`epoch`];
//! a typed PIN in [`unlock`], what follows from it in [`lease`], a lost phone in [`lost`].

mod change;
mod epoch;
pub(crate) mod guard;
mod held;
mod lease;
mod lost;
mod renew;
mod reset;
mod set;
mod unlock;

pub(crate) use lease::{LeaseAsk, LeaseSignature, OpenLease, Receiving};
pub(crate) use unlock::{PinUse, public_of};

use super::Core;
use super::events::Event as Told;
use crate::error::AppError;
use crate::secret::Pin;
use crate::secret::wipe_stack;
use crate::store::vault::SlotState;
use crate::store::{StoreError, Unit};
use crate::vault::PinState;
use crate::vault::rules::{self, OwnNumbers};
use crate::vault::state::{Held, SlotName, State};
use crate::vault::transitions::{self, Action, Event};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::guard::{GuardState, StateAnswer, StateRequest, Suite};
use kapok_protocol::ids::AccountId;
use renew::Renewal;
use serde::{Deserialize, Serialize};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What the vault keeps while the app runs.
#[derive(Default)]
pub(crate) struct Vault {
    state: Mutex<Option<(AccountId, State)>>,
    own: Mutex<OwnNumbers>,
    waiting: Mutex<Option<reset::Waiting>>,
    renewal: Mutex<Renewal>,
    leases: held::Leases,
    /// Held by the one act that uses a PIN: two tries at once would count twice.
    acting: tokio::sync::Mutex<()>,
}

/// The highest that the guard has signed for an account.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Seen {
    epoch: u64,
    log_n: u64,
}

impl Vault {
    fn state(&self) -> MutexGuard<'_, Option<(AccountId, State)>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn waiting(&self) -> MutexGuard<'_, Option<reset::Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn renewal(&self) -> MutexGuard<'_, Renewal> {
        self.renewal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn own(&self) -> MutexGuard<'_, OwnNumbers> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs what takes the processor or the chip on a thread that may block.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AppError> + Send + 'static,
) -> Result<T, AppError> {
    let clean = || {
        let done = work();
        wipe_stack();
        done
    };
    crate::blocking::run(clean)
        .await
        .map_err(|_| AppError::new(ErrorCode::Internal))?
}

fn stored_state(unit: &Unit<'_>, account: AccountId) -> Result<State, StoreError> {
    let slots = unit.slots(account)?;
    let name = |state: SlotState| -> Result<Option<SlotName>, StoreError> {
        let Some(slot) = slots.iter().find(|slot| slot.state == state) else {
            return Ok(None);
        };
        let hash = slot.record.hash().map_err(|_| StoreError::Malformed)?;
        Ok(Some(SlotName {
            epoch: slot.record.epoch,
            hash,
        }))
    };
    let current = name(SlotState::Active)?;
    Ok(match name(SlotState::Staged)? {
        Some(staged) => State::Staged { current, staged },
        None => State::resting(current),
    })
}

impl Core {
    /// Numbers of the person that must not be PINs; known from what was typed at login until logout.
    pub(crate) fn note_own_number(&self, number: &str) {
        self.vault.own().add(number);
    }

    /// The account is gone from this phone's screen: no key stays in memory.
    pub(crate) fn close_vault(&self) {
        self.vault.leases.close();
        *self.vault.own() = OwnNumbers::default();
        *self.vault.waiting() = None;
        *self.vault.renewal() = Renewal::Unknown;
        *self.vault.state() = None;
    }

    pub(crate) fn check_pin(&self, pin: &Pin) -> Result<(), AppError> {
        match rules::weakness(pin, &self.vault.own()) {
            Some(weakness) => Err(AppError {
                reason: Some(weakness.reason().into()),
                ..AppError::new(ErrorCode::PinWeak)
            }),
            None => Ok(()),
        }
    }

    /// Takes an event through the table. `Action::Activate` is done here, before the new state counts.
    async fn vault_step(&self, account: AccountId, event: Event) -> Result<State, AppError> {
        let state = self.vault_state(account).await?;
        let (next, action) = transitions::next(&state, &event)?;
        if let Some(Action::Activate(slot)) = action {
            let write = move |unit: &Unit<'_>| unit.activate_slot(account, slot.epoch, None);
            self.store.write(write).await?;
        }
        *self.vault.state() = Some((account, next));
        if next != state {
            self.emit(Told::VaultChanged);
        }
        Ok(next)
    }

    async fn vault_state(&self, account: AccountId) -> Result<State, AppError> {
        let known = *self.vault.state();
        if let Some((of, state)) = known
            && of == account
        {
            return Ok(state);
        }
        self.reload_vault(account).await
    }

    /// The state as the store has it: what is left of an act that was dropped half way.
    async fn reload_vault(&self, account: AccountId) -> Result<State, AppError> {
        let state = self
            .store
            .read(move |unit| stored_state(unit, account))
            .await?;
        *self.vault.state() = Some((account, state));
        Ok(state)
    }

    /// The start-up rule: a slot whose commit has no known answer is settled by the guard's word. The caller holds `acting`.
    async fn settle_vault(&self, account: AccountId) -> Result<State, AppError> {
        let state = self.reload_vault(account).await?;
        if !matches!(state, State::Staged { .. }) {
            return Ok(state);
        }
        let held = match self.guard_state(account).await {
            Ok(answer) => Held::of(&answer),
            // A guard that has never committed for this phone does not know it.
            Err(error)
                if matches!(
                    error.code,
                    ErrorCode::NotFound | ErrorCode::PinUnset | ErrorCode::GuardRefused
                ) =>
            {
                Held(None)
            }
            Err(error) => return Err(error),
        };
        self.vault_step(account, Event::Guard(held)).await
    }

    /// `PIN_UNSET` (YQQ-007) before anything else is asked.
    pub(crate) async fn pin_is_set(&self, account: AccountId) -> Result<(), AppError> {
        let _one = self.vault.acting.lock().await;
        self.require_pin(account).await.map(drop)
    }

    /// The epoch that a PIN opens, or `PIN_UNSET`.
    async fn require_pin(&self, account: AccountId) -> Result<SlotName, AppError> {
        match self.settle_vault(account).await? {
            State::Set(slot) => Ok(slot),
            State::Lost(_) => Err(unknown_vault()),
            State::Unset | State::Staging(_) | State::Staged { .. } => {
                Err(ErrorCode::PinUnset.into())
            }
        }
    }

    pub(crate) async fn pin_state(&self) -> Result<PinState, AppError> {
        let account = self.require_account()?.account_id;
        // Another call that sets or uses the PIN decides; this one only looks.
        let Ok(_one) = self.vault.acting.try_lock() else {
            return Ok(shown(self.vault_state(account).await?));
        };
        let state = match self.settle_vault(account).await {
            Err(error) if error.code == ErrorCode::Offline => return Ok(PinState::Setting),
            settled => settled?,
        };
        let State::Set(_) = state else {
            return Ok(shown(state));
        };
        let answer = match self.guard_state(account).await {
            Err(error) if error.code == ErrorCode::Offline => return Ok(shown(state)),
            answer => answer?,
        };
        let state = self
            .vault_step(account, Event::Guard(Held::of(&answer)))
            .await?;
        Ok(match (state, answer.state) {
            (State::Lost(_), _) => PinState::Lost,
            (_, GuardState::Blocked) => PinState::Blocked,
            (_, GuardState::Resetting) => PinState::Resetting,
            (_, GuardState::Revoked) => PinState::Revoked,
            (_, GuardState::Ok) => PinState::Set {
                tries_left: Some(answer.tries_left.into()),
                wait_seconds: answer.wait_seconds,
            },
        })
    }

    async fn guard_state(&self, account: AccountId) -> Result<StateAnswer, AppError> {
        let keys = self.pinned().await?;
        let request = StateRequest {
            suite: Suite::P256,
            account,
            device: self.device,
            random: super::random::array()?,
        };
        let answer = self.guard(&keys, request).await?.answer;
        self.note_seen(account, answer.epoch, answer.log_n).await?;
        *self.vault.renewal() = Renewal::of(&answer);
        Ok(answer)
    }

    /// A guard that is behind what it has signed before was rolled back or is another one: an alarm, never a reason to delete.
    async fn note_seen(&self, account: AccountId, epoch: u64, log_n: u64) -> Result<(), AppError> {
        let cell = format!("guard-seen/{account}");
        let seen = Seen { epoch, log_n };
        let fresh = self.store.write(move |unit| {
            let last: Option<Seen> = unit.cell(&cell)?;
            if last.is_some_and(|last| epoch < last.epoch || log_n < last.log_n) {
                return Ok(false);
            }
            unit.set_cell(&cell, &seen)?;
            Ok(true)
        });
        if fresh.await? {
            return Ok(());
        }
        Err(AppError {
            reason: Some("rollback".into()),
            ..AppError::new(ErrorCode::GuardTampered)
        })
    }
}

/// The guard knows another vault than this phone's.
fn unknown_vault() -> AppError {
    AppError {
        reason: Some("enrol_again".into()),
        ..AppError::new(ErrorCode::GuardRefused)
    }
}

const fn shown(state: State) -> PinState {
    match state {
        State::Unset => PinState::Unset,
        State::Staging(_) | State::Staged { .. } => PinState::Setting,
        State::Set(_) => PinState::Set {
            tries_left: None,
            wait_seconds: 0,
        },
        State::Lost(_) => PinState::Lost,
    }
}
