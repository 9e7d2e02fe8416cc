//! Dates and times, which a template makes of milliseconds since 1970. Always in UTC, and said so:
//! the reader may be anywhere.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use minijinja::value::{Object, ObjectRepr};
use minijinja::{Error, Value};

use super::builtin::{Budget, failure};
use super::pattern;
use super::text;
use super::value::{kind, one};

/// An instant, and how much of it a template wants to see.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    instant: Timestamp,
    part: Part,
}

/// How much of an instant is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Date,
    Time,
    Both,
}

impl Object for Moment {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }
}

impl Moment {
    fn new(milliseconds: i64, part: Part) -> Result<Self, Error> {
        let instant = Timestamp::from_millisecond(milliseconds)
            .map_err(|_| failure(format!("{milliseconds} is not an instant of this era")))?;
        Ok(Self { instant, part })
    }

    pub(super) fn milliseconds(&self) -> i64 {
        self.instant.as_millisecond()
    }

    fn civil(&self) -> DateTime {
        self.instant.to_zoned(TimeZone::UTC).datetime()
    }

    /// The moment as `FreeMarker` prints it in English, with the zone behind a time.
    pub(super) fn print(&self) -> Result<String, Error> {
        let pattern = match self.part {
            Part::Date => "MMM d, yyyy",
            Part::Time => "h:mm:ss a z",
            Part::Both => "MMM d, yyyy, h:mm:ss a z",
        };
        pattern::format(&self.civil(), pattern)
    }

    /// The moment in a named format or in a pattern of Java's `SimpleDateFormat`.
    pub(super) fn format(&self, format: &str) -> Result<String, Error> {
        if format.is_empty() {
            return self.print();
        }
        if format.starts_with("iso") || format.starts_with("xs") {
            return self.iso();
        }
        let (date, time) = format.split_once('_').unwrap_or((format, format));
        let Some((date, time)) = date_style(date).zip(time_style(time)) else {
            return pattern::format(&self.civil(), format);
        };
        let pattern = match self.part {
            Part::Date => date.to_owned(),
            Part::Time => time.to_owned(),
            Part::Both => {
                let between = if date.contains("MMMM") { " 'at' " } else { ", " };
                format!("{date}{between}{time}")
            }
        };
        pattern::format(&self.civil(), &pattern)
    }

    fn iso(&self) -> Result<String, Error> {
        let fraction = if self.milliseconds() % 1000 == 0 { "" } else { ".SSS" };
        let pattern = match self.part {
            Part::Date => "yyyy-MM-dd".to_owned(),
            Part::Time => format!("HH:mm:ss{fraction}X"),
            Part::Both => format!("yyyy-MM-dd'T'HH:mm:ss{fraction}X"),
        };
        pattern::format(&self.civil(), &pattern)
    }
}

fn date_style(name: &str) -> Option<&'static str> {
    Some(match name {
        "short" => "M/d/yy",
        "medium" => "MMM d, yyyy",
        "long" => "MMMM d, yyyy",
        "full" => "EEEE, MMMM d, yyyy",
        _ => return None,
    })
}

fn time_style(name: &str) -> Option<&'static str> {
    Some(match name {
        "short" => "h:mm a",
        "medium" => "h:mm:ss a",
        "long" | "full" => "h:mm:ss a z",
        _ => return None,
    })
}

/// A number of milliseconds as an instant.
fn from_number(value: &Value, part: Part) -> Result<Value, Error> {
    let milliseconds = Some(value)
        .filter(|value| value.is_number())
        .and_then(|value| i64::try_from(value.clone()).ok())
        .ok_or_else(|| {
            failure(format!("a whole number of milliseconds was expected, not {}", kind(value)))
        })?;
    Moment::new(milliseconds, part).map(Value::from_object)
}

pub(super) fn number_to_datetime(_: &Budget, values: &[Value]) -> Result<Value, Error> {
    from_number(one(values)?, Part::Both)
}

pub(super) fn number_to_date(_: &Budget, values: &[Value]) -> Result<Value, Error> {
    from_number(one(values)?, Part::Date)
}

pub(super) fn number_to_time(_: &Budget, values: &[Value]) -> Result<Value, Error> {
    from_number(one(values)?, Part::Time)
}

/// Part of a date, or what an ISO 8601 text or a number of milliseconds says.
fn part_of(budget: &Budget, values: &[Value], part: Part) -> Result<Value, Error> {
    let value = one(values)?;
    if let Some(format) = values.get(1) {
        let format = text::of(budget, format)?;
        if !format.starts_with("iso") && !format.starts_with("xs") {
            return Err(failure("dates are read in the format iso only"));
        }
    }
    if let Some(moment) = value.downcast_object_ref::<Moment>() {
        return Ok(Value::from_object(Moment { part, ..*moment }));
    }
    let Some(text) = value.as_str() else { return from_number(value, part) };
    let instant = text
        .parse::<Timestamp>()
        .or_else(|_| {
            // Without an offset it is UTC like everything here.
            text.parse::<DateTime>()?.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp())
        })
        .map_err(|_| failure(format!("{:?} is not a date", text::shortened(text))))?;
    Ok(Value::from_object(Moment { instant, part }))
}

pub(super) fn datetime(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    part_of(budget, values, Part::Both)
}

pub(super) fn date(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    part_of(budget, values, Part::Date)
}

pub(super) fn time(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    part_of(budget, values, Part::Time)
}

/// `date?long` in milliseconds; `number?long` without its fraction.
pub(super) fn long(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    match one(values)?.downcast_object_ref::<Moment>() {
        Some(moment) => Ok(Value::from(moment.milliseconds())),
        None => super::number::int(budget, values),
    }
}

/// `date?iso_utc`
pub(super) fn iso_utc(_: &Budget, values: &[Value]) -> Result<Value, Error> {
    let value = one(values)?;
    let moment = value
        .downcast_object_ref::<Moment>()
        .ok_or_else(|| failure(format!("a date was expected, not {}", kind(value))))?;
    moment.iso().map(Value::from)
}
