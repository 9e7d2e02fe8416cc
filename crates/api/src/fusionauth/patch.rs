//! The three kinds of PATCH, each turning the present object into a replacement for it
//! (`fusionauth.md` §0.8).
//!
//! The merge runs inside the unit of work, on the object as it is at that moment, and its result
//! goes through the same checks as a PUT.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use docket_domain::violation::{Rule, Violation};
use docket_service::Error;
use serde::Serialize;
use serde_json::{Map, Value};

use super::reply::Problem;
use crate::state::App;

/// A change in part.
#[derive(Debug, Clone)]
pub(crate) enum Patch {
    /// `application/json`: scalars replace, objects merge, arrays append, `null` removes.
    Deep(Value),
    /// RFC 7396.
    Merge(Value),
    /// RFC 6902.
    Operations(json_patch::Patch),
}

impl FromRequest<App> for Patch {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let invalid = |rule| Problem::unnamed(Error::from(Violation::whole(rule)));
        let content_type = request.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok());
        let media_type = content_type.and_then(|text| text.split(';').next()).map(str::trim);
        let media_type = media_type.unwrap_or_default().to_ascii_lowercase();
        let bytes = Bytes::from_request(request, app).await.map_err(|rejection| {
            Problem::general(rejection.status(), "tooLarge", "The body cannot be read whole.")
        })?;
        if super::input::is_nothing(&bytes) {
            return Err(invalid(Rule::Missing));
        }
        match media_type.as_str() {
            "application/json-patch+json" => serde_json::from_slice(&bytes)
                .map(Self::Operations)
                .map_err(|_| invalid(Rule::InvalidJson)),
            "application/merge-patch+json" => super::input::parse(&bytes).map(Self::Merge),
            _ => super::input::parse(&bytes).map(Self::Deep),
        }
    }
}

impl Patch {
    /// The enveloped object after the change. `current` is the object in its envelope, as a GET
    /// answers it.
    pub(crate) fn apply(&self, current: &impl Serialize, envelope: &str) -> Result<Value, Error> {
        let invalid = || Error::from(Violation::whole(Rule::InvalidJson));
        let mut document = serde_json::to_value(current).map_err(|_| invalid())?;
        match self {
            Self::Deep(change) => deep_merge(&mut document, change),
            Self::Merge(change) => json_patch::merge(&mut document, change),
            Self::Operations(operations) => {
                json_patch::patch(&mut document, operations).map_err(|_| invalid())?;
            }
        }
        match document.get_mut(envelope).map(Value::take) {
            Some(object @ Value::Object(_)) => Ok(object),
            _ => Err(Violation::named(envelope.to_owned(), Rule::Missing).into()),
        }
    }
}

fn deep_merge(into: &mut Value, change: &Value) {
    match (into, change) {
        (Value::Object(members), Value::Object(changes)) => {
            for (name, change) in changes {
                if change.is_null() {
                    members.remove(name);
                } else {
                    let empty = || match change {
                        Value::Object(_) => Value::Object(Map::new()),
                        _ => Value::Null,
                    };
                    deep_merge(members.entry(name.clone()).or_insert_with(empty), change);
                }
            }
        }
        (Value::Array(elements), Value::Array(more)) => elements.extend(more.iter().cloned()),
        (into, change) => *into = change.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn current() -> Value {
        json!({"user": {"name": "a", "data": {"x": 1, "y": 2}, "list": [1]}})
    }

    #[test]
    fn plain_json_merges_objects_and_appends_arrays() {
        let patch = Patch::Deep(json!({"user": {"data": {"x": null, "z": {"q": null, "r": 3}},
            "list": [2]}}));
        assert_eq!(
            patch.apply(&current(), "user").unwrap(),
            json!({"name": "a", "data": {"y": 2, "z": {"r": 3}}, "list": [1, 2]})
        );
    }

    #[test]
    fn a_merge_patch_replaces_arrays() {
        let patch = Patch::Merge(json!({"user": {"list": [2], "name": null}}));
        assert_eq!(
            patch.apply(&current(), "user").unwrap(),
            json!({"data": {"x": 1, "y": 2}, "list": [2]})
        );
    }

    #[test]
    fn operations_apply_or_nothing_does() {
        let operations = json!([{"op": "replace", "path": "/user/name", "value": "b"}]);
        let patch = Patch::Operations(serde_json::from_value(operations).unwrap());
        assert_eq!(patch.apply(&current(), "user").unwrap()["name"], "b");
        let failing = json!([{"op": "test", "path": "/user/name", "value": "c"}]);
        let patch = Patch::Operations(serde_json::from_value(failing).unwrap());
        assert!(patch.apply(&current(), "user").is_err());
    }
}
