//! A user about to be made: checked, the password hashed, only the tenant still open.

use docket_domain::directory::User;
use docket_domain::directory::user::Submission;
use docket_domain::id::{TenantId, UserId};
use docket_domain::mail::Secret;
use docket_domain::time::Instant;
use docket_domain::violation::{Rule, Violation, Violations};
use docket_store::{Conn, user};

use super::check_unique;
use crate::context::Context;
use crate::error::Error;
use crate::password;

/// What a unit of work needs to make a user in a tenant that it finds out.
#[derive(Clone)]
pub(crate) struct Draft {
    id: UserId,
    chosen: bool,
    staff: bool,
    submission: Submission,
    password_hash: Option<String>,
    at: Instant,
}

impl Draft {
    /// Checks what can be checked without looking at other users, and hashes the password.
    pub(crate) async fn make(
        ctx: &Context,
        now: Instant,
        id: Option<UserId>,
        mut submission: Submission,
        chooses_password: bool,
    ) -> Result<Self, Error> {
        let mut violations = submission.check().err().unwrap_or_default();
        if submission.password.is_none() && !chooses_password {
            violations.push(Violation::body("password", Rule::Blank));
        }
        if !violations.is_empty() {
            return Err(violations.into());
        }
        let password_hash = hash(submission.password.take()).await?;
        let chosen = id.is_some();
        let id = id.unwrap_or_else(|| ctx.id(now, UserId::from_uuid));
        Ok(Self { id, chosen, staff: false, submission, password_hash, at: now })
    }

    /// The same, of somebody who runs this server.
    pub(crate) fn of_staff(self) -> Self {
        Self { staff: true, ..self }
    }

    /// Keeps the user, unless somebody else has the id, the address or the name.
    pub(crate) async fn keep(&self, conn: &mut Conn, tenant: TenantId) -> Result<User, Error> {
        let user = User {
            id: self.id,
            tenant_id: tenant,
            active: true,
            staff: self.staff,
            details: self.submission.details.clone(),
            created_at: self.at,
            updated_at: self.at,
            last_login_at: None,
            password_updated_at: self.password_hash.as_ref().map(|_| self.at),
        };
        let mut violations = Violations::new();
        if self.chosen && user::tenant_of(conn, self.id).await?.is_some() {
            violations.push(Violation::body("id", Rule::Duplicate));
        }
        check_unique(conn, &user, violations).await?;
        user::insert(conn, &user, self.password_hash.as_deref()).await?;
        Ok(user)
    }
}

/// The hash of a password, if there is one.
pub(crate) async fn hash(password: Option<Secret>) -> Result<Option<String>, Error> {
    match password {
        Some(password) => password::hash(password.reveal().to_owned()).await.map(Some),
        None => Ok(None),
    }
}
