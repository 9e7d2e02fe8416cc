//! The table of attempts: each call of a webhook, and what came of it.

use docket_domain::attempt::{Attempt, Outcome};
use docket_domain::id::{AttemptId, EventId};

use crate::conn::Conn;
use crate::error::DbError;
use crate::row::{FromRow, Row};
use crate::{params, statements};

/// The columns of an attempt, in the order in which an [`Attempt`] reads them.
macro_rules! columns {
    () => {
        "id, event_id, webhook_id, url, started_at, ended_at, status, error, answer"
    };
}

statements! {
    /// A new attempt.
    pub(crate) INSERT_ATTEMPT = "INSERT INTO attempt
            (id, event_id, webhook_id, url, started_at, ended_at, status, error, answer)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        many: "INSERT INTO attempt
            (id, event_id, webhook_id, url, started_at, ended_at, status, error, answer)
        SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::bigint[],
            $6::bigint[], $7::bigint[], $8::text[], $9::text[])";
    /// An attempt.
    FIND_ATTEMPT = concat!("SELECT ", columns!(), " FROM attempt WHERE id = $1");
    /// The attempts of some events, those of one event together and oldest first.
    ATTEMPTS_OF = concat!("SELECT ", columns!(), " FROM attempt WHERE event_id = ANY($1)
        ORDER BY event_id, id"),
        sqlite: concat!("SELECT ", columns!(), " FROM attempt
            WHERE event_id IN (SELECT value FROM rarray($1)) ORDER BY event_id, id");
}

impl FromRow for Attempt {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            id: row.next()?,
            event_id: row.next()?,
            webhook_id: row.next()?,
            url: row.next()?,
            started_at: row.next()?,
            ended_at: row.next()?,
            outcome: Outcome {
                status: row.next::<Option<u32>>()?.and_then(|status| status.try_into().ok()),
                error: row.next()?,
                answer: row.next()?,
            },
        })
    }
}

/// The attempt with this id.
pub async fn find(conn: &mut Conn, id: AttemptId) -> Result<Option<Attempt>, DbError> {
    conn.one(&FIND_ATTEMPT, params![id]).await
}

/// The attempts of these events, those of one event together and oldest first.
pub async fn of_events(conn: &mut Conn, events: &[EventId]) -> Result<Vec<Attempt>, DbError> {
    conn.all(&ATTEMPTS_OF, params![events]).await
}
