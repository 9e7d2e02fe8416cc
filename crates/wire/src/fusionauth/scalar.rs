//! How this surface writes ids, instants, ends and localized texts.

use std::collections::BTreeMap;

use docket_domain::text::Localized;
use docket_domain::time::{Expiry, Instant};
use serde::{Serialize, Serializer};

/// The number that stands for an end that never comes (`fusionauth.md` §0.3).
pub const INDEFINITE: i64 = i64::MAX;

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

/// Writes any id as its canonical text, for `#[serde(serialize_with)]`.
pub fn text<T: std::fmt::Display, S: Serializer>(
    value: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

/// A document of the caller's own, written out as it came.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct Document(Box<serde_json::value::RawValue>);

impl From<&docket_domain::json::Json> for Document {
    fn from(json: &docket_domain::json::Json) -> Self {
        // Stored documents were parsed before; one that is not JSON any more reads as null.
        Self(
            serde_json::value::RawValue::from_string(json.as_str().to_owned())
                .unwrap_or_else(|_| serde_json::value::RawValue::NULL.to_owned()),
        )
    }
}
