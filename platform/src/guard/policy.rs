//! What wrong PINs cost: a wait that grows, a block at the tenth, and a budget of 30 in 30 days that successes do not clear. What no PIN for half
//! a year costs: a face.

use crate::clock::{DAY, SECOND};

/// Wrong PINs in a row before the face is asked for.
pub const LIMIT: u32 = 10;
/// Wrong PINs in [`MONTH`].
pub const BUDGET: u32 = 30;
/// The time of the budget, microseconds.
pub const MONTH: i64 = 30 * DAY;

/// A PIN that was not used for so long is asked for by face, microseconds.
pub const IDLE: i64 = 180 * DAY;

/// Seconds to wait after the 1st, 2nd, … wrong PIN in a row.
const WAITS: [u32; 9] = [0, 0, 0, 60, 300, 900, 3_600, 14_400, 86_400];

/// What the `fails`-th wrong PIN in a row costs: seconds to wait, or nothing where it blocks.
pub fn wait_after(fails: u32) -> Option<u32> {
    let index = usize::try_from(fails.checked_sub(1)?).ok()?;
    WAITS.get(index).copied()
}

/// Tries left: in a row, and of the month's budget.
pub fn tries_left(fails: u32, spent: u32) -> u8 {
    let left = LIMIT
        .saturating_sub(fails)
        .min(BUDGET.saturating_sub(spent));
    u8::try_from(left).unwrap_or(u8::MAX)
}

/// Whole seconds from `now` to `until`, rounded up so that nobody comes back too early.
pub fn seconds_until(until: i64, now: i64) -> u32 {
    let left = until.saturating_sub(now).max(0);
    u32::try_from(left.saturating_add(SECOND - 1) / SECOND).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_tries_take_at_least_29_hours() {
        let total: u32 = (1..LIMIT).filter_map(wait_after).sum();
        assert_eq!(total, 60 + 300 + 900 + 3_600 + 14_400 + 86_400);
        assert_eq!(wait_after(3), Some(0));
        assert_eq!(wait_after(LIMIT), None);
        assert_eq!(wait_after(0), None);
    }

    #[test]
    fn the_smaller_of_both_limits_counts() {
        assert_eq!(tries_left(0, 0), 10);
        assert_eq!(tries_left(3, 3), 7);
        assert_eq!(tries_left(1, 29), 1);
        assert_eq!(tries_left(12, 40), 0);
    }

    #[test]
    fn a_started_second_counts_whole() {
        assert_eq!(seconds_until(60 * SECOND, 1), 60);
        assert_eq!(seconds_until(60 * SECOND, 59 * SECOND), 1);
        assert_eq!(seconds_until(60 * SECOND, 60 * SECOND), 0);
        assert_eq!(seconds_until(0, SECOND), 0);
    }
}
