//! Tenants: made, read, changed, deleted (`fusionauth.md` §4.6).

use docket_domain::id::TenantId;
use docket_store::tenant;

use crate::context::Context;
use crate::error::Error;

/// Whether there is such a tenant.
pub async fn exists(ctx: &Context, id: TenantId) -> Result<bool, Error> {
    Ok(tenant::exists(&mut ctx.db.reader(), id).await?)
}
