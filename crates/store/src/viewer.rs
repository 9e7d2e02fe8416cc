//! A user with the roles that they hold, for the rules on who may see and do what.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use docket_domain::access::{Held, Viewer};
use docket_domain::directory::scope::{Scope, ScopeKind};
use docket_domain::id::{CustomerId, RoleId, UserId};
use docket_domain::json::Json;
use docket_domain::time::Instant;
use uuid::Uuid;

use crate::codec::decode;
use crate::conn::Conn;
use crate::error::DbError;
use crate::row::{FromRow, Row};
use crate::{params, statements};

statements! {
    /// A user, once for each role that they hold at the instant given, and once if they hold none.
    FIND_VIEWER = "SELECT u.active AND u.expires_at > $2, u.staff, coalesce(a.support, FALSE),
            g.scope_kind, g.scope_id, g.customer_id, g.role_id, r.permissions
        FROM users AS u
        LEFT JOIN affiliation AS a ON a.user_id = u.id
        LEFT JOIN role_grant AS g ON g.user_id = u.id AND g.expires_at > $2
        LEFT JOIN role AS r ON r.id = g.role_id
        WHERE u.id = $1";
    /// The same of several users.
    FIND_VIEWERS = "SELECT u.id, u.active AND u.expires_at > $2, u.staff,
            coalesce(a.support, FALSE),
            g.scope_kind, g.scope_id, g.customer_id, g.role_id, r.permissions
        FROM users AS u
        LEFT JOIN affiliation AS a ON a.user_id = u.id
        LEFT JOIN role_grant AS g ON g.user_id = u.id AND g.expires_at > $2
        LEFT JOIN role AS r ON r.id = g.role_id
        WHERE u.id = ANY($1)",
        sqlite: "SELECT u.id, u.active AND u.expires_at > $2, u.staff,
            coalesce(a.support, FALSE),
            g.scope_kind, g.scope_id, g.customer_id, g.role_id, r.permissions
        FROM users AS u
        LEFT JOIN affiliation AS a ON a.user_id = u.id
        LEFT JOIN role_grant AS g ON g.user_id = u.id AND g.expires_at > $2
        LEFT JOIN role AS r ON r.id = g.role_id
        WHERE u.id IN (SELECT value FROM rarray($1))";
}

/// One row of the answer.
struct ViewerRow {
    active: bool,
    staff: bool,
    support: bool,
    held: Option<HeldRow>,
}

/// A role that is held, with its permissions as they are kept.
struct HeldRow {
    scope: Scope,
    customer: CustomerId,
    role: RoleId,
    permissions: Option<Json>,
}

impl FromRow for ViewerRow {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            active: row.next()?,
            staff: row.next()?,
            support: row.next()?,
            held: row.group(5)?,
        })
    }
}

impl FromRow for HeldRow {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        let kind: String = row.next()?;
        let id: Uuid = row.next()?;
        let kind = ScopeKind::from_name(&kind)
            .ok_or_else(|| DbError::contradiction("role_grant.scope_kind", id))?;
        Ok(Self {
            scope: Scope::new(kind, id),
            customer: row.next()?,
            role: row.next()?,
            permissions: row.next()?,
        })
    }
}

/// A row of several users' answer.
struct OneOfMany {
    id: UserId,
    row: ViewerRow,
}

impl FromRow for OneOfMany {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self { id: row.next()?, row: ViewerRow::from_row(row)? })
    }
}

/// The user with this id, with what they hold at this instant.
pub async fn find(conn: &mut Conn, id: UserId, now: Instant) -> Result<Option<Viewer>, DbError> {
    let rows: Vec<ViewerRow> = conn.all(&FIND_VIEWER, params![id, now]).await?;
    gather(id, rows, &mut Roles::new())
}

/// Those of these users who are there, each with what they hold at this instant.
pub async fn find_all(
    conn: &mut Conn,
    ids: &[UserId],
    now: Instant,
) -> Result<Vec<Viewer>, DbError> {
    let rows: Vec<OneOfMany> = conn.all(&FIND_VIEWERS, params![ids, now]).await?;
    let mut users: BTreeMap<UserId, Vec<ViewerRow>> = BTreeMap::new();
    for OneOfMany { id, row } in rows {
        users.entry(id).or_default().push(row);
    }
    let mut roles = Roles::new();
    let viewers = users.into_iter().map(|(id, rows)| gather(id, rows, &mut roles));
    viewers.filter_map(Result::transpose).collect()
}

/// Whoever holds a role in a hundred projects has its permissions in memory once.
type Roles = BTreeMap<RoleId, Arc<BTreeSet<String>>>;

fn gather(id: UserId, rows: Vec<ViewerRow>, roles: &mut Roles) -> Result<Option<Viewer>, DbError> {
    let Some(first) = rows.first() else { return Ok(None) };
    let mut viewer = Viewer {
        id,
        active: first.active,
        staff: first.staff,
        support: first.support,
        held: Vec::with_capacity(rows.len()),
    };
    for HeldRow { scope, customer, role, permissions } in
        rows.into_iter().filter_map(|row| row.held)
    {
        let permissions = match (roles.get(&role), permissions) {
            (Some(known), _) => Arc::clone(known),
            (None, Some(json)) => Arc::new(decode("role.permissions", &json)?),
            (None, None) => Arc::default(),
        };
        roles.entry(role).or_insert_with(|| Arc::clone(&permissions));
        viewer.held.push(Held { scope, customer, role, permissions });
    }
    Ok(Some(viewer))
}
