//! The table of grants: who holds which role where, and until when.
//!
//! Invariant: a grant that is over does not count from its instant on, whether or not its row was
//! taken away; every statement that says what somebody holds compares the end with the clock. A row
//! is taken away once, by whoever holds it, so that each end is told of once.

use docket_domain::directory::grant::{Grant, NamedGrant};
use docket_domain::directory::scope::{Scope, ScopeKind};
use docket_domain::id::{CustomerId, GrantId, RoleId, UserId};
use docket_domain::time::{Expiry, Instant};
use uuid::Uuid;

use crate::batch::Batch;
use crate::codec::{expiry, expiry_millis};
use crate::conn::Conn;
use crate::error::DbError;
use crate::row::{FromRow, Row};
use crate::{own_params, params, statements};

/// The columns of a [`Grant`], in the order in which it is read.
macro_rules! columns {
    () => {
        "g.id, g.user_id, g.role_id, g.scope_kind, g.scope_id, g.customer_id, g.expires_at,
            g.granted_by, g.granted_by_name, g.created_at"
    };
}
pub(crate) use columns;

/// Grants with what their roles and scopes are called, as a [`NamedGrant`] reads them.
macro_rules! named {
    ($rest:expr) => {
        concat!(
            "SELECT ",
            columns!(),
            ", r.name, CASE WHEN p.id IS NULL THEN c.name ELSE p.name END, c.name
            FROM role_grant AS g
            JOIN role AS r ON r.id = g.role_id
            JOIN customer AS c ON c.id = g.customer_id
            LEFT JOIN project AS p ON p.id = g.scope_id",
            $rest
        )
    };
}

statements! {
    /// What a user holds.
    LIST_GRANTS_OF = named!(" WHERE g.user_id = $1 AND g.expires_at > $2");
    /// A user's role on a scope, that is about to be changed.
    LOCK_GRANT = named!(" WHERE g.user_id = $1 AND g.scope_id = $2 AND g.role_id = $3
            FOR UPDATE OF g"),
        sqlite: named!(" WHERE g.user_id = $1 AND g.scope_id = $2 AND g.role_id = $3");
    /// All roles on a scope, that are about to go. Always in one order, against deadlocks.
    LOCK_GRANTS_ON = named!(" WHERE g.scope_id = $1 ORDER BY g.role_id, g.user_id FOR UPDATE OF g"),
        sqlite: named!(" WHERE g.scope_id = $1 ORDER BY g.role_id, g.user_id");
    /// All roles in a customer, that are about to go.
    LOCK_GRANTS_IN = named!(" WHERE g.customer_id = $1 ORDER BY g.user_id FOR UPDATE OF g"),
        sqlite: named!(" WHERE g.customer_id = $1 ORDER BY g.user_id");
    /// Roles that are over, the longest ago first; those that somebody else holds are left out, so
    /// that this waits for nobody.
    LOCK_DUE_GRANTS = named!(" WHERE g.expires_at <= $1 AND g.expires_at < 9223372036854775807
            ORDER BY g.expires_at LIMIT $2 FOR UPDATE OF g SKIP LOCKED"),
        sqlite: named!(" WHERE g.expires_at <= $1 AND g.expires_at < 9223372036854775807
            ORDER BY g.expires_at LIMIT $2");
    /// The next end of a role.
    NEXT_GRANT_END = "SELECT expires_at FROM role_grant WHERE expires_at < 9223372036854775807
        ORDER BY expires_at LIMIT 1";
    /// Whether anybody holds a role on a scope.
    IS_HELD_ON = "SELECT EXISTS (SELECT 1 FROM role_grant
        WHERE scope_id = $1 AND role_id = $2 AND expires_at > $3)";
    /// A new grant.
    INSERT_GRANT = "INSERT INTO role_grant
            (id, user_id, role_id, scope_kind, scope_id, customer_id, expires_at, granted_by,
             granted_by_name, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    /// A grant with another end.
    MOVE_GRANT_END = "UPDATE role_grant SET expires_at = $2 WHERE id = $1";
    /// Grants that go.
    DELETE_GRANTS = "DELETE FROM role_grant WHERE id = ANY($1)",
        sqlite: "DELETE FROM role_grant WHERE id IN (SELECT value FROM rarray($1))";
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

/// What a user holds at an instant, by scope and role.
pub async fn list_of(
    conn: &mut Conn,
    user: UserId,
    now: Instant,
) -> Result<Vec<NamedGrant>, DbError> {
    let mut grants: Vec<NamedGrant> = conn.all(&LIST_GRANTS_OF, params![user, now]).await?;
    grants.sort_by(|a, b| (&a.scope_name, &a.role_name).cmp(&(&b.scope_name, &b.role_name)));
    Ok(grants)
}

/// A user's role on a scope, over or not, held against other writers until the unit of work ends.
pub async fn find_locked(
    conn: &mut Conn,
    user: UserId,
    scope: Scope,
    role: RoleId,
) -> Result<Option<NamedGrant>, DbError> {
    conn.one(&LOCK_GRANT, params![user, scope.uuid(), role]).await
}

/// All roles on a scope, over or not, held against other writers until the unit of work ends.
pub async fn all_on_locked(conn: &mut Conn, scope: Scope) -> Result<Vec<NamedGrant>, DbError> {
    conn.all(&LOCK_GRANTS_ON, params![scope.uuid()]).await
}

/// All roles in a customer and its projects, over or not, likewise.
pub async fn all_in_locked(
    conn: &mut Conn,
    customer: CustomerId,
) -> Result<Vec<NamedGrant>, DbError> {
    conn.all(&LOCK_GRANTS_IN, params![customer]).await
}

/// Roles that are over at `now`, this many at most, the longest ago first, likewise.
pub async fn due_locked(
    conn: &mut Conn,
    now: Instant,
    most: i64,
) -> Result<Vec<NamedGrant>, DbError> {
    conn.all(&LOCK_DUE_GRANTS, params![now, most]).await
}

/// When the next role ends, whether that has passed or not.
pub async fn next_end(conn: &mut Conn) -> Result<Expiry, DbError> {
    let next: Option<Instant> = conn.one(&NEXT_GRANT_END, params![]).await?;
    Ok(next.map_or(Expiry::Never, Expiry::At))
}

/// Whether anybody holds a role on a scope at an instant.
pub async fn is_held_on(
    conn: &mut Conn,
    scope: Scope,
    role: RoleId,
    now: Instant,
) -> Result<bool, DbError> {
    Ok(conn.one(&IS_HELD_ON, params![scope.uuid(), role, now]).await?.unwrap_or_default())
}

/// Keeps a new grant.
pub fn insert(grant: &Grant, writes: &mut Batch) {
    let row = own_params![
        grant.id,
        grant.user_id,
        grant.role_id,
        grant.scope.kind().name(),
        grant.scope.uuid(),
        grant.customer_id,
        expiry_millis(grant.expiry),
        grant.granted_by,
        grant.granted_by_name.clone(),
        grant.created_at
    ];
    writes.push(&INSERT_GRANT, row);
}

/// Keeps another end of a grant.
pub async fn move_end(conn: &mut Conn, id: GrantId, end: Expiry) -> Result<(), DbError> {
    conn.run(&MOVE_GRANT_END, params![id, expiry_millis(end)]).await?;
    Ok(())
}

/// Removes grants.
pub async fn delete(conn: &mut Conn, ids: &[GrantId]) -> Result<(), DbError> {
    if !ids.is_empty() {
        conn.run(&DELETE_GRANTS, params![ids]).await?;
    }
    Ok(())
}
