//! Files that lost a part, or were put back from a copy.

use super::client::{PIN, Phone, WRONG};
use super::*;
use kapok_protocol::guard::PinKind;
use kapok_protocol::ids::{CertId, DeviceId};

const CERT: u8 = 0x51;

#[tokio::test]
async fn pin_08_a_database_put_back_from_a_copy_is_not_served() {
    let bench = new_bench().await;
    let mut phone = bench.phone().await;
    bench.guard.close().await;
    let db = bench.dir.path().join("guard.db");
    let copy = std::fs::read(&db).unwrap();
    phone.guard = bench.second().await;
    phone.try_pin(&WRONG, PinKind::Pin, 0).await.unwrap();
    phone.guard.close().await;
    let after = std::fs::read(&db).unwrap();
    std::fs::write(&db, copy).unwrap();
    let open = || bench.at(bench.dir.path());
    assert!(matches!(open().await, Err(StartError::GuardRolledBack)));
    std::fs::write(&db, after).unwrap();
    phone.guard = open().await.unwrap();
    assert_eq!(phone.state().await.tries_left, 9);
}

#[tokio::test]
async fn pin_08_a_database_without_its_write_ahead_log_is_not_served() {
    let bench = new_bench().await;
    let phone = bench.phone().await;
    phone.try_pin(&WRONG, PinKind::Pin, 0).await.unwrap();
    // What another machine finds that got the files as they are now, with the log and without.
    let copied = |log: bool| {
        let copy = tempfile::tempdir().unwrap();
        for file in std::fs::read_dir(bench.dir.path()).unwrap() {
            let file = file.unwrap();
            let name = file.file_name();
            let of_log = name == "guard.db-wal" || name == "guard.db-shm";
            if log && name != "guard.db-shm" || !of_log {
                std::fs::copy(file.path(), copy.path().join(name)).unwrap();
            }
        }
        copy
    };
    let (whole, part) = (copied(true), copied(false));
    let mut again = phone.clone();
    again.guard = bench.at(whole.path()).await.unwrap();
    assert_eq!(again.state().await.tries_left, 9);
    assert!(matches!(
        bench.at(part.path()).await,
        Err(StartError::GuardRolledBack)
    ));
}

/// The log has grown, and the witness's file is as far.
async fn is_witnessed(bench: &Bench, before: &mut u64, act: &str) {
    let (head, _) = crate::store::guard::log_head(bench.guard.db.reader())
        .await
        .unwrap();
    assert!(head > *before, "{act} is not in the log");
    *before = head;
    let file = std::fs::read(bench.dir.path().join("guard.witness")).unwrap();
    let numbers = file.chunks(72).map(|record| {
        let number: [u8; 8] = record[..8].try_into().unwrap();
        u64::from_be_bytes(number)
    });
    assert_eq!(numbers.max(), Some(head), "{act}");
}

#[tokio::test]
async fn pin_08_nothing_is_answered_before_the_witness_has_seen_it() {
    let bench = new_bench().await;
    let mut phone = bench.phone().await;
    let mut before = 0;
    is_witnessed(&bench, &mut before, "set").await;
    phone.try_pin(&WRONG, PinKind::Pin, 0).await.unwrap();
    is_witnessed(&bench, &mut before, "try").await;
    phone.install(&PIN, CERT).await;
    is_witnessed(&bench, &mut before, "install").await;
    let lease = lease_of(&phone.connect(&PIN, 5).await);
    phone.pick(lease, CERT).await.unwrap();
    is_witnessed(&bench, &mut before, "lease").await;
    let item = vec![Phone::item(1, CERT, [1; 32])];
    phone.receipt(lease, item).await.unwrap();
    is_witnessed(&bench, &mut before, "receipt").await;
    phone.reset(1, bench.now()).await;
    is_witnessed(&bench, &mut before, "reset").await;
    let guard = &bench.guard;
    guard
        .suspend_certificate(CertId([CERT; 16]), true)
        .await
        .unwrap();
    is_witnessed(&bench, &mut before, "suspend").await;
    bench.wait(1);
    let seen = phone.stated(&phone.seen_elsewhere(DeviceId([0x99; 16]), bench.now()));
    let owner = Owner {
        account: phone.account,
        device: phone.device,
    };
    let lost = guard.lost_by_face(owner, DeviceId([0x99; 16]), &seen).await;
    assert!(lost.is_ok());
    is_witnessed(&bench, &mut before, "lost").await;
    bench.wait(72 * 3_600 + 1);
    guard.delete_overdue().await.unwrap();
    is_witnessed(&bench, &mut before, "deleted").await;
}
