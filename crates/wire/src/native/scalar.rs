//! How this surface writes instants and ends.

use docket_domain::time::{Expiry, Instant};

/// The first instant of the year 0: RFC 3339 has no name for those before.
const FIRST_MILLIS: i64 = -62_167_219_200_000;

/// RFC 3339 in UTC with milliseconds: `2026-01-31T09:00:00.000Z`. Instants beyond the calendar are
/// written as its last (or first) one.
#[must_use]
pub fn instant(instant: Instant) -> String {
    let millis = instant.millis().max(FIRST_MILLIS);
    let timestamp = jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::MAX);
    format!("{timestamp:.3}")
}

/// An end; `None` when there is none.
#[must_use]
pub fn expiry(expiry: Expiry) -> Option<String> {
    expiry.instant().map(instant)
}

/// Reads RFC 3339 with any offset.
#[must_use]
pub fn parse_instant(text: &str) -> Option<Instant> {
    let timestamp: jiff::Timestamp = text.trim().parse().ok()?;
    Some(Instant::from_millis(timestamp.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_written_to_the_millisecond() {
        assert_eq!(instant(Instant::from_millis(1_769_850_000_000)), "2026-01-31T09:00:00.000Z");
        assert_eq!(
            parse_instant("2026-01-31T10:00:00+01:00"),
            Some(Instant::from_millis(1_769_850_000_000))
        );
        assert_eq!(parse_instant("yesterday"), None);
        assert!(instant(Instant::from_millis(i64::MAX)).starts_with("9999-12-"));
        assert_eq!(instant(Instant::from_millis(i64::MIN)), "0000-01-01T00:00:00.000Z");
    }
}
