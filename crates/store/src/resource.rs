//! The table of resources, which the marketplace tells of.

use docket_domain::id::{ProjectId, ResourceId};
use docket_domain::json::Json;
use docket_domain::todo::due::parse_day;
use docket_domain::todo::{Resource, ResourceDetails, ResourceState};

use crate::codec::{decode, encode};
use crate::conn::Conn;
use crate::error::DbError;
use crate::order::{decode_offering, encode_offering};
use crate::row::{FromRow, Row};
use crate::{params, statements};

/// The columns of a resource, in the order in which a [`Resource`] reads them.
macro_rules! columns {
    () => {
        "s.id, s.customer_id, s.name, s.state, s.project_id, s.offering, s.prepaid, s.reminders,
            s.end_date, s.termination_requested_at, s.created_at, s.updated_at"
    };
}

/// A resource with the names around it.
macro_rules! placed {
    () => {
        concat!(
            "SELECT ",
            columns!(),
            ", p.name, c.name
            FROM resource AS s JOIN project AS p ON p.id = s.project_id
                JOIN customer AS c ON c.id = s.customer_id"
        )
    };
}

/// No order for the resource is under way.
macro_rules! at_rest {
    () => {
        " AND NOT EXISTS (SELECT 1 FROM orders AS o WHERE o.resource_id = s.id
            AND o.state IN ('pending-start-date', 'pending-project', 'pending-consumer',
                'pending-provider', 'executing'))"
    };
}

statements! {
    /// A resource.
    FIND_RESOURCE = concat!("SELECT ", columns!(), " FROM resource AS s WHERE s.id = $1");
    /// A resource that is about to be changed.
    LOCK_RESOURCE = concat!("SELECT ", columns!(), " FROM resource AS s WHERE s.id = $1 FOR UPDATE"),
        sqlite: concat!("SELECT ", columns!(), " FROM resource AS s WHERE s.id = $1");
    /// A resource with the names around it, unless an order for it is under way.
    FIND_RESTING = concat!(placed!(), " WHERE s.id = $1", at_rest!());
    /// The resources of some projects that end after a day and have no order under way.
    RESTING_OF = concat!(placed!(), "
        WHERE s.project_id = ANY($1) AND s.state = 'ok' AND s.end_date > $2 AND s.prepaid",
            at_rest!()),
        sqlite: concat!(placed!(), "
        WHERE s.project_id IN (SELECT value FROM rarray($1)) AND s.state = 'ok'
            AND s.end_date > $2 AND s.prepaid", at_rest!());
    /// How many resources of some projects do not work.
    COUNT_ERRED_OF = "SELECT count(*) FROM resource
        WHERE project_id = ANY($1) AND state = 'erred'",
        sqlite: "SELECT count(*) FROM resource
        WHERE project_id IN (SELECT value FROM rarray($1)) AND state = 'erred'";
    /// A new resource.
    INSERT_RESOURCE = "INSERT INTO resource
            (id, customer_id, name, state, project_id, offering, prepaid, reminders, end_date,
             termination_requested_at, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    /// A changed resource.
    UPDATE_RESOURCE = "UPDATE resource
        SET customer_id = $2, name = $3, state = $4, project_id = $5, offering = $6, prepaid = $7,
            reminders = $8, end_date = $9, termination_requested_at = $10, updated_at = $11
        WHERE id = $1";
    /// A resource that goes.
    DELETE_RESOURCE = "DELETE FROM resource WHERE id = $1";
}

/// A resource with the names around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedResource {
    /// The resource.
    pub resource: Resource,
    /// What its project is called.
    pub project_name: String,
    /// What its customer is called.
    pub customer_name: String,
}

impl FromRow for Resource {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        let id: ResourceId = row.next()?;
        let (customer_id, name) = (row.next()?, row.next()?);
        let state = ResourceState::from_name(&row.next::<String>()?)
            .ok_or_else(|| DbError::contradiction("resource.state", id))?;
        let project_id = row.next()?;
        let offering = decode_offering("resource.offering", &row.next()?)?;
        let prepaid = row.next()?;
        let reminders: Option<Json> = row.next()?;
        let reminders = reminders.map(|json| decode("resource.reminders", &json)).transpose()?;
        let end_date: Option<String> = row.next()?;
        let wrong = || DbError::contradiction("resource.end_date", id);
        let end_date = end_date.map(|day| parse_day(&day).ok_or_else(wrong)).transpose()?;
        let details =
            ResourceDetails { name, state, project_id, offering, prepaid, reminders, end_date };
        Ok(Self {
            id,
            customer_id,
            details,
            termination_requested_at: row.next()?,
            created_at: row.next()?,
            updated_at: row.next()?,
        })
    }
}

impl FromRow for PlacedResource {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        let resource = Resource::from_row(row)?;
        Ok(Self { resource, project_name: row.next()?, customer_name: row.next()? })
    }
}

/// The resource with this id.
pub async fn find(conn: &mut Conn, id: ResourceId) -> Result<Option<Resource>, DbError> {
    conn.one(&FIND_RESOURCE, params![id]).await
}

/// The same, held against other writers until the unit of work ends.
pub async fn find_locked(conn: &mut Conn, id: ResourceId) -> Result<Option<Resource>, DbError> {
    conn.one(&LOCK_RESOURCE, params![id]).await
}

/// The same with the names around it, unless an order for it is under way.
pub async fn find_resting(
    conn: &mut Conn,
    id: ResourceId,
) -> Result<Option<PlacedResource>, DbError> {
    conn.one(&FIND_RESTING, params![id]).await
}

/// The resources of these projects that are paid for in advance, end after a day (`YYYY-MM-DD`) and
/// have no order under way.
pub async fn resting_of(
    conn: &mut Conn,
    projects: &[ProjectId],
    after: &str,
) -> Result<Vec<PlacedResource>, DbError> {
    conn.all(&RESTING_OF, params![projects, after]).await
}

/// How many resources of these projects do not work.
pub async fn count_erred_of(conn: &mut Conn, projects: &[ProjectId]) -> Result<i64, DbError> {
    Ok(conn.one(&COUNT_ERRED_OF, params![projects]).await?.unwrap_or(0))
}

/// Keeps a new resource.
pub async fn insert(conn: &mut Conn, resource: &Resource) -> Result<(), DbError> {
    let details = &resource.details;
    conn.run(
        &INSERT_RESOURCE,
        params![
            resource.id,
            resource.customer_id,
            &details.name,
            details.state.name(),
            details.project_id,
            encode_offering(&details.offering),
            details.prepaid,
            details.reminders.as_ref().map(encode),
            details.end_date.map(|day| day.to_string()),
            resource.termination_requested_at,
            resource.created_at,
            resource.updated_at
        ],
    )
    .await?;
    Ok(())
}

/// Keeps what a resource is now.
pub async fn update(conn: &mut Conn, resource: &Resource) -> Result<(), DbError> {
    let details = &resource.details;
    conn.run(
        &UPDATE_RESOURCE,
        params![
            resource.id,
            resource.customer_id,
            &details.name,
            details.state.name(),
            details.project_id,
            encode_offering(&details.offering),
            details.prepaid,
            details.reminders.as_ref().map(encode),
            details.end_date.map(|day| day.to_string()),
            resource.termination_requested_at,
            resource.updated_at
        ],
    )
    .await?;
    Ok(())
}

/// Removes a resource.
pub async fn delete(conn: &mut Conn, id: ResourceId) -> Result<(), DbError> {
    conn.run(&DELETE_RESOURCE, params![id]).await?;
    Ok(())
}
