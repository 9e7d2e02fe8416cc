//! The table of registrations.

use docket_domain::directory::{Registration, RegistrationDetails};
use docket_domain::id::{ApplicationId, UserId};
use docket_domain::time::Instant;

use crate::codec::{decode, decode_locales, encode, encode_locales};
use crate::conn::Conn;
use crate::error::DbError;
use crate::row::{FromRow, Row};
use crate::{params, statements};

/// The columns of a [`Registration`], in the order in which it is read.
macro_rules! columns {
    () => {
        "id, user_id, application_id, roles, username, preferred_languages, timezone, data,
            created_at, updated_at, last_login_at"
    };
}

statements! {
    /// A registration.
    FIND_REGISTRATION = concat!("SELECT ", columns!(), " FROM registration
        WHERE user_id = $1 AND application_id = $2");
    /// A registration that is about to be changed.
    LOCK_REGISTRATION = concat!("SELECT ", columns!(), " FROM registration
        WHERE user_id = $1 AND application_id = $2 FOR UPDATE"),
        sqlite: concat!("SELECT ", columns!(), " FROM registration
        WHERE user_id = $1 AND application_id = $2");
    /// Every registration of some users.
    REGISTRATIONS_OF = concat!("SELECT ", columns!(), " FROM registration
        WHERE user_id = ANY($1) ORDER BY user_id, application_id"),
        sqlite: concat!("SELECT ", columns!(), " FROM registration
        WHERE user_id IN (SELECT value FROM rarray($1)) ORDER BY user_id, application_id");
    /// A new registration.
    INSERT_REGISTRATION = "INSERT INTO registration
            (id, user_id, application_id, roles, username, preferred_languages, timezone, data,
             created_at, updated_at, last_login_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    /// A changed registration.
    UPDATE_REGISTRATION = "UPDATE registration
        SET roles = $3, username = $4, preferred_languages = $5, timezone = $6, data = $7,
            updated_at = $8
        WHERE user_id = $1 AND application_id = $2";
    /// A registration that goes.
    DELETE_REGISTRATION = "DELETE FROM registration WHERE user_id = $1 AND application_id = $2";
    /// A login to the application; one row where there is such a registration.
    REGISTRATION_LOGGED_IN = "UPDATE registration SET last_login_at = $3
        WHERE user_id = $1 AND application_id = $2";
    /// The registrations for an application that goes.
    pub(crate) DELETE_REGISTRATIONS_FOR = "DELETE FROM registration WHERE application_id = $1";
    /// The registrations of users who go.
    pub(crate) DELETE_REGISTRATIONS_OF = "DELETE FROM registration WHERE user_id = ANY($1)",
        sqlite: "DELETE FROM registration WHERE user_id IN (SELECT value FROM rarray($1))";
}

impl FromRow for Registration {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            id: row.next()?,
            user_id: row.next()?,
            application_id: row.next()?,
            details: RegistrationDetails {
                roles: decode("registration.roles", &row.next()?)?,
                username: row.next()?,
                preferred_languages: decode_locales(
                    "registration.preferred_languages",
                    &row.next()?,
                )?,
                timezone: row.next()?,
                data: row.next()?,
            },
            created_at: row.next()?,
            updated_at: row.next()?,
            last_login_at: row.next()?,
        })
    }
}

/// The registration of this user for this application.
pub async fn find(
    conn: &mut Conn,
    user: UserId,
    application: ApplicationId,
) -> Result<Option<Registration>, DbError> {
    conn.one(&FIND_REGISTRATION, params![user, application]).await
}

/// The same, held against other writers until the unit of work ends.
pub async fn find_locked(
    conn: &mut Conn,
    user: UserId,
    application: ApplicationId,
) -> Result<Option<Registration>, DbError> {
    conn.one(&LOCK_REGISTRATION, params![user, application]).await
}

/// Every registration of these users, by user and application.
pub async fn list_of(conn: &mut Conn, users: &[UserId]) -> Result<Vec<Registration>, DbError> {
    if users.is_empty() {
        return Ok(Vec::new());
    }
    conn.all(&REGISTRATIONS_OF, params![users]).await
}

/// Keeps a new registration.
pub async fn insert(conn: &mut Conn, registration: &Registration) -> Result<(), DbError> {
    let details = &registration.details;
    conn.run(
        &INSERT_REGISTRATION,
        params![
            registration.id,
            registration.user_id,
            registration.application_id,
            encode(&details.roles),
            &details.username,
            encode_locales(&details.preferred_languages),
            &details.timezone,
            &details.data,
            registration.created_at,
            registration.updated_at,
            registration.last_login_at
        ],
    )
    .await?;
    Ok(())
}

/// Keeps the details of a registration.
pub async fn update(conn: &mut Conn, registration: &Registration) -> Result<(), DbError> {
    let details = &registration.details;
    conn.run(
        &UPDATE_REGISTRATION,
        params![
            registration.user_id,
            registration.application_id,
            encode(&details.roles),
            &details.username,
            encode_locales(&details.preferred_languages),
            &details.timezone,
            &details.data,
            registration.updated_at
        ],
    )
    .await?;
    Ok(())
}

/// Removes a registration.
pub async fn delete(
    conn: &mut Conn,
    user: UserId,
    application: ApplicationId,
) -> Result<(), DbError> {
    conn.run(&DELETE_REGISTRATION, params![user, application]).await?;
    Ok(())
}

/// Keeps the instant of a login to the application; whether there is such a registration.
pub async fn logged_in(
    conn: &mut Conn,
    user: UserId,
    application: ApplicationId,
    at: Instant,
) -> Result<bool, DbError> {
    Ok(conn.run(&REGISTRATION_LOGGED_IN, params![user, application, at]).await? > 0)
}
