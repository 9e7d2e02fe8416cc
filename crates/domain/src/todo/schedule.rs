//! When something is done again and again: cron's five fields, in UTC.

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::time::Instant;

/// Every six hours, on the hour.
pub const EVERY_SIX_HOURS: &str = "0 */6 * * *";

/// The most characters of one.
pub const LONGEST: usize = 100;

/// The text is no schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a schedule of five fields")]
pub struct NotASchedule;

/// A schedule.
#[derive(Debug, Clone)]
pub struct Schedule(Box<Cron>);

impl std::str::FromStr for Schedule {
    type Err = NotASchedule;

    fn from_str(text: &str) -> Result<Self, NotASchedule> {
        // A schedule that a machine has to think about for long is none.
        if text.len() > LONGEST || text.split_whitespace().count() != 5 {
            return Err(NotASchedule);
        }
        let parser =
            CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        parser.parse(text).map(|cron| Self(Box::new(cron))).map_err(|_| NotASchedule)
    }
}

impl Schedule {
    /// The first time after an instant; nothing when there is none in any year to come.
    #[must_use]
    pub fn next_after(&self, instant: Instant) -> Option<Instant> {
        let from = Timestamp::from_millisecond(instant.millis()).ok()?.to_zoned(TimeZone::UTC);
        let next = self.0.find_next_occurrence(&from, false).ok()?;
        Some(Instant::from_millis(next.timestamp().as_millisecond()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 5 January 2026, 09:00 UTC, a Monday.
    const NOW: Instant = Instant::from_millis(1_767_603_600_000);
    const HOUR: i64 = 3_600_000;

    fn next(text: &str, from: Instant) -> Option<Instant> {
        text.parse::<Schedule>().unwrap().next_after(from)
    }

    #[test]
    fn the_next_time_comes_after_the_present() {
        assert_eq!(next(EVERY_SIX_HOURS, NOW), Some(NOW.plus_millis(3 * HOUR)));
        let noon = NOW.plus_millis(3 * HOUR);
        assert_eq!(next(EVERY_SIX_HOURS, noon), Some(noon.plus_millis(6 * HOUR)));
        assert_eq!(next("* * * * *", NOW.plus_millis(1)), Some(NOW.plus_millis(60_000)));
        assert_eq!(next("0 1 * * 0", NOW), Some(NOW.plus_millis((5 * 24 + 16) * HOUR)));
    }

    #[test]
    fn a_schedule_has_five_fields_and_makes_sense() {
        for good in ["*/5 * * * *", "0 9 * * MON-FRI", "30 3 1 * *"] {
            assert!(good.parse::<Schedule>().is_ok(), "{good}");
        }
        for bad in ["", "* * * *", "* * * * * *", "61 * * * *", "@daily", "a b c d e"] {
            assert!(bad.parse::<Schedule>().is_err(), "{bad}");
        }
        assert_eq!(next("0 0 31 2 *", NOW), None, "there is no such day");
    }
}
