//! What every implementation of the ports keeps, as a call: a shell's tests run it against theirs, on the system that they are for.

use super::{HardwareKey, PortError, Ports, SecureStorage};
use crate::error::AppError;
use kapok_protocol::error::ErrorCode;

/// Names that nothing else uses; both are gone afterwards.
const PROBES: [&str; 2] = ["contract-probe-a", "contract-probe-b"];
/// 2020-01-01 UTC in milliseconds: no phone that runs this is older.
const LONG_AGO_MS: u64 = 1_577_836_800_000;

/// Runs the contract. Ends in `HARDWARE_KEY` whose reason is the first line that does not hold:
///
/// - `key_signs`: the public key is a point of P-256 and the signature is under it; `key_is_one`: it is the same every time;
/// - `prf_answers`, `prf_repeats`, `prf_takes_label`, `prf_takes_input`: the output depends on key, label and input and on nothing else;
/// - `storage_starts_empty`, `storage_keeps`, `storage_replaces`, `storage_tells_names_apart`, `storage_forgets`: any bytes, none to 4 KiB, come
///   back as they were; forgetting what is not there is no error;
/// - `clock_is_set`, `clock_goes_on`: after the year 2019, and the monotonic one never back.
pub fn check(ports: &Ports) -> Result<(), AppError> {
    let clauses = key(ports)
        .and_then(|()| prf(ports.hardware.as_ref()))
        .and_then(|()| storage(ports.storage.as_ref()))
        .and_then(|()| clock(ports));
    clauses.map_err(|clause| AppError {
        reason: Some(clause.to_owned()),
        ..AppError::new(ErrorCode::HardwareKey)
    })
}

type Clause = Result<(), &'static str>;

fn hold(holds: bool, clause: &'static str) -> Clause {
    if holds { Ok(()) } else { Err(clause) }
}

fn key(ports: &Ports) -> Clause {
    let first = ports.check().map_err(|_| "key_signs")?;
    hold(ports.check() == Ok(first), "key_is_one")
}

fn prf(key: &dyn HardwareKey) -> Clause {
    let ask = |label: &str, input: u8| key.prf(label, &[input; 32]).map_err(|_| "prf_answers");
    let one = ask("contract/a", 1)?;
    hold(*one != [0; 32], "prf_answers")?;
    hold(*ask("contract/a", 1)? == *one, "prf_repeats")?;
    hold(*ask("contract/b", 1)? != *one, "prf_takes_label")?;
    hold(*ask("contract/a", 2)? != *one, "prf_takes_input")
}

fn storage(storage: &dyn SecureStorage) -> Clause {
    let [a, b] = PROBES;
    let is = |name: &str, wanted: Option<&[u8]>| {
        let found = storage.get(name);
        found.is_ok_and(|found| found.as_deref().map(Vec::as_slice) == wanted)
    };
    let forget = || -> Result<(), PortError> {
        storage.remove(a)?;
        storage.remove(b)
    };
    forget().map_err(|_| "storage_forgets")?;
    hold(is(a, None) && is(b, None), "storage_starts_empty")?;
    let every: Vec<u8> = (0..=255).cycle().take(4096).collect();
    for value in [&b"one"[..], &[], &every] {
        let set = storage.set(a, value).is_ok();
        hold(set && is(a, Some(value)), "storage_keeps")?;
    }
    hold(
        storage.set(a, b"two").is_ok() && is(a, Some(b"two")),
        "storage_replaces",
    )?;
    let other = storage.set(b, b"other").is_ok() && is(b, Some(b"other"));
    hold(other && is(a, Some(b"two")), "storage_tells_names_apart")?;
    let forgotten = forget().is_ok() && forget().is_ok();
    hold(forgotten && is(a, None) && is(b, None), "storage_forgets")
}

fn clock(ports: &Ports) -> Clause {
    hold(ports.clock.unix_ms() > LONG_AGO_MS, "clock_is_set")?;
    let before = ports.clock.monotonic_ms();
    hold(before != u64::MAX, "clock_goes_on")?;
    hold(ports.clock.monotonic_ms() >= before, "clock_goes_on")
}
