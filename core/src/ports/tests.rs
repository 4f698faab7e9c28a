//! The software ports under the contract, and ports that break each line of it.

use super::software::{self, FileStorage, SoftwareKey};
use super::*;

#[test]
fn the_hardware_key_signs_under_its_public_key_and_survives_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let first = software::open(dir.path()).unwrap();
    let again = software::open(dir.path()).unwrap();
    assert_eq!(first.check().unwrap(), again.check().unwrap());
    let other = tempfile::tempdir().unwrap();
    assert_ne!(
        software::open(other.path()).unwrap().check().unwrap(),
        first.check().unwrap()
    );
}

#[test]
fn the_prf_depends_on_key_label_and_input_and_on_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let key = SoftwareKey::open(dir.path()).unwrap();
    let one = key.prf("pinv1/hw-pin", &[1; 32]).unwrap();
    assert_eq!(*one, *key.prf("pinv1/hw-pin", &[1; 32]).unwrap());
    assert_ne!(*one, *key.prf("pinv1/hw-pin", &[2; 32]).unwrap());
    assert_ne!(*one, *key.prf("pinv1/hw-rec", &[1; 32]).unwrap());
}

#[test]
fn a_port_that_signs_with_another_key_is_found_at_once() {
    struct Crossed(SoftwareKey, SoftwareKey);
    impl HardwareKey for Crossed {
        fn public_key(&self) -> Result<[u8; 33], PortError> {
            self.0.public_key()
        }
        fn sign(&self, message: &[u8]) -> Result<[u8; 64], PortError> {
            self.1.sign(message)
        }
        fn prf(&self, label: &str, input: &[u8; 32]) -> Result<Zeroizing<[u8; 32]>, PortError> {
            self.0.prf(label, input)
        }
    }
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut ports = software::open(a.path()).unwrap();
    ports.hardware = Arc::new(Crossed(
        SoftwareKey::open(a.path()).unwrap(),
        SoftwareKey::open(b.path()).unwrap(),
    ));
    assert_eq!(ports.check(), Err(PortError::Malformed));
}

#[test]
fn the_software_ports_keep_the_contract() {
    let dir = tempfile::tempdir().unwrap();
    let ports = software::open(dir.path()).unwrap();
    contract::check(&ports).unwrap();
    contract::check(&ports).unwrap();
}

/// What a faulty port does wrong.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    AnotherKey,
    NoPrf,
    RandomPrf,
    OneLabel,
    OneInput,
    Full,
    Cuts,
    FirstWins,
    OneName,
    NeverForgets,
    ClockAtZero,
    ClockGoesBack,
}

struct Faulty {
    fault: Fault,
    sound: Ports,
    calls: std::sync::atomic::AtomicU64,
}

impl Faulty {
    fn calls(&self) -> u64 {
        self.calls
            .fetch_add(1, std::sync::atomic::Ordering::Relaxed)
    }
    fn name<'a>(&self, name: &'a str) -> &'a str {
        if self.fault == Fault::OneName {
            "same"
        } else {
            name
        }
    }
}

impl HardwareKey for Faulty {
    fn public_key(&self) -> Result<[u8; 33], PortError> {
        if self.fault == Fault::AnotherKey && self.calls() > 0 {
            let dir = tempfile::tempdir().unwrap();
            return SoftwareKey::open(dir.path())?.public_key();
        }
        self.sound.hardware.public_key()
    }
    fn sign(&self, message: &[u8]) -> Result<[u8; 64], PortError> {
        self.sound.hardware.sign(message)
    }
    fn prf(&self, label: &str, input: &[u8; 32]) -> Result<Zeroizing<[u8; 32]>, PortError> {
        let hardware = &self.sound.hardware;
        match self.fault {
            Fault::NoPrf => Ok(Zeroizing::new([0; 32])),
            Fault::RandomPrf => hardware.prf(&self.calls().to_string(), input),
            Fault::OneLabel => hardware.prf("same", input),
            Fault::OneInput => hardware.prf(label, &[0; 32]),
            _ => hardware.prf(label, input),
        }
    }
}

impl SecureStorage for Faulty {
    fn get(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, PortError> {
        self.sound.storage.get(self.name(name))
    }
    fn set(&self, name: &str, value: &[u8]) -> Result<(), PortError> {
        let storage = &self.sound.storage;
        match self.fault {
            Fault::Full => Err(PortError::Unavailable),
            Fault::Cuts => storage.set(name, &value[..value.len().min(1024)]),
            Fault::FirstWins if value == b"two" => Ok(()),
            _ => storage.set(self.name(name), value),
        }
    }
    fn remove(&self, name: &str) -> Result<(), PortError> {
        if self.fault == Fault::NeverForgets && self.calls() >= 2 {
            return Ok(());
        }
        self.sound.storage.remove(self.name(name))
    }
}

impl Clock for Faulty {
    fn unix_ms(&self) -> u64 {
        if self.fault == Fault::ClockAtZero {
            0
        } else {
            self.sound.clock.unix_ms()
        }
    }
    fn monotonic_ms(&self) -> u64 {
        match self.fault {
            Fault::ClockGoesBack => 1_000 - self.calls(),
            _ => self.sound.clock.monotonic_ms(),
        }
    }
}

#[test]
fn every_line_of_the_contract_finds_the_port_that_breaks_it() {
    let broken = [
        (Fault::AnotherKey, "key_is_one"),
        (Fault::NoPrf, "prf_answers"),
        (Fault::RandomPrf, "prf_repeats"),
        (Fault::OneLabel, "prf_takes_label"),
        (Fault::OneInput, "prf_takes_input"),
        (Fault::Full, "storage_keeps"),
        (Fault::Cuts, "storage_keeps"),
        (Fault::FirstWins, "storage_replaces"),
        (Fault::OneName, "storage_tells_names_apart"),
        (Fault::NeverForgets, "storage_forgets"),
        (Fault::ClockAtZero, "clock_is_set"),
        (Fault::ClockGoesBack, "clock_goes_on"),
    ];
    for (fault, clause) in broken {
        let dir = tempfile::tempdir().unwrap();
        let port = Arc::new(Faulty {
            fault,
            sound: software::open(dir.path()).unwrap(),
            calls: Default::default(),
        });
        let ports = Ports {
            hardware: port.clone(),
            storage: port.clone(),
            clock: port,
        };
        let refused = contract::check(&ports).unwrap_err();
        assert_eq!(refused.reason.as_deref(), Some(clause));
        let code = kapok_protocol::error::ErrorCode::HardwareKey;
        assert_eq!(refused.code, code);
    }
}

#[test]
fn storage_keeps_replaces_and_forgets_and_takes_no_paths() {
    let dir = tempfile::tempdir().unwrap();
    let storage = FileStorage::open(dir.path()).unwrap();
    assert!(storage.get("store-key").unwrap().is_none());
    storage.set("store-key", b"one").unwrap();
    storage.set("store-key", b"two").unwrap();
    assert_eq!(
        storage.get("store-key").unwrap().unwrap().as_slice(),
        b"two"
    );
    storage.remove("store-key").unwrap();
    storage.remove("store-key").unwrap();
    assert!(storage.get("store-key").unwrap().is_none());
    for bad in ["", "../x", "a/b", "A", "a.b"] {
        assert_eq!(storage.set(bad, b"x"), Err(PortError::Malformed), "{bad}");
    }
}
