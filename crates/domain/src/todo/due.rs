//! Days until something is due, by the calendar in UTC.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::time::Instant;

/// A day in milliseconds.
pub const DAY_MILLIS: i64 = 86_400_000;

/// The day of an instant; far beyond the calendar it is its last or first one.
#[must_use]
pub fn day_of(instant: Instant) -> Date {
    Timestamp::from_millisecond(instant.millis()).map_or_else(
        |_| if instant.millis() > 0 { Date::MAX } else { Date::MIN },
        |timestamp| timestamp.to_zoned(TimeZone::UTC).date(),
    )
}

/// The first instant of a day.
#[must_use]
pub fn start_of(day: Date) -> Instant {
    let start = day.to_zoned(TimeZone::UTC);
    Instant::from_millis(start.map_or(0, |start| start.timestamp().as_millisecond()))
}

/// How many days lie between two days; negative when the second came first.
#[must_use]
pub fn days_between(from: Date, to: Date) -> i64 {
    start_of(to).millis_since(start_of(from)).div_euclid(DAY_MILLIS)
}

/// How many days are left until the day on which something is due; negative when it has passed.
#[must_use]
pub fn days_until(due_at: Instant, now: Instant) -> i64 {
    days_between(day_of(now), day_of(due_at))
}

/// A day as `YYYY-MM-DD`.
#[must_use]
pub fn parse_day(text: &str) -> Option<Date> {
    let is_written_out = text.len() == 10 && text.is_ascii();
    text.parse().ok().filter(|_| is_written_out)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn days_go_by_the_calendar() {
        // 31 January 2026, 09:00 UTC.
        let now = Instant::from_millis(1_769_850_000_000);
        assert_eq!(day_of(now), date(2026, 1, 31));
        assert_eq!(days_until(now.plus_millis(15 * 3_600_000), now), 1, "in fifteen hours");
        assert_eq!(days_until(now.plus_millis(14 * 3_600_000), now), 0, "on the same day");
        assert_eq!(days_until(now.plus_millis(-10 * 3_600_000), now), -1);
        assert_eq!(start_of(date(2026, 2, 1)).millis_since(now), 15 * 3_600_000);
    }

    #[test]
    fn a_day_is_written_out() {
        assert_eq!(parse_day("2026-02-28"), Some(date(2026, 2, 28)));
        for wrong in ["2026-02-30", "2026-2-3", "20260203", "2026-02-03T00:00:00", "soon", ""] {
            assert_eq!(parse_day(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_ends_of_time_have_days_too() {
        assert_eq!(day_of(Instant::from_millis(i64::MAX)), Date::MAX);
        assert_eq!(day_of(Instant::from_millis(i64::MIN)), Date::MIN);
    }
}
