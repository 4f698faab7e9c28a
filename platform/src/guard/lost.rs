//! A lost phone: nothing is released to it from the report on; after three days what is held of it is deleted, unless its owner objects on
//! that very phone with his PIN. Other roles follow: [`super::follow`].

use super::reset::AUDIENCE;
use super::serve::{Call, Fault, Serve};
use super::{Guard, MINUTE, epoch::PIN, line};
use crate::clock::{SECOND, seconds};
use crate::role_keys::KeyError;
use crate::store::StoreError;
use crate::store::engine::Tx;
use crate::store::guard::{self as rows, Owner, Phone};
use kapok_protocol::api::guard::AssertionPurpose;
use kapok_protocol::error::ErrorCode;
use kapok_protocol::face::{Expected, verify_assertion};
use kapok_protocol::guard::{
    Code, GuardState, OBJECTION_SECONDS, PhoneDeleted, RevocationCodeAnswer, RevocationCodeRequest,
    Signed, Suite,
};
use kapok_protocol::ids::{AccountId, DeviceId};

const OBJECTION: i64 = OBJECTION_SECONDS.cast_signed() * SECOND;

impl Serve for RevocationCodeRequest {
    async fn serve(self, call: Call) -> Result<Signed, Fault> {
        let (owner, now, hash) = (call.owner, call.now, call.hash);
        call.once::<Self, _>(move |tx| {
            Box::pin(async move {
                let attempt = rows::attempt(&mut *tx, &self.attempt).await?;
                let proved = attempt.is_some_and(|attempt| {
                    attempt.owner == owner
                        && attempt.kind.as_deref() == Some(PIN)
                        && attempt.at + MINUTE >= now
                });
                if !proved || !rows::use_attempt(tx, &self.attempt).await? {
                    return Err(ErrorCode::GuardRefused.into());
                }
                rows::set_code(tx, owner, &self.code_hash).await?;
                rows::log(tx, line("revocation_code", owner, now, &hash)).await?;
                Ok(RevocationCodeAnswer {
                    suite: Suite::P256,
                    request: hash,
                    time: seconds(now),
                })
            })
        })
        .await
    }
}

impl Guard {
    /// The phones of an account that have or had a PIN.
    pub async fn phones_of(
        &self,
        account: AccountId,
    ) -> Result<Vec<(DeviceId, Phone)>, StoreError> {
        let phones = rows::phones_of(self.db.reader(), account).await?;
        let named = phones
            .into_iter()
            .map(|(owner, phone)| (owner.device, phone));
        Ok(named.collect())
    }

    /// Reports a phone lost by the statement of a face check on another one, `asking`: until when its owner may object, microseconds.
    ///
    /// `GUARD_REFUSED` for a statement that does not hold, or that is older than the last right PIN of that phone: it is not lost then.
    pub(super) async fn lost_by_face(
        &self,
        lost: Owner,
        asking: DeviceId,
        assertion: &Signed,
    ) -> Result<i64, Fault> {
        let now = self.clock.micros();
        let expected = Expected {
            purpose: AssertionPurpose::DeviceChange,
            audience: AUDIENCE,
            account: lost.account,
            device: asking,
            reference: lost.device.0,
        };
        let face = verify_assertion(assertion, &self.face, &expected, seconds(now))
            .map_err(|_| ErrorCode::GuardRefused)?;
        let reported = self
            .db
            .write(move |tx| {
                Box::pin(async move {
                    let phone = rows::phone(&mut *tx, lost).await?;
                    let phone = phone.ok_or(ErrorCode::NotFound)?;
                    if phone.subject != face.subject || face.time < seconds(phone.used_at) {
                        return Err(ErrorCode::GuardRefused.into());
                    }
                    report(tx, lost, &phone, now).await
                })
            })
            .await;
        self.witnessed().await?;
        reported
    }

    /// Reports a person's phone lost by its revocation code. `NOT_FOUND`, and a try less, for a code of none of the person's phones.
    pub(super) async fn lost_by_code(
        &self,
        subject: [u8; 32],
        code: &Code,
    ) -> Result<(DeviceId, i64), Fault> {
        let (hash, now) = (code.hash(), self.clock.micros());
        let found = self
            .db
            .write(move |tx| {
                Box::pin(async move {
                    let Some(owner) = rows::phone_of_code(tx, &subject, &hash).await? else {
                        return Ok::<_, Fault>(None);
                    };
                    let phone = rows::phone(&mut *tx, owner).await?;
                    let phone = phone.ok_or(ErrorCode::NotFound)?;
                    let until = report(tx, owner, &phone, now).await?;
                    Ok(Some((owner.device, until)))
                })
            })
            .await;
        self.witnessed().await?;
        found?.ok_or_else(|| ErrorCode::NotFound.into())
    }

    /// Deletes what is held of the phones that nobody objected for in time.
    pub(crate) async fn delete_overdue(&self) -> Result<(), StoreError> {
        let now = self.clock.micros();
        let overdue = rows::overdue(self.db.reader(), now).await?;
        if overdue.is_empty() {
            return Ok(());
        }
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    // Read again: an objection may have come in between.
                    for owner in rows::overdue(&mut *tx, now).await? {
                        rows::delete_phone(tx, owner).await?;
                        rows::log(tx, line("delete_phone", owner, now, &[0; 32])).await?;
                    }
                    Ok::<_, StoreError>(())
                })
            })
            .await?;
        self.witnessed().await
    }

    /// Phones that CA and face service are still to follow.
    pub(super) async fn unsettled(&self) -> Result<Vec<(Owner, Phone)>, StoreError> {
        rows::unsettled(self.db.reader()).await
    }

    /// They have followed, as far as `seen`.
    pub(super) async fn settled(&self, owner: Owner, seen: Phone) -> Result<(), StoreError> {
        self.db
            .write(move |tx| Box::pin(async move { rows::set_settled(tx, owner, &seen).await }))
            .await
    }

    /// The statement on which the face service deletes its half.
    pub(super) fn deleted(&self, owner: Owner) -> Result<Signed, KeyError> {
        self.keys.sign(&PhoneDeleted {
            suite: Suite::P256,
            account: owner.account,
            device: owner.device,
            time: self.clock.seconds(),
        })
    }
}

/// From here on nothing is released. A second report moves no date.
async fn report(tx: &mut Tx<'_>, owner: Owner, phone: &Phone, now: i64) -> Result<i64, Fault> {
    if phone.epoch == 0 {
        return Err(ErrorCode::NotFound.into());
    }
    match (phone.state, phone.lost_until) {
        (GuardState::Revoked, Some(until)) => return Ok(until),
        (GuardState::Revoked, None) => return Err(ErrorCode::DeviceRevoked.into()),
        _ => {}
    }
    let until = now + OBJECTION;
    rows::set_lost(tx, owner, GuardState::Revoked, Some(until)).await?;
    rows::drop_stages(tx, owner).await?;
    rows::drop_leases(tx, owner).await?;
    // Kept answers may hold what is no longer to be given.
    rows::forget_answers(tx, owner).await?;
    rows::log(tx, line("report_lost", owner, now, &[0; 32])).await?;
    Ok(until)
}
