//! Tenants (`fusionauth.md` §4.6).

use std::collections::BTreeMap;

use docket_domain::action::definition::Transaction;
use docket_domain::directory::tenant::{EventSetting, MailSecurity};
use docket_domain::directory::{Lockout, MailSettings, Tenant, TenantDetails};
use docket_domain::event::EventType;
use docket_domain::id::DefinitionId;
use docket_domain::mail::Secret;
use docket_domain::page::Page;
use docket_domain::time::{Span, SpanUnit};
use docket_domain::violation::{Rule, Violation};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::scalar::Document;
use crate::fields::Fields;

/// A tenant, as answered.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = fusionauth::Tenant)]
pub struct TenantBody {
    #[schema(value_type = Object)]
    data: Document,
    email_configuration: EmailConfiguration,
    event_configuration: EventConfiguration,
    failed_authentication_configuration: FailedAuthenticationConfiguration,
    id: Uuid,
    insert_instant: i64,
    issuer: String,
    last_update_instant: i64,
    login_configuration: TenantLoginConfiguration,
    name: String,
    state: &'static str,
}

/// How mail goes out; the password is never told.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
struct EmailConfiguration {
    default_from_email: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_from_name: Option<String>,
    host: String,
    port: u16,
    security: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
}

/// Every type of event, with its setting.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct EventConfiguration {
    events: BTreeMap<&'static str, EventConfigurationData>,
}

/// Whether an event goes out, and who must agree to it before.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
struct EventConfigurationData {
    enabled: bool,
    transaction_type: &'static str,
}

/// What follows from too many wrong passwords.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
struct FailedAuthenticationConfiguration {
    action_cancel_policy: ActionCancelPolicy,
    action_duration: i64,
    action_duration_unit: &'static str,
    email_user: bool,
    reset_count_in_seconds: i64,
    too_many_attempts: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_action_id: Option<Uuid>,
}

/// What ends the action that follows from too many wrong passwords.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
struct ActionCancelPolicy {
    on_password_reset: bool,
}

/// Who may ask for a login that names no application.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
struct TenantLoginConfiguration {
    require_authentication: bool,
}

/// `{"tenant": …}`
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TenantResponse {
    tenant: TenantBody,
}

/// `{"tenants": […]}`
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TenantsResponse {
    tenants: Vec<TenantBody>,
}

/// `{"tenants": […], "total": …}`
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TenantSearchResponse {
    tenants: Vec<TenantBody>,
    total: i64,
}

impl From<&Tenant> for TenantBody {
    fn from(tenant: &Tenant) -> Self {
        let details = &tenant.details;
        Self {
            data: (&details.data).into(),
            email_configuration: (&details.mail).into(),
            event_configuration: EventConfiguration { events: all_events(details) },
            failed_authentication_configuration: details.lockout.into(),
            id: tenant.id.uuid(),
            insert_instant: tenant.created_at.millis(),
            issuer: details.issuer.clone(),
            last_update_instant: tenant.updated_at.millis(),
            login_configuration: TenantLoginConfiguration {
                require_authentication: details.requires_authentication,
            },
            name: details.name.clone(),
            state: "Active",
        }
    }
}

fn all_events(details: &TenantDetails) -> BTreeMap<&'static str, EventConfigurationData> {
    let of = |event: &EventType| {
        let EventSetting { enabled, transaction } = details.event(*event);
        (event.name(), EventConfigurationData { enabled, transaction_type: transaction.name() })
    };
    EventType::ALL.iter().map(of).collect()
}

impl From<&MailSettings> for EmailConfiguration {
    fn from(mail: &MailSettings) -> Self {
        Self {
            default_from_email: mail.from_email.clone(),
            default_from_name: mail.from_name.clone(),
            host: mail.host.clone(),
            port: mail.port,
            security: mail.security.name(),
            username: mail.username.clone(),
        }
    }
}

