//! What must be known to take an action, in one trip, and whether it is still so.

use docket_domain::action::{Definition, Reason};
use docket_domain::directory::User;
use docket_domain::id::{ApplicationId, DefinitionId, ReasonId, TenantId, UserId};

use crate::batch::Batch;
use crate::conn::Conn;
use crate::definition::HOLD_DEFINITION;
use crate::error::DbError;
use crate::row::{FromRow, Row};
use crate::{own_params, params, statements};

statements! {
    /// Actionee, definition, reason and the actioner's tenant; nulls for what is not there.
    FIND_NAMED_OBJECTS = concat!("SELECT u.*, d.*, r.*, b.tenant_id FROM (SELECT 1) AS one
        LEFT JOIN (SELECT ", crate::user::columns!(), " FROM users WHERE id = $1) AS u ON TRUE
        LEFT JOIN (SELECT ", crate::definition::columns!(), "
            FROM definition WHERE id = $2) AS d ON TRUE
        LEFT JOIN (SELECT id, code, text, localized_texts, created_at, updated_at
            FROM reason WHERE id = $3) AS r ON TRUE
        LEFT JOIN (SELECT tenant_id FROM users WHERE id = $4) AS b ON TRUE");
    /// Whether the actionee, the definition and the reason are as they were read, and whether the
    /// actioner is still there.
    INSIST_ON_NAMED = "SELECT insist(
            EXISTS (SELECT 1 FROM users WHERE id = $1 AND updated_at = $2 FOR KEY SHARE)
            AND EXISTS (SELECT 1 FROM definition WHERE id = $3 AND updated_at = $4 AND active)
            AND ($5::uuid IS NULL
                OR EXISTS (SELECT 1 FROM reason WHERE id = $5 AND updated_at = $6))
            AND ($7::uuid IS NULL OR EXISTS (SELECT 1 FROM users WHERE id = $7)))",
        sqlite: "SELECT 1
            WHERE EXISTS (SELECT 1 FROM users WHERE id = $1 AND updated_at = $2)
            AND EXISTS (SELECT 1 FROM definition WHERE id = $3 AND updated_at = $4 AND active)
            AND ($5 IS NULL OR EXISTS (SELECT 1 FROM reason WHERE id = $5 AND updated_at = $6))
            AND ($7 IS NULL OR EXISTS (SELECT 1 FROM users WHERE id = $7))";
    /// Whether an application is still there. It may go later: an action keeps its limits.
    INSIST_ON_APPLICATION = "SELECT insist(EXISTS (SELECT 1 FROM application WHERE id = $1))",
        sqlite: "SELECT 1 FROM application WHERE id = $1";
}

/// The objects that somebody names; none where none is named, or where there is none.
#[derive(Debug, Default)]
pub struct Named {
    /// The user on whom.
    pub actionee: Option<User>,
    /// The definition.
    pub definition: Option<Definition>,
    /// The reason.
    pub reason: Option<Reason>,
    /// The tenant of the user by whom.
    pub actioner_tenant: Option<TenantId>,
}

impl FromRow for Named {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            actionee: row.group(15)?,
            definition: row.group(18)?,
            reason: row.group(6)?,
            actioner_tenant: row.next()?,
        })
    }
}

/// Finds them.
pub async fn find_named(
    conn: &mut Conn,
    on: Option<UserId>,
    by: Option<UserId>,
    definition: Option<DefinitionId>,
    reason: Option<ReasonId>,
) -> Result<Named, DbError> {
    let found = conn.one(&FIND_NAMED_OBJECTS, params![on, definition, reason, by]).await?;
    Ok(found.unwrap_or_default())
}

/// Lets the unit of work be overtaken by whoever changed one of these since they were read, and
/// holds actionee and definition against deletion until it ends.
pub fn insist_on_named(
    on: &User,
    by: Option<UserId>,
    definition: &Definition,
    reason: Option<&Reason>,
    batch: &mut Batch,
) {
    // A statement of its own, for what it waits for must be seen by the next one.
    batch.insist(&HOLD_DEFINITION, own_params![definition.id]);
    batch.insist(
        &INSIST_ON_NAMED,
        own_params![
            on.id,
            on.updated_at,
            definition.id,
            definition.updated_at,
            reason.map(|reason| reason.id),
            reason.map(|reason| reason.updated_at),
            by
        ],
    );
}

/// The same of the applications that an action is limited to.
pub fn insist_on_applications(ids: &[ApplicationId], batch: &mut Batch) {
    for id in ids {
        batch.insist(&INSIST_ON_APPLICATION, own_params![*id]);
    }
}
