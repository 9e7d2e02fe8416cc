//! The table of orders, which the marketplace tells of. It is called `orders`, because SQL has taken
//! the other word.

use docket_domain::id::{CustomerId, OrderId, ProjectId};
use docket_domain::json::Json;
use docket_domain::time::Instant;
use docket_domain::todo::{Offering, Order, OrderDetails, OrderKind, OrderState};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::codec::{decode, encode};
use crate::conn::Conn;
use crate::error::DbError;
use crate::row::{FromRow, Row};
use crate::{params, statements};

/// The columns of an order, in the order in which an [`Order`] reads them.
macro_rules! columns {
    () => {
        "o.id, o.customer_id, o.state, o.kind, o.project_id, o.offering, o.resource_id,
            o.resource_name, o.estimated_cost, o.ordered_at, o.created_at, o.updated_at"
    };
}

/// An order with the names around it.
macro_rules! placed {
    () => {
        concat!(
            "SELECT ",
            columns!(),
            ", p.name, c.name, c.email
            FROM orders AS o JOIN project AS p ON p.id = o.project_id
                JOIN customer AS c ON c.id = o.customer_id"
        )
    };
}

statements! {
    /// An order.
    FIND_ORDER = concat!("SELECT ", columns!(), " FROM orders AS o WHERE o.id = $1");
    /// An order that is about to be changed.
    LOCK_ORDER = concat!("SELECT ", columns!(), " FROM orders AS o WHERE o.id = $1 FOR UPDATE"),
        sqlite: concat!("SELECT ", columns!(), " FROM orders AS o WHERE o.id = $1");
    /// An order with the names around it.
    FIND_PLACED_ORDER = concat!(placed!(), " WHERE o.id = $1");
    /// The orders of some projects that have waited for somebody there since before an instant.
    PENDING_ORDERS_OF = concat!(placed!(), "
        WHERE o.project_id = ANY($1) AND o.state = 'pending-consumer' AND o.ordered_at < $2"),
        sqlite: concat!(placed!(), "
        WHERE o.project_id IN (SELECT value FROM rarray($1)) AND o.state = 'pending-consumer'
            AND o.ordered_at < $2");
    /// How many orders of some projects wait for somebody there.
    COUNT_PENDING_ORDERS_OF = "SELECT count(*) FROM orders
        WHERE project_id = ANY($1) AND state = 'pending-consumer'",
        sqlite: "SELECT count(*) FROM orders
        WHERE project_id IN (SELECT value FROM rarray($1)) AND state = 'pending-consumer'";
    /// The orders that wait for somebody and were ordered within a span of time.
    PENDING_ORDERS_BETWEEN = "SELECT id FROM orders
        WHERE state = 'pending-consumer' AND ordered_at >= $1 AND ordered_at < $2
        ORDER BY ordered_at, id";
    /// When the first of the orders was ordered that wait for somebody, from an instant on.
    NEXT_PENDING_ORDER = "SELECT ordered_at FROM orders
        WHERE state = 'pending-consumer' AND ordered_at >= $1 ORDER BY ordered_at LIMIT 1";
    /// The customer of a project that is still there.
    CUSTOMER_OF_PROJECT = "SELECT customer_id FROM project WHERE id = $1 AND removed_at IS NULL";
    /// A new order.
    INSERT_ORDER = "INSERT INTO orders
            (id, customer_id, state, kind, project_id, offering, resource_id, resource_name,
             estimated_cost, ordered_at, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    /// A changed order.
    UPDATE_ORDER = "UPDATE orders
        SET customer_id = $2, state = $3, kind = $4, project_id = $5, offering = $6,
            resource_id = $7, resource_name = $8, estimated_cost = $9, ordered_at = $10,
            updated_at = $11
        WHERE id = $1";
    /// An order that goes.
    DELETE_ORDER = "DELETE FROM orders WHERE id = $1";
}

/// An order with the names around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedOrder {
    /// The order.
    pub order: Order,
    /// What its project is called.
    pub project_name: String,
    /// What its customer is called.
    pub customer_name: String,
    /// Where its customer is reached; perhaps empty.
    pub customer_email: String,
}

/// How an offering is written into its column.
#[derive(Serialize, Deserialize)]
struct OfferingColumn {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    id: Option<Uuid>,
    #[serde(default)]
    kind: String,
}

pub(crate) fn encode_offering(offering: &Offering) -> String {
    let Offering { name, id, kind } = offering.clone();
    encode(&OfferingColumn { name, id, kind })
}

pub(crate) fn decode_offering(column: &'static str, json: &Json) -> Result<Offering, DbError> {
    let OfferingColumn { name, id, kind } = decode(column, json)?;
    Ok(Offering { name, id, kind })
}

impl FromRow for Order {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        let id: OrderId = row.next()?;
        let customer_id = row.next()?;
        let state = OrderState::from_name(&row.next::<String>()?)
            .ok_or_else(|| DbError::contradiction("orders.state", id))?;
        let kind = OrderKind::from_name(&row.next::<String>()?)
            .ok_or_else(|| DbError::contradiction("orders.kind", id))?;
        let details = OrderDetails {
            state,
            kind,
            project_id: row.next()?,
            offering: decode_offering("orders.offering", &row.next()?)?,
            resource_id: row.next()?,
            resource_name: row.next()?,
            estimated_cost: row.next()?,
            ordered_at: row.next()?,
        };
        Ok(Self { id, customer_id, details, created_at: row.next()?, updated_at: row.next()? })
    }
}

impl FromRow for PlacedOrder {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            order: Order::from_row(row)?,
            project_name: row.next()?,
            customer_name: row.next()?,
            customer_email: row.next()?,
        })
    }
}

