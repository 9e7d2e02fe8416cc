//! How far those who tell others have got in the outbox, and whose turn it is where only one node may
//! tell them.

use docket_domain::time::Instant;
use uuid::Uuid;

use crate::conn::Conn;
use crate::error::DbError;
use crate::row::{FromRow, Row};
use crate::{Batch, own_params, params, statements};

statements! {
    /// How far one of them has got.
    RELAY_POSITION = "SELECT position FROM relay WHERE name = $1";
    /// The same, held against other nodes until the unit of work ends.
    LOCK_RELAY = "SELECT position FROM relay WHERE name = $1 FOR UPDATE",
        sqlite: "SELECT position FROM relay WHERE name = $1";
    /// It has got further.
    ADVANCE_RELAY = "UPDATE relay SET position = $2 WHERE name = $1 AND position < $2";
    /// How far one of them has got, and whose turn it is until when.
    FIND_TURN = "SELECT position, owner, leased_until FROM relay WHERE name = $1";
    /// How far all of them have got that were at work since an instant. Webhooks always are.
    TOLD_BY_ALL = "SELECT min(position) FROM relay WHERE name = 'dispatch' OR leased_until >= $1";
    /// A node takes its turn, or goes on with it, unless it is another's.
    LEASE_RELAY = "UPDATE relay SET owner = $2, leased_until = $4
        WHERE name = $1 AND (owner = $2 OR leased_until <= $3)";
    /// It has got further in its turn, which goes on.
    ADVANCE_TURN = "UPDATE relay SET position = $3, leased_until = $4
        WHERE name = $1 AND owner = $2 AND position <= $3";
    /// Its turn ends now.
    RELEASE_RELAY = "UPDATE relay SET owner = NULL, leased_until = $3
        WHERE name = $1 AND owner = $2";
}

/// Who tells others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relay {
    /// Webhooks and mail.
    Dispatch,
    /// The broker.
    Nats,
    /// Those who keep the to-dos up to date.
    Todos,
    /// The same, along the clock: their position is an instant, in milliseconds.
    TodosClock,
}

impl Relay {
    const fn name(self) -> &'static str {
        match self {
            Self::Dispatch => "dispatch",
            Self::Nats => "nats",
            Self::Todos => "todos",
            Self::TodosClock => "todos_clock",
        }
    }
}

/// How far it has got, and whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// Up to where everything was told.
    pub position: i64,
    /// The node whose turn it is.
    pub owner: Option<Uuid>,
    /// Until when it is; after that it is anybody's.
    pub until: Instant,
}

impl FromRow for Turn {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self { position: row.next()?, owner: row.next()?, until: row.next()? })
    }
}

/// How far it has got.
pub async fn position(conn: &mut Conn, relay: Relay) -> Result<i64, DbError> {
    Ok(conn.one(&RELAY_POSITION, params![relay.name()]).await?.unwrap_or(0))
}

/// The same, held against other nodes until the unit of work ends.
pub async fn position_locked(conn: &mut Conn, relay: Relay) -> Result<i64, DbError> {
    Ok(conn.one(&LOCK_RELAY, params![relay.name()]).await?.unwrap_or(0))
}

/// It has got this far; it never goes back.
pub fn advance(relay: Relay, position: i64, writes: &mut Batch) {
    writes.push(&ADVANCE_RELAY, own_params![relay.name(), position]);
}

/// How far all of them have got that were at work since an instant: what is behind it may be needed
/// by nobody any more, for a broker that was switched off long ago is not waited for.
pub async fn told_by_all(conn: &mut Conn, since: Instant) -> Result<i64, DbError> {
    Ok(conn.one(&TOLD_BY_ALL, params![since]).await?.unwrap_or(0))
}

/// How far it has got, and whose turn it is.
pub async fn turn(conn: &mut Conn, relay: Relay) -> Result<Turn, DbError> {
    let none = Turn { position: 0, owner: None, until: Instant::from_millis(0) };
    Ok(conn.one(&FIND_TURN, params![relay.name()]).await?.unwrap_or(none))
}

/// The node takes its turn until an instant, or goes on with it; not when it is another's.
pub async fn take_turn(
    conn: &mut Conn,
    relay: Relay,
    node: Uuid,
    now: Instant,
    until: Instant,
) -> Result<bool, DbError> {
    Ok(conn.run(&LEASE_RELAY, params![relay.name(), node, now, until]).await? > 0)
}

/// The node has got this far in its turn, which goes on until an instant. Not when it has lost it.
pub async fn advance_turn(
    conn: &mut Conn,
    relay: Relay,
    node: Uuid,
    position: i64,
    until: Instant,
) -> Result<bool, DbError> {
    Ok(conn.run(&ADVANCE_TURN, params![relay.name(), node, position, until]).await? > 0)
}

/// The node's turn, if it is still its, ends now.
pub async fn end_turn(
    conn: &mut Conn,
    relay: Relay,
    node: Uuid,
    now: Instant,
) -> Result<(), DbError> {
    conn.run(&RELEASE_RELAY, params![relay.name(), node, now]).await?;
    Ok(())
}
