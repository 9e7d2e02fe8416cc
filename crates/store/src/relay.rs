//! How far those who tell others have got in the outbox.

use crate::conn::Conn;
use crate::error::DbError;
use crate::{Batch, own_params, params, statements};

statements! {
    /// How far one of them has got.
    RELAY_POSITION = "SELECT position FROM relay WHERE name = $1";
    /// The same, held against other nodes until the unit of work ends.
    LOCK_RELAY = "SELECT position FROM relay WHERE name = $1 FOR UPDATE",
        sqlite: "SELECT position FROM relay WHERE name = $1";
    /// It has got further.
    ADVANCE_RELAY = "UPDATE relay SET position = $2 WHERE name = $1 AND position < $2";
    /// Its work is taken on until an instant, unless another node has taken it on until later.
    LEASE_RELAY = "UPDATE relay SET leased_until = $3
        WHERE name = $1 AND (leased_until <= $2 OR leased_until = $4)";
}

/// Who tells others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relay {
    /// Webhooks and mail.
    Dispatch,
    /// The broker.
    Nats,
}

impl Relay {
    const fn name(self) -> &'static str {
        match self {
            Self::Dispatch => "dispatch",
            Self::Nats => "nats",
        }
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
    writes.write(&ADVANCE_RELAY, own_params![relay.name(), position]);
}
