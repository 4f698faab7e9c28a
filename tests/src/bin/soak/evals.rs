//! Many phones over many days: each tries right and wrong PINs as it comes, and in the end every counter and the whole log must be what a model says.

use super::phone::{Phone, Stand, opened, scalar, send};
use anyhow::{Result, ensure};
use futures_util::future::try_join_all;
use indicatif::{ProgressBar, ProgressStyle};
use kapok_core::vault::keys::{Secret, Try};
use kapok_platform::clock::{Clock, DAY, HOUR, ManualClock, SystemClock};
use kapok_protocol::guard::{
    ConfirmRequest, EvalAnswer, EvalRequest, NonceRequest, PinConfirm, PinKind, Signed, Suite,
    eval_transcript, intent,
};
use kapok_protocol::ids::AccountId;
use kapok_protocol::point;
use rusqlite::Connection;
use sha2::{Digest, Sha256};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;
use zeroize::Zeroizing;

/// Phones that ask at the same time.
const AT_ONCE: usize = 256;
/// What the chip makes of the right PIN, and of a wrong one.
const RIGHT: [u8; 32] = [0x21; 32];
const WRONG: [u8; 32] = [0x22; 32];
const H: [u8; 32] = [7; 32];
/// Wrong PINs in a row before the face is asked for: a phone stops one short of it.
const IN_A_ROW: u32 = 9;
/// Wrong PINs in thirty days: as well.
const A_MONTH: usize = 29;

/// A phone and what the guard must know of it.
struct Tried {
    phone: Phone,
    /// Wrong PINs in a row.
    fails: u32,
    /// The rounds of its wrong PINs.
    wrong: Vec<u32>,
}

/// A try that waits for its answer.
struct Waiting {
    attempt: Try,
    request: Signed,
    intent: [u8; 32],
    right: bool,
}

/// True if guard and model agree.
pub fn run(phones: u32, rounds: u32) -> Result<bool> {
    tokio::runtime::Runtime::new()?.block_on(soak(phones, rounds))
}

async fn soak(count: u32, rounds: u32) -> Result<bool> {
    let clock = Arc::new(ManualClock::at(SystemClock.micros()));
    let stand = Stand::start_at(clock.clone()).await?;
    let bar = ProgressBar::new(u64::from(count) * u64::from(rounds + 1));
    bar.set_style(ProgressStyle::with_template(
        "{msg} {wide_bar} {percent} % {eta}",
    )?);
    bar.set_message("phones");
    let mut all = Vec::new();
    for number in 0..count {
        let chip = stand.chip(&format!("phone-{number}"))?;
        let mut account = [1; 16];
        account[..4].copy_from_slice(&number.to_be_bytes());
        let enrolled = Phone::enrol(&stand, AccountId(account), chip, (secret(RIGHT), [1; 32]));
        all.push(Tried {
            phone: enrolled.await?,
            fails: 0,
            wrong: Vec::new(),
        });
        bar.inc(1);
    }
    bar.set_message("tries");
    let started = Instant::now();
    for round in 0..rounds {
        for some in all.chunks_mut(AT_ONCE) {
            try_all(&stand, some, round).await?;
            bar.inc(some.len() as u64);
        }
        clock.advance(DAY + HOUR);
    }
    bar.finish_and_clear();
    let tries = u64::from(count) * u64::from(rounds);
    let seconds = started.elapsed().as_secs();
    println!("{tries} tries of {count} phones over {rounds} days in {seconds} s");
    stand.guard.close().await;
    audit(&stand.dir.path().join("guard.db"), &all, tries)?;
    println!("every counter and every line of the log is as it must be");
    Ok(true)
}

fn secret(x1: [u8; 32]) -> Secret {
    Zeroizing::new(x1)
}

async fn try_all(stand: &Stand, phones: &mut [Tried], round: u32) -> Result<()> {
    let mut waiting = Vec::new();
    for phone in phones.iter() {
        let recent = phone.wrong.iter().filter(|at| **at + 30 > round).count();
        let may_fail = phone.fails < IN_A_ROW && recent < A_MONTH;
        let right = !may_fail || rand::random_range(0..4) > 0;
        waiting.push(prepare(stand, &phone.phone, right).await?);
    }
    let sent = waiting.iter().map(|waiting| {
        let (guard, request) = (Arc::clone(&stand.guard), waiting.request.clone());
        async move { tokio::spawn(async move { send::<EvalRequest>(&guard, request).await }).await? }
    });
    let answers = try_join_all(sent).await?;
    for ((tried, waiting), answer) in phones.iter_mut().zip(waiting).zip(answers) {
        let answer = opened::<EvalRequest>(&stand.guard, &waiting.request, &answer)?;
        tried.fails += 1;
        ensure!(
            u32::from(answer.tries_left) <= 10 - tried.fails,
            "more tries than there are"
        );
        if waiting.right {
            confirm(stand, &tried.phone, &waiting, &answer).await?;
            tried.fails = 0;
        } else {
            let context = tried
                .phone
                .slot
                .context(tried.phone.account, tried.phone.device);
            let prk = waiting
                .attempt
                .finish(&context, answer.evaluated, answer.proof)?;
            ensure!(prk.commit() != tried.phone.slot.commit, "a wrong PIN opens");
            tried.wrong.push(round);
        }
    }
    Ok(())
}

