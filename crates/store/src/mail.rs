//! The table of mails on their way.

use docket_domain::id::{EventId, MailId, TemplateId, TenantId, UserId};
use docket_domain::time::Instant;

use crate::conn::Conn;
use crate::error::DbError;
use crate::row::{FromRow, Row};
use crate::stmt::Stmt;
use crate::value::Value;
use crate::{params, statements};

/// How long a settled mail is remembered: 30 days.
pub const KEPT_MILLIS: i64 = 30 * 24 * 60 * 60 * 1_000;

statements! {
    /// Whether there is anything to claim. Asked by a reader, so that polling takes no lock.
    MAIL_IS_DUE = "SELECT EXISTS (SELECT 1 FROM mail WHERE due_at <= $1)";
    /// Claims some of the mails that are due until `$2`. Those that another node is claiming at this
    /// moment are left to it; SQLite has one writer.
    CLAIM_MAILS = "UPDATE mail SET due_at = $2, attempts = attempts + 1, updated_at = $1
        WHERE id IN (SELECT id FROM mail WHERE due_at <= $1 ORDER BY due_at, id LIMIT $3
            FOR UPDATE SKIP LOCKED)
        RETURNING id, tenant_id, template_id, attempts, created_at, sealed_message",
        sqlite: "UPDATE mail SET due_at = $2, attempts = attempts + 1, updated_at = $1
        WHERE id IN (SELECT id FROM mail WHERE due_at <= $1 ORDER BY due_at, id LIMIT $3)
        RETURNING id, tenant_id, template_id, attempts, created_at, sealed_message";
    /// A new mail, due at once.
    INSERT_MAIL = "INSERT INTO mail
            (id, event_id, tenant_id, template_id, user_id, sealed_message, attempts, due_at, state,
             created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, 0, $7, 'waiting', $7, $7)";
    /// A mail that was sent, by whomever: nobody may send it again.
    MAIL_SENT = "UPDATE mail
        SET state = 'sent', due_at = NULL, sealed_message = NULL, updated_at = $2
        WHERE id = $1 AND state = 'waiting'";
    /// A mail that is tried again, unless somebody else has claimed it since.
    MAIL_LATER = "UPDATE mail SET due_at = $4, updated_at = $3
        WHERE id = $1 AND attempts = $2 AND state = 'waiting'";
    /// A mail that is given up, unless somebody else has claimed it since.
    MAIL_FAILED = "UPDATE mail
        SET state = 'failed', due_at = NULL, sealed_message = NULL, updated_at = $3
        WHERE id = $1 AND attempts = $2 AND state = 'waiting'";
    /// Some of the mails that were settled long ago.
    FORGET_MAILS = "DELETE FROM mail WHERE id IN
        (SELECT id FROM mail WHERE due_at IS NULL AND updated_at <= $1 LIMIT $2)";
    /// The mails to users who go.
    pub(crate) DELETE_MAILS_TO = "DELETE FROM mail WHERE user_id = ANY($1)",
        sqlite: "DELETE FROM mail WHERE user_id IN (SELECT value FROM rarray($1))";
}

/// A mail about to be kept.
#[derive(Debug)]
pub struct MailRow<'a> {
    /// Its id.
    pub id: MailId,
    /// The event that it tells of.
    pub event_id: Option<EventId>,
    /// Whose mail it is.
    pub tenant_id: TenantId,
    /// What it was filled from.
    pub template_id: TemplateId,
    /// To whom, unless to an address that is nobody's.
    pub user_id: Option<UserId>,
    /// What it says, sealed.
    pub sealed_message: &'a [u8],
    /// When it was made; it is due at once.
    pub created_at: Instant,
}

/// A mail that this node has claimed.
#[derive(Debug, Clone)]
pub struct KeptMail {
    /// Its id.
    pub id: MailId,
    /// Whose mail it is.
    pub tenant_id: TenantId,
    /// What it was filled from.
    pub template_id: TemplateId,
    /// How often it was claimed, this time included.
    pub attempts: i64,
    /// When it was made.
    pub created_at: Instant,
    /// What it says, sealed.
    pub sealed_message: Option<Vec<u8>>,
}

impl FromRow for KeptMail {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            id: row.next()?,
            tenant_id: row.next()?,
            template_id: row.next()?,
            attempts: row.next()?,
            created_at: row.next()?,
            sealed_message: row.next()?,
        })
    }
}

/// Whether a mail is due.
pub async fn is_due(conn: &mut Conn, now: Instant) -> Result<bool, DbError> {
    Ok(conn.one(&MAIL_IS_DUE, params![now]).await?.unwrap_or_default())
}

/// Claims mails that are due, `most` at most, until `until`.
pub async fn claim(
    conn: &mut Conn,
    now: Instant,
    until: Instant,
    most: i64,
) -> Result<Vec<KeptMail>, DbError> {
    conn.all(&CLAIM_MAILS, params![now, until, most]).await
}

/// Keeps new mails.
pub async fn insert_all(conn: &mut Conn, mails: &[MailRow<'_>]) -> Result<(), DbError> {
    let values: Vec<Vec<Value<'_>>> = mails
        .iter()
        .map(|mail| {
            let MailRow { id, event_id, tenant_id, template_id, user_id, .. } = *mail;
            let sealed = mail.sealed_message;
            let at = mail.created_at;
            params![id, event_id, tenant_id, template_id, user_id, sealed, at].to_vec()
        })
        .collect();
    let batch: Vec<(&'static Stmt, &[Value<'_>])> =
        values.iter().map(|values| (&INSERT_MAIL, values.as_slice())).collect();
    conn.run_all(&batch).await
}

/// Settles a mail that was sent.
pub async fn sent(conn: &mut Conn, id: MailId, now: Instant) -> Result<(), DbError> {
    conn.run(&MAIL_SENT, params![id, now]).await?;
    Ok(())
}

/// Puts a mail off; whether this claim still counts.
pub async fn later(
    conn: &mut Conn,
    id: MailId,
    attempts: i64,
    now: Instant,
    due_at: Instant,
) -> Result<bool, DbError> {
    Ok(conn.run(&MAIL_LATER, params![id, attempts, now, due_at]).await? > 0)
}

/// Gives a mail up; whether this claim still counts.
pub async fn failed(
    conn: &mut Conn,
    id: MailId,
    attempts: i64,
    now: Instant,
) -> Result<bool, DbError> {
    Ok(conn.run(&MAIL_FAILED, params![id, attempts, now]).await? > 0)
}

/// Forgets mails that were settled until `until`, this many at most.
pub async fn forget(conn: &mut Conn, until: Instant, most: i64) -> Result<u64, DbError> {
    conn.run(&FORGET_MAILS, params![until, most]).await
}