impl From<Lockout> for FailedAuthenticationConfiguration {
    fn from(lockout: Lockout) -> Self {
        Self {
            action_cancel_policy: ActionCancelPolicy {
                on_password_reset: lockout.ends_on_password_reset,
            },
            action_duration: lockout.duration.length,
            action_duration_unit: lockout.duration.unit.name(),
            email_user: lockout.emails_user,
            reset_count_in_seconds: lockout.window_seconds,
            too_many_attempts: lockout.attempts,
            user_action_id: lockout.definition_id.map(DefinitionId::uuid),
        }
    }
}

impl From<&Tenant> for TenantResponse {
    fn from(tenant: &Tenant) -> Self {
        Self { tenant: tenant.into() }
    }
}

impl From<&[Tenant]> for TenantsResponse {
    fn from(tenants: &[Tenant]) -> Self {
        Self { tenants: tenants.iter().map(Into::into).collect() }
    }
}

impl From<&Page<Tenant>> for TenantSearchResponse {
    fn from(page: &Page<Tenant>) -> Self {
        Self { tenants: page.items.iter().map(Into::into).collect(), total: page.total }
    }
}

/// Reads the `tenant` of a request. What is not said takes its default.
pub fn details(value: &Value) -> Result<TenantDetails, Vec<Violation>> {
    let mut fields = Fields::new(value);
    let name = fields.trimmed("name");
    let details = TenantDetails {
        issuer: fields.optional("issuer").unwrap_or_else(|| name.clone()),
        name,
        events: fields.object("eventConfiguration", events).unwrap_or_default(),
        lockout: fields.object("failedAuthenticationConfiguration", lockout).unwrap_or_default(),
        mail: fields.object("emailConfiguration", mail).unwrap_or_default(),
        requires_authentication: fields
            .object("loginConfiguration", |login| login.boolean("requireAuthentication", true))
            .unwrap_or(true),
        data: fields.document("data"),
    };
    fields.finish_checked(details, TenantDetails::check)
}

fn events(fields: &mut Fields<'_>) -> BTreeMap<EventType, EventSetting> {
    let entries = fields.entries("events", |_, setting| EventSetting {
        enabled: setting.boolean("enabled", false),
        transaction: setting.named("transactionType", Transaction::from_name).unwrap_or_default(),
    });
    let mut events = BTreeMap::new();
    for (name, setting) in entries {
        match EventType::from_name(&name) {
            // What is as it always is need not be kept.
            Some(_) if setting == EventSetting::default() => {}
            Some(event) => drop(events.insert(event, setting)),
            None => fields.complain(&format!("events[{name}]"), Rule::Invalid),
        }
    }
    events
}

fn lockout(fields: &mut Fields<'_>) -> Lockout {
    let default = Lockout::default();
    Lockout {
        definition_id: fields.parsed("userActionId"),
        attempts: fields.long("tooManyAttempts").unwrap_or(default.attempts),
        window_seconds: fields.long("resetCountInSeconds").unwrap_or(default.window_seconds),
        duration: Span {
            length: fields.long("actionDuration").unwrap_or(default.duration.length),
            unit: fields
                .named("actionDurationUnit", SpanUnit::from_name)
                .unwrap_or(default.duration.unit),
        },
        emails_user: fields.boolean("emailUser", default.emails_user),
        ends_on_password_reset: fields
            .object("actionCancelPolicy", |policy| policy.boolean("onPasswordReset", false))
            .unwrap_or(default.ends_on_password_reset),
    }
}

fn mail(fields: &mut Fields<'_>) -> MailSettings {
    let default = MailSettings::default();
    MailSettings {
        host: fields.optional("host").unwrap_or(default.host),
        // A port that is none becomes 0, which the rules refuse.
        port: fields.long("port").map_or(default.port, |port| u16::try_from(port).unwrap_or(0)),
        username: fields.optional("username"),
        password: fields.text("password").map(Secret::new),
        security: fields.named("security", MailSecurity::from_name).unwrap_or(default.security),
        from_email: fields.optional("defaultFromEmail").unwrap_or(default.from_email),
        from_name: fields.optional("defaultFromName"),
    }
}
