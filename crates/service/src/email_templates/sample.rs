//! What a preview is filled with: a believable ban of a believable user, with every variable that
//! the mails about actions have (`fusionauth.md` §4.8).

use docket_domain::text::Locale;
use docket_domain::time::{Instant, duration_in_words};
use serde_json::{Value, json};

use crate::template;

const DAY: i64 = 86_400_000;

/// The variables of a preview at `now` for a reader of this locale.
pub(super) fn variables(now: Instant, locale: Option<&Locale>) -> Value {
    let tenant = "30663132-6464-6665-3032-326466613934";
    let application = "3c219e58-ed0e-4b18-ad48-f4f92793ae32";
    let user = "00000000-0000-0000-0000-000000000001";
    let actioner = "00000000-0000-0000-0000-000000000002";
    let language = locale.map_or("en", Locale::as_str);
    let joined = now.plus_millis(-400 * DAY).millis();
    json!({
        "user": {
            "id": user,
            "tenantId": tenant,
            "active": true,
            "verified": true,
            "email": "ada.brook@example.com",
            "username": "ada.brook",
            "uniqueUsername": "ada.brook",
            "firstName": "Ada",
            "middleName": "May",
            "lastName": "Brook",
            "fullName": "Ada May Brook",
            "birthDate": "1990-04-23",
            "mobilePhone": "+15550100",
            "timezone": "Europe/Berlin",
            "preferredLanguages": [language],
            "insertInstant": joined,
            "lastUpdateInstant": joined,
            "lastLoginInstant": now.plus_millis(-DAY).millis(),
            "data": {},
            "registrations": [{"applicationId": application, "roles": ["member"]}],
        },
        "tenant": {"id": tenant, "name": "Default", "issuer": "example.com", "data": {}},
        "application": {"id": application, "name": "Forum", "active": true, "data": {}},
        "event": {
            "type": "user.action",
            "id": "00000000-0000-0000-0000-000000000003",
            "createInstant": now.millis(),
            "tenantId": tenant,
            "info": {"ipAddress": "192.0.2.10"},
            "phase": "start",
            "action": "Ban",
            "localizedAction": "Ban",
            "actionId": "00000000-0000-0000-0000-000000000004",
            "actioneeUserId": user,
            "actionerUserId": actioner,
            "linkedObjectId": user,
            "applicationIds": [application],
            "comment": "Advertising in three threads, after two warnings.",
            "option": "Forum only",
            "localizedOption": "Forum only",
            "reason": "Violation of the terms of service",
            "localizedReason": "Violation of the terms of service",
            "reasonCode": "TOS",
            "expiry": now.plus_millis(7 * DAY).millis(),
            "localizedDuration": duration_in_words(7 * DAY),
            "notifyUser": true,
            "emailedUser": true,
        },
        "actioner": {
            "id": actioner,
            "tenantId": tenant,
            "active": true,
            "verified": true,
            "email": "moderator@example.com",
            "username": "moderator",
            "uniqueUsername": "moderator",
            "firstName": "Noor",
            "lastName": "Castell",
            "fullName": "Noor Castell",
            "preferredLanguages": ["en"],
            "insertInstant": joined,
            "lastUpdateInstant": joined,
            "data": {},
        },
        template::NOW: now.millis(),
    })
}
