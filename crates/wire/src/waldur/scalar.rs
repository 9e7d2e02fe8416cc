//! How this surface writes ids and instants, and how it reads them (`waldur.md` §1.1, §1.3).

use docket_domain::time::{Expiry, Instant};
use serde::{Serialize, Serializer};
use uuid::Uuid;

/// The first instant of the year 0: RFC 3339 has no name for those before.
const FIRST_MILLIS: i64 = -62_167_219_200_000;

/// An id as 32 lower-case hexadecimal digits without hyphens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hex(pub Uuid);

impl std::fmt::Display for Hex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.as_simple().fmt(f)
    }
}

impl Serialize for Hex {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0.as_simple())
    }
}

/// An instant: RFC 3339 in UTC with microseconds, `2026-01-31T09:00:00.000000Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment(pub Instant);

impl Moment {
    /// The end of something; none when there is none.
    #[must_use]
    pub fn of(expiry: Expiry) -> Option<Self> {
        expiry.instant().map(Self)
    }
}

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let millis = self.0.millis().max(FIRST_MILLIS);
        let timestamp = jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::MAX);
        write!(f, "{timestamp:.6}")
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Both are text to whoever reads the description of the API.
macro_rules! described {
    ($($name:ident => $format:ident),* $(,)?) => {$(
        impl utoipa::ToSchema for $name {}

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .format(Some(SchemaFormat::KnownFormat(KnownFormat::$format)))
                    .into()
            }
        }
    )*};
}

described! { Hex => Uuid, Moment => DateTime }

/// Reads an id in its hyphenated or its bare form, in either case, and in no other.
#[must_use]
pub fn uuid(text: &str) -> Option<Uuid> {
    docket_domain::id::parse_either(text).ok()
}

/// Reads an instant: with an offset, without one (then it is UTC), or a date alone, which means its
/// midnight in UTC.
#[must_use]
pub fn instant(text: &str) -> Option<Instant> {
    let text = text.trim();
    let timestamp = text.parse::<jiff::Timestamp>().ok().or_else(|| {
        let plain: jiff::civil::DateTime = text.parse().ok()?;
        Some(plain.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
    })?;
    Some(Instant::from_millis(timestamp.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_in_with_hyphens_or_without_and_go_out_without() {
        let bare = "6b2fa3c000007000800000000000000a";
        for text in [bare, "6B2FA3C0-0000-7000-8000-00000000000A"] {
            assert_eq!(Hex(uuid(text).unwrap()).to_string(), bare);
        }
        for wrong in ["", "me", "{6b2fa3c0-0000-7000-8000-00000000000}", &bare[1..]] {
            assert_eq!(uuid(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn instants_are_written_to_the_microsecond_and_read_in_many_ways() {
        let moment = Moment(Instant::from_millis(1_769_850_000_123));
        assert_eq!(moment.to_string(), "2026-01-31T09:00:00.123000Z");
        for text in
            ["2026-01-31T10:00:00.123+01:00", "2026-01-31T09:00:00.123", "2026-01-31 09:00:00.123Z"]
        {
            assert_eq!(instant(text), Some(moment.0), "{text}");
        }
        let midnight = instant("2026-01-31").unwrap();
        assert_eq!(Moment(midnight).to_string(), "2026-01-31T00:00:00.000000Z");
        for wrong in ["", "yesterday", "2026-13-01", "9:00"] {
            assert_eq!(instant(wrong), None, "{wrong}");
        }
    }
}
