//! What is counted for somebody's first page at the moment it is asked for (`waldur.md` §7.1).

use docket_domain::directory::role::ORDER_APPROVE;
use docket_store::{order, resource};

use crate::caller::Caller;
use crate::context::Context;
use crate::error::Error;
use crate::viewers;

/// How many things in the caller's projects want a look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Orders that wait for somebody there and that the caller may approve.
    pub pending_orders: i64,
    /// Resources that do not work.
    pub erred_resources: i64,
}

/// Counts them.
pub async fn counts(ctx: &Context, caller: &Caller) -> Result<Counts, Error> {
    let conn = &mut ctx.db.reader();
    let viewer = viewers::of(conn, caller, ctx.now()).await?;
    let mut counts = Counts::default();
    let approving = viewer.projects_with(Some(ORDER_APPROVE));
    if !approving.is_empty() {
        counts.pending_orders = order::count_pending_of(conn, &approving).await?;
    }
    let projects = viewer.projects_with(None);
    if !projects.is_empty() {
        counts.erred_resources = resource::count_erred_of(conn, &projects).await?;
    }
    Ok(counts)
}
