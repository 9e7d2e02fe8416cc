//! Telling others: when to try again, when to give up, and how many must agree
//! (`native.md` §6, `fusionauth.md` §4.9).

use crate::action::definition::Transaction;
use crate::time::Instant;

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// How long to wait before each attempt, counted from the one before.
const SCHEDULE: [i64; 8] =
    [0, 5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 10 * HOUR];

/// How often something is tried in all.
pub const MOST_ATTEMPTS: usize = SCHEDULE.len();

/// How long an endpoint may do nothing but fail, in milliseconds.
pub const LONGEST_FAILURE: i64 = 5 * 24 * HOUR;

/// How many milliseconds to wait after `made` attempts; `None` when they were enough.
///
/// Chance moves each wait by up to a tenth either way, so that what failed together does not come
/// back together: `random` is any number, all of them alike likely.
#[must_use]
pub fn wait_after(made: u32, random: u32) -> Option<i64> {
    let wait = SCHEDULE.get(usize::try_from(made).ok()?)?;
    let tenth = wait / 10;
    Some(wait - tenth + 2 * tenth * i64::from(random) / i64::from(u32::MAX))
}

/// Whether an answer with this status says that the message has arrived.
#[must_use]
pub const fn is_success(status: u16) -> bool {
    200 <= status && status <= 299
}

/// Whether an answer with this status says that the endpoint is gone for good, so that it is
/// switched off at once.
#[must_use]
pub const fn is_gone(status: u16) -> bool {
    status == 410
}

/// Whether an endpoint that has done nothing but fail since then is switched off.
#[must_use]
pub const fn is_dead(failing_since: Instant, now: Instant) -> bool {
    now.millis_since(failing_since) >= LONGEST_FAILURE
}

impl Transaction {
    /// Whether a change is committed when `ok` of the `n` endpoints that were asked agree. Nobody
    /// to ask is nobody to object.
    #[must_use]
    pub fn commits(self, ok: usize, n: usize) -> bool {
        let (ok, n) = (ok.min(n), n);
        n == 0
            || match self {
                Self::None => true,
                Self::Any => ok >= 1,
                Self::SimpleMajority => ok.saturating_mul(2) >= n,
                Self::SuperMajority => ok.saturating_mul(3) >= n.saturating_mul(2),
                Self::AbsoluteMajority => ok == n,
            }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_first_attempt_is_made_at_once_and_the_eighth_is_the_last() {
        assert_eq!(wait_after(0, 77), Some(0));
        assert_eq!(MOST_ATTEMPTS, 8);
        assert!(wait_after(7, 0).is_some());
        assert_eq!(wait_after(8, 0), None);
        assert_eq!(wait_after(u32::MAX, 0), None);
    }

    #[test]
    fn the_schedule_is_as_promised() {
        let all: i64 = SCHEDULE.iter().sum();
        assert_eq!(all, 27 * HOUR + 35 * MINUTE + 5 * SECOND);
        assert_eq!(wait_after(1, 0), Some(4_500));
        assert_eq!(wait_after(1, u32::MAX), Some(5_500));
        assert_eq!(wait_after(2, u32::MAX / 2), Some(5 * MINUTE - 1));
    }

    #[test]
    fn two_hundreds_arrive_and_410_is_for_good() {
        for status in [200, 201, 204, 299] {
            assert!(is_success(status), "{status}");
        }
        for status in [100, 199, 300, 302, 404, 410, 500] {
            assert!(!is_success(status), "{status}");
        }
        assert!(is_gone(410));
        assert!(!is_gone(404));
    }

    #[test]
    fn five_days_of_failure_are_the_end() {
        let since = Instant::from_millis(1_700_000_000_000);
        assert!(!is_dead(since, since));
        assert!(!is_dead(since, since.plus_millis(LONGEST_FAILURE - 1)));
        assert!(is_dead(since, since.plus_millis(LONGEST_FAILURE)));
        assert!(!is_dead(since, since.plus_millis(-LONGEST_FAILURE)), "a clock set back");
    }

    #[test]
    fn so_many_must_agree() {
        use Transaction::{AbsoluteMajority, Any, None, SimpleMajority, SuperMajority};
        // What the fewest are for 1, 2, 3, 4, 5 and 6 endpoints.
        for (kind, fewest) in [
            (None, [0; 6]),
            (Any, [1; 6]),
            (SimpleMajority, [1, 1, 2, 2, 3, 3]),
            (SuperMajority, [1, 2, 2, 3, 4, 4]),
            (AbsoluteMajority, [1, 2, 3, 4, 5, 6]),
        ] {
            for (n, fewest) in (1..).zip(fewest) {
                for ok in 0..=n {
                    assert_eq!(kind.commits(ok, n), ok >= fewest, "{kind:?}: {ok} of {n}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn a_wait_is_at_most_a_tenth_off(made in 0_u32..8, random: u32) {
            let wait = wait_after(made, random).unwrap();
            let planned = SCHEDULE[usize::try_from(made).unwrap()];
            prop_assert!((wait - planned).abs() <= planned / 10);
        }

        #[test]
        fn one_more_that_agrees_never_hurts(ok: usize, n: usize) {
            for (kind, _) in Transaction::ALL {
                prop_assert!(kind.commits(0, 0));
                prop_assert!(kind.commits(n, n));
                prop_assert!(!kind.commits(ok, n) || kind.commits(ok.saturating_add(1), n));
            }
        }
    }
}
