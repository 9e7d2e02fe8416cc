//! What must be known to take an action, in one trip.

use docket_domain::action::{Definition, Reason};
use docket_domain::directory::User;
use docket_domain::id::{DefinitionId, ReasonId, TenantId, UserId};

use crate::conn::Conn;
use crate::definition::HOLD_DEFINITION;
use crate::error::DbError;
use crate::row::{FromRow, Row};
use crate::{params, statements};

/// The part of the statement that the engines spell alike.
macro_rules! others {
    () => {
        concat!(
            " LEFT JOIN (SELECT ",
            crate::definition::columns!(),
            "
            FROM definition WHERE id = $2) AS d ON TRUE
        LEFT JOIN (SELECT id, code, text, localized_texts, created_at, updated_at
            FROM reason WHERE id = $3) AS r ON TRUE
        LEFT JOIN (SELECT tenant_id FROM users WHERE id = $4) AS b ON TRUE"
        )
    };
}

statements! {
    /// Actionee, definition, reason and the actioner's tenant; nulls for what is not there.
    FIND_NAMED_OBJECTS = concat!("SELECT u.*, d.*, r.*, b.tenant_id FROM (SELECT 1) AS one
        LEFT JOIN (SELECT ", crate::user::columns!(), "
            FROM users WHERE id = $1 FOR KEY SHARE) AS u ON TRUE", others!()),
        sqlite: concat!("SELECT u.*, d.*, r.*, b.tenant_id FROM (SELECT 1) AS one
        LEFT JOIN (SELECT ", crate::user::columns!(), "
            FROM users WHERE id = $1) AS u ON TRUE", others!());
}

/// The objects that somebody names; none where none is named, or where there is none.
#[derive(Debug, Default)]
pub struct Named {
    /// The user on whom, held against deletion until the unit of work ends.
    pub actionee: Option<User>,
    /// The definition, held in the same way.
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
    let found = conn
        .one_after(
            (&HOLD_DEFINITION, params![definition]),
            (&FIND_NAMED_OBJECTS, params![on, definition, reason, by]),
        )
        .await?;
    Ok(found.unwrap_or_default())
}
