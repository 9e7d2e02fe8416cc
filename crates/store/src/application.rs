//! The table of applications.

use docket_domain::directory::{Application, ApplicationDetails, ApplicationRole};
use docket_domain::id::{ApplicationId, TenantId};
use docket_domain::json::Json;
use serde::{Deserialize, Serialize};

use crate::codec::{decode, encode};
use crate::conn::Conn;
use crate::error::DbError;
use crate::row::{FromRow, Row};
use crate::{params, registration, statements};

/// The columns of an application, in the order in which it is read.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, tenant_id, active, name, roles, requires_authentication,
                allows_token_refresh, generates_refresh_tokens, data, created_at, updated_at
            FROM application ",
            $rest
        )
    };
}

statements! {
    /// An application.
    FIND_APPLICATION = select!("WHERE id = $1");
    /// An application that must not go before the unit of work ends.
    SHARE_APPLICATION = select!("WHERE id = $1 FOR KEY SHARE"), sqlite: select!("WHERE id = $1");
    /// An application that is about to be changed.
    LOCK_APPLICATION = select!("WHERE id = $1 FOR UPDATE"), sqlite: select!("WHERE id = $1");
    /// The open or the closed applications of every tenant, by name.
    LIST_APPLICATIONS = select!("WHERE active = $1 ORDER BY name_key, id");
    /// The open or the closed applications of one tenant, by name.
    LIST_APPLICATIONS_OF = select!("WHERE active = $1 AND tenant_id = $2 ORDER BY name_key");
    /// Whether another application of the tenant has this name.
    APPLICATION_NAME_TAKEN = "SELECT EXISTS (SELECT 1 FROM application
        WHERE tenant_id = $2 AND name_key = $3 AND id <> $1)";
    /// A changed application.
    UPDATE_APPLICATION = "UPDATE application
        SET active = $2, name = $3, name_key = $4, roles = $5, requires_authentication = $6,
            allows_token_refresh = $7, generates_refresh_tokens = $8, data = $9, updated_at = $10
        WHERE id = $1";
    /// An application that goes.
    DELETE_APPLICATION = "DELETE FROM application WHERE id = $1";
    /// A new application.
    INSERT_APPLICATION = "INSERT INTO application
            (id, tenant_id, active, name, name_key, roles, requires_authentication,
             allows_token_refresh, generates_refresh_tokens, data, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
}

impl FromRow for Application {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            id: row.next()?,
            tenant_id: row.next()?,
            active: row.next()?,
            details: ApplicationDetails {
                name: row.next()?,
                roles: decode_roles(&row.next()?)?,
                requires_authentication: row.next()?,
                allows_token_refresh: row.next()?,
                generates_refresh_tokens: row.next()?,
                data: row.next()?,
            },
            created_at: row.next()?,
            updated_at: row.next()?,
        })
    }
}

/// How a role is written into its column.
#[derive(Serialize, Deserialize)]
struct RoleColumn {
    id: String,
    name: String,
    description: Option<String>,
    is_default: bool,
    is_super_role: bool,
}

fn encode_roles(roles: &[ApplicationRole]) -> String {
    let columns: Vec<RoleColumn> = roles
        .iter()
        .map(|role| RoleColumn {
            id: role.id.to_string(),
            name: role.name.clone(),
            description: role.description.clone(),
            is_default: role.is_default,
            is_super_role: role.is_super_role,
        })
        .collect();
    encode(&columns)
}

fn decode_roles(json: &Json) -> Result<Vec<ApplicationRole>, DbError> {
    const COLUMN: &str = "application.roles";
    let columns: Vec<RoleColumn> = decode(COLUMN, json)?;
    let roles = columns.into_iter().map(|role| {
        Ok(ApplicationRole {
            id: role.id.parse().map_err(|_| DbError::contradiction(COLUMN, &role.id))?,
            name: role.name,
            description: role.description,
            is_default: role.is_default,
            is_super_role: role.is_super_role,
        })
    });
    roles.collect()
}

/// The application with this id.
pub async fn find(conn: &mut Conn, id: ApplicationId) -> Result<Option<Application>, DbError> {
    conn.one(&FIND_APPLICATION, params![id]).await
}

/// The same, held against deletion until the unit of work ends.
pub async fn find_shared(
    conn: &mut Conn,
    id: ApplicationId,
) -> Result<Option<Application>, DbError> {
    conn.one(&SHARE_APPLICATION, params![id]).await
}

/// The same, held against other writers until the unit of work ends.
pub async fn find_locked(
    conn: &mut Conn,
    id: ApplicationId,
) -> Result<Option<Application>, DbError> {
    conn.one(&LOCK_APPLICATION, params![id]).await
}

/// The open or the closed applications of a tenant or (`None`) of all of them, by name.
pub async fn list(
    conn: &mut Conn,
    tenant: Option<TenantId>,
    active: bool,
) -> Result<Vec<Application>, DbError> {
    match tenant {
        Some(tenant) => conn.all(&LIST_APPLICATIONS_OF, params![active, tenant]).await,
        None => conn.all(&LIST_APPLICATIONS, params![active]).await,
    }
}

/// Whether another application of the same tenant has this one's name.
pub async fn is_name_taken(conn: &mut Conn, application: &Application) -> Result<bool, DbError> {
    let name = application.details.name.to_lowercase();
    let params = params![application.id, application.tenant_id, &name];
    Ok(conn.one(&APPLICATION_NAME_TAKEN, params).await?.unwrap_or_default())
}

/// Keeps a new application.
pub async fn insert(conn: &mut Conn, application: &Application) -> Result<(), DbError> {
    let details = &application.details;
    conn.run(
        &INSERT_APPLICATION,
        params![
            application.id,
            application.tenant_id,
            application.active,
            &details.name,
            details.name.to_lowercase(),
            encode_roles(&details.roles),
            details.requires_authentication,
            details.allows_token_refresh,
            details.generates_refresh_tokens,
            &details.data,
            application.created_at,
            application.updated_at
        ],
    )
    .await?;
    Ok(())
}

/// Keeps a changed application.
pub async fn update(conn: &mut Conn, application: &Application) -> Result<(), DbError> {
    let details = &application.details;
    conn.run(
        &UPDATE_APPLICATION,
        params![
            application.id,
            application.active,
            &details.name,
            details.name.to_lowercase(),
            encode_roles(&details.roles),
            details.requires_authentication,
            details.allows_token_refresh,
            details.generates_refresh_tokens,
            &details.data,
            application.updated_at
        ],
    )
    .await?;
    Ok(())
}

/// Removes an application with the registrations for it. Actions limited to it keep its id.
pub async fn delete(conn: &mut Conn, id: ApplicationId) -> Result<(), DbError> {
    let id = params![id];
    conn.run_all(&[(&registration::DELETE_REGISTRATIONS_FOR, id), (&DELETE_APPLICATION, id)]).await
}
