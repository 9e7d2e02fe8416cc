//! The table of users.

use std::collections::BTreeSet;

use docket_domain::directory::user::LoginIdKind;
use docket_domain::directory::{Profile, User, UserDetails};
use docket_domain::id::{TenantId, UserId};
use docket_domain::json::Json;
use docket_domain::time::Instant;
use serde::{Deserialize, Serialize};

use crate::codec::{decode, decode_locales, encode, encode_locales, expiry, expiry_millis};
use crate::conn::Conn;
use crate::error::DbError;
use crate::row::{FromRow, Row};
use crate::{
    action, affiliation, comment, execution, failed_login, grant, mail, params, registration,
    silence, statements, todo, user_term, user_token,
};

/// The columns of a [`User`], in the order in which it is read.
macro_rules! columns {
    () => {
        "id, tenant_id, active, staff, email, username, expires_at, password_change_required,
            preferred_languages, profile, data, created_at, updated_at, last_login_at,
            password_updated_at"
    };
}
pub(crate) use columns;

statements! {
    /// A user.
    FIND_USER = concat!("SELECT ", columns!(), " FROM users WHERE id = $1");
    /// A user that must not go before the unit of work ends.
    SHARE_USER = concat!("SELECT ", columns!(), " FROM users WHERE id = $1 FOR KEY SHARE"),
        sqlite: concat!("SELECT ", columns!(), " FROM users WHERE id = $1");
    /// The users that there are, of those named; they must not go before the unit of work ends.
    /// Always in one order, against deadlocks.
    SHARE_USERS = "SELECT id FROM users WHERE id = ANY($1) ORDER BY id FOR KEY SHARE",
        sqlite: "SELECT id FROM users WHERE id IN (SELECT value FROM rarray($1)) ORDER BY id";
    /// A user's tenant.
    TENANT_OF_USER = "SELECT tenant_id FROM users WHERE id = $1";
    /// A user that is about to be changed.
    LOCK_USER = concat!("SELECT ", columns!(), " FROM users WHERE id = $1 FOR UPDATE"),
        sqlite: concat!("SELECT ", columns!(), " FROM users WHERE id = $1");
    /// Several users.
    FIND_USERS = concat!("SELECT ", columns!(), " FROM users WHERE id = ANY($1) ORDER BY id"),
        sqlite: concat!("SELECT ", columns!(),
            " FROM users WHERE id IN (SELECT value FROM rarray($1)) ORDER BY id");
    /// Several users that are about to be changed; always in one order, against deadlocks.
    LOCK_USERS = concat!("SELECT ", columns!(),
            " FROM users WHERE id = ANY($1) ORDER BY id FOR UPDATE"),
        sqlite: concat!("SELECT ", columns!(),
            " FROM users WHERE id IN (SELECT value FROM rarray($1)) ORDER BY id");
    /// Users of a tenant by what they log in with; a kind that is not asked for is null and equals
    /// nothing.
    FIND_BY_LOGIN = concat!(
        "SELECT ", columns!(), ", password_hash FROM users WHERE email = $1 AND tenant_id = $4
        UNION ALL SELECT ", columns!(), ", password_hash
            FROM users WHERE username_key = $2 AND tenant_id = $4
        UNION ALL SELECT ", columns!(), ", password_hash
            FROM users WHERE phone_number = $3 AND tenant_id = $4");
    /// The same in every tenant.
    FIND_BY_LOGIN_ANYWHERE = concat!(
        "SELECT ", columns!(), ", password_hash FROM users WHERE email = $1
        UNION ALL SELECT ", columns!(), ", password_hash FROM users WHERE username_key = $2
        UNION ALL SELECT ", columns!(), ", password_hash FROM users WHERE phone_number = $3");
    /// Those who have one of these for their address or their name, beside what each is called by.
    FIND_NAMED = "SELECT t.name, u.id FROM unnest($1::text[]) AS t (name)
                JOIN users AS u ON u.email = t.name
        UNION ALL SELECT t.name, u.id FROM unnest($1::text[]) AS t (name)
                JOIN users AS u ON u.username_key = t.name",
        sqlite: "SELECT t.value, u.id FROM rarray($1) AS t CROSS JOIN users AS u
            WHERE u.email = t.value
        UNION ALL SELECT t.value, u.id FROM rarray($1) AS t CROSS JOIN users AS u
            WHERE u.username_key = t.value";
    /// How many comments there are about a user.
    COUNT_COMMENTS_ABOUT = "SELECT count(*) FROM user_comment WHERE user_id = $1";
    /// A new user.
    INSERT_USER = "INSERT INTO users
            (id, tenant_id, active, staff, email, username, username_key, phone_number, login_key,
             password_hash, expires_at, password_change_required, preferred_languages, profile,
             data, created_at, updated_at, last_login_at, password_updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
            $19)";
    /// A changed user.
    UPDATE_USER = "UPDATE users
        SET email = $2, username = $3, username_key = $4, phone_number = $5, login_key = $6,
            expires_at = $7, password_change_required = $8, preferred_languages = $9,
            profile = $10, data = $11, updated_at = $12
        WHERE id = $1";
    /// The hash of a user's password.
    FIND_PASSWORD_HASH = "SELECT password_hash FROM users WHERE id = $1";
    /// A new password.
    SET_PASSWORD = "UPDATE users SET password_hash = $2, password_updated_at = $3 WHERE id = $1";
    /// A login.
    USER_LOGGED_IN = "UPDATE users SET last_login_at = $2 WHERE id = $1";
    /// Whether a user runs this server.
    SET_STAFF = "UPDATE users SET staff = $2 WHERE id = $1";
    /// Users whose accounts are opened or closed.
    SET_ACTIVE = "UPDATE users SET active = $2, updated_at = $3 WHERE id = ANY($1)",
        sqlite: "UPDATE users SET active = $2, updated_at = $3
            WHERE id IN (SELECT value FROM rarray($1))";
    /// Whether another user of the tenant has this address, and whether one has this name.
    USER_TAKEN = "SELECT
            EXISTS (SELECT 1 FROM users WHERE email = $3 AND tenant_id = $2 AND id <> $1),
            EXISTS (SELECT 1 FROM users WHERE username_key = $4 AND tenant_id = $2 AND id <> $1)";
    /// Users who go.
    DELETE_USERS = "DELETE FROM users WHERE id = ANY($1)",
        sqlite: "DELETE FROM users WHERE id IN (SELECT value FROM rarray($1))";
}

/// A user as kept, with the hash of the password beside it.
#[derive(Clone)]
pub struct KeptUser {
    /// The user.
    pub user: User,
    /// The hash; none until a password is set.
    pub password_hash: Option<String>,
}

/// Says nothing of the hash, so that it cannot end in a log.
impl std::fmt::Debug for KeptUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeptUser").field("user", &self.user).finish_non_exhaustive()
    }
}