async fn prepare(stand: &Stand, phone: &Phone, right: bool) -> Result<Waiting> {
    let nonce = NonceRequest {
        suite: Suite::P256,
        account: phone.account,
        device: phone.device,
        random: rand::random(),
    };
    let nonce = phone.ask(&stand.guard, &nonce).await?.nonce;
    let x1 = secret(if right { RIGHT } else { WRONG });
    let attempt = Try::new(phone.account, phone.slot.epoch, x1, &scalar())?;
    let intent = intent(PinKind::Decrypt, 0, &H)?;
    let request = phone.signed(&EvalRequest {
        suite: Suite::P256,
        account: phone.account,
        device: phone.device,
        epoch: phone.slot.epoch,
        blinded: (*attempt.element()).into(),
        nonce,
        intent,
    })?;
    Ok(Waiting {
        attempt,
        request,
        intent,
        right,
    })
}

async fn confirm(
    stand: &Stand,
    phone: &Phone,
    waiting: &Waiting,
    answer: &EvalAnswer,
) -> Result<()> {
    let context = phone.slot.context(phone.account, phone.device);
    let prk = waiting
        .attempt
        .finish(&context, answer.evaluated, answer.proof)?;
    ensure!(prk.commit() == phone.slot.commit, "the PIN does not open");
    let statement = PinConfirm {
        suite: Suite::P256,
        account: phone.account,
        device: phone.device,
        epoch: phone.slot.epoch,
        attempt: answer.attempt,
        transcript: eval_transcript(&waiting.request.body, &answer.evaluated),
        intent: waiting.intent,
    };
    let request = ConfirmRequest {
        suite: Suite::P256,
        account: phone.account,
        device: phone.device,
        attempt: answer.attempt,
        pin_signature: prk.auth_key()?.sign(&statement.signing_input()?)?,
        kind: PinKind::Decrypt,
        count: 0,
        h: H,
        ephemeral: point::public_of(&scalar())?,
        wanted: Vec::new(),
        added: Vec::new(),
        lease_key: None,
    };
    phone.ask(&stand.guard, &request).await.map(drop)
}

/// The file against the model: counts in a row, lines that stay open, lines at all, and the chain of their hashes.
fn audit(file: &Path, phones: &[Tried], tries: u64) -> Result<()> {
    let db = Connection::open(file)?;
    for tried in phones {
        let owner = (tried.phone.account.0, tried.phone.device.0);
        let fails: u32 = db.query_row(
            "SELECT fails FROM phones WHERE account = ?1 AND device = ?2",
            owner,
            |row| row.get(0),
        )?;
        let open: i64 = db.query_row(
            "SELECT count(*) FROM log WHERE account = ?1 AND device = ?2 AND open",
            owner,
            |row| row.get(0),
        )?;
        ensure!(fails == tried.fails, "{fails} fails, not {}", tried.fails);
        ensure!(
            usize::try_from(open)? == tried.wrong.len(),
            "{open} open lines, not {}",
            tried.wrong.len()
        );
    }
    let lines: u64 = db.query_row(
        "SELECT count(*) FROM log WHERE nonce IS NOT NULL",
        [],
        |row| row.get::<_, i64>(0).map(i64::cast_unsigned),
    )?;
    ensure!(lines == tries, "{lines} tries in the log, not {tries}");
    chain(&db)
}

fn chain(db: &Connection) -> Result<()> {
    let mut ask = db.prepare(
        "SELECT n, at, account, device, event, request, nonce, hash FROM log ORDER BY n",
    )?;
    let mut rows = ask.query([])?;
    let (mut last, mut before) = (0, vec![0; 32]);
    while let Some(row) = rows.next()? {
        let n: i64 = row.get(0)?;
        ensure!(n == last + 1, "line {n} after {last}");
        let event: String = row.get(4)?;
        let nonce: Option<Vec<u8>> = row.get(6)?;
        let hash = Sha256::new()
            .chain_update(&before)
            .chain_update(n.to_be_bytes())
            .chain_update(row.get::<_, i64>(1)?.to_be_bytes())
            .chain_update(row.get::<_, Vec<u8>>(2)?)
            .chain_update(row.get::<_, Vec<u8>>(3)?)
            .chain_update((event.len() as u64).to_be_bytes())
            .chain_update(&event)
            .chain_update(row.get::<_, Vec<u8>>(5)?)
            .chain_update(nonce.unwrap_or_default())
            .finalize();
        ensure!(
            row.get::<_, Vec<u8>>(7)? == hash.as_slice(),
            "line {n} does not follow"
        );
        (last, before) = (n, hash.to_vec());
    }
    Ok(())
}
