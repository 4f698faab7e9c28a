//! Waits, budget and clocks to the second; databases that lost a part.

use super::client::{PIN, WRONG};
use super::*;
use kapok_protocol::guard::PinKind;

const DAY: i64 = 86_400;

#[tokio::test]
async fn pin_11_a_wait_is_over_in_its_second_and_stays_over() {
    // The waits of the table, by the number of the wrong PIN in a row.
    for (wrong, wait) in [
        (4, 60),
        (5, 300),
        (6, 900),
        (7, 3_600),
        (8, 14_400),
        (9, 86_400),
    ] {
        for (offset, open) in [(-1, false), (0, true), (1, true)] {
            let bench = Bench::new().await;
            let phone = bench.phone().await;
            for _ in 1..wrong {
                phone.try_pin(&WRONG, PinKind::Pin, 0).await.unwrap();
                bench.wait(i64::from(phone.state().await.wait_seconds));
            }
            phone.try_pin(&WRONG, PinKind::Pin, 0).await.unwrap();
            bench.wait(wait + offset);
            let next = phone.try_pin(&PIN, PinKind::Pin, 0).await;
            assert_eq!(next.is_ok(), open, "{wrong} {offset}");
        }
    }
}

#[tokio::test]
async fn pin_10_the_month_of_the_budget_is_thirty_days_to_the_second() {
    for (offset, open) in [(-1, false), (0, true), (1, true)] {
        let bench = Bench::new().await;
        let phone = bench.phone().await;
        // Three wrong ones and a right one, ten times at one moment.
        for _ in 0..10 {
            for _ in 0..3 {
                phone.try_pin(&WRONG, PinKind::Pin, 0).await.unwrap();
            }
            if let Ok(right) = phone.try_pin(&PIN, PinKind::Pin, 0).await {
                phone.ask(&right).await.unwrap();
            }
        }
        assert_eq!(phone.state().await.tries_left, 0);
        bench.wait(30 * DAY + offset);
        let next = phone.try_pin(&PIN, PinKind::Pin, 0).await;
        assert_eq!(next.is_ok(), open, "{offset}");
    }
}

#[tokio::test]
async fn pin_08_a_clock_that_jumps_gives_no_try_more_than_ten_in_a_row() {
    let bench = Bench::new().await;
    let phone = bench.phone().await;
    let mut evaluated = 0;
    for jump in [
        0,
        0,
        0,
        0,
        -DAY,
        31 * DAY,
        -30 * DAY,
        40 * DAY,
        -40 * DAY,
        60 * DAY,
        30 * DAY,
        30 * DAY,
        DAY,
        -DAY,
        2 * DAY,
        2 * DAY,
        2 * DAY,
    ] {
        bench.wait(jump);
        evaluated += u32::from(phone.try_pin(&WRONG, PinKind::Pin, 0).await.is_ok());
    }
    assert_eq!(evaluated, 10);
    let blocked = phone.try_pin(&PIN, PinKind::Pin, 0).await.unwrap_err();
    assert_eq!(blocked.code, ErrorCode::PinBlocked);
}

#[tokio::test]
async fn pin_08_a_database_without_its_write_ahead_log_is_not_served() {
    let bench = Bench::new().await;
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
    let open = |copy: &tempfile::TempDir| {
        let keys = Keys::open(copy.path()).unwrap();
        let clock: Arc<dyn Clock> = Arc::<ManualClock>::clone(&bench.clock);
        let (dir, face) = (copy.path().to_owned(), *bench.face.sign_public());
        async move { Guard::open(&dir, &keys, clock, face).await }
    };
    let (whole, part) = (copied(true), copied(false));
    let mut again = phone.clone();
    again.guard = open(&whole).await.unwrap();
    assert_eq!(again.state().await.tries_left, 9);
    assert!(matches!(
        open(&part).await,
        Err(StartError::GuardRolledBack)
    ));
}
