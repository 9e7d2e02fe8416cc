//! Small texts that the server remembers about this store.

use crate::conn::Conn;
use crate::error::DbError;
use crate::{params, statements};

statements! {
    /// A text.
    FIND_SETTING = "SELECT value FROM setting WHERE name = $1";
    /// A text, unless there is one.
    KEEP_SETTING = "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    /// A text, in place of the one before.
    PUT_SETTING = "INSERT INTO setting (name, value) VALUES ($1, $2)
        ON CONFLICT (name) DO UPDATE SET value = $2";
}

/// The text of this name.
pub async fn find(conn: &mut Conn, name: &str) -> Result<Option<String>, DbError> {
    conn.one(&FIND_SETTING, params![name]).await
}

/// Keeps a text unless there is one of this name; the one kept is the answer, so that nodes that
/// start together agree.
pub async fn keep(conn: &mut Conn, name: &str, value: &str) -> Result<String, DbError> {
    conn.run(&KEEP_SETTING, params![name, value]).await?;
    Ok(find(conn, name).await?.unwrap_or_else(|| value.to_owned()))
}

/// Keeps a text in place of the one before.
pub async fn put(conn: &mut Conn, name: &str, value: &str) -> Result<(), DbError> {
    conn.run(&PUT_SETTING, params![name, value]).await?;
    Ok(())
}
