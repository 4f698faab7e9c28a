//! Which leaks together allow a PIN to be guessed without asking anybody: every subset of them is given to an attacker who knows the whole
//! program, over the files of a real phone and a real platform. `docs/offline-guesses.md` is what comes out; `cargo xtask docs` writes it.
//!
//! What did not leak the attacker replaces by values of his own. He has found the PIN if one candidate, and only one, fits something that
//! leaked: the slot's commitment, its wrap, or the guard's key for PIN proofs.

use kapok_core::Pin;
use kapok_core::ports::software::{FileStorage, SoftwareKey};
use kapok_core::ports::{HardwareKey, SecureStorage};
use kapok_core::store::Store;
use kapok_core::vault::keys::{self, Recovery};
use kapok_platform::keys::Keys;
use kapok_platform::role_keys::RoleKeys;
use kapok_protocol::guard::schedule::guard_oprf_key;
use kapok_protocol::guard::schedule::oprf_input;
use kapok_protocol::guard::wrap::SlotRecord;
use kapok_protocol::guard::{Argon2Params, Prk, SlotContext};
use kapok_protocol::ids::{AccountId, DeviceId};
use kapok_protocol::oprf;
use kapok_tests::judges::root;
use kapok_tests::world::{PIN, World};
use rusqlite::Connection;
use std::fmt::Write as _;
use std::path::Path;
use zeroize::Zeroizing;

/// Candidates, the right PIN among them; KAPOK_GUESSES takes more.
const GUESSES: usize = 24;
/// What can leak, in the order of the table.
const LEAKS: [&str; 5] = [
    "phone's files",
    "guard's database",
    "guard's keys",
    "face service",
    "chip",
];

type Key = Zeroizing<[u8; 32]>;

/// The guard's row of the phone, as it lies in its database.
struct Row {
    epoch: u64,
    row_salt: Vec<u8>,
    share: Vec<u8>,
    pk_auth: Vec<u8>,
}

/// What there is to leak.
struct Everything {
    account: AccountId,
    device: DeviceId,
    record: SlotRecord,
    row: Row,
    guard_keys: RoleKeys,
    master: Key,
    s_f: Key,
    chip: SoftwareKey,
    /// A chip of the attacker's own.
    other_chip: SoftwareKey,
}

/// One subset.
#[derive(Clone, Copy)]
struct Leaked(u8);

impl Leaked {
    const fn has(self, leak: usize) -> bool {
        self.0 >> leak & 1 == 1
    }
}

fn random() -> Key {
    Zeroizing::new(rand::random())
}

