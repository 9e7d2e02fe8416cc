//! Logins (`fusionauth.md` §4.4).

use docket_domain::action::Block;
use docket_domain::directory::Account;
use docket_domain::directory::user::LoginIdKind;
use docket_domain::id::{ApplicationId, UserId};
use docket_domain::json::Json;
use docket_domain::mail::Secret;
use docket_domain::time::Instant;
use docket_domain::violation::{Rule, Violation};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::scalar;
use super::user::User;
use crate::fields::Fields;

/// A user who is in.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LoginResponse {
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_expiration_instant: Option<i64>,
    user: User,
}

/// A user who must choose a new password first.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PasswordChangeResponse {
    change_password_id: String,
    change_password_reason: &'static str,
}

/// `{"actions": […]}`: what prevents the login, newest first.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct LoginPreventedResponse {
    actions: Vec<PreventingAction>,
}

/// An action that prevents a login.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PreventingAction {
    action_id: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    actioner_user_id: Option<Uuid>,
    expiry: i64,
    localized_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    localized_option: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    localized_reason: Option<String>,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    option: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason_code: Option<String>,
}

impl LoginResponse {
    /// The user, with the token where one is wanted.
    #[must_use]
    pub fn new(account: &Account, token: Option<&(Secret, Instant)>) -> Self {
        Self {
            token: token.map(|(token, _)| token.reveal().to_owned()),
            token_expiration_instant: token.map(|(_, expires)| expires.millis()),
            user: account.into(),
        }
    }
}

impl PasswordChangeResponse {
    /// Somebody with the right to do so demands a new password.
    #[must_use]
    pub fn administrative(id: &str) -> Self {
        Self { change_password_id: id.to_owned(), change_password_reason: "Administrative" }
    }
}

impl From<&[Block]> for LoginPreventedResponse {
    fn from(blocks: &[Block]) -> Self {
        Self { actions: blocks.iter().map(Into::into).collect() }
    }
}

impl From<&Block> for PreventingAction {
    fn from(block: &Block) -> Self {
        let (option, reason) = (block.option.as_ref(), block.reason.as_ref());
        Self {
            action_id: block.action_id.uuid(),
            actioner_user_id: block.actioner_id.map(UserId::uuid),
            expiry: scalar::expiry_to_millis(block.expiry),
            localized_name: block.localized_name.clone(),
            localized_option: option.map(|option| option.localized.clone()),
            localized_reason: reason.map(|reason| reason.wording.localized.clone()),
            name: block.name.clone(),
            option: option.map(|option| option.text.clone()),
            reason: reason.map(|reason| reason.wording.text.clone()),
            reason_code: reason.map(|reason| reason.code.clone()),
        }
    }
}

/// What a request says of a login.
#[derive(Debug)]
pub struct LoginRequest {
    /// The address, name or number.
    pub login_id: String,
    /// What that may be.
    pub kinds: Vec<LoginIdKind>,
    /// The password.
    pub password: Secret,
    /// What the login is for.
    pub application_id: Option<ApplicationId>,
    /// Whether a token is wanted.
    pub wants_token: bool,
    /// What the caller tells of the request's origin.
    pub info: Option<Json>,
}

/// Reads the body of a login. One-time passwords are refused: nothing hands them out.
pub fn login(value: &Value) -> Result<LoginRequest, Vec<Violation>> {
    let mut fields = Fields::new(value);
    if fields.has("oneTimePassword") {
        fields.complain("oneTimePassword", Rule::Unsupported);
    }
    let request = LoginRequest {
        login_id: fields.trimmed("loginId"),
        kinds: fields
            .parsed_list("loginIdTypes")
            .filter(|kinds| !kinds.is_empty())
            .unwrap_or_else(|| LoginIdKind::USUAL.to_vec()),
        password: Secret::new(fields.text("password").unwrap_or_default()),
        application_id: fields.parsed("applicationId"),
        wants_token: !fields.boolean("noJWT", false),
        info: fields.selection("eventInfo", scalar::EVENT_INFO),
    };
    fields.finish().map(|()| request)
}

/// Reads the body of a ping.
pub fn ping(value: &Value) -> Result<(UserId, Option<ApplicationId>), Vec<Violation>> {
    let mut fields = Fields::new(value);
    let user_id: Option<UserId> = fields.parsed("userId");
    let application_id = fields.parsed("applicationId");
    if !fields.has("userId") {
        fields.complain("userId", Rule::Missing);
    }
    fields.finish()?;
    user_id
        .map(|user_id| (user_id, application_id))
        .ok_or_else(|| vec![Violation::body("userId", Rule::Missing)])
}
