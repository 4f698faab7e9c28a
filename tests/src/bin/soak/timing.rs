//! Whether the time of a step says something about its secret: one secret against many, in random order, Welch's t-test over what is left when the
//! slowest tenth is cut off (interrupts, not secrets). Both classes read their inputs from pools of one size, and what a step reads is put into one place
//! before its time begins, so that the cache and the memory's places tell nothing.

use super::phone::scalar;
use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};
use kapok_protocol::guard::schedule::{self, commit_matches, guard_oprf_key};
use kapok_protocol::guard::{Argon2Params, Prk, SlotContext};
use kapok_protocol::ids::{AccountId, DeviceId};
use kapok_protocol::oprf::{self, Evaluation};
use rand::RngExt as _;
use std::hint::black_box;
use std::time::Instant;

/// Inputs of each class.
const POOL: usize = 512;
/// What a difference must not reach.
const LIMIT: f64 = 4.5;
/// The share of the samples that is kept, of 100.
const KEPT: usize = 90;

/// Nanoseconds by class: one secret, many.
type Times = [Vec<u32>; 2];

/// Measures every step; false if one tells something.
pub fn run(samples: usize) -> Result<bool> {
    println!(
        "{:<22} {:>10} {:>10} {:>8}",
        "step", "one, ns", "many, ns", "t"
    );
    let context = context();
    let many: Vec<[u8; 32]> = (0..POOL).map(|_| *scalar()).collect();
    let one = vec![many[0]; POOL];
    let pools = [one, many];
    let secret = |class: usize, at: usize| pools[class][at];
    let prk = |class, at| Prk::new(&context, &secret(class, at), &[7; 32]);
    let commit = prk(0, 0).commit();
    let mut quiet = true;
    let mut judge = |name: &str, times: Times| quiet &= told(name, times);
    judge(
        "blind (scalar)",
        measure(name("blind"), samples, secret, |scalar| {
            black_box(oprf::blind(b"one input", scalar).is_ok());
        }),
    );
    judge(
        "blind (input)",
        measure(name("blind"), samples, secret, |x1| {
            let input = schedule::oprf_input(context.account, 1, x1);
            black_box(oprf::blind(&input, &[5; 32]).is_ok());
        }),
    );
    let finals = finals(&pools)?;
    let public = server()?.public_key();
    judge(
        "finalize",
        measure(
            name("finalize"),
            samples,
            |class, at| &finals[class][at],
            |(blind, evaluation)| {
                black_box(blind.finalize(b"one input", evaluation, &public).is_ok());
            },
        ),
    );
    judge(
        "commit compared",
        measure(name("commit"), samples, prk, |prk| {
            black_box(commit_matches(prk, &commit));
        }),
    );
    judge(
        "key of PIN proofs",
        measure(name("auth"), samples, prk, |prk| {
            black_box(prk.auth_key().is_ok());
        }),
    );
    Ok(quiet)
}

fn context() -> SlotContext {
    SlotContext {
        account: AccountId([1; 16]),
        device: DeviceId([2; 16]),
        epoch: 1,
        oprf_pk: [3; 33],
        params: Argon2Params::V1,
    }
}

fn server() -> Result<oprf::ServerKey> {
    Ok(guard_oprf_key(&[1; 32], &[2; 32], AccountId([1; 16]), 1)?)
}

/// Blinded tries with their answers, for both classes.
fn finals(pools: &[Vec<[u8; 32]>; 2]) -> Result<[Vec<(oprf::Blind, Evaluation)>; 2]> {
    let server = server()?;
    let one = |secret: &[u8; 32]| -> Result<_> {
        let blind = oprf::blind(b"one input", secret)?;
        let evaluation = server.evaluate(blind.element(), &scalar())?;
        Ok((blind, evaluation))
    };
    let [left, right] = pools;
    Ok([
        left.iter().map(one).collect::<Result<_>>()?,
        right.iter().map(one).collect::<Result<_>>()?,
    ])
}

fn name(step: &'static str) -> ProgressBar {
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {percent} % {eta}") {
        bar.set_style(style);
    }
    bar.set_message(step);
    bar
}

fn measure<T>(
    bar: ProgressBar,
    samples: usize,
    prepare: impl Fn(usize, usize) -> T,
    step: impl Fn(&T),
) -> Times {
    bar.set_length(samples as u64);
    let mut random = rand::rng();
    let mut times = [Vec::new(), Vec::new()];
    for sample in 0..samples {
        let class = usize::from(random.random::<bool>());
        let at = random.random_range(0..POOL);
        let prepared = black_box(prepare(class, at));
        let started = Instant::now();
        step(&prepared);
        let taken = started.elapsed().as_nanos();
        times[class].push(u32::try_from(taken).unwrap_or(u32::MAX));
        if sample % 1024 == 0 {
            bar.inc(1024);
        }
    }
    bar.finish_and_clear();
    times
}

/// Prints a line; true if the step tells nothing.
fn told(name: &str, times: Times) -> bool {
    let mut all: Vec<u32> = times.iter().flatten().copied().collect();
    all.sort_unstable();
    let cut = all.get(all.len() * KEPT / 100).copied().unwrap_or(u32::MAX);
    let [one, many] = times.map(|times| Moments::of(times.into_iter().filter(|t| *t <= cut)));
    let t = (one.mean - many.mean) / (one.variance / one.count + many.variance / many.count).sqrt();
    let quiet = t.abs() < LIMIT;
    let mark = if quiet { "" } else { "  TELLS" };
    println!(
        "{name:<22} {:>10.0} {:>10.0} {t:>8.2}{mark}",
        one.mean, many.mean
    );
    quiet
}

struct Moments {
    count: f64,
    mean: f64,
    variance: f64,
}

impl Moments {
    /// Welford's.
    fn of(values: impl Iterator<Item = u32>) -> Self {
        let (mut count, mut mean, mut squares) = (0.0, 0.0, 0.0);
        for value in values.map(f64::from) {
            count += 1.0;
            let before = value - mean;
            mean += before / count;
            squares += before * (value - mean);
        }
        Self {
            count,
            mean,
            variance: squares / (count - 1.0),
        }
    }
}
