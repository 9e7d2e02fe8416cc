//! How this surface writes ids, instants, ends and localized texts.

use std::collections::BTreeMap;

use docket_domain::text::{Locale, Localized};
use docket_domain::time::{Expiry, Instant};
use docket_domain::violation::{Field, Violation};
use serde::Serializer;

pub use crate::document::Document;

/// The number that stands for an end that never comes (`fusionauth.md` §0.3).
pub const INDEFINITE: i64 = i64::MAX;

/// What a caller may tell of a request's origin (`fusionauth.md` §3.2).
pub const EVENT_INFO: &[&str] = &[
    "data",
    "deviceDescription",
    "deviceName",
    "deviceType",
    "ipAddress",
    "location",
    "os",
    "userAgent",
];

/// The end that a number says.
#[must_use]
pub const fn expiry_from_millis(millis: i64) -> Expiry {
    if millis == INDEFINITE { Expiry::Never } else { Expiry::At(Instant::from_millis(millis)) }
}

/// The number that says an end.
#[must_use]
pub const fn expiry_to_millis(expiry: Expiry) -> i64 {
    match expiry {
        Expiry::Never => INDEFINITE,
        Expiry::At(end) => end.millis(),
    }
}

/// A localized text as a JSON object; absent when there is none.
#[must_use]
pub fn localized(texts: &Localized) -> Option<BTreeMap<String, String>> {
    let texts: BTreeMap<String, String> =
        texts.iter().map(|(locale, text)| (locale.to_string(), text.to_owned())).collect();
    Some(texts).filter(|texts| !texts.is_empty())
}

/// Locales as a JSON list.
#[must_use]
pub fn locales(locales: &[Locale]) -> Vec<String> {
    locales.iter().map(ToString::to_string).collect()
}

/// A list without what is in it already. The deep PATCH appends, so that what is sent once more
/// would be there twice (`fusionauth.md` §0.8).
#[must_use]
pub fn distinct<T: PartialEq>(elements: Vec<T>) -> Vec<T> {
    let mut seen = Vec::with_capacity(elements.len());
    for element in elements {
        if !seen.contains(&element) {
            seen.push(element);
        }
    }
    seen
}

/// Complaints about members that stand at the top of the body, where others are in an envelope.
#[must_use]
pub fn at_the_top(violations: Vec<Violation>) -> Vec<Violation> {
    let named = |violation: Violation| match violation.field {
        Field::Body(name) => Violation::named(name, violation.rule),
        _ => violation,
    };
    violations.into_iter().map(named).collect()
}

/// Writes any id as its canonical text, for `#[serde(serialize_with)]`.
pub fn text<T: std::fmt::Display, S: Serializer>(
    value: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}
