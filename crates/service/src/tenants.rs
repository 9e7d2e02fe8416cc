//! Tenants: made, read, changed, deleted (`fusionauth.md` §4.6).

use docket_domain::access::TenantScope;
use docket_domain::id::TenantId;
use docket_domain::violation::{Rule, Violation};
use docket_store::{Conn, tenant};

use crate::context::Context;
use crate::error::Error;

/// Whether there is such a tenant.
pub async fn exists(ctx: &Context, id: TenantId) -> Result<bool, Error> {
    Ok(tenant::exists(&mut ctx.db.reader(), id).await?)
}

/// The tenant that something new belongs to, or in which a name that is unique within a tenant is
/// looked up, when nothing else says which: the scope's, else the only one there is
/// (`fusionauth.md` §0.6).
pub(crate) async fn for_new_object(conn: &mut Conn, scope: TenantScope) -> Result<TenantId, Error> {
    if let Some(tenant) = scope.one() {
        return Ok(tenant);
    }
    let sole = tenant::sole(conn).await?;
    sole.ok_or_else(|| Violation::whole(Rule::TenantRequired).into())
}
