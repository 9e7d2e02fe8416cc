//! The rows of the tenant: what is there before anybody is.

use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::rows::{Filled, Table, row};
use crate::KEY;
use crate::community::{Community, KINDS, Kind, REASONS, TENANT};
use crate::seed::SETTING;

/// What the tenant has switched on, as the server keeps it.
const EVENTS: &str = r#"{"user.action":[true,"None"]}"#;

/// The mail settings of a tenant that was given none.
const MAIL: &str =
    r#"{"host":"localhost","port":25,"security":"NONE","from_email":"bench@example.com"}"#;

/// All of them.
pub(super) fn tables(community: &Community) -> Vec<Filled> {
    let now = community.now;
    let remembered = serde_json::to_string(community).unwrap_or_default();
    let setting = Table { name: "setting", columns: &["name", "value"] };
    vec![
        (setting, vec![row![SETTING, remembered]]),
        tenant(now),
        api_key(now),
        definitions(now),
        reasons(now),
    ]
}

fn tenant(now: i64) -> Filled {
    let columns = &[
        "id",
        "name",
        "name_key",
        "issuer",
        "events",
        "lockout_attempts",
        "lockout_window_seconds",
        "lockout_length",
        "lockout_unit",
        "lockout_emails_user",
        "lockout_ends_on_password_reset",
        "mail",
        "requires_authentication",
        "data",
        "created_at",
        "updated_at",
    ];
    let row = row![
        TENANT, "Default", "default", "Default", EVENTS, 5, 60, 3, "MINUTES", false, false, MAIL,
        true, "{}", now, now
    ];
    (Table { name: "tenant", columns }, vec![row])
}

fn api_key(now: i64) -> Filled {
    let columns = &[
        "id",
        "hash",
        "name",
        "name_key",
        "key_manager",
        "retrievable",
        "permissions",
        "expires_at",
        "attributes",
        "created_at",
        "updated_at",
    ];
    let hash = Sha256::digest(KEY.as_bytes()).to_vec();
    let row = row![
        Uuid::from_u128(7),
        hash,
        "Bench",
        "bench",
        true,
        false,
        "{}",
        i64::MAX,
        "{}",
        now,
        now
    ];
    (Table { name: "api_key", columns }, vec![row])
}

fn definitions(now: i64) -> Filled {
    let columns = &[
        "id",
        "active",
        "name",
        "name_key",
        "localized_names",
        "options",
        "temporal",
        "prevents_login",
        "sends_end_event",
        "emails_user",
        "offers_notification",
        "event_includes_email",
        "transaction_type",
        "created_at",
        "updated_at",
    ];
    let row = |kind: &Kind| {
        row![
            kind.id,
            true,
            kind.name,
            kind.name.to_lowercase(),
            json!({"de": kind.german}).to_string(),
            "[]",
            kind.temporal,
            kind.prevents_login,
            kind.temporal,
            false,
            false,
            false,
            "None",
            now,
            now
        ]
    };
    (Table { name: "definition", columns }, KINDS.iter().map(row).collect())
}

fn reasons(now: i64) -> Filled {
    let columns = &[
        "id",
        "code",
        "code_key",
        "text",
        "text_key",
        "localized_texts",
        "created_at",
        "updated_at",
    ];
    let rows = REASONS.iter().map(|(id, code, text, german)| {
        row![
            *id,
            *code,
            code.to_lowercase(),
            *text,
            text.to_lowercase(),
            json!({"de": german}).to_string(),
            now,
            now
        ]
    });
    (Table { name: "reason", columns }, rows.collect())
}
