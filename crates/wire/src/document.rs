//! JSON of the callers' own, which no surface looks into.

use docket_domain::json::Json;
use serde::Serialize;
use serde_json::value::RawValue;

/// A document of the caller's own, written out as it came.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct Document(Box<RawValue>);

impl From<&Json> for Document {
    fn from(json: &Json) -> Self {
        // Stored documents were parsed before; one that is not JSON any more reads as null.
        Self(
            RawValue::from_string(json.as_str().to_owned())
                .unwrap_or_else(|_| RawValue::NULL.to_owned()),
        )
    }
}
