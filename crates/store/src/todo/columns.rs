//! How the parts of a to-do are written into columns.

use docket_domain::json::Json;
use docket_domain::time::Instant;
use docket_domain::todo::{Category, CorrectiveAction, Severity, Surroundings, Thing};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::codec::{decode, encode};
use crate::error::DbError;

/// What is never due comes after all that is.
const NEVER: i64 = i64::MAX;

pub(super) fn due_millis(due_at: Option<Instant>) -> i64 {
    due_at.map_or(NEVER, Instant::millis)
}

pub(super) fn due_at(millis: i64) -> Option<Instant> {
    (millis != NEVER).then(|| Instant::from_millis(millis))
}

/// The column `context`; what is empty is left out.
#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
struct SurroundingsColumn {
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<ThingColumn>,
    #[serde(skip_serializing_if = "Option::is_none")]
    organization: Option<ThingColumn>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offering: Option<ThingColumn>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<ThingColumn>,
    #[serde(skip_serializing_if = "String::is_empty")]
    offering_type: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    order_type: String,
}

#[derive(Serialize, Deserialize)]
struct ThingColumn {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    id: Option<Uuid>,
}

/// An element of the column `corrective_actions`.
#[derive(Serialize, Deserialize)]
struct ActionColumn {
    label: String,
    category: String,
    severity: String,
    method: String,
    #[serde(default)]
    api: bool,
    #[serde(default)]
    confirm: bool,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    permissions: Vec<String>,
    metadata: Box<RawValue>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    route: Option<String>,
    params: Box<RawValue>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    callback: Option<String>,
}

pub(super) fn encode_surroundings(surroundings: &Surroundings) -> String {
    let thing = |thing: &Thing| {
        (*thing != Thing::default()).then(|| ThingColumn { name: thing.name.clone(), id: thing.id })
    };
    encode(&SurroundingsColumn {
        project: thing(&surroundings.project),
        organization: thing(&surroundings.organization),
        offering: thing(&surroundings.offering),
        resource: thing(&surroundings.resource),
        offering_type: surroundings.offering_type.clone(),
        order_type: surroundings.order_type.clone(),
    })
}

pub(super) fn decode_surroundings(json: &Json) -> Result<Surroundings, DbError> {
    let column: SurroundingsColumn = decode("todo.context", json)?;
    let thing = |column: Option<ThingColumn>| {
        column.map_or_else(Thing::default, |column| Thing { name: column.name, id: column.id })
    };
    Ok(Surroundings {
        project: thing(column.project),
        organization: thing(column.organization),
        offering: thing(column.offering),
        offering_type: column.offering_type,
        resource: thing(column.resource),
        order_type: column.order_type,
    })
}

pub(super) fn encode_actions(actions: &[CorrectiveAction]) -> String {
    let columns: Vec<ActionColumn> = actions
        .iter()
        .map(|action| ActionColumn {
            label: action.label.clone(),
            category: action.category.name().to_owned(),
            severity: action.severity.name().to_owned(),
            method: action.method.clone(),
            api: action.api_endpoint,
            confirm: action.confirmation_required,
            permissions: action.permissions_required.clone(),
            metadata: raw(&action.metadata),
            route: action.route_name.clone(),
            params: raw(&action.route_params),
            callback: action.callback_url.clone(),
        })
        .collect();
    encode(&columns)
}

pub(super) fn decode_actions(json: &Json) -> Result<Vec<CorrectiveAction>, DbError> {
    if json.as_str() == "[]" {
        return Ok(Vec::new());
    }
    let columns: Vec<ActionColumn> = decode("todo.corrective_actions", json)?;
    let wrong = |what: &str| DbError::contradiction("todo.corrective_actions", what);
    let action = |column: ActionColumn| {
        Ok(CorrectiveAction {
            category: Category::from_name(&column.category)
                .ok_or_else(|| wrong(&column.category))?,
            severity: Severity::from_name(&column.severity)
                .ok_or_else(|| wrong(&column.severity))?,
            label: column.label,
            method: column.method,
            api_endpoint: column.api,
            confirmation_required: column.confirm,
            permissions_required: column.permissions,
            metadata: Json::from_trusted(column.metadata.get()),
            route_name: column.route,
            route_params: Json::from_trusted(column.params.get()),
            callback_url: column.callback,
        })
    };
    columns.into_iter().map(action).collect()
}

/// A document as it is; what the domain holds is always well-formed.
fn raw(json: &Json) -> Box<RawValue> {
    RawValue::from_string(json.as_str().to_owned()).unwrap_or_default()
}
