//! Who there is: tenants, applications, users, and what ties them.

use docket_domain::directory::{Application, Comment, Registration, Tenant, TenantDetails, User};
use docket_domain::json::Json;
use docket_domain::text::Locale;
use docket_domain::time::Instant;
use serde_json::{Value, json};

use super::{data, document, expiry};

/// A tenant, without the password of its mail server.
pub(crate) fn tenant(tenant: &Tenant) -> Json {
    let details = &tenant.details;
    let TenantDetails { name, issuer, events, lockout, mail, requires_authentication, .. } =
        details;
    let events: serde_json::Map<String, Value> = events
        .iter()
        .map(|(event, setting)| {
            let setting =
                json!({"enabled": setting.enabled, "transaction": setting.transaction.name()});
            (event.name().to_owned(), setting)
        })
        .collect();
    document(&json!({
        "id": tenant.id.to_string(),
        "name": name,
        "issuer": issuer,
        "events": events,
        "lockout": {
            "definitionId": lockout.definition_id.map(|id| id.to_string()),
            "attempts": lockout.attempts,
            "windowSeconds": lockout.window_seconds,
            "length": lockout.duration.length,
            "unit": lockout.duration.unit.name(),
            "emailsUser": lockout.emails_user,
            "endsOnPasswordReset": lockout.ends_on_password_reset,
        },
        "mail": {
            "host": mail.host,
            "port": mail.port,
            "username": mail.username,
            "security": mail.security.name(),
            "fromEmail": mail.from_email,
            "fromName": mail.from_name,
        },
        "requiresAuthentication": requires_authentication,
        "data": data(&details.data),
    }))
}

/// An application.
pub(crate) fn application(application: &Application) -> Json {
    let details = &application.details;
    let roles: Vec<Value> = details
        .roles
        .iter()
        .map(|role| {
            json!({
                "id": role.id.to_string(),
                "name": role.name,
                "description": role.description,
                "isDefault": role.is_default,
                "isSuperRole": role.is_super_role,
            })
        })
        .collect();
    document(&json!({
        "id": application.id.to_string(),
        "tenantId": application.tenant_id.to_string(),
        "active": application.active,
        "name": details.name,
        "roles": roles,
        "requiresAuthentication": details.requires_authentication,
        "allowsTokenRefresh": details.allows_token_refresh,
        "generatesRefreshTokens": details.generates_refresh_tokens,
        "data": data(&details.data),
    }))
}

/// A user.
pub(crate) fn user(user: &User) -> Json {
    let details = &user.details;
    let profile = &details.profile;
    document(&json!({
        "id": user.id.to_string(),
        "tenantId": user.tenant_id.to_string(),
        "active": user.active,
        "staff": user.staff,
        "email": details.email,
        "username": details.username,
        "endsAt": expiry(details.expiry),
        "preferredLanguages": languages(&details.preferred_languages),
        "passwordChangeRequired": details.password_change_required,
        "passwordUpdatedAt": user.password_updated_at.map(Instant::millis),
        "firstName": profile.first_name,
        "middleName": profile.middle_name,
        "lastName": profile.last_name,
        "fullName": profile.full_name,
        "birthDate": profile.birth_date,
        "imageUrl": profile.image_url,
        "mobilePhone": profile.mobile_phone,
        "phoneNumber": profile.phone_number,
        "timezone": profile.timezone,
        "data": data(&details.data),
    }))
}

/// A registration.
pub(crate) fn registration(registration: &Registration) -> Json {
    let details = &registration.details;
    document(&json!({
        "id": registration.id.to_string(),
        "userId": registration.user_id.to_string(),
        "applicationId": registration.application_id.to_string(),
        "roles": details.roles,
        "username": details.username,
        "preferredLanguages": languages(&details.preferred_languages),
        "timezone": details.timezone,
        "data": data(&details.data),
    }))
}

/// A comment about a user.
pub(crate) fn comment(comment: &Comment) -> Json {
    document(&json!({
        "id": comment.id.to_string(),
        "userId": comment.user_id.to_string(),
        "commenterId": comment.commenter_id.to_string(),
        "comment": comment.text,
    }))
}

fn languages(locales: &[Locale]) -> Vec<&str> {
    locales.iter().map(Locale::as_str).collect()
}
