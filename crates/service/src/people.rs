//! Users as organisations see them (`waldur.md` §10.2).

use docket_domain::access::Principal;
use docket_domain::directory::Person;
use docket_domain::directory::grant::NamedGrant;
use docket_domain::mail::Secret;
use docket_domain::time::Instant;
use docket_store::{affiliation, grant};

use crate::caller::Caller;
use crate::context::Context;
use crate::error::{Error, Refusal};
use crate::user_tokens;

/// The caller, as the caller may see it.
#[derive(Debug, Clone)]
pub struct Me {
    /// Who.
    pub person: Person,
    /// The own token.
    pub token: Option<Secret>,
    /// The roles that are held.
    pub grants: Vec<NamedGrant>,
    /// When this was looked up.
    pub at: Instant,
}

/// The caller.
pub async fn me(ctx: &Context, caller: &Caller) -> Result<Me, Error> {
    let Principal::User(user) = &caller.principal else { return Err(Refusal::Forbidden.into()) };
    let at = ctx.now();
    let conn = &mut ctx.db.reader();
    let person = affiliation::person(conn, user.id).await?.ok_or(Refusal::Forbidden)?;
    let grants = grant::list_of(conn, user.id, at).await?;
    let token = user_tokens::own(ctx, user.id).await?;
    Ok(Me { person, token, grants, at })
}
