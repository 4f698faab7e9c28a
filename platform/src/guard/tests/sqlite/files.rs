//! Files that lost a part, or were put back from a copy.

use super::client::WRONG;
use super::*;
use kapok_protocol::guard::PinKind;

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
