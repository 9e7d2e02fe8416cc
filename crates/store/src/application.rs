//! The table of applications.

use docket_domain::directory::{Application, ApplicationDetails, ApplicationRole};
use docket_domain::id::ApplicationId;
use docket_domain::json::Json;
use serde::{Deserialize, Serialize};

use crate::codec::{decode, encode};
use crate::conn::Conn;
use crate::error::DbError;
use crate::row::{FromRow, Row};
use crate::{params, statements};

statements! {
    /// An application.
    FIND_APPLICATION = "SELECT id, tenant_id, active, name, roles, requires_authentication,
            allows_token_refresh, generates_refresh_tokens, data, created_at, updated_at
        FROM application WHERE id = $1";
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
