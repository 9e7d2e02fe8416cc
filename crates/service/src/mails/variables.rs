//! What mail templates are filled with (`fusionauth.md` §4.8), by the names of the contract.
//!
//! `null` is as good as absent: a template that asks for it has to have a default.

use docket_domain::directory::{Application, Registration, Tenant, User};
use docket_domain::id::EventId;
use docket_domain::json::Json;
use docket_domain::text::Locale;
use docket_domain::time::Instant;
use serde_json::{Value, json};

/// A user; with the registrations of the reader, without those of others.
pub(crate) fn user(user: &User, registrations: &[Registration]) -> Value {
    let details = &user.details;
    let profile = &details.profile;
    json!({
        "id": user.id.to_string(),
        "tenantId": user.tenant_id.to_string(),
        "active": user.active,
        "verified": true,
        "email": details.email,
        "username": details.username,
        "uniqueUsername": details.username,
        "firstName": profile.first_name,
        "middleName": profile.middle_name,
        "lastName": profile.last_name,
        "fullName": profile.full_name,
        "birthDate": profile.birth_date,
        "imageUrl": profile.image_url,
        "mobilePhone": profile.mobile_phone,
        "phoneNumber": profile.phone_number,
        "timezone": profile.timezone,
        "preferredLanguages": languages(&details.preferred_languages),
        "insertInstant": user.created_at.millis(),
        "lastUpdateInstant": user.updated_at.millis(),
        "lastLoginInstant": user.last_login_at.map(Instant::millis),
        "data": data(&details.data),
        "registrations": registrations.iter().map(registration).collect::<Vec<_>>(),
    })
}

fn registration(registration: &Registration) -> Value {
    let details = &registration.details;
    json!({
        "id": registration.id.to_string(),
        "applicationId": registration.application_id.to_string(),
        "roles": details.roles,
        "username": details.username,
        "timezone": details.timezone,
        "preferredLanguages": languages(&details.preferred_languages),
        "data": data(&details.data),
    })
}

/// A tenant.
pub(crate) fn tenant(tenant: &Tenant) -> Value {
    let details = &tenant.details;
    json!({
        "id": tenant.id.to_string(),
        "name": details.name,
        "issuer": details.issuer,
        "data": data(&details.data),
    })
}

/// An application.
pub(crate) fn application(application: &Application) -> Value {
    json!({
        "id": application.id.to_string(),
        "tenantId": application.tenant_id.to_string(),
        "name": application.details.name,
        "active": application.active,
        "data": data(&application.details.data),
    })
}

/// The event of an action (§4.10), out of what the outbox says of it. An end that never comes is
/// absent, so that a template can ask for it.
pub(crate) fn event(id: EventId, at: Instant, payload: &Value) -> Value {
    let of_event = |name: &str| payload.get(name).cloned().unwrap_or_default();
    let of_action = |name: &str| {
        let action = payload.get("action");
        action.and_then(|action| action.get(name)).cloned().unwrap_or_default()
    };
    json!({
        "type": "user.action",
        "id": id.to_string(),
        "createInstant": at.millis(),
        "tenantId": of_action("tenantId"),
        "info": of_event("info"),
        "phase": of_event("phase"),
        "action": of_action("name"),
        "localizedAction": of_action("localizedName"),
        "actionId": of_action("id"),
        "actioneeUserId": of_action("actioneeId"),
        "actionerUserId": of_action("actionerId"),
        "linkedObjectId": of_action("actioneeId"),
        "applicationIds": of_action("applicationIds"),
        "comment": of_action("comment"),
        "option": of_action("option"),
        "localizedOption": of_action("localizedOption"),
        "reason": of_action("reason"),
        "localizedReason": of_action("localizedReason"),
        "reasonCode": of_action("reasonCode"),
        "expiry": of_action("endsAt"),
        "localizedDuration": of_event("localizedDuration"),
        "notifyUser": of_event("notifyUser"),
        "emailedUser": of_event("emailedUser"),
    })
}

/// The caller's own data.
pub(crate) fn data(json: &Json) -> Value {
    serde_json::from_str(json.as_str()).unwrap_or(Value::Null)
}

fn languages(locales: &[Locale]) -> Vec<&str> {
    locales.iter().map(Locale::as_str).collect()
}
