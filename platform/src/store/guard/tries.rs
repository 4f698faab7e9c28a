//! A try, in two statements: each one costs switches of threads, and this is the guard's busiest path.

use super::{
    Attempt, GuardState, Line, Owner, Phone, PhoneRow, array, chained, int, number, state_word,
};
use crate::store::StoreError;
use crate::store::engine::Tx;
use crate::store::statement::{Batch, sql};
use sqlx::FromRow;
use std::sync::LazyLock;

/// The sealed key of a phone's current epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EpochKey {
    /// Version of the OPRF master key.
    pub master: u32,
    /// Salt of the epoch's OPRF key, sealed.
    pub row_salt: Vec<u8>,
    /// Its public half, where it is stored.
    pub public: Option<[u8; 33]>,
}

/// What decides whether a try may be counted, and what it is evaluated with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The phone's row.
    pub phone: Phone,
    /// Attempts that nobody confirmed, later than the given moment and than the last reset by face.
    pub spent: u32,
    /// The nonce was used.
    pub nonce_used: bool,
    /// This very request was counted before.
    pub repeated: bool,
    /// The key of the current epoch.
    pub key: Option<EpochKey>,
    /// The last row of the log.
    pub head: (u64, [u8; 32]),
}

#[derive(FromRow)]
struct StandingRow {
    #[sqlx(flatten)]
    phone: PhoneRow,
    spent: i64,
    nonce_used: bool,
    repeated: bool,
    master: Option<i64>,
    row_salt: Option<Vec<u8>>,
    oprf_pk: Option<Vec<u8>>,
    last_n: Option<i64>,
    last_hash: Option<Vec<u8>>,
}

impl TryFrom<StandingRow> for Standing {
    type Error = StoreError;
    fn try_from(row: StandingRow) -> Result<Self, StoreError> {
        let key = |(master, row_salt)| {
            let public = row.oprf_pk.as_deref();
            Ok::<_, StoreError>(EpochKey {
                master: number("epochs.master", master)?,
                row_salt,
                public: public
                    .map(|public| array("epochs.oprf_pk", public))
                    .transpose()?,
            })
        };
        let head = match (row.last_n, row.last_hash) {
            (Some(n), Some(hash)) => (number("log.n", n)?, array("log.hash", &hash)?),
            _ => (0, [0; 32]),
        };
        Ok(Self {
            phone: row.phone.try_into()?,
            spent: number("log.open", row.spent)?,
            nonce_used: row.nonce_used,
            repeated: row.repeated,
            key: row.master.zip(row.row_salt).map(key).transpose()?,
            head,
        })
    }
}

/// All that a try is judged by.
pub async fn standing(
    tx: &mut Tx<'_>,
    owner: Owner,
    since: i64,
    nonce: &[u8; 32],
    request: &[u8; 32],
) -> Result<Option<Standing>, StoreError> {
    let row: Option<StandingRow> = sql("SELECT phones.*, e.master, e.row_salt, e.oprf_pk,
            (SELECT count(*) FROM log
             WHERE log.account = phones.account AND log.device = phones.device AND open
               AND at > $3 AND at > coalesce(reset_at, $3)) AS spent,
            EXISTS (SELECT 1 FROM log WHERE nonce = $4) AS nonce_used,
            EXISTS (SELECT 1 FROM attempts WHERE request = $5) AS repeated,
            (SELECT n FROM log ORDER BY n DESC LIMIT 1) AS last_n,
            (SELECT hash FROM log ORDER BY n DESC LIMIT 1) AS last_hash
         FROM phones LEFT JOIN epochs e ON e.account = phones.account AND e.device = phones.device
         WHERE phones.account = $1 AND phones.device = $2")
    .bind(owner.account.0.to_vec())
    .bind(owner.device.0.to_vec())
    .bind(since)
    .bind(nonce.to_vec())
    .bind(request.to_vec())
    .fetch_optional(&mut *tx)
    .await?;
    row.map(Standing::try_from).transpose()
}

/// What a counted try leaves on its phone.
#[derive(Debug, Clone, Copy)]
pub struct Count {
    /// Wrong in a row.
    pub fails: u32,
    /// No try before it.
    pub locked_until: i64,
    /// Whether the PIN path is open.
    pub state: GuardState,
    /// The attempt that set the block.
    pub blocked_by: Option<[u8; 16]>,
}

/// Counts a try: its line in the log, the phone's count and the attempt, or none of them. Forgets attempts from before `forget`: their lines
/// stay. Gives the line's number and the new head.
pub async fn count(
    tx: &mut Tx<'_>,
    attempt: &mut Attempt,
    nonce: &[u8; 32],
    count: Count,
    (before, forget): ((u64, [u8; 32]), i64),
) -> Result<(u64, [u8; 32]), StoreError> {
    let owner = attempt.owner;
    let line = Line {
        at: attempt.at,
        owner,
        event: "eval",
        request: &attempt.request,
        nonce: Some(nonce),
        open: true,
    };
    let head = chained(before, line);
    attempt.n = head.0;
    let values = [
        int(head.0).into(),
        attempt.at.into(),
        owner.account.0.into(),
        owner.device.0.into(),
        attempt.request.into(),
        (*nonce).into(),
        head.1.into(),
        count.fails.into(),
        count.locked_until.into(),
        state_word(count.state).into(),
        count.blocked_by.into(),
        attempt.id.into(),
        int(attempt.epoch).into(),
        attempt.body.clone().into(),
        attempt.tries_left.into(),
        attempt.wait_seconds.into(),
        forget.into(),
    ];
    COUNT.execute(tx, &values).await?;
    Ok(head)
}

/// What [`count`] writes.
static COUNT: LazyLock<Batch> = LazyLock::new(|| {
    Batch::new(&[
        "INSERT INTO log VALUES ($1, $2, $3, $4, 'eval', $5, $6, $7, TRUE)",
        "UPDATE phones SET fails = $8, locked_until = $9, state = $10, blocked_by = $11
         WHERE account = $3 AND device = $4",
        "INSERT INTO attempts VALUES ($12, $1, $3, $4, $13, $5, $14, $8, $15, $16, $2, NULL, FALSE)",
        "DELETE FROM attempts WHERE at < $17",
    ])
});
