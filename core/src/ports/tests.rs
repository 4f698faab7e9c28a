//! The contract that every implementation of the ports keeps; the shells run the same list against theirs.

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