impl Everything {
    fn of(
        platform: &Path,
        phone: &Path,
        spare: &Path,
        account: AccountId,
        device: DeviceId,
    ) -> Self {
        let storage = FileStorage::open(phone).unwrap();
        let key = storage.get("store-key").unwrap().unwrap();
        let store = Store::open(&phone.join("kapok.db"), key.as_slice().try_into().unwrap());
        let slots = store.unwrap().read_now(|unit| unit.slots(account)).unwrap();
        let guard = Connection::open(platform.join("guard.db")).unwrap();
        let row = guard
            .query_row(
                "SELECT epoch, row_salt, share, pk_auth FROM epochs",
                [],
                |row| {
                    Ok(Row {
                        epoch: row.get::<_, i64>(0)?.cast_unsigned(),
                        row_salt: row.get(1)?,
                        share: row.get(2)?,
                        pk_auth: row.get(3)?,
                    })
                },
            )
            .unwrap();
        let face = Connection::open(platform.join("face.db")).unwrap();
        let (stage, sealed): (Vec<u8>, Vec<u8>) = face
            .query_row("SELECT stage, share FROM shares", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .unwrap();
        let files = Keys::open(platform).unwrap();
        let face_keys = RoleKeys::open(&files, "face").unwrap();
        let s_f = face_keys.unseal("shares.share", &[&account.0, &device.0, &stage], &sealed);
        let master = std::fs::read(platform.join("guard-master.secret")).unwrap();
        Self {
            account,
            device,
            record: slots[0].record.clone(),
            row,
            guard_keys: RoleKeys::open(&files, "guard").unwrap(),
            master: Zeroizing::new(master.as_slice().try_into().unwrap()),
            s_f: s_f.unwrap(),
            chip: SoftwareKey::open(phone).unwrap(),
            other_chip: SoftwareKey::open(spare).unwrap(),
        }
    }

    fn chip(&self, leaked: Leaked) -> &SoftwareKey {
        if leaked.has(4) {
            &self.chip
        } else {
            &self.other_chip
        }
    }

    /// A value of the guard's database that only the guard's keys open.
    fn unsealed(&self, leaked: Leaked, place: &'static str, row: &[&[u8]], sealed: &[u8]) -> Key {
        if leaked.has(1) && leaked.has(2) {
            return self.guard_keys.unseal(place, row, sealed).unwrap();
        }
        random()
    }

    /// The guard's function, as far as it can be had.
    fn oprf(&self, leaked: Leaked) -> oprf::ServerKey {
        let epoch = self.row.epoch.to_be_bytes();
        let place = [&self.account.0[..], &self.device.0, &epoch].concat();
        let salt = self.unsealed(leaked, "row_salt", &[&place], &self.row.row_salt);
        let master = if leaked.has(2) {
            self.master.clone()
        } else {
            random()
        };
        guard_oprf_key(&master, &salt, self.account, self.row.epoch).unwrap()
    }

    fn context(&self, leaked: Leaked, oprf: &oprf::ServerKey) -> SlotContext {
        if leaked.has(0) {
            return self.record.context(self.account, self.device);
        }
        SlotContext {
            account: self.account,
            device: self.device,
            epoch: self.row.epoch,
            oprf_pk: oprf.public_key(),
            params: Argon2Params::V1,
        }
    }

    /// Whether a stretched candidate fits anything that leaked.
    fn fits(&self, leaked: Leaked, oprf: &oprf::ServerKey, x0: &Key) -> bool {
        let context = self.context(leaked, oprf);
        let x1 = self.chip(leaked).prf(keys::HW_PIN, x0).unwrap();
        let input = oprf_input(self.account, self.row.epoch, &x1);
        let blind = oprf::blind(&input, &random()).unwrap();
        let evaluation = oprf.evaluate(blind.element(), &random()).unwrap();
        let y = blind
            .finalize(&input, &evaluation, &oprf.public_key())
            .unwrap();
        let prk = Prk::new(&context, &x1, &y);
        let by_files = leaked.has(0) && keys::open_slot(&self.record, &context, &prk).is_ok();
        let by_guard =
            leaked.has(1) && prk.auth_key().unwrap().public_key().as_slice() == self.row.pk_auth;
        by_files || by_guard
    }

    /// Whether the vault opens without any PIN: the way of a reset.
    fn opens(&self, leaked: Leaked) -> bool {
        if !leaked.has(0) {
            return false;
        }
        let number = self.row.epoch.to_be_bytes();
        let place: [&[u8]; 3] = [&self.account.0, &self.device.0, &number];
        let recovery = Recovery {
            hardware: self
                .chip(leaked)
                .prf(keys::HW_REC, &self.record.rec_salt)
                .unwrap(),
            s_g: self.unsealed(leaked, "epochs.share", &place, &self.row.share),
            s_f: if leaked.has(3) {
                self.s_f.clone()
            } else {
                random()
            },
        };
        let context = self.record.context(self.account, self.device);
        keys::recover(&self.record, &context, &recovery).is_ok()
    }
}

/// The right PIN and others.
fn candidates() -> Vec<Pin> {
    let count = std::env::var("KAPOK_GUESSES").ok();
    let count = count.and_then(|text| text.parse().ok()).unwrap_or(GUESSES);
    let right: u32 = PIN
        .iter()
        .fold(0, |all, digit| all * 10 + u32::from(*digit));
    (0..count as u32)
        .map(|step| (right + step * 7919) % 1_000_000)
        .map(|number| {
            let digits: Vec<u8> = format!("{number:06}").bytes().map(|b| b - b'0').collect();
            Pin::from_digits(digits.as_slice().try_into().unwrap()).unwrap()
        })
        .collect()
}

fn stretched(pins: &[Pin], salt: &[u8; 32]) -> Vec<Key> {
    let one = |pin: &Pin| keys::stretch(pin, salt, Argon2Params::V1).unwrap();
    let (left, right) = pins.split_at(pins.len() / 2);
    std::thread::scope(|scope| {
        let left = scope.spawn(|| left.iter().map(one).collect::<Vec<_>>());
        let right: Vec<_> = right.iter().map(one).collect();
        left.join().unwrap().into_iter().chain(right).collect()
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pin_05_no_subset_of_leaks_without_the_chip_and_all_of_the_guard_allows_a_guess() {
    let world = World::start().await;
    let (app, ..) = world.equipped("phone").await;
    let account = app.login().account().unwrap().account_id;
    let device = app.device_id();
    drop(app);
    world.running.shutdown().await;
    let at = |name: &str| world.dir.path().join(name);
    std::fs::create_dir(at("spare")).unwrap();
    let all = Everything::of(&at("platform"), &at("phone"), &at("spare"), account, device);

    let pins = candidates();
    let real = stretched(&pins, &all.record.salt);
    let guessed = stretched(&pins, &random());
    let mut table = String::new();
    let mut found = Vec::new();
    for leaked in (0..1 << LEAKS.len()).map(Leaked) {
        let oprf = all.oprf(leaked);
        let candidates = if leaked.has(0) { &real } else { &guessed };
        let fit: Vec<usize> = (0..pins.len())
            .filter(|at| all.fits(leaked, &oprf, &candidates[*at]))
            .collect();
        assert!(fit.is_empty() || fit == [0], "a wrong PIN fits: {fit:?}");
        let (guesses, opens) = (!fit.is_empty(), all.opens(leaked));
        if guesses || opens {
            found.push((leaked.0, guesses, opens));
        }
        let cells: Vec<&str> = (0..LEAKS.len())
            .map(|leak| if leaked.has(leak) { "●" } else { "" })
            .collect();
        let _ = writeln!(
            table,
            "| {} | {} | {} |",
            cells.join(" | "),
            if guesses { "**yes**" } else { "no" },
            if opens { "**yes**" } else { "no" },
        );
    }
    let expected = [(0b10111, true, false), (0b11111, true, true)];
    assert_eq!(found, expected);
    compare(&table);
}

fn compare(table: &str) {
    let path = root().join("docs/offline-guesses.md");
    let text = format!(
        "# Offline guesses\n\n\
         Generated by `cargo xtask docs` from `tests/tests/offline_guesses.rs`; do not edit. One row for each subset of what can leak (●), run\n\
         with the files of a real phone and a real platform: does an attacker who asks nobody tell the right PIN from wrong ones, and does the vault\n\
         open without a PIN at all? Whoever has the phone's files, all of the guard *and* the phone's own chip searches at the speed of that chip:\n\
         each guess is one Argon2id and one call of the chip, a million of them at 80 ms take 22 hours. With the face service in addition no PIN is\n\
         needed: that is the way of a reset by face.\n\n\
         | {} | PIN can be guessed | opens without PIN |\n|{}\n{table}",
        LEAKS.join(" | "),
        " --- |".repeat(LEAKS.len() + 2),
    );
    if std::env::var_os("KAPOK_WRITE_DOCS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let known = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(known, text, "run `cargo xtask docs`");
}
