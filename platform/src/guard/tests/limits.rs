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
            let bench = new_bench().await;
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
        let bench = new_bench().await;
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
    let bench = new_bench().await;
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
