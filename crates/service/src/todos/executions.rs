//! What users did about their to-dos (`waldur.md` §5.1). It is seen by whoever did it, and by nobody
//! else.

use docket_domain::event::Noun;
use docket_domain::page::{Page, Paging};
use docket_domain::todo::Execution;
use docket_store::execution;

use crate::caller::Caller;
use crate::context::Context;
use crate::error::Error;

pub use docket_store::execution::order_field;

/// A page of what the caller did.
pub async fn page(
    ctx: &Context,
    caller: &Caller,
    paging: &Paging,
) -> Result<Page<Execution>, Error> {
    let user = super::user_of(caller)?.id;
    Ok(execution::page(&mut ctx.db.reader(), user, paging).await?)
}

/// One thing that the caller did.
pub async fn find(ctx: &Context, caller: &Caller, id: i64) -> Result<Execution, Error> {
    let user = super::user_of(caller)?.id;
    let found = execution::find(&mut ctx.db.reader(), id, user).await?;
    found.ok_or(Error::not_found(Noun::Execution))
}
