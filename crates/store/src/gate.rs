//! The hot path: whether there is such a user, and what stops them, in one statement.

use std::cmp::Reverse;

use docket_domain::action::Block;
use docket_domain::id::{TenantId, UserId};
use docket_domain::time::{Expiry, Instant};

use crate::codec::expiry;
use crate::conn::Conn;
use crate::error::DbError;
use crate::row::{FromRow, Row};
use crate::{params, statements};

statements! {
    /// A user with everything that stops them; one row without a block when nothing does. Not
    /// sorted: blocks are few, and a plan with a sort in it costs more than sorting them here.
    FIND_GATE = "SELECT u.id, u.tenant_id, u.active, u.expires_at,
            a.id, a.definition_id, a.actioner_id, a.name, a.localized_name, a.option_name,
            a.localized_option, a.reason_code, a.reason, a.localized_reason, a.taken_at,
            a.expires_at, a.application_ids
        FROM users AS u
        LEFT JOIN action AS a ON a.actionee_id = u.id AND a.expires_at > $2
            AND (SELECT d.prevents_login FROM definition AS d WHERE d.id = a.definition_id)
        WHERE u.id = $1",
        many: "SELECT asked.number, u.id, u.tenant_id, u.active, u.expires_at,
            a.id, a.definition_id, a.actioner_id, a.name, a.localized_name, a.option_name,
            a.localized_option, a.reason_code, a.reason, a.localized_reason, a.taken_at,
            a.expires_at, a.application_ids
        FROM unnest($1::uuid[], $2::bigint[]) WITH ORDINALITY AS asked (user_id, instant, number)
        JOIN users AS u ON u.id = asked.user_id
        LEFT JOIN action AS a ON a.actionee_id = u.id AND a.expires_at > asked.instant
            AND (SELECT d.prevents_login FROM definition AS d WHERE d.id = a.definition_id)";
    /// The same for many users.
    FIND_GATES = "SELECT u.id, u.tenant_id, u.active, u.expires_at,
            a.id, a.definition_id, a.actioner_id, a.name, a.localized_name, a.option_name,
            a.localized_option, a.reason_code, a.reason, a.localized_reason, a.taken_at,
            a.expires_at, a.application_ids
        FROM users AS u
        LEFT JOIN action AS a ON a.actionee_id = u.id AND a.expires_at > $2
            AND (SELECT d.prevents_login FROM definition AS d WHERE d.id = a.definition_id)
        WHERE u.id = ANY($1)
        ORDER BY u.id, a.id DESC",
        sqlite: "SELECT u.id, u.tenant_id, u.active, u.expires_at,
            a.id, a.definition_id, a.actioner_id, a.name, a.localized_name, a.option_name,
            a.localized_option, a.reason_code, a.reason, a.localized_reason, a.taken_at,
            a.expires_at, a.application_ids
        FROM rarray($1) AS wanted CROSS JOIN users AS u ON u.id = wanted.value
        LEFT JOIN action AS a ON a.actionee_id = u.id AND a.expires_at > $2
            AND (SELECT d.prevents_login FROM definition AS d WHERE d.id = a.definition_id)";
}

/// A user and what stops them.
#[derive(Debug, Clone)]
pub struct Gate {
    /// The user.
    pub user_id: UserId,
    /// The user's tenant.
    pub tenant_id: TenantId,
    /// Whether the account is open.
    pub active: bool,
    /// When the account closes by itself.
    pub expiry: Expiry,
    /// The active actions that prevent login, newest first.
    pub blocks: Vec<Block>,
}

/// One row: the user, and one block if there is any.
struct GateRow(Gate);

impl FromRow for GateRow {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        let mut gate = Gate {
            user_id: row.next()?,
            tenant_id: row.next()?,
            active: row.next()?,
            expiry: expiry(row.next()?),
            blocks: Vec::new(),
        };
        if row.has_next() {
            gate.blocks.push(Block::from_row(row)?);
        }
        Ok(Self(gate))
    }
}

/// A user and what stops them at `now`; nothing when there is no such user.
pub async fn find(conn: &mut Conn, id: UserId, now: Instant) -> Result<Option<Gate>, DbError> {
    let rows: Vec<GateRow> = conn.gather(&FIND_GATE, params![id, now]).await?;
    Ok(gathered(rows).into_iter().next())
}

/// The same for many users, in no particular order; those that do not exist are not there.
pub async fn find_many(
    conn: &mut Conn,
    ids: &[UserId],
    now: Instant,
) -> Result<Vec<Gate>, DbError> {
    let rows: Vec<GateRow> = conn.all(&FIND_GATES, params![ids, now]).await?;
    Ok(gathered(rows))
}

/// Joins the rows of one user, which follow each other, and puts the newest block first.
fn gathered(rows: Vec<GateRow>) -> Vec<Gate> {
    let mut gates: Vec<Gate> = Vec::with_capacity(rows.len());
    for GateRow(gate) in rows {
        match gates.last_mut().filter(|last| last.user_id == gate.user_id) {
            Some(last) => last.blocks.extend(gate.blocks),
            None => gates.push(gate),
        }
    }
    for gate in &mut gates {
        gate.blocks.sort_unstable_by_key(|block| Reverse(block.action_id));
    }
    gates
}
