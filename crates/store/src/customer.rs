//! The table of customers.

use std::collections::BTreeMap;

use docket_domain::access::Sight;
use docket_domain::access::viewer::SeenScopes;
use docket_domain::directory::customer::{Customer, CustomerDetails, CustomerSearch};
use docket_domain::id::CustomerId;
use docket_domain::page::{Page, Paging};
use docket_domain::time::Instant;
use uuid::Uuid;

use crate::codec::{decode_restriction, encode_restriction};
use crate::conn::Conn;
use crate::error::DbError;
use crate::filter::Select;
use crate::row::{FromRow, Row};
use crate::{params, statements};

/// The columns of a [`Customer`], in the order in which it is read.
macro_rules! columns {
    () => {
        "c.id, c.name, c.native_name, c.abbreviation, c.description, c.email,
            c.notification_emails, c.phone_number, c.slug, c.blocked, c.archived, c.image,
            c.restriction, c.created_at, c.updated_at"
    };
}

statements! {
    /// A customer.
    FIND_CUSTOMER = concat!("SELECT ", columns!(), " FROM customer AS c WHERE c.id = $1");
    /// A customer that must stay as it is until the unit of work ends.
    SHARE_CUSTOMER = concat!("SELECT ", columns!(),
            " FROM customer AS c WHERE c.id = $1 FOR SHARE"),
        sqlite: concat!("SELECT ", columns!(), " FROM customer AS c WHERE c.id = $1");
    /// A customer that is about to be changed.
    LOCK_CUSTOMER = concat!("SELECT ", columns!(),
            " FROM customer AS c WHERE c.id = $1 FOR UPDATE"),
        sqlite: concat!("SELECT ", columns!(), " FROM customer AS c WHERE c.id = $1");
    /// How many projects customers have; removed ones do not count.
    COUNT_PROJECTS = "SELECT customer_id, count(*) FROM project
        WHERE customer_id = ANY($1) AND removed_at IS NULL GROUP BY customer_id",
        sqlite: "SELECT customer_id, count(*) FROM project
        WHERE customer_id IN (SELECT value FROM rarray($1)) AND removed_at IS NULL
        GROUP BY customer_id";
    /// How many users hold a role in customers.
    COUNT_HOLDERS = "SELECT customer_id, count(DISTINCT user_id) FROM role_grant
        WHERE customer_id = ANY($1) AND expires_at > $2 GROUP BY customer_id",
        sqlite: "SELECT customer_id, count(DISTINCT user_id) FROM role_grant
        WHERE customer_id IN (SELECT value FROM rarray($1)) AND expires_at > $2
        GROUP BY customer_id";
    /// A new customer.
    INSERT_CUSTOMER = "INSERT INTO customer
            (id, name, name_key, native_name, abbreviation, description, email,
             notification_emails, phone_number, slug, blocked, archived, image, restriction,
             created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
    /// A changed customer.
    UPDATE_CUSTOMER = "UPDATE customer
        SET name = $2, name_key = $3, native_name = $4, abbreviation = $5, description = $6,
            email = $7, notification_emails = $8, phone_number = $9, slug = $10, blocked = $11,
            archived = $12, image = $13, restriction = $14, updated_at = $15
        WHERE id = $1";
    /// The requests for what a customer that goes has offered.
    DELETE_REQUESTS_IN = "DELETE FROM permission_request WHERE customer_id = $1";
    /// What it has offered.
    DELETE_INVITATIONS_IN = "DELETE FROM invitation WHERE customer_id = $1";
    /// Its projects.
    DELETE_PROJECTS_IN = "DELETE FROM project WHERE customer_id = $1";
    /// A customer that goes.
    DELETE_CUSTOMER = "DELETE FROM customer WHERE id = $1";
}

/// The head of a list, and of its count.
const HEAD: &str = concat!("SELECT ", columns!(), " FROM customer AS c");
const COUNT: &str = "SELECT count(*) FROM customer AS c";

/// The columns by which lists can be sorted.
const ORDER: &[(&str, &str)] = &[
    ("abbreviation", "c.abbreviation"),
    ("created", "c.created_at"),
    ("email", "c.email"),
    ("name", "c.name_key"),
    ("native_name", "c.native_name"),
];

impl FromRow for Customer {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            id: row.next()?,
            details: CustomerDetails {
                name: row.next()?,
                native_name: row.next()?,
                abbreviation: row.next()?,
                description: row.next()?,
                email: row.next()?,
                notification_emails: row.next()?,
                phone_number: row.next()?,
                slug: row.next()?,
                blocked: row.next()?,
                archived: row.next()?,
                image: row.next()?,
                restriction: decode_restriction("customer.restriction", &row.next()?)?,
            },
            created_at: row.next()?,
            updated_at: row.next()?,
        })
    }
}

