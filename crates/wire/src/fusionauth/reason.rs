//! User action reasons (`fusionauth.md` §2).

use std::collections::BTreeMap;

use docket_domain::action::{Reason, ReasonDetails};
use docket_domain::violation::Violation;
use serde::Serialize;
use serde_json::Value;

use super::scalar;
use crate::fields::Fields;

/// A reason, as answered.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserActionReason {
    code: String,
    id: uuid::Uuid,
    insert_instant: i64,
    last_update_instant: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    localized_texts: Option<BTreeMap<String, String>>,
    text: String,
}

/// `{"userActionReason": …}`
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserActionReasonResponse {
    user_action_reason: UserActionReason,
}

/// `{"userActionReasons": […]}`
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserActionReasonsResponse {
    user_action_reasons: Vec<UserActionReason>,
}

impl From<&Reason> for UserActionReason {
    fn from(reason: &Reason) -> Self {
        Self {
            code: reason.details.code.clone(),
            id: reason.id.uuid(),
            insert_instant: reason.created_at.millis(),
            last_update_instant: reason.updated_at.millis(),
            localized_texts: scalar::localized(&reason.details.localized_texts),
            text: reason.details.text.clone(),
        }
    }
}

impl From<&Reason> for UserActionReasonResponse {
    fn from(reason: &Reason) -> Self {
        Self { user_action_reason: reason.into() }
    }
}

impl From<&[Reason]> for UserActionReasonsResponse {
    fn from(reasons: &[Reason]) -> Self {
        Self { user_action_reasons: reasons.iter().map(Into::into).collect() }
    }
}

/// Reads the `userActionReason` of a request.
pub fn details(value: &Value) -> Result<ReasonDetails, Vec<Violation>> {
    let mut fields = Fields::new(value);
    let details = ReasonDetails {
        code: fields.trimmed("code"),
        text: fields.trimmed("text"),
        localized_texts: fields.localized("localizedTexts"),
    };
    fields.finish_checked(details, ReasonDetails::check)
}
