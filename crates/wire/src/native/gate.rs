//! The gate (`native.md` §2).

use docket_domain::action::Block;
use docket_domain::id::{ApplicationId, UserId};
use docket_domain::time::Instant;
use docket_domain::violation::{Rule, Violation};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::scalar;
use crate::fields::Fields;

/// The most checks in one call.
pub const MOST_CHECKS: usize = 1_000;

/// What the gate says about one user.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GateAnswer<'a> {
    /// Whether nothing stops the user.
    pub allowed: bool,
    /// Everything that stops the user, newest first.
    pub blocks: Vec<GateBlock<'a>>,
    /// When the gate looked. Not part of the `ETag`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checked_at: Option<String>,
}

/// Something that stops a user. A closed account is called `deactivated` or `expired` and has no
/// action.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GateBlock<'a> {
    action_id: Option<Uuid>,
    definition_id: Option<Uuid>,
    name: &'a str,
    localized_name: &'a str,
    option: Option<&'a str>,
    reason_code: Option<&'a str>,
    localized_reason: Option<&'a str>,
    started_at: Option<String>,
    ends_at: Option<String>,
    application_ids: Vec<Uuid>,
}

impl<'a> GateBlock<'a> {
    /// A closed account, since then if that is known.
    #[must_use]
    pub fn account(name: &'a str, since: Option<Instant>) -> Self {
        Self {
            action_id: None,
            definition_id: None,
            name,
            localized_name: name,
            option: None,
            reason_code: None,
            localized_reason: None,
            started_at: since.map(scalar::instant),
            ends_at: None,
            application_ids: Vec::new(),
        }
    }
}

impl<'a> From<&'a Block> for GateBlock<'a> {
    fn from(block: &'a Block) -> Self {
        Self {
            action_id: Some(block.action_id.uuid()),
            definition_id: Some(block.definition_id.uuid()),
            name: &block.name,
            localized_name: &block.localized_name,
            option: block.option.as_ref().map(|option| option.text.as_str()),
            reason_code: block.reason.as_ref().map(|reason| reason.code.as_str()),
            localized_reason: block.reason.as_ref().map(|reason| reason.wording.localized.as_str()),
            started_at: Some(scalar::instant(block.started_at)),
            ends_at: scalar::expiry(block.expiry),
            application_ids: block.application_ids.iter().map(|id| id.uuid()).collect(),
        }
    }
}

/// One answer of a batch.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum BatchAnswer<'a> {
    /// About a user who exists.
    Known(GateAnswer<'a>),
    /// About one who does not.
    Unknown {
        /// Never.
        allowed: bool,
        /// `unknown-user`.
        error: &'static str,
    },
}

/// The answers of a batch, in the order of the checks.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct BatchAnswers<'a> {
    /// One for each check.
    pub answers: Vec<BatchAnswer<'a>>,
}

/// One check of a batch.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    /// `userId`
    pub user_id: UserId,
    /// `applicationId`
    pub application_id: Option<ApplicationId>,
}

/// Reads `{"checks": [{"userId", "applicationId"?}, …]}`.
pub fn checks(body: &Value) -> Result<Vec<Check>, Vec<Violation>> {
    let mut fields = Fields::new(body);
    let checks = fields.objects("checks", |check| {
        let has_user = check.has("userId");
        let user_id = check.parsed("userId");
        if !has_user {
            check.complain("userId", Rule::Missing);
        }
        (user_id, check.parsed("applicationId"))
    });
    if !fields.has("checks") {
        fields.complain("checks", Rule::Missing);
    }
    if checks.len() > MOST_CHECKS {
        fields.complain("checks", Rule::TooLong(MOST_CHECKS));
    }
    fields.finish()?;
    let checks = checks.into_iter().filter_map(|(user_id, application_id)| {
        user_id.map(|user_id| Check { user_id, application_id })
    });
    Ok(checks.collect())
}
