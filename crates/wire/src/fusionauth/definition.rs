//! User action definitions (`fusionauth.md` §1).

use std::collections::BTreeMap;

use docket_domain::action::definition::{PhaseTemplates, Transaction};
use docket_domain::action::{ActionOption, Definition, DefinitionDetails};
use docket_domain::violation::Violation;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::scalar;
use crate::fields::Fields;

/// A definition, as answered.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserAction {
    active: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    cancel_email_template_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_email_template_id: Option<Uuid>,
    id: Uuid,
    #[serde(rename = "includeEmailInEventJSON")]
    include_email_in_event_json: bool,
    insert_instant: i64,
    last_update_instant: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    localized_names: Option<BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    modify_email_template_id: Option<Uuid>,
    name: String,
    options: Vec<UserActionOption>,
    prevent_login: bool,
    send_end_event: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_email_template_id: Option<Uuid>,
    temporal: bool,
    transaction_type: &'static str,
    user_emailing_enabled: bool,
    user_notifications_enabled: bool,
}

/// A variant of a definition.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserActionOption {
    #[serde(skip_serializing_if = "Option::is_none")]
    localized_names: Option<BTreeMap<String, String>>,
    name: String,
}

/// `{"userAction": …}`
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserActionResponse {
    user_action: UserAction,
}

/// `{"userActions": […]}`
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserActionsResponse {
    user_actions: Vec<UserAction>,
}

impl From<&Definition> for UserAction {
    fn from(definition: &Definition) -> Self {
        let details = &definition.details;
        let templates = details.templates;
        Self {
            active: definition.active,
            cancel_email_template_id: templates.cancel.map(docket_domain::id::TemplateId::uuid),
            end_email_template_id: templates.end.map(docket_domain::id::TemplateId::uuid),
            id: definition.id.uuid(),
            include_email_in_event_json: details.event_includes_email,
            insert_instant: definition.created_at.millis(),
            last_update_instant: definition.updated_at.millis(),
            localized_names: scalar::localized(&details.localized_names),
            modify_email_template_id: templates.modify.map(docket_domain::id::TemplateId::uuid),
            name: details.name.clone(),
            options: details.options.iter().map(UserActionOption::from).collect(),
            prevent_login: details.prevents_login,
            send_end_event: details.sends_end_event,
            start_email_template_id: templates.start.map(docket_domain::id::TemplateId::uuid),
            temporal: details.temporal,
            transaction_type: details.transaction.name(),
            user_emailing_enabled: details.emails_user,
            user_notifications_enabled: details.offers_notification,
        }
    }
}

impl From<&ActionOption> for UserActionOption {
    fn from(option: &ActionOption) -> Self {
        Self {
            localized_names: scalar::localized(&option.localized_names),
            name: option.name.clone(),
        }
    }
}

impl From<&Definition> for UserActionResponse {
    fn from(definition: &Definition) -> Self {
        Self { user_action: definition.into() }
    }
}

impl From<&[Definition]> for UserActionsResponse {
    fn from(definitions: &[Definition]) -> Self {
        Self { user_actions: definitions.iter().map(Into::into).collect() }
    }
}

/// Reads the `userAction` of a request. What is not said takes its default (§1.2).
pub fn details(value: &Value) -> Result<DefinitionDetails, Vec<Violation>> {
    let mut fields = Fields::new(value);
    let details = DefinitionDetails {
        name: fields.trimmed("name"),
        localized_names: fields.localized("localizedNames"),
        options: fields.objects("options", |option| ActionOption {
            name: option.trimmed("name"),
            localized_names: option.localized("localizedNames"),
        }),
        temporal: fields.boolean("temporal", false),
        prevents_login: fields.boolean("preventLogin", false),
        sends_end_event: fields.boolean("sendEndEvent", true),
        emails_user: fields.boolean("userEmailingEnabled", false),
        offers_notification: fields.boolean("userNotificationsEnabled", false),
        event_includes_email: fields.boolean("includeEmailInEventJSON", false),
        transaction: fields.named("transactionType", Transaction::from_name).unwrap_or_default(),
        templates: PhaseTemplates {
            start: fields.parsed("startEmailTemplateId"),
            modify: fields.parsed("modifyEmailTemplateId"),
            cancel: fields.parsed("cancelEmailTemplateId"),
            end: fields.parsed("endEmailTemplateId"),
        },
    };
    fields.finish_checked(details, DefinitionDetails::check)
}
