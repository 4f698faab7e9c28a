//! The guard's EVAL: a try is counted and flushed to disk, evaluated with its proof, and answered under the guard's signature.
//!
//! Many phones ask at once, as they would; one commit and one flush then serve several. The requests are made and signed before the
//! clock starts, and the answers are opened after it stops, so that only the guard's own CPU time counts.

use super::figure::{Figure, Must};
use super::phone::{Phone, Stand, opened, scalar, send};
use super::{cpu, say};
use anyhow::{Result, ensure};
use futures_util::future::try_join_all;
use indicatif::ProgressBar;
use kapok_core::vault::keys::{Secret, Try};
use kapok_platform::clock::SystemClock;
use kapok_protocol::guard::{
    ConfirmRequest, EvalAnswer, EvalRequest, NonceRequest, PinConfirm, PinKind, Signed, Suite,
    eval_transcript, intent,
};
use kapok_protocol::ids::AccountId;
use kapok_protocol::point;
use std::sync::Arc;
use std::time::Instant;
use zeroize::Zeroizing;

const PHONES: u16 = 256;
const ROUNDS: usize = 12;
const X1: [u8; 32] = [0x21; 32];
const H: [u8; 32] = [7; 32];

/// One try that waits to be sent.
struct Waiting {
    attempt: Try,
    request: Signed,
    intent: [u8; 32],
}

/// Evaluations per core and second, and a second on this machine.
pub fn measure(progress: &ProgressBar) -> Result<Vec<Figure>> {
    tokio::runtime::Runtime::new()?.block_on(run(progress))
}

async fn run(progress: &ProgressBar) -> Result<Vec<Figure>> {
    let stand = Stand::start_at(Arc::new(SystemClock)).await?;
    say(progress, "phones", usize::from(PHONES));
    let mut phones = Vec::new();
    for number in 0..PHONES {
        let chip = stand.chip(&format!("phone-{number}"))?;
        let mut account = [1; 16];
        account[..2].copy_from_slice(&number.to_be_bytes());
        let enrolled = Phone::enrol(&stand, AccountId(account), chip, (x1(), [1; 32]));
        phones.push(enrolled.await?);
        progress.inc(1);
    }
    say(progress, "rounds", ROUNDS);
    let (mut per_core, mut per_second) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let (cpu_ms, wall_s) = one_round(&stand, &phones).await?;
        // The first one warms up.
        if round > 0 {
            per_core.push(f64::from(PHONES) / cpu_ms * 1e3);
            per_second.push(f64::from(PHONES) / wall_s);
            progress.inc(1);
        }
    }
    stand.guard.close().await;
    let cost = per_core.iter().map(|rate| 1e3 / rate).collect();
    Ok(vec![
        Figure::new("EVAL with proof, CPU each", "ms", cost),
        Figure::new("EVAL with proof, per core and second", "1/s", per_core)
            .must(Must::AtLeast(700.0)),
        Figure::new("EVAL durable, on this machine", "1/s", per_second),
    ])
}

fn x1() -> Secret {
    Zeroizing::new(X1)
}

/// CPU milliseconds and wall seconds of one EVAL of every phone.
async fn one_round(stand: &Stand, phones: &[Phone]) -> Result<(f64, f64)> {
    let mut waiting = Vec::with_capacity(phones.len());
    for phone in phones {
        waiting.push(prepare(stand, phone).await?);
    }
    let requests: Vec<Signed> = waiting.iter().map(|w| w.request.clone()).collect();
    let (started, before) = (Instant::now(), cpu::process_ms());
    let sent = requests.into_iter().map(|request| {
        let guard = Arc::clone(&stand.guard);
        tokio::spawn(async move { send::<EvalRequest>(&guard, request).await })
    });
    let answers = try_join_all(sent).await?;
    let taken = (cpu::process_ms() - before, started.elapsed().as_secs_f64());
    for ((phone, waiting), answer) in phones.iter().zip(waiting).zip(answers) {
        let answer = opened::<EvalRequest>(&stand.guard, &waiting.request, &answer?)?;
        confirm(stand, phone, &waiting, &answer).await?;
    }
    Ok(taken)
}

async fn prepare(stand: &Stand, phone: &Phone) -> Result<Waiting> {
    let nonce = NonceRequest {
        suite: Suite::P256,
        account: phone.account,
        device: phone.device,
        random: rand::random(),
    };
    let nonce = phone.ask(&stand.guard, &nonce).await?.nonce;
    let attempt = Try::new(phone.account, phone.slot.epoch, x1(), &scalar())?;
    let intent = intent(PinKind::Change, 1, &H)?;
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
    })
}

/// The PIN was right: the count goes back to nothing, or the fourth round would have to wait a minute.
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
        kind: PinKind::Change,
        count: 1,
        h: H,
        ephemeral: point::public_of(&scalar())?,
        wanted: Vec::new(),
        added: Vec::new(),
        lease_key: Some(point::public_of(&scalar())?),
    };
    phone.ask(&stand.guard, &request).await.map(drop)
}
