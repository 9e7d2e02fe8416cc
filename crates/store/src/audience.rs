//! Who may have something to do: users by the roles that they hold, staff, and people by address.

use docket_domain::id::{CustomerId, RoleId, TenantId, UserId};
use docket_domain::time::Instant;
use uuid::Uuid;

use crate::conn::Conn;
use crate::error::DbError;
use crate::{params, statements};

statements! {
    /// Who holds a role on a scope.
    HOLDERS_ON = "SELECT user_id FROM role_grant WHERE scope_id = $1 AND expires_at > $2";
    /// Who holds a role on a customer or on one of its projects.
    HOLDERS_WITHIN = "SELECT user_id FROM role_grant WHERE customer_id = $1 AND expires_at > $2";
    /// Who holds a role anywhere.
    HOLDERS_OF = "SELECT user_id FROM role_grant WHERE role_id = $1 AND expires_at > $2";
    /// Who holds any role anywhere, some of them, in their order, behind one.
    ALL_HOLDERS = "SELECT DISTINCT user_id FROM role_grant
        WHERE user_id > $1 ORDER BY user_id LIMIT $2";
    /// The tenants of users who are there.
    TENANTS_OF_USERS = "SELECT id, tenant_id FROM users WHERE id = ANY($1)",
        sqlite: "SELECT id, tenant_id FROM users WHERE id IN (SELECT value FROM rarray($1))";
    /// The users who have one of these addresses, beside what each is called by.
    USERS_BY_EMAIL = "SELECT u.email, u.id, u.tenant_id FROM users AS u WHERE u.email = ANY($1)",
        sqlite: "SELECT u.email, u.id, u.tenant_id FROM users AS u
            WHERE u.email IN (SELECT value FROM rarray($1))";
    /// Who has taken actions last that end within a span of time.
    ACTIONERS_OF_ENDS = "SELECT actioner_id FROM action WHERE expires_at > $1 AND expires_at <= $2
            AND cancelled_at IS NULL AND actioner_id IS NOT NULL",
        sqlite: "SELECT actioner_id FROM action INDEXED BY action_expires
        WHERE expires_at > $1 AND expires_at <= $2
            AND cancelled_at IS NULL AND actioner_id IS NOT NULL";
}

/// Who holds a role on a scope, once for each role.
pub async fn holders_on(
    conn: &mut Conn,
    scope: Uuid,
    now: Instant,
) -> Result<Vec<UserId>, DbError> {
    conn.all(&HOLDERS_ON, params![scope, now]).await
}

/// Who holds a role on a customer or on one of its projects, once for each role.
pub async fn holders_within(
    conn: &mut Conn,
    customer: CustomerId,
    now: Instant,
) -> Result<Vec<UserId>, DbError> {
    conn.all(&HOLDERS_WITHIN, params![customer, now]).await
}

/// Who holds a role anywhere, once for each scope.
pub async fn holders_of(
    conn: &mut Conn,
    role: RoleId,
    now: Instant,
) -> Result<Vec<UserId>, DbError> {
    conn.all(&HOLDERS_OF, params![role, now]).await
}

/// Everybody who holds any role.
pub async fn all_holders(conn: &mut Conn) -> Result<Vec<UserId>, DbError> {
    const PAGE: i64 = 1_000;
    let (mut all, mut last) = (Vec::new(), UserId::from_uuid(Uuid::nil()));
    loop {
        let page: Vec<UserId> = conn.all(&ALL_HOLDERS, params![last, PAGE]).await?;
        let is_last = page.len() < usize::try_from(PAGE).unwrap_or(usize::MAX);
        all.extend(page);
        match all.last() {
            Some(seen) if !is_last => last = *seen,
            Some(_) | None => return Ok(all),
        }
    }
}

/// Those of these users who are there, with their tenants.
pub async fn tenants_of(
    conn: &mut Conn,
    users: &[UserId],
) -> Result<Vec<(UserId, TenantId)>, DbError> {
    conn.all(&TENANTS_OF_USERS, params![users]).await
}

/// Who has one of these addresses; in several tenants one address may be somebody in each.
pub async fn by_email(
    conn: &mut Conn,
    emails: Vec<String>,
) -> Result<Vec<(String, UserId, TenantId)>, DbError> {
    conn.all(&USERS_BY_EMAIL, params![emails]).await
}

/// Who has last taken, modified or cancelled actions that end after one instant and until another,
/// once for each action.
pub async fn actioners_of_ends(
    conn: &mut Conn,
    after: Instant,
    until: Instant,
) -> Result<Vec<UserId>, DbError> {
    conn.all(&ACTIONERS_OF_ENDS, params![after, until]).await
}
