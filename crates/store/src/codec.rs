//! How the domain's lists and texts are written into JSON columns, and read back.

use std::collections::BTreeMap;

use docket_domain::json::Json;
use docket_domain::permission::Restriction;
use docket_domain::text::{Locale, Localized};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::DbError;

/// A value as the text of a JSON column. What the domain holds always has a JSON form.
pub(crate) fn encode<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned())
}

/// The value of a JSON column; `column` names it when the text contradicts the schema.
pub(crate) fn decode<T: DeserializeOwned>(column: &'static str, json: &Json) -> Result<T, DbError> {
    serde_json::from_str(json.as_str()).map_err(|error| DbError::contradiction(column, error))
}

/// Localized text.
pub(crate) fn encode_localized(texts: &Localized) -> String {
    encode(&texts.iter().map(|(locale, text)| (locale.as_str(), text)).collect::<BTreeMap<_, _>>())
}

/// Localized text.
pub(crate) fn decode_localized(column: &'static str, json: &Json) -> Result<Localized, DbError> {
    if json.as_str() == "{}" {
        return Ok(Localized::default());
    }
    localized(column, decode(column, json)?)
}

/// Localized text out of pairs that stand inside a larger document.
pub(crate) fn localized(
    column: &'static str,
    pairs: BTreeMap<String, String>,
) -> Result<Localized, DbError> {
    let pairs = pairs.into_iter().map(|(locale, text)| Ok((self::locale(column, &locale)?, text)));
    Ok(Localized::from_checked(pairs.collect::<Result<Vec<_>, DbError>>()?))
}

/// A list of locales.
pub(crate) fn encode_locales(locales: &[Locale]) -> String {
    encode(&locales.iter().map(Locale::as_str).collect::<Vec<_>>())
}

/// A list of locales.
pub(crate) fn decode_locales(column: &'static str, json: &Json) -> Result<Vec<Locale>, DbError> {
    if json.as_str() == "[]" {
        return Ok(Vec::new());
    }
    let texts: Vec<String> = decode(column, json)?;
    texts.iter().map(|text| locale(column, text)).collect()
}

fn locale(column: &'static str, text: &str) -> Result<Locale, DbError> {
    text.parse().map_err(|error| DbError::contradiction(column, error))
}

/// An end, as the number that compares with every instant.
pub(crate) fn expiry_millis(expiry: docket_domain::time::Expiry) -> i64 {
    expiry.instant().map_or(i64::MAX, docket_domain::time::Instant::millis)
}

/// The end that a number stands for.
pub(crate) fn expiry(millis: i64) -> docket_domain::time::Expiry {
    use docket_domain::time::{Expiry, Instant};
    if millis == i64::MAX { Expiry::Never } else { Expiry::At(Instant::from_millis(millis)) }
}

/// How a restriction is written into its column.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct RestrictionColumn {
    email_patterns: Vec<String>,
    affiliations: Vec<String>,
    identity_sources: Vec<String>,
}

/// Whom something lets in.
pub(crate) fn encode_restriction(restriction: &Restriction) -> String {
    let Restriction { email_patterns, affiliations, identity_sources } = restriction.clone();
    encode(&RestrictionColumn { email_patterns, affiliations, identity_sources })
}

/// Whom something lets in.
pub(crate) fn decode_restriction(
    column: &'static str,
    json: &Json,
) -> Result<Restriction, DbError> {
    let RestrictionColumn { email_patterns, affiliations, identity_sources } =
        decode(column, json)?;
    Ok(Restriction { email_patterns, affiliations, identity_sources })
}