/// The order with this id.
pub async fn find(conn: &mut Conn, id: OrderId) -> Result<Option<Order>, DbError> {
    conn.one(&FIND_ORDER, params![id]).await
}

/// The same, held against other writers until the unit of work ends.
pub async fn find_locked(conn: &mut Conn, id: OrderId) -> Result<Option<Order>, DbError> {
    conn.one(&LOCK_ORDER, params![id]).await
}

/// The same with the names around it.
pub async fn find_placed(conn: &mut Conn, id: OrderId) -> Result<Option<PlacedOrder>, DbError> {
    conn.one(&FIND_PLACED_ORDER, params![id]).await
}

/// The orders of these projects that have waited for somebody there since before an instant.
pub async fn pending_of(
    conn: &mut Conn,
    projects: &[ProjectId],
    before: Instant,
) -> Result<Vec<PlacedOrder>, DbError> {
    conn.all(&PENDING_ORDERS_OF, params![projects, before]).await
}

/// How many orders of these projects wait for somebody there.
pub async fn count_pending_of(conn: &mut Conn, projects: &[ProjectId]) -> Result<i64, DbError> {
    Ok(conn.one(&COUNT_PENDING_ORDERS_OF, params![projects]).await?.unwrap_or(0))
}

/// The orders that wait for somebody and were ordered from one instant on and before another.
pub async fn pending_between(
    conn: &mut Conn,
    from: Instant,
    before: Instant,
) -> Result<Vec<OrderId>, DbError> {
    conn.all(&PENDING_ORDERS_BETWEEN, params![from, before]).await
}

/// When the first of the orders was ordered that wait for somebody, from an instant on.
pub async fn next_pending(conn: &mut Conn, from: Instant) -> Result<Option<Instant>, DbError> {
    conn.one(&NEXT_PENDING_ORDER, params![from]).await
}

/// The customer of a project that is still there.
pub async fn customer_of(conn: &mut Conn, id: ProjectId) -> Result<Option<CustomerId>, DbError> {
    conn.one(&CUSTOMER_OF_PROJECT, params![id]).await
}

/// Keeps a new order.
pub async fn insert(conn: &mut Conn, order: &Order) -> Result<(), DbError> {
    let details = &order.details;
    conn.run(
        &INSERT_ORDER,
        params![
            order.id,
            order.customer_id,
            details.state.name(),
            details.kind.name(),
            details.project_id,
            encode_offering(&details.offering),
            details.resource_id,
            &details.resource_name,
            &details.estimated_cost,
            details.ordered_at,
            order.created_at,
            order.updated_at
        ],
    )
    .await?;
    Ok(())
}

/// Keeps what an order is now.
pub async fn update(conn: &mut Conn, order: &Order) -> Result<(), DbError> {
    let details = &order.details;
    conn.run(
        &UPDATE_ORDER,
        params![
            order.id,
            order.customer_id,
            details.state.name(),
            details.kind.name(),
            details.project_id,
            encode_offering(&details.offering),
            details.resource_id,
            &details.resource_name,
            &details.estimated_cost,
            details.ordered_at,
            order.updated_at
        ],
    )
    .await?;
    Ok(())
}

/// Removes an order.
pub async fn delete(conn: &mut Conn, id: OrderId) -> Result<(), DbError> {
    conn.run(&DELETE_ORDER, params![id]).await?;
    Ok(())
}
