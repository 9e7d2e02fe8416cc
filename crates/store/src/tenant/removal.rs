//! Everything that goes with a tenant: one file although it is many tables, so that whoever adds a
//! table finds the one place where its rows must go too.
//!
//! The audit trail stays, and so do the audit log and the events: they say what happened.

use docket_domain::id::TenantId;

use crate::conn::Conn;
use crate::error::DbError;
use crate::stmt::Stmt;
use crate::value::Value;
use crate::{params, statements};

statements! {
    /// Its users, held before anything about them goes: whoever writes about one of them holds that
    /// one, so what is being written is either seen below or not written at all.
    LOCK_USERS_OF_TENANT = "SELECT count(*) FROM
            (SELECT 1 FROM users WHERE tenant_id = $1 FOR UPDATE) AS held",
        sqlite: "SELECT 1 WHERE $1 IS NULL";
    /// The applications that its users' actions are limited to.
    DELETE_ACTION_APPLICATIONS_OF_TENANT = "DELETE FROM action_application
        WHERE action_id IN (SELECT id FROM action WHERE tenant_id = $1)";
    /// The words by which its users' actions are found.
    DELETE_ACTION_WORDS_OF_TENANT = "DELETE FROM action_word
        WHERE action_id IN (SELECT id FROM action WHERE tenant_id = $1)";
    /// The ends of its users' actions that are pending.
    DELETE_ENDS_OF_TENANT = "DELETE FROM pending_end WHERE (due_at, action_id) IN
        (SELECT expires_at, id FROM action WHERE tenant_id = $1)";
    /// The actions on its users.
    DELETE_ACTIONS_OF_TENANT = "DELETE FROM action WHERE tenant_id = $1";
    /// The comments about its users.
    DELETE_COMMENTS_OF_TENANT = "DELETE FROM user_comment
        WHERE user_id IN (SELECT id FROM users WHERE tenant_id = $1)";
    /// Its users' wrong passwords.
    DELETE_FAILED_LOGINS_OF_TENANT = "DELETE FROM failed_login
        WHERE user_id IN (SELECT id FROM users WHERE tenant_id = $1)";
    /// Its users' registrations.
    DELETE_REGISTRATIONS_OF_TENANT = "DELETE FROM registration
        WHERE user_id IN (SELECT id FROM users WHERE tenant_id = $1)";
    /// The terms by which its users are found.
    DELETE_TERMS_OF_TENANT = "DELETE FROM user_term
        WHERE user_id IN (SELECT id FROM users WHERE tenant_id = $1)";
    /// What its users have to do.
    DELETE_TODOS_OF_TENANT = "DELETE FROM todo
        WHERE user_id IN (SELECT id FROM users WHERE tenant_id = $1)";
    /// What its users have silenced.
    DELETE_SILENCES_OF_TENANT = "DELETE FROM silence
        WHERE user_id IN (SELECT id FROM users WHERE tenant_id = $1)";
    /// What its users did about what they had to do.
    DELETE_EXECUTIONS_OF_TENANT = "DELETE FROM execution
        WHERE user_id IN (SELECT id FROM users WHERE tenant_id = $1)";
    /// The tokens of its users.
    DELETE_USER_TOKENS_OF_TENANT = "DELETE FROM user_token
        WHERE user_id IN (SELECT id FROM users WHERE tenant_id = $1)";
    /// What its users are to organisations.
    DELETE_AFFILIATIONS_OF_TENANT = "DELETE FROM affiliation
        WHERE user_id IN (SELECT id FROM users WHERE tenant_id = $1)";
    /// The roles that its users hold.
    DELETE_GRANTS_OF_TENANT = "DELETE FROM role_grant
        WHERE user_id IN (SELECT id FROM users WHERE tenant_id = $1)";
    /// The mails on their way from it.
    DELETE_MAILS_OF_TENANT = "DELETE FROM mail WHERE tenant_id = $1";
    /// Its users.
    DELETE_USERS_OF_TENANT = "DELETE FROM users WHERE tenant_id = $1";
    /// Its applications.
    DELETE_APPLICATIONS_OF_TENANT = "DELETE FROM application WHERE tenant_id = $1";
    /// The API keys that see nothing else.
    DELETE_KEYS_OF_TENANT = "DELETE FROM api_key WHERE tenant_id = $1";
    /// The tenant itself.
    DELETE_TENANT = "DELETE FROM tenant WHERE id = $1";
}

/// Removes a tenant with everything in it. The unit of work holds the tenant's row.
pub async fn delete(conn: &mut Conn, id: TenantId) -> Result<(), DbError> {
    let tenant: &[Value<'_>] = params![id];
    let batch: Vec<(&'static Stmt, &[Value<'_>])> =
        STATEMENTS.iter().map(|stmt| (*stmt, tenant)).collect();
    conn.run_all(&batch).await
}
