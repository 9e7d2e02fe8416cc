//! The table of definitions.

use std::collections::BTreeMap;

use docket_domain::action::definition::{PhaseTemplates, Transaction};
use docket_domain::action::{ActionOption, Definition, DefinitionDetails};
use docket_domain::id::{DefinitionId, TemplateId};
use docket_domain::json::Json;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::codec::{self, decode, decode_localized, encode, encode_localized};
use crate::conn::Conn;
use crate::error::DbError;
use crate::row::{FromRow, Row};
use crate::{params, statements};

/// The columns of a definition, in the order in which [`Definition`] reads them.
macro_rules! columns {
    () => {
        "id, active, name, localized_names, options, temporal, prevents_login, sends_end_event,
         emails_user, offers_notification, event_includes_email, transaction_type,
         start_template_id, modify_template_id, cancel_template_id, end_template_id, created_at,
         updated_at"
    };
}

pub(crate) use columns;

statements! {
    /// A definition.
    FIND_DEFINITION = concat!("SELECT ", columns!(), " FROM definition WHERE id = $1");
    /// Several definitions.
    FIND_DEFINITIONS = concat!("SELECT ", columns!(), " FROM definition WHERE id = ANY($1)"),
        sqlite: concat!("SELECT ", columns!(), " FROM definition
            WHERE id IN (SELECT value FROM rarray($1))");
    /// Holds a definition against those who change or remove it. Not by a lock on its row: many
    /// take actions by one definition at once, and each would have to write its name into that row.
    pub(crate) HOLD_DEFINITION =
        "SELECT TRUE FROM pg_advisory_xact_lock_shared(uuid_hash_extended($1, 1))",
        sqlite: "SELECT 1 WHERE $1 IS NOT NULL";
    /// Waits for those who hold a definition, and keeps others from holding it.
    SEIZE_DEFINITION = "SELECT TRUE FROM pg_advisory_xact_lock(uuid_hash_extended($1, 1))",
        sqlite: "SELECT 1 WHERE $1 IS NOT NULL";
    /// A definition that is about to be changed.
    LOCK_DEFINITION = concat!("SELECT ", columns!(), " FROM definition WHERE id = $1 FOR UPDATE"),
        sqlite: concat!("SELECT ", columns!(), " FROM definition WHERE id = $1");
    /// The active or the inactive ones, by name.
    LIST_DEFINITIONS = concat!("SELECT ", columns!(), " FROM definition
        WHERE active = $1 ORDER BY name_key, id");
    /// Whether another definition has this name.
    DEFINITION_NAME_TAKEN = "SELECT EXISTS
            (SELECT 1 FROM definition WHERE name_key = $2 AND id <> $1)";
    /// The templates that exist, of those named; they must not go before the unit of work ends.
    SHARE_TEMPLATES = "SELECT id FROM email_template WHERE id = ANY($1) FOR KEY SHARE",
        sqlite: "SELECT id FROM email_template WHERE id IN rarray($1)";
    /// A new definition.
    INSERT_DEFINITION = "INSERT INTO definition
            (id, active, name, name_key, localized_names, options, temporal, prevents_login,
             sends_end_event, emails_user, offers_notification, event_includes_email,
             transaction_type, start_template_id, modify_template_id, cancel_template_id,
             end_template_id, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
            $19)";
    /// A changed definition.
    UPDATE_DEFINITION = "UPDATE definition
        SET active = $2, name = $3, name_key = $4, localized_names = $5, options = $6,
            temporal = $7, prevents_login = $8, sends_end_event = $9, emails_user = $10,
            offers_notification = $11, event_includes_email = $12, transaction_type = $13,
            start_template_id = $14, modify_template_id = $15, cancel_template_id = $16,
            end_template_id = $17, updated_at = $18
        WHERE id = $1";
    /// A definition that goes.
    DELETE_DEFINITION = "DELETE FROM definition WHERE id = $1";
}

/// How an option is written into its column.
#[derive(Serialize, Deserialize)]
struct OptionColumn {
    name: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    localized: BTreeMap<String, String>,
}

impl FromRow for Definition {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            id: row.next()?,
            active: row.next()?,
            details: DefinitionDetails {
                name: row.next()?,
                localized_names: decode_localized("definition.localized_names", &row.next()?)?,
                options: decode_options(&row.next()?)?,
                temporal: row.next()?,
                prevents_login: row.next()?,
                sends_end_event: row.next()?,
                emails_user: row.next()?,
                offers_notification: row.next()?,
                event_includes_email: row.next()?,
                transaction: decode_transaction(&row.next::<String>()?)?,
                templates: PhaseTemplates {
                    start: row.next()?,
                    modify: row.next()?,
                    cancel: row.next()?,
                    end: row.next()?,
                },
            },
            created_at: row.next()?,
            updated_at: row.next()?,
        })
    }
}

