//! Objects as JSON, for the audit trail and the events: how it was, how it is.
//!
//! Snapshots are Docket's own format, in the words of the glossary; no secret is ever in one.

mod action;

use docket_domain::action::{Definition, Reason};
use docket_domain::directory::{
    ApiKey, Application, Comment, Registration, Tenant, TenantDetails, User,
};
use docket_domain::journal::AuditEntry;
use docket_domain::json::Json;
use docket_domain::mail::{Template, TemplateDetails};
use docket_domain::text::{Locale, Localized};
use docket_domain::time::{Expiry, Instant};
use docket_domain::webhook::{Webhook, WebhookDetails};
use serde_json::{Value, json};

pub(crate) use action::{action, action_event};

pub(crate) fn document(value: &Value) -> Json {
    Json::from_trusted(value.to_string())
}

pub(crate) fn localized(texts: &Localized) -> Value {
    texts.iter().map(|(locale, text)| (locale.to_string(), Value::from(text))).collect()
}

/// Milliseconds, or `null` for never.
pub(crate) fn expiry(expiry: Expiry) -> Value {
    expiry.instant().map_or(Value::Null, |end| end.millis().into())
}

/// An API key, without its secret.
pub(crate) fn api_key(key: &ApiKey) -> Json {
    let details = &key.details;
    let endpoints: serde_json::Map<String, Value> = details
        .permissions
        .endpoints()
        .iter()
        .map(|(path, methods)| (path.clone(), methods.iter().map(|m| m.name()).collect()))
        .collect();
    document(&json!({
        "id": key.id.to_string(),
        "tenantId": key.tenant_id.map(|id| id.to_string()),
        "keyManager": key.key_manager,
        "retrievable": key.retrievable,
        "name": details.name,
        "endpoints": endpoints,
        "expiry": expiry(details.expiry),
        "attributes": data(&details.attributes),
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

/// A reason.
pub(crate) fn reason(reason: &Reason) -> Json {
    document(&json!({
        "id": reason.id.uuid().to_string(),
        "code": reason.details.code,
        "text": reason.details.text,
        "localizedTexts": localized(&reason.details.localized_texts),
    }))
}

/// An entry of the audit log.
pub(crate) fn audit_entry(entry: &AuditEntry) -> Json {
    let details = &entry.details;
    let parsed = |json: &Json| serde_json::from_str(json.as_str()).unwrap_or(Value::Null);
    document(&json!({
        "id": entry.id,
        "tenantId": details.tenant_id.map(|id| id.to_string()),
        "insertUser": details.insert_user,
        "message": details.message,
        "reason": details.reason,
        "oldValue": details.old_value.as_ref().map(parsed),
        "newValue": details.new_value.as_ref().map(parsed),
        "data": parsed(&details.data),
        "createdAt": entry.created_at.millis(),
    }))
}

/// An e-mail template.
pub(crate) fn template(template: &Template) -> Json {
    let TemplateDetails { name, from_email, from_name, subject, html, text } = &template.details;
    document(&json!({
        "id": template.id.to_string(),
        "name": name,
        "fromEmail": from_email,
        "fromName": from_name.default,
        "localizedFromNames": localized(&from_name.localized),
        "subject": subject.default,
        "localizedSubjects": localized(&subject.localized),
        "html": html.default,
        "localizedHtml": localized(&html.localized),
        "text": text.default,
        "localizedText": localized(&text.localized),
    }))
}

/// A webhook; of what may be secret only that it is there.
pub(crate) fn webhook(webhook: &Webhook) -> Json {
    let WebhookDetails {
        url,
        connect_timeout,
        read_timeout,
        global,
        tenant_ids,
        events,
        headers,
        username,
        password,
        signature,
        ssl_certificate,
        ssl_certificate_key_id,
        description,
        data,
    } = &webhook.details;
    let events: serde_json::Map<String, Value> =
        events.iter().map(|(event, wanted)| (event.name().to_owned(), (*wanted).into())).collect();
    document(&json!({
        "id": webhook.id.to_string(),
        "url": url,
        "connectTimeout": connect_timeout,
        "readTimeout": read_timeout,
        "global": global,
        "tenantIds": tenant_ids.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "events": events,
        "headerNames": headers.keys().collect::<Vec<_>>(),
        "username": username,
        "hasPassword": password.is_some(),
        "signature": {
            "enabled": signature.enabled,
            "keyId": signature.key_id.map(|id| id.to_string()),
        },
        "sslCertificate": ssl_certificate,
        "sslCertificateKeyId": ssl_certificate_key_id.map(|id| id.to_string()),
        "description": description,
        "data": serde_json::from_str(data.as_str()).unwrap_or(Value::Null),
    }))
}

/// A definition.
pub(crate) fn definition(definition: &Definition) -> Json {
    let details = &definition.details;
    let options: Vec<Value> = details
        .options
        .iter()
        .map(|option| json!({"name": option.name, "localizedNames": localized(&option.localized_names)}))
        .collect();
    let templates: serde_json::Map<String, Value> = details
        .templates
        .named()
        .map(|(name, id)| (name.to_owned(), id.to_string().into()))
        .collect();
    document(&json!({
        "id": definition.id.to_string(),
        "active": definition.active,
        "name": details.name,
        "localizedNames": localized(&details.localized_names),
        "options": options,
        "temporal": details.temporal,
        "preventsLogin": details.prevents_login,
        "sendsEndEvent": details.sends_end_event,
        "emailsUser": details.emails_user,
        "offersNotification": details.offers_notification,
        "eventIncludesEmail": details.event_includes_email,
        "transaction": details.transaction.name(),
        "templates": templates,
    }))
}

fn languages(locales: &[Locale]) -> Vec<&str> {
    locales.iter().map(Locale::as_str).collect()
}

fn data(json: &Json) -> Value {
    serde_json::from_str(json.as_str()).unwrap_or(Value::Null)
}

/// A user.
pub(crate) fn user(user: &User) -> Json {
    let details = &user.details;
    let profile = &details.profile;
    document(&json!({
        "id": user.id.to_string(),
        "tenantId": user.tenant_id.to_string(),
        "active": user.active,
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
