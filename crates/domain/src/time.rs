//! Instants in milliseconds, and ends that may never come.

use std::fmt;

/// A point in time: milliseconds since the Unix epoch, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

impl Instant {
    /// The instant this many milliseconds after (or before) the epoch.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// This many milliseconds later; the far ends of time hold it.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Milliseconds from `earlier` to `self`; negative when `self` came first.
    #[must_use]
    pub const fn millis_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// Seconds and milliseconds, for logs; the surfaces have formats of their own.
impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Where the time comes from: the machine's clock, or one that a test sets.
pub trait Clock: Send + Sync {
    /// The instant that it is now.
    fn now(&self) -> Instant;
}

/// When something that lasts comes to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Expiry {
    /// At this instant; from it on, the thing is over.
    At(Instant),
    /// Not until somebody ends it.
    Never,
}

impl Expiry {
    /// Whether it is over at `now`. The instant of the end itself counts as over.
    #[must_use]
    pub fn is_past(self, now: Instant) -> bool {
        match self {
            Self::Never => false,
            Self::At(end) => end <= now,
        }
    }

    /// The instant of the end, when there is one.
    #[must_use]
    pub const fn instant(self) -> Option<Instant> {
        match self {
            Self::Never => None,
            Self::At(end) => Some(end),
        }
    }
}

/// A length of time as a person says it (`fusionauth.md` §4.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// How many units.
    pub length: i64,
    /// Of which unit.
    pub unit: SpanUnit,
}

/// The unit of a [`Span`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpanUnit {
    /// 60 seconds.
    Minutes,
    /// 60 minutes.
    Hours,
    /// 24 hours.
    Days,
    /// 7 days.
    Weeks,
    /// A calendar month, UTC.
    Months,
    /// A calendar year, UTC.
    Years,
}

impl SpanUnit {
    /// Every unit with its name in the contract.
    pub const ALL: [(Self, &'static str); 6] = [
        (Self::Minutes, "MINUTES"),
        (Self::Hours, "HOURS"),
        (Self::Days, "DAYS"),
        (Self::Weeks, "WEEKS"),
        (Self::Months, "MONTHS"),
        (Self::Years, "YEARS"),
    ];

    /// The name in the contract.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Minutes => "MINUTES",
            Self::Hours => "HOURS",
            Self::Days => "DAYS",
            Self::Weeks => "WEEKS",
            Self::Months => "MONTHS",
            Self::Years => "YEARS",
        }
    }

    /// The unit of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(unit, _)| *unit)
    }
}

impl Span {
    /// The instant one span after `start`. Months and years go by the calendar in UTC; a span that
    /// leaves the calendar never ends.
    #[must_use]
    pub fn after(self, start: Instant) -> Expiry {
        let span = match self.unit {
            SpanUnit::Minutes => jiff::Span::new().try_minutes(self.length),
            SpanUnit::Hours => jiff::Span::new().try_hours(self.length),
            SpanUnit::Days => jiff::Span::new().try_days(self.length),
            SpanUnit::Weeks => jiff::Span::new().try_weeks(self.length),
            SpanUnit::Months => jiff::Span::new().try_months(self.length),
            SpanUnit::Years => jiff::Span::new().try_years(self.length),
        };
        let end = span.and_then(|span| {
            let start = jiff::Timestamp::from_millisecond(start.millis())?;
            start.to_zoned(jiff::tz::TimeZone::UTC).checked_add(span)
        });
        end.map_or(Expiry::Never, |end| {
            Expiry::At(Instant::from_millis(end.timestamp().as_millisecond()))
        })
    }
}

/// The largest whole unit of a length of time, floored: "15 seconds", "1 day", "2 weeks"
/// (`fusionauth.md` §3.7).
#[must_use]
pub fn duration_in_words(millis: i64) -> String {
    const UNITS: [(i64, &str); 7] = [
        (365 * 86_400, "year"),
        (30 * 86_400, "month"),
        (7 * 86_400, "week"),
        (86_400, "day"),
        (3_600, "hour"),
        (60, "minute"),
        (1, "second"),
    ];
    let seconds = (millis / 1_000).max(0);
    let (count, unit) = UNITS
        .iter()
        .find(|(length, _)| seconds >= *length)
        .map_or((0, "second"), |(length, unit)| (seconds / length, *unit));
    if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant::from_millis(1_700_000_000_000);

    #[test]
    fn the_instant_of_the_end_is_over() {
        assert!(Expiry::At(NOW).is_past(NOW));
        assert!(!Expiry::At(NOW.plus_millis(1)).is_past(NOW));
        assert!(!Expiry::Never.is_past(Instant::from_millis(i64::MAX)));
    }

    #[test]
    fn never_comes_after_every_instant() {
        assert!(Expiry::Never > Expiry::At(Instant::from_millis(i64::MAX)));
    }

    #[test]
    fn months_follow_the_calendar() {
        // 31 January 2026, 09:00 UTC, plus a month is 28 February.
        let start = Instant::from_millis(1_769_850_000_000);
        let end = Span { length: 1, unit: SpanUnit::Months }.after(start);
        assert_eq!(end, Expiry::At(Instant::from_millis(1_772_269_200_000)));
    }

    #[test]
    fn a_span_beyond_the_calendar_never_ends() {
        assert_eq!(Span { length: i64::MAX, unit: SpanUnit::Years }.after(NOW), Expiry::Never);
        assert_eq!(Span { length: 9_000, unit: SpanUnit::Years }.after(NOW), Expiry::Never);
    }

    #[test]
    fn durations_name_their_largest_whole_unit() {
        assert_eq!(duration_in_words(15_585), "15 seconds");
        assert_eq!(duration_in_words(86_400_000), "1 day");
        assert_eq!(duration_in_words(2 * 86_400_000 + 5), "2 days");
        assert_eq!(duration_in_words(600_000), "10 minutes");
        assert_eq!(duration_in_words(-5), "0 seconds");
    }
}