/// The customer with this id.
pub async fn find(conn: &mut Conn, id: CustomerId) -> Result<Option<Customer>, DbError> {
    conn.one(&FIND_CUSTOMER, params![id]).await
}

/// The same, held as it is until the unit of work ends.
pub async fn share(conn: &mut Conn, id: CustomerId) -> Result<Option<Customer>, DbError> {
    conn.one(&SHARE_CUSTOMER, params![id]).await
}

/// The same, held against other writers until the unit of work ends.
pub async fn find_locked(conn: &mut Conn, id: CustomerId) -> Result<Option<Customer>, DbError> {
    conn.one(&LOCK_CUSTOMER, params![id]).await
}

/// The customers that somebody sees, by name unless they say otherwise.
pub async fn list(
    conn: &mut Conn,
    seen: &Sight<SeenScopes>,
    search: &CustomerSearch,
    paging: &Paging,
) -> Result<Page<Customer>, DbError> {
    let select = Select::new(HEAD)
        .counted_by(COUNT)
        .and_matches("c.name", search.name.as_deref())
        .and_some("c.name = {}", search.name_exact.as_deref())
        .and_matches("c.native_name", search.native_name.as_deref())
        .and_matches("c.abbreviation", search.abbreviation.as_deref())
        .and_matches(
            "c.name || ' ' || c.native_name || ' ' || c.abbreviation || ' ' || c.email",
            search.query.as_deref(),
        )
        .and_some("c.archived = {}", search.archived)
        .and_some("c.blocked = {}", search.blocked);
    let select = match seen {
        Sight::All => select,
        Sight::Of(seen) => {
            let seen: Vec<Uuid> = seen.customers.iter().map(|id| id.uuid()).collect();
            select.and_any_of("c.id", seen)
        }
    };
    let (items, total) = conn.page(&select.paged(paging, ORDER, "c.name_key", "c.id")).await?;
    Ok(Page { items, total })
}

/// How many projects each of these customers has.
pub async fn count_projects(
    conn: &mut Conn,
    customers: &[CustomerId],
) -> Result<BTreeMap<CustomerId, i64>, DbError> {
    let counts: Vec<(CustomerId, i64)> = conn.all(&COUNT_PROJECTS, params![customers]).await?;
    Ok(counts.into_iter().collect())
}

/// How many users hold a role in each of these customers at an instant.
pub async fn count_holders(
    conn: &mut Conn,
    customers: &[CustomerId],
    now: Instant,
) -> Result<BTreeMap<CustomerId, i64>, DbError> {
    let counts: Vec<(CustomerId, i64)> = conn.all(&COUNT_HOLDERS, params![customers, now]).await?;
    Ok(counts.into_iter().collect())
}

/// Keeps a new customer.
pub async fn insert(conn: &mut Conn, customer: &Customer) -> Result<(), DbError> {
    let details = &customer.details;
    conn.run(
        &INSERT_CUSTOMER,
        params![
            customer.id,
            &details.name,
            details.name.to_lowercase(),
            &details.native_name,
            &details.abbreviation,
            &details.description,
            &details.email,
            &details.notification_emails,
            &details.phone_number,
            &details.slug,
            details.blocked,
            details.archived,
            &details.image,
            encode_restriction(&details.restriction),
            customer.created_at,
            customer.updated_at
        ],
    )
    .await?;
    Ok(())
}

/// Keeps the details of a customer.
pub async fn update(conn: &mut Conn, customer: &Customer) -> Result<(), DbError> {
    let details = &customer.details;
    conn.run(
        &UPDATE_CUSTOMER,
        params![
            customer.id,
            &details.name,
            details.name.to_lowercase(),
            &details.native_name,
            &details.abbreviation,
            &details.description,
            &details.email,
            &details.notification_emails,
            &details.phone_number,
            &details.slug,
            details.blocked,
            details.archived,
            &details.image,
            encode_restriction(&details.restriction),
            customer.updated_at
        ],
    )
    .await?;
    Ok(())
}

/// Removes a customer with what it offered and what was asked of it. The grants in it are taken back
/// before, so that each is told of.
pub async fn delete(conn: &mut Conn, id: CustomerId) -> Result<(), DbError> {
    let id = params![id];
    conn.run_all(&[
        (&DELETE_REQUESTS_IN, id),
        (&DELETE_INVITATIONS_IN, id),
        (&DELETE_PROJECTS_IN, id),
        (&DELETE_CUSTOMER, id),
    ])
    .await
}
