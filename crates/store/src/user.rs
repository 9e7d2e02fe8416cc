//! The table of users.

use std::collections::BTreeSet;

use docket_domain::directory::{Profile, User, UserDetails};
use docket_domain::id::{TenantId, UserId};
use docket_domain::json::Json;
use serde::{Deserialize, Serialize};

use crate::codec::{decode, decode_locales, encode, encode_locales, expiry, expiry_millis};
use crate::conn::Conn;
use crate::error::DbError;
use crate::row::{FromRow, Row};
use crate::{params, statements};

statements! {
    /// A user.
    FIND_USER = "SELECT id, tenant_id, active, staff, email, username, expires_at,
            password_change_required, preferred_languages, profile, data, created_at, updated_at,
            last_login_at, password_updated_at
        FROM users WHERE id = $1";
    /// A user that must not go before the unit of work ends.
    SHARE_USER = "SELECT id, tenant_id, active, staff, email, username, expires_at,
            password_change_required, preferred_languages, profile, data, created_at, updated_at,
            last_login_at, password_updated_at
        FROM users WHERE id = $1 FOR KEY SHARE",
        sqlite: "SELECT id, tenant_id, active, staff, email, username, expires_at,
            password_change_required, preferred_languages, profile, data, created_at, updated_at,
            last_login_at, password_updated_at
        FROM users WHERE id = $1";
    /// A user's tenant.
    TENANT_OF_USER = "SELECT tenant_id FROM users WHERE id = $1";
    /// A new user.
    INSERT_USER = "INSERT INTO users
            (id, tenant_id, active, staff, email, username, username_key, phone_number, login_key,
             password_hash, expires_at, password_change_required, preferred_languages, profile,
             data, created_at, updated_at, last_login_at, password_updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
            $19)";
    /// A term by which a search finds a user.
    INSERT_TERM = "INSERT INTO user_term (user_id, term) VALUES ($1, $2) ON CONFLICT DO NOTHING";
}

impl FromRow for User {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            id: row.next()?,
            tenant_id: row.next()?,
            active: row.next()?,
            staff: row.next()?,
            details: UserDetails {
                email: row.next()?,
                username: row.next()?,
                expiry: expiry(row.next()?),
                password_change_required: row.next()?,
                preferred_languages: decode_locales("users.preferred_languages", &row.next()?)?,
                profile: decode_profile(&row.next()?)?,
                data: row.next()?,
            },
            created_at: row.next()?,
            updated_at: row.next()?,
            last_login_at: row.next()?,
            password_updated_at: row.next()?,
        })
    }
}

/// How a profile is written into its column.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct ProfileColumn {
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    middle_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    full_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    birth_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mobile_phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timezone: Option<String>,
}

fn encode_profile(profile: &Profile) -> String {
    let Profile {
        first_name,
        middle_name,
        last_name,
        full_name,
        birth_date,
        image_url,
        mobile_phone,
        phone_number,
        timezone,
    } = profile.clone();
    encode(&ProfileColumn {
        first_name,
        middle_name,
        last_name,
        full_name,
        birth_date,
        image_url,
        mobile_phone,
        phone_number,
        timezone,
    })
}

fn decode_profile(json: &Json) -> Result<Profile, DbError> {
    if json.as_str() == "{}" {
        return Ok(Profile::default());
    }
    let column: ProfileColumn = decode("users.profile", json)?;
    Ok(Profile {
        first_name: column.first_name,
        middle_name: column.middle_name,
        last_name: column.last_name,
        full_name: column.full_name,
        birth_date: column.birth_date,
        image_url: column.image_url,
        mobile_phone: column.mobile_phone,
        phone_number: column.phone_number,
        timezone: column.timezone,
    })
}

/// The user with this id.
pub async fn find(conn: &mut Conn, id: UserId) -> Result<Option<User>, DbError> {
    conn.one(&FIND_USER, params![id]).await
}

/// The same, held against deletion until the unit of work ends.
pub async fn find_shared(conn: &mut Conn, id: UserId) -> Result<Option<User>, DbError> {
    conn.one(&SHARE_USER, params![id]).await
}

/// The tenant of a user, when there is such a user.
pub async fn tenant_of(conn: &mut Conn, id: UserId) -> Result<Option<TenantId>, DbError> {
    conn.one(&TENANT_OF_USER, params![id]).await
}

/// Keeps a new user, findable by every name, address and number.
pub async fn insert(
    conn: &mut Conn,
    user: &User,
    password_hash: Option<&str>,
) -> Result<(), DbError> {
    let details = &user.details;
    conn.run(
        &INSERT_USER,
        params![
            user.id,
            user.tenant_id,
            user.active,
            user.staff,
            &details.email,
            &details.username,
            details.username.as_deref().map(str::to_lowercase),
            &details.profile.phone_number,
            details.login().to_lowercase(),
            password_hash,
            expiry_millis(details.expiry),
            details.password_change_required,
            encode_locales(&details.preferred_languages),
            encode_profile(&details.profile),
            &details.data,
            user.created_at,
            user.updated_at,
            user.last_login_at,
            user.password_updated_at
        ],
    )
    .await?;
    for term in terms(details) {
        conn.run(&INSERT_TERM, params![user.id, term]).await?;
    }
    Ok(())
}

/// Everything by which a search finds the user, in lower case (`fusionauth.md` §4.1, search).
fn terms(details: &UserDetails) -> BTreeSet<String> {
    let profile = &details.profile;
    [
        &details.email,
        &details.username,
        &profile.first_name,
        &profile.last_name,
        &profile.full_name,
        &profile.phone_number,
        &profile.mobile_phone,
    ]
    .into_iter()
    .flatten()
    .map(|text| text.to_lowercase())
    .collect()
}
