//! Who may decide on requests, to be told that there is one.

use docket_domain::directory::scope::Scope;
use docket_domain::id::UserId;
use docket_domain::time::Instant;

use crate::conn::Conn;
use crate::error::DbError;
use crate::{params, statements};

statements! {
    /// Those who hold a role with a permission on a scope, since when first. Permissions are kept as
    /// a list of JSON texts, so one is found between its quotes.
    HOLDERS_WITH_PERMISSION = "SELECT g.user_id FROM role_grant AS g
        JOIN role AS r ON r.id = g.role_id
        WHERE g.scope_id = $1 AND g.expires_at > $2
            AND strpos(CAST(r.permissions AS text), $3) > 0
        ORDER BY g.created_at, g.user_id",
        sqlite: "SELECT g.user_id FROM role_grant AS g
        JOIN role AS r ON r.id = g.role_id
        WHERE g.scope_id = $1 AND g.expires_at > $2 AND instr(r.permissions, $3) > 0
        ORDER BY g.created_at, g.user_id";
    /// Those who run this server.
    STAFF = "SELECT id FROM users WHERE staff AND active ORDER BY id";
}

/// Those who hold a role with this permission on a scope at an instant, each once.
pub async fn holders(
    conn: &mut Conn,
    scope: Scope,
    permission: &str,
    now: Instant,
) -> Result<Vec<UserId>, DbError> {
    let quoted = format!("\"{permission}\"");
    let mut found: Vec<UserId> =
        conn.all(&HOLDERS_WITH_PERMISSION, params![scope.uuid(), now, quoted]).await?;
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|user| seen.insert(*user));
    Ok(found)
}

/// Those who run this server and have not closed their account.
pub async fn staff(conn: &mut Conn) -> Result<Vec<UserId>, DbError> {
    conn.all(&STAFF, params![]).await
}