/// The definition with this id, active or not.
pub async fn find(conn: &mut Conn, id: DefinitionId) -> Result<Option<Definition>, DbError> {
    conn.one(&FIND_DEFINITION, params![id]).await
}

/// The definitions with these ids, active or not, in no order.
pub async fn find_all(conn: &mut Conn, ids: &[DefinitionId]) -> Result<Vec<Definition>, DbError> {
    conn.all(&FIND_DEFINITIONS, params![ids]).await
}

/// The same as [`find`], held against deletion until the unit of work ends.
pub async fn find_shared(conn: &mut Conn, id: DefinitionId) -> Result<Option<Definition>, DbError> {
    conn.run(&HOLD_DEFINITION, params![id]).await?;
    conn.one(&FIND_DEFINITION, params![id]).await
}

/// The same, held against other writers until the unit of work ends.
pub async fn find_locked(conn: &mut Conn, id: DefinitionId) -> Result<Option<Definition>, DbError> {
    conn.run(&SEIZE_DEFINITION, params![id]).await?;
    conn.one(&LOCK_DEFINITION, params![id]).await
}

/// The active or the inactive ones, by name without regard to case.
pub async fn list(conn: &mut Conn, active: bool) -> Result<Vec<Definition>, DbError> {
    conn.all(&LIST_DEFINITIONS, params![active]).await
}

/// Whether another definition than `id` has this name.
pub async fn name_taken(conn: &mut Conn, id: DefinitionId, name: &str) -> Result<bool, DbError> {
    let taken = conn.one(&DEFINITION_NAME_TAKEN, params![id, name.to_lowercase()]).await?;
    Ok(taken.unwrap_or(false))
}

/// Those of the templates that exist.
pub async fn share_templates(
    conn: &mut Conn,
    ids: &[TemplateId],
) -> Result<Vec<TemplateId>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let found: Vec<Uuid> = conn.all(&SHARE_TEMPLATES, params![ids]).await?;
    Ok(found.into_iter().map(TemplateId::from_uuid).collect())
}

/// Keeps a new definition.
pub async fn insert(conn: &mut Conn, definition: &Definition) -> Result<(), DbError> {
    let details = &definition.details;
    conn.run(
        &INSERT_DEFINITION,
        params![
            definition.id,
            definition.active,
            &details.name,
            details.name.to_lowercase(),
            encode_localized(&details.localized_names),
            encode_options(&details.options),
            details.temporal,
            details.prevents_login,
            details.sends_end_event,
            details.emails_user,
            details.offers_notification,
            details.event_includes_email,
            details.transaction.name(),
            details.templates.start,
            details.templates.modify,
            details.templates.cancel,
            details.templates.end,
            definition.created_at,
            definition.updated_at
        ],
    )
    .await?;
    Ok(())
}

/// Keeps the details of a definition and whether it is active.
pub async fn update(conn: &mut Conn, definition: &Definition) -> Result<(), DbError> {
    let details = &definition.details;
    conn.run(
        &UPDATE_DEFINITION,
        params![
            definition.id,
            definition.active,
            &details.name,
            details.name.to_lowercase(),
            encode_localized(&details.localized_names),
            encode_options(&details.options),
            details.temporal,
            details.prevents_login,
            details.sends_end_event,
            details.emails_user,
            details.offers_notification,
            details.event_includes_email,
            details.transaction.name(),
            details.templates.start,
            details.templates.modify,
            details.templates.cancel,
            details.templates.end,
            definition.updated_at
        ],
    )
    .await?;
    Ok(())
}

/// Removes a definition; its actions are removed by [`crate::action::delete_of_definition`].
pub async fn delete(conn: &mut Conn, id: DefinitionId) -> Result<(), DbError> {
    conn.run(&DELETE_DEFINITION, params![id]).await?;
    Ok(())
}

fn encode_options(options: &[ActionOption]) -> String {
    let columns: Vec<OptionColumn> = options
        .iter()
        .map(|option| OptionColumn {
            name: option.name.clone(),
            localized: option
                .localized_names
                .iter()
                .map(|(locale, text)| (locale.to_string(), text.to_owned()))
                .collect(),
        })
        .collect();
    encode(&columns)
}

fn decode_options(json: &Json) -> Result<Vec<ActionOption>, DbError> {
    if json.as_str() == "[]" {
        return Ok(Vec::new());
    }
    let columns: Vec<OptionColumn> = decode("definition.options", json)?;
    let options = columns.into_iter().map(|column| {
        Ok(ActionOption {
            name: column.name,
            localized_names: codec::localized("definition.options", column.localized)?,
        })
    });
    options.collect()
}

fn decode_transaction(name: &str) -> Result<Transaction, DbError> {
    Transaction::from_name(name)
        .ok_or_else(|| DbError::contradiction("definition.transaction_type", name))
}
