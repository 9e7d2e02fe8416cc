//! Reasons: made, read, changed, deleted (`fusionauth.md` §2).

use std::sync::Arc;

use docket_domain::action::{Reason, ReasonDetails};
use docket_domain::event::{Happening, Noun};
use docket_domain::id::ReasonId;
use docket_domain::violation::{Field, Rule, Violation, Violations};
use docket_store::{Conn, reason};

use crate::caller::Caller;
use crate::commit::{Answer, Change, Done, Render};
use crate::context::Context;
use crate::error::Error;
use crate::snapshot;

/// The unique indexes, for two callers who choose one text at the same instant.
const UNIQUE: &[(&str, Field)] = &[
    ("reason_code", Field::Body(std::borrow::Cow::Borrowed("code"))),
    ("reason_text", Field::Body(std::borrow::Cow::Borrowed("text"))),
    ("reason_pkey", Field::Id),
];

/// Makes a reason.
pub async fn create(
    ctx: &Context,
    caller: &Caller,
    id: Option<ReasonId>,
    details: ReasonDetails,
    render: impl Render<Reason>,
) -> Result<Answer, Error> {
    details.check()?;
    let now = ctx.now();
    let id = id.unwrap_or_else(|| ctx.id(now, ReasonId::from_uuid));
    let new = Arc::new(Reason { id, details, created_at: now, updated_at: now });
    ctx.commit(
        caller,
        now,
        move |conn| {
            let new = Arc::clone(&new);
            Box::pin(async move {
                let mut violations = Violations::new();
                if reason::find(conn, new.id).await?.is_some() {
                    violations.push(Violation::id(Rule::Duplicate));
                }
                check_unique(conn, &new, &mut violations).await?;
                violations.into_result()?;
                reason::insert(conn, &new).await?;
                let change = change(Happening::Created(Noun::Reason), None, Some(&new));
                Ok(Done::one((*new).clone(), change))
            })
        },
        render,
    )
    .await
    .map_err(|error| error.duplicate_of(UNIQUE))
}

/// A reason.
pub async fn find(ctx: &Context, id: ReasonId) -> Result<Reason, Error> {
    reason::find(&mut ctx.db.reader(), id).await?.ok_or(Error::not_found(Noun::Reason))
}

/// Every reason, by text.
pub async fn list(ctx: &Context) -> Result<Vec<Reason>, Error> {
    Ok(reason::list(&mut ctx.db.reader()).await?)
}

/// Changes a reason: `revise` makes the new details of the present ones, inside the unit of work,
/// so that nobody else's change is overwritten unseen.
pub async fn update(
    ctx: &Context,
    caller: &Caller,
    id: ReasonId,
    revise: impl Fn(&Reason) -> Result<ReasonDetails, Error> + Send + Sync + 'static,
    render: impl Render<Reason>,
) -> Result<Answer, Error> {
    let now = ctx.now();
    let revise = Arc::new(revise);
    ctx.commit(
        caller,
        now,
        move |conn| {
            let revise = Arc::clone(&revise);
            Box::pin(async move {
                let before =
                    reason::find_locked(conn, id).await?.ok_or(Error::not_found(Noun::Reason))?;
                let details = revise(&before)?;
                details.check()?;
                let after = Reason { details, updated_at: now, ..before.clone() };
                let mut violations = Violations::new();
                check_unique(conn, &after, &mut violations).await?;
                violations.into_result()?;
                reason::update(conn, &after).await?;
                let change = change(Happening::Updated(Noun::Reason), Some(&before), Some(&after));
                Ok(Done::one(after, change))
            })
        },
        render,
    )
    .await
    .map_err(|error| error.duplicate_of(UNIQUE))
}

/// Deletes a reason for good; the actions that were given it keep its words.
pub async fn delete(
    ctx: &Context,
    caller: &Caller,
    id: ReasonId,
    render: impl Render<()>,
) -> Result<Answer, Error> {
    ctx.commit(
        caller,
        ctx.now(),
        move |conn| {
            Box::pin(async move {
                let before =
                    reason::find_locked(conn, id).await?.ok_or(Error::not_found(Noun::Reason))?;
                reason::delete(conn, id).await?;
                Ok(Done::one((), change(Happening::Deleted(Noun::Reason), Some(&before), None)))
            })
        },
        render,
    )
    .await
}

async fn check_unique(
    conn: &mut Conn,
    reason: &Reason,
    violations: &mut Violations,
) -> Result<(), Error> {
    let details = &reason.details;
    let (code, text) = reason::taken(conn, reason.id, &details.code, &details.text).await?;
    if code {
        violations.push(Violation::body("code", Rule::Duplicate));
    }
    if text {
        violations.push(Violation::body("text", Rule::Duplicate));
    }
    Ok(())
}

fn change(happening: Happening, before: Option<&Reason>, after: Option<&Reason>) -> Change {
    Change {
        happening,
        subject: after.or(before).map(|reason| reason.id.uuid()).unwrap_or_default(),
        tenant: None,
        before: before.map(snapshot::reason),
        after: after.map(snapshot::reason),
        event: None,
        event_id: None,
    }
}