impl FromRow for KeptUser {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self { user: User::from_row(row)?, password_hash: row.next()? })
    }
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

/// Those of the users that there are, held against deletion until the unit of work ends.
pub async fn share(conn: &mut Conn, ids: &[UserId]) -> Result<Vec<UserId>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    conn.all(&SHARE_USERS, params![ids]).await
}

/// The tenant of a user, when there is such a user.
pub async fn tenant_of(conn: &mut Conn, id: UserId) -> Result<Option<TenantId>, DbError> {
    conn.one(&TENANT_OF_USER, params![id]).await
}

/// The same, held against other writers until the unit of work ends.
pub async fn find_locked(conn: &mut Conn, id: UserId) -> Result<Option<User>, DbError> {
    conn.one(&LOCK_USER, params![id]).await
}

/// The users with these ids, by id; unknown ones are passed over.
pub async fn find_all(conn: &mut Conn, ids: &[UserId]) -> Result<Vec<User>, DbError> {
    conn.all(&FIND_USERS, params![ids]).await
}

/// The same, held against other writers until the unit of work ends.
pub async fn find_all_locked(conn: &mut Conn, ids: &[UserId]) -> Result<Vec<User>, DbError> {
    conn.all(&LOCK_USERS, params![ids]).await
}

/// The users who log in with this text, taken as one of `kinds`, in a tenant or (`None`) in all of
/// them. Each is given once; those who have it for an e-mail address come first.
pub async fn find_by_login(
    conn: &mut Conn,
    tenant: Option<TenantId>,
    login_id: &str,
    kinds: &[LoginIdKind],
) -> Result<Vec<KeptUser>, DbError> {
    let key = login_id.trim().to_lowercase();
    let of = |kind| kinds.contains(&kind).then_some(key.as_str());
    let email = of(LoginIdKind::Email);
    let username = of(LoginIdKind::Username);
    let number = of(LoginIdKind::PhoneNumber);
    let mut found: Vec<KeptUser> = match tenant {
        Some(tenant) => conn.all(&FIND_BY_LOGIN, params![email, username, number, tenant]).await?,
        None => conn.all(&FIND_BY_LOGIN_ANYWHERE, params![email, username, number]).await?,
    };
    let mut seen = BTreeSet::new();
    found.retain(|kept| seen.insert(kept.user.id));
    Ok(found)
}

