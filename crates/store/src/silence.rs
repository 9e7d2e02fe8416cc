//! The table of silences, by what they were laid on: a silence outlives its to-do, and holds for it
//! when it comes back (`native.md` §7, 4).

use docket_domain::id::UserId;
use docket_domain::time::Instant;
use docket_domain::todo::{Silence, Todo};

use crate::batch::Batch;
use crate::conn::Conn;
use crate::error::DbError;
use crate::row::{FromRow, Row};
use crate::{own_params, params, statements};

statements! {
    /// What these users have silenced of one type.
    SILENCES_OF_USERS = "SELECT user_id, object_id, forever, until, at FROM silence
        WHERE user_id = ANY($1) AND action_type = $2 AND object_id = ANY($3)",
        sqlite: "SELECT user_id, object_id, forever, until, at FROM silence
        WHERE user_id IN (SELECT value FROM rarray($1)) AND action_type = $2
            AND object_id IN (SELECT value FROM rarray($3))";
    /// A silence, in place of the one before.
    KEEP_SILENCE = "INSERT INTO silence (user_id, action_type, object_id, forever, until, at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (user_id, action_type, object_id) DO UPDATE
        SET forever = $4, until = $5, at = $6";
    /// A silence that is lifted.
    LIFT_SILENCE = "DELETE FROM silence
        WHERE user_id = $1 AND action_type = $2 AND object_id = $3";
    /// Silences of users who go.
    pub(crate) DELETE_SILENCES_OF_USERS = "DELETE FROM silence WHERE user_id = ANY($1)",
        sqlite: "DELETE FROM silence WHERE user_id IN (SELECT value FROM rarray($1))";
    /// Silences for a time that are over.
    FORGET_SILENCES = "DELETE FROM silence WHERE NOT forever AND until < $1";
}

/// A silence, and on what it was laid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Laid {
    /// By whom.
    pub user_id: UserId,
    /// On what.
    pub object_id: String,
    /// The silence.
    pub silence: Silence,
}

impl FromRow for Laid {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            user_id: row.next()?,
            object_id: row.next()?,
            silence: Silence {
                forever: row.next()?,
                until: Some(row.next::<i64>()?)
                    .filter(|until| *until > 0)
                    .map(Instant::from_millis),
                laid_at: row.next()?,
            },
        })
    }
}

/// Which of these objects these users have silenced.
pub async fn of(
    conn: &mut Conn,
    users: &[UserId],
    action_type: &str,
    objects: &[String],
) -> Result<Vec<Laid>, DbError> {
    conn.all(&SILENCES_OF_USERS, params![users, action_type, objects]).await
}

/// Keeps the silence of a to-do, or forgets it when there is none.
pub fn keep(todo: &Todo, now: Instant, batch: &mut Batch) {
    let key = || (todo.user_id, todo.action_type.clone(), todo.object_id.clone());
    let (user, action_type, object) = key();
    if todo.silence.is_laid() {
        let until = todo.silence.until.map_or(0, Instant::millis);
        let at = todo.silence.laid_at.unwrap_or(now);
        let forever = todo.silence.forever;
        batch.push(&KEEP_SILENCE, own_params![user, action_type, object, forever, until, at]);
    } else {
        batch.push(&LIFT_SILENCE, own_params![user, action_type, object]);
    }
}

/// Forgets silences for a time that were over before an instant.
pub async fn forget(conn: &mut Conn, before: Instant) -> Result<u64, DbError> {
    conn.run(&FORGET_SILENCES, params![before]).await
}
