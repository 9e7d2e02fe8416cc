//! The table of grants: who holds which role where, and until when.
//!
//! Invariant: a grant that is over does not count from its instant on, whether or not its row was
//! taken away; every statement that says what somebody holds compares the end with the clock.

use docket_domain::directory::grant::{Grant, NamedGrant};
use docket_domain::directory::scope::{Scope, ScopeKind};
use docket_domain::id::UserId;
use docket_domain::time::Instant;
use uuid::Uuid;

use crate::codec::expiry;
use crate::conn::Conn;
use crate::error::DbError;
use crate::row::{FromRow, Row};
use crate::{params, statements};

/// The columns of a [`Grant`], in the order in which it is read.
macro_rules! columns {
    () => {
        "role_grant.id, role_grant.user_id, role_grant.role_id, role_grant.scope_kind,
         role_grant.scope_id, role_grant.customer_id, role_grant.expires_at,
         role_grant.granted_by, role_grant.granted_by_name, role_grant.created_at"
    };
}

/// The columns of a [`NamedGrant`].
macro_rules! named {
    () => {
        concat!(columns!(), ", role.name, coalesce(project.name, customer.name), customer.name")
    };
}

/// Where the columns of a [`NamedGrant`] come from.
macro_rules! with_names {
    () => {
        " FROM role_grant
        JOIN role ON role.id = role_grant.role_id
        JOIN customer ON customer.id = role_grant.customer_id
        LEFT JOIN project ON project.id = role_grant.scope_id"
    };
}

statements! {
    /// What a user holds, with names.
    LIST_GRANTS_OF = concat!("SELECT ", named!(), with_names!(),
        " WHERE role_grant.user_id = $1 AND role_grant.expires_at > $2");
    /// The grants of users who go.
    pub(crate) DELETE_GRANTS_OF = "DELETE FROM role_grant WHERE user_id = ANY($1)",
        sqlite: "DELETE FROM role_grant WHERE user_id IN (SELECT value FROM rarray($1))";
}

impl FromRow for Grant {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            id: row.next()?,
            user_id: row.next()?,
            role_id: row.next()?,
            scope: scope(row)?,
            customer_id: row.next()?,
            expiry: expiry(row.next()?),
            granted_by: row.next()?,
            granted_by_name: row.next()?,
            created_at: row.next()?,
        })
    }
}

impl FromRow for NamedGrant {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            grant: Grant::from_row(row)?,
            role_name: row.next()?,
            scope_name: row.next()?,
            customer_name: row.next()?,
        })
    }
}

/// A scope out of two columns, its kind and its id.
pub(crate) fn scope(row: &mut Row<'_>) -> Result<Scope, DbError> {
    let kind: String = row.next()?;
    let id: Uuid = row.next()?;
    let kind =
        ScopeKind::from_name(&kind).ok_or_else(|| DbError::contradiction("scope_kind", id))?;
    Ok(Scope::new(kind, id))
}

/// What a user holds at an instant.
pub async fn list_of(
    conn: &mut Conn,
    user: UserId,
    now: Instant,
) -> Result<Vec<NamedGrant>, DbError> {
    let mut grants: Vec<NamedGrant> = conn.all(&LIST_GRANTS_OF, params![user, now]).await?;
    grants.sort_by(|a, b| (&a.scope_name, &a.role_name).cmp(&(&b.scope_name, &b.role_name)));
    Ok(grants)
}
