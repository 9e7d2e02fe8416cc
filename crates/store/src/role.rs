//! The table of roles. They are few, and none ever goes: grants name them.

use std::collections::{BTreeMap, BTreeSet};

use docket_domain::directory::role::{Role, RoleDetails, RoleSearch};
use docket_domain::directory::scope::ScopeKind;
use docket_domain::id::RoleId;
use docket_domain::page::{Page, Paging};
use docket_domain::time::Instant;

use crate::codec::{decode, encode};
use crate::conn::Conn;
use crate::error::DbError;
use crate::filter::Select;
use crate::row::{FromRow, Row};
use crate::{params, statements};

/// The columns of a [`Role`], in the order in which it is read.
macro_rules! columns {
    () => {
        "id, name, description, scope_kind, permissions, active, system, created_at, updated_at"
    };
}

statements! {
    /// A role.
    FIND_ROLE = concat!("SELECT ", columns!(), " FROM role WHERE id = $1");
    /// A role that must stay as it is until the unit of work ends.
    SHARE_ROLE = concat!("SELECT ", columns!(), " FROM role WHERE id = $1 FOR SHARE"),
        sqlite: concat!("SELECT ", columns!(), " FROM role WHERE id = $1");
    /// A role that is about to be changed.
    LOCK_ROLE = concat!("SELECT ", columns!(), " FROM role WHERE id = $1 FOR UPDATE"),
        sqlite: concat!("SELECT ", columns!(), " FROM role WHERE id = $1");
    /// The role of this name.
    FIND_ROLE_BY_NAME = concat!("SELECT ", columns!(), " FROM role WHERE name = $1");
    /// How many users hold roles.
    COUNT_HOLDERS_OF_ROLES = "SELECT role_id, count(DISTINCT user_id) FROM role_grant
        WHERE role_id = ANY($1) AND expires_at > $2 GROUP BY role_id",
        sqlite: "SELECT role_id, count(DISTINCT user_id) FROM role_grant
        WHERE role_id IN (SELECT value FROM rarray($1)) AND expires_at > $2 GROUP BY role_id";
    /// Whether anybody holds, or held until a moment ago, a role.
    IS_ROLE_HELD = "SELECT EXISTS (SELECT 1 FROM role_grant WHERE role_id = $1)";
    /// A new role.
    INSERT_ROLE = "INSERT INTO role
            (id, name, description, scope_kind, permissions, active, system, created_at,
             updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    /// A role that comes with the server, unless one of its name is there.
    SEED_ROLE = "INSERT INTO role
            (id, name, description, scope_kind, permissions, active, system, created_at,
             updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (name) DO NOTHING";
    /// A changed role.
    UPDATE_ROLE = "UPDATE role
        SET name = $2, description = $3, scope_kind = $4, permissions = $5, active = $6,
            updated_at = $7
        WHERE id = $1";
}

/// The head of a list.
const HEAD: &str = concat!("SELECT ", columns!(), " FROM role");

/// The columns by which lists can be sorted.
const ORDER: &[(&str, &str)] = &[("created", "created_at"), ("name", "name")];

impl FromRow for Role {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        let id: RoleId = row.next()?;
        let (name, description): (String, String) = (row.next()?, row.next()?);
        let kind: String = row.next()?;
        let kind = ScopeKind::from_name(&kind)
            .ok_or_else(|| DbError::contradiction("role.scope_kind", id))?;
        let permissions: BTreeSet<String> = decode("role.permissions", &row.next()?)?;
        Ok(Self {
            id,
            details: RoleDetails { name, description, kind, permissions },
            active: row.next()?,
            system: row.next()?,
            created_at: row.next()?,
            updated_at: row.next()?,
        })
    }
}

/// The role with this id.
pub async fn find(conn: &mut Conn, id: RoleId) -> Result<Option<Role>, DbError> {
    conn.one(&FIND_ROLE, params![id]).await
}

/// The same, held as it is until the unit of work ends.
pub async fn share(conn: &mut Conn, id: RoleId) -> Result<Option<Role>, DbError> {
    conn.one(&SHARE_ROLE, params![id]).await
}

/// The same, held against other writers until the unit of work ends.
pub async fn find_locked(conn: &mut Conn, id: RoleId) -> Result<Option<Role>, DbError> {
    conn.one(&LOCK_ROLE, params![id]).await
}

/// The role of this name.
pub async fn find_named(conn: &mut Conn, name: &str) -> Result<Option<Role>, DbError> {
    conn.one(&FIND_ROLE_BY_NAME, params![name]).await
}

/// Roles, by name unless the caller says otherwise.
pub async fn list(
    conn: &mut Conn,
    search: &RoleSearch,
    paging: &Paging,
) -> Result<Page<Role>, DbError> {
    let select = Select::new(HEAD)
        .and_matches("name", search.name.as_deref())
        .and_some("scope_kind = {}", search.kind.map(ScopeKind::name))
        .and_some("active = {}", search.active)
        .and_some("system = {}", search.system);
    let (items, total) = conn.page(&select.paged(paging, ORDER, "name", "id")).await?;
    Ok(Page { items, total })
}

/// How many users hold each of these roles at an instant.
pub async fn count_holders(
    conn: &mut Conn,
    roles: &[RoleId],
    now: Instant,
) -> Result<BTreeMap<RoleId, i64>, DbError> {
    let counts: Vec<(RoleId, i64)> = conn.all(&COUNT_HOLDERS_OF_ROLES, params![roles, now]).await?;
    Ok(counts.into_iter().collect())
}

/// Whether there are grants of a role.
pub async fn is_held(conn: &mut Conn, id: RoleId) -> Result<bool, DbError> {
    Ok(conn.one(&IS_ROLE_HELD, params![id]).await?.unwrap_or_default())
}

/// Keeps a new role.
pub async fn insert(conn: &mut Conn, role: &Role) -> Result<(), DbError> {
    keep(conn, &INSERT_ROLE, role).await
}

/// Keeps a role that comes with the server, unless one of its name is there.
pub async fn seed(conn: &mut Conn, role: &Role) -> Result<(), DbError> {
    keep(conn, &SEED_ROLE, role).await
}

async fn keep(
    conn: &mut Conn,
    statement: &'static crate::Stmt,
    role: &Role,
) -> Result<(), DbError> {
    let details = &role.details;
    conn.run(
        statement,
        params![
            role.id,
            &details.name,
            &details.description,
            details.kind.name(),
            encode(&details.permissions),
            role.active,
            role.system,
            role.created_at,
            role.updated_at
        ],
    )
    .await?;
    Ok(())
}

/// Keeps the details of a role, and whether it can be given.
pub async fn update(conn: &mut Conn, role: &Role) -> Result<(), DbError> {
    let details = &role.details;
    conn.run(
        &UPDATE_ROLE,
        params![
            role.id,
            &details.name,
            &details.description,
            details.kind.name(),
            encode(&details.permissions),
            role.active,
            role.updated_at
        ],
    )
    .await?;
    Ok(())
}
