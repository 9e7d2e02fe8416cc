//! The audit log that callers write (`fusionauth.md` §4.11). What Docket itself records of every
//! change is in [`commit`](crate::commit).

use std::sync::Arc;

use docket_domain::event::{Happening, Noun};
use docket_domain::journal::{AuditDetails, AuditEntry, AuditSearch};
use docket_domain::page::{Page, Paging};
use docket_domain::violation::{Rule, Violation};
use docket_store::{audit_log, tenant};
use uuid::Uuid;

use crate::caller::Caller;
use crate::commit::{Answer, Change, Done, Render};
use crate::context::Context;
use crate::error::Error;
use crate::snapshot;

/// Writes an entry. A caller who is limited to one tenant writes about that one.
pub async fn create(
    ctx: &Context,
    caller: &Caller,
    mut details: AuditDetails,
    render: impl Render<AuditEntry>,
) -> Result<Answer, Error> {
    let now = ctx.now();
    let named = details.tenant_id;
    let scope = caller.scope;
    details.tenant_id = named.or(scope.one());
    let details = Arc::new(details);
    ctx.commit(
        caller,
        now,
        move |conn| {
            let details = Arc::clone(&details);
            Box::pin(async move {
                let mut violations = details.check().err().unwrap_or_default();
                if let Some(tenant) = named
                    && !(scope.sees(tenant) && tenant::exists(conn, tenant).await?)
                {
                    violations.push(Violation::body("tenantId", Rule::Invalid));
                }
                if !violations.is_empty() {
                    return Err(violations.into());
                }
                let id = audit_log::insert(conn, &details, now).await?;
                let entry = AuditEntry { id, details: (*details).clone(), created_at: now };
                let change = created(&entry);
                Ok(Done::one(entry, change))
            })
        },
        render,
    )
    .await
}

/// An entry.
pub async fn find(ctx: &Context, caller: &Caller, id: i64) -> Result<AuditEntry, Error> {
    let found = audit_log::find(&mut ctx.db.reader(), id).await?;
    let within = caller.scope.one();
    found
        .filter(|entry| within.is_none() || entry.details.tenant_id == within)
        .ok_or(Error::not_found(Noun::AuditLog))
}

/// A page of the entries that match.
pub async fn search(
    ctx: &Context,
    caller: &Caller,
    search: &AuditSearch,
    paging: &Paging,
) -> Result<Page<AuditEntry>, Error> {
    let within = caller.scope.one();
    Ok(audit_log::search(&mut ctx.db.reader(), search, within, paging).await?)
}

fn created(entry: &AuditEntry) -> Change {
    // Entries have numbers where others have ids; the number in the lower half is one too.
    let number = u64::try_from(entry.id).unwrap_or_default();
    Change {
        happening: Happening::Created(Noun::AuditLog),
        subject: Uuid::from_u64_pair(0, number),
        tenant: entry.details.tenant_id,
        before: None,
        after: Some(snapshot::audit_entry(entry)),
        event: None,
        event_id: None,
    }
}