/// Those who are called so by their address or their name, in every tenant; names in lower case.
pub async fn named(conn: &mut Conn, names: Vec<String>) -> Result<Vec<(String, UserId)>, DbError> {
    conn.all(&FIND_NAMED, params![names]).await
}

/// How many comments there are about a user.
pub async fn count_comments_about(conn: &mut Conn, id: UserId) -> Result<i64, DbError> {
    Ok(conn.one(&COUNT_COMMENTS_ABOUT, params![id]).await?.unwrap_or(0))
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
    user_term::insert(conn, user.id, details).await
}

/// Keeps the details of a user who had others before; a search finds the user by the new ones.
pub async fn update(conn: &mut Conn, before: &User, after: &User) -> Result<(), DbError> {
    let details = &after.details;
    conn.run(
        &UPDATE_USER,
        params![
            after.id,
            &details.email,
            &details.username,
            details.username.as_deref().map(str::to_lowercase),
            &details.profile.phone_number,
            details.login().to_lowercase(),
            expiry_millis(details.expiry),
            details.password_change_required,
            encode_locales(&details.preferred_languages),
            encode_profile(&details.profile),
            &details.data,
            after.updated_at
        ],
    )
    .await?;
    user_term::replace(conn, after.id, &before.details, details).await
}

/// The hash of a user's password; none until one is set.
pub async fn password_hash(conn: &mut Conn, id: UserId) -> Result<Option<String>, DbError> {
    let hash: Option<Option<String>> = conn.one(&FIND_PASSWORD_HASH, params![id]).await?;
    Ok(hash.flatten())
}

/// Keeps the hash of a new password.
pub async fn set_password(
    conn: &mut Conn,
    id: UserId,
    password_hash: &str,
    at: Instant,
) -> Result<(), DbError> {
    conn.run(&SET_PASSWORD, params![id, password_hash, at]).await?;
    Ok(())
}

/// Keeps the instant of a login.
pub async fn logged_in(conn: &mut Conn, id: UserId, at: Instant) -> Result<(), DbError> {
    conn.run(&USER_LOGGED_IN, params![id, at]).await?;
    Ok(())
}

/// Keeps whether a user runs this server.
pub async fn set_staff(conn: &mut Conn, id: UserId, staff: bool) -> Result<(), DbError> {
    conn.run(&SET_STAFF, params![id, staff]).await?;
    Ok(())
}

/// Opens or closes accounts.
pub async fn set_active(
    conn: &mut Conn,
    ids: &[UserId],
    active: bool,
    at: Instant,
) -> Result<(), DbError> {
    conn.run(&SET_ACTIVE, params![ids, active, at]).await?;
    Ok(())
}

/// Whether another user of the same tenant has this one's address, and whether one has the name.
pub async fn taken(conn: &mut Conn, user: &User) -> Result<(bool, bool), DbError> {
    let username = user.details.username.as_deref().map(str::to_lowercase);
    let params = params![user.id, user.tenant_id, &user.details.email, username];
    Ok(conn.one(&USER_TAKEN, params).await?.unwrap_or_default())
}

/// Removes users and all that is about them. What they took on others or said of others stays.
pub async fn delete(conn: &mut Conn, ids: &[UserId]) -> Result<(), DbError> {
    action::delete_of_actionees(conn, ids).await?;
    let ids = params![ids];
    conn.run_all(&[
        (&failed_login::DELETE_FAILURES_OF, ids),
        (&user_term::DELETE_TERMS, ids),
        (&registration::DELETE_REGISTRATIONS_OF, ids),
        (&comment::DELETE_COMMENTS_ABOUT, ids),
        (&mail::DELETE_MAILS_TO, ids),
        (&todo::DELETE_TODOS_OF_USERS, ids),
        (&silence::DELETE_SILENCES_OF_USERS, ids),
        (&execution::DELETE_EXECUTIONS_OF_USERS, ids),
        (&user_token::DELETE_USER_TOKENS, ids),
        (&affiliation::DELETE_AFFILIATIONS, ids),
        (&grant::DELETE_GRANTS_OF, ids),
        (&DELETE_USERS, ids),
    ])
    .await
}
