//! The table of what users are to organisations. Who has no row is nothing special.

use docket_domain::directory::User;
use docket_domain::directory::affiliation::{Affiliation, Person};
use docket_domain::id::UserId;

use crate::codec::{decode, encode};
use crate::conn::Conn;
use crate::error::DbError;
use crate::row::{FromRow, Row};
use crate::user;
use crate::{params, statements};

statements! {
    /// What a user is to organisations.
    FIND_AFFILIATION = "SELECT support, native_name, organization, job_title, affiliations,
            identity_source, notifies, token_lifetime_seconds
        FROM affiliation WHERE user_id = $1";
    /// The same of several.
    FIND_AFFILIATIONS = "SELECT user_id, support, native_name, organization, job_title,
            affiliations, identity_source, notifies, token_lifetime_seconds
        FROM affiliation WHERE user_id = ANY($1)",
        sqlite: "SELECT user_id, support, native_name, organization, job_title,
            affiliations, identity_source, notifies, token_lifetime_seconds
        FROM affiliation WHERE user_id IN (SELECT value FROM rarray($1))";
    /// What a user now is to organisations.
    KEEP_AFFILIATION = "INSERT INTO affiliation
            (user_id, support, native_name, organization, job_title, affiliations,
             identity_source, notifies, token_lifetime_seconds)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT (user_id) DO UPDATE
        SET support = excluded.support, native_name = excluded.native_name,
            organization = excluded.organization, job_title = excluded.job_title,
            affiliations = excluded.affiliations, identity_source = excluded.identity_source,
            notifies = excluded.notifies,
            token_lifetime_seconds = excluded.token_lifetime_seconds";
    /// What users who go were to organisations.
    pub(crate) DELETE_AFFILIATIONS = "DELETE FROM affiliation WHERE user_id = ANY($1)",
        sqlite: "DELETE FROM affiliation WHERE user_id IN (SELECT value FROM rarray($1))";
}

impl FromRow for Affiliation {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            support: row.next()?,
            native_name: row.next()?,
            organization: row.next()?,
            job_title: row.next()?,
            affiliations: decode("affiliation.affiliations", &row.next()?)?,
            identity_source: row.next()?,
            notifies: row.next()?,
            token_lifetime_seconds: row.next()?,
        })
    }
}

struct OfUser(UserId, Affiliation);

impl FromRow for OfUser {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self(row.next()?, Affiliation::from_row(row)?))
    }
}

/// What a user is to organisations.
pub async fn find(conn: &mut Conn, user: UserId) -> Result<Affiliation, DbError> {
    Ok(conn.one(&FIND_AFFILIATION, params![user]).await?.unwrap_or_default())
}

/// The users with what they are to organisations, in the order in which they came.
pub async fn of_users(conn: &mut Conn, users: Vec<User>) -> Result<Vec<Person>, DbError> {
    let ids: Vec<UserId> = users.iter().map(|user| user.id).collect();
    let mut found: Vec<OfUser> = if ids.is_empty() {
        Vec::new()
    } else {
        conn.all(&FIND_AFFILIATIONS, params![&*ids]).await?
    };
    let persons = users.into_iter().map(|user| {
        let place = found.iter().position(|OfUser(id, _)| *id == user.id);
        let affiliation = place.map(|place| found.swap_remove(place).1).unwrap_or_default();
        Person { user, affiliation }
    });
    Ok(persons.collect())
}

/// A user with what they are to organisations.
pub async fn person(conn: &mut Conn, id: UserId) -> Result<Option<Person>, DbError> {
    let Some(user) = user::find(conn, id).await? else { return Ok(None) };
    Ok(Some(Person { user, affiliation: find(conn, id).await? }))
}

/// Keeps what a user is to organisations.
pub async fn keep(conn: &mut Conn, user: UserId, is: &Affiliation) -> Result<(), DbError> {
    conn.run(
        &KEEP_AFFILIATION,
        params![
            user,
            is.support,
            &is.native_name,
            &is.organization,
            &is.job_title,
            encode(&is.affiliations),
            &is.identity_source,
            is.notifies,
            is.token_lifetime_seconds
        ],
    )
    .await?;
    Ok(())
}
