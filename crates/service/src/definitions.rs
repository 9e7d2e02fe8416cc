//! Definitions: made, read, changed, switched off and on, deleted (`fusionauth.md` §1).

use std::borrow::Cow;
use std::sync::Arc;

use docket_domain::action::{Definition, DefinitionDetails};
use docket_domain::event::{Happening, Noun};
use docket_domain::id::{DefinitionId, TemplateId};
use docket_domain::violation::{Field, Rule, Violation, Violations};
use docket_store::{Conn, action, definition};

use crate::caller::Caller;
use crate::commit::{Answer, Change, Done, Render};
use crate::context::Context;
use crate::error::Error;
use crate::snapshot;

/// The unique indexes, for two callers who choose one name at the same instant.
const UNIQUE: &[(&str, Field)] =
    &[("definition_name", Field::Body(Cow::Borrowed("name"))), ("definition_pkey", Field::Id)];

/// Makes a definition.
pub async fn create(
    ctx: &Context,
    caller: &Caller,
    id: Option<DefinitionId>,
    details: DefinitionDetails,
    render: impl Render<Definition>,
) -> Result<Answer, Error> {
    let now = ctx.now();
    let id = id.unwrap_or_else(|| ctx.id(now, DefinitionId::from_uuid));
    let new = Arc::new(Definition { id, active: true, details, created_at: now, updated_at: now });
    ctx.commit(
        caller,
        now,
        move |conn| {
            let new = Arc::clone(&new);
            Box::pin(async move {
                let mut violations = Violations::new();
                if definition::find(conn, new.id).await?.is_some() {
                    violations.push(Violation::id(Rule::Duplicate));
                }
                check(conn, &new, violations).await?;
                definition::insert(conn, &new).await?;
                let change = change(Happening::Created(Noun::Definition), None, Some(&new));
                Ok(Done::one((*new).clone(), change))
            })
        },
        render,
    )
    .await
    .map_err(|error| error.duplicate_of(UNIQUE))
}

/// A definition, active or not.
pub async fn find(ctx: &Context, id: DefinitionId) -> Result<Definition, Error> {
    definition::find(&mut ctx.db.reader(), id).await?.ok_or(Error::not_found(Noun::Definition))
}

/// The active or the inactive definitions, by name.
pub async fn list(ctx: &Context, active: bool) -> Result<Vec<Definition>, Error> {
    Ok(definition::list(&mut ctx.db.reader(), active).await?)
}

/// Changes a definition: `revise` makes the new details of the present ones.
pub async fn update(
    ctx: &Context,
    caller: &Caller,
    id: DefinitionId,
    revise: impl Fn(&Definition) -> Result<DefinitionDetails, Error> + Send + Sync + 'static,
    render: impl Render<Definition>,
) -> Result<Answer, Error> {
    let now = ctx.now();
    let revise = Arc::new(revise);
    ctx.commit(
        caller,
        now,
        move |conn| {
            let revise = Arc::clone(&revise);
            Box::pin(async move {
                let before = held(conn, id).await?;
                let after =
                    Definition { details: revise(&before)?, updated_at: now, ..before.clone() };
                check(conn, &after, Violations::new()).await?;
                definition::update(conn, &after).await?;
                let happening = Happening::Updated(Noun::Definition);
                let change = change(happening, Some(&before), Some(&after));
                Ok(Done::one(after, change))
            })
        },
        render,
    )
    .await
    .map_err(|error| error.duplicate_of(UNIQUE))
}

/// Switches a definition on or off. Actions taken before go on as they are.
pub async fn set_active(
    ctx: &Context,
    caller: &Caller,
    id: DefinitionId,
    active: bool,
    render: impl Render<Definition>,
) -> Result<Answer, Error> {
    let now = ctx.now();
    ctx.commit(
        caller,
        now,
        move |conn| {
            Box::pin(async move {
                let before = held(conn, id).await?;
                if before.active == active {
                    return Ok(Done::unchanged(before));
                }
                let after = Definition { active, updated_at: now, ..before.clone() };
                definition::update(conn, &after).await?;
                let happening = if active {
                    Happening::Reactivated(Noun::Definition)
                } else {
                    Happening::Deactivated(Noun::Definition)
                };
                let change = change(happening, Some(&before), Some(&after));
                Ok(Done::one(after, change))
            })
        },
        render,
    )
    .await
}

/// Deletes a definition for good, and with it every action of its kind.
pub async fn delete(
    ctx: &Context,
    caller: &Caller,
    id: DefinitionId,
    render: impl Render<()>,
) -> Result<Answer, Error> {
    ctx.commit(
        caller,
        ctx.now(),
        move |conn| {
            Box::pin(async move {
                let before = held(conn, id).await?;
                action::delete_of_definition(conn, id).await?;
                definition::delete(conn, id).await?;
                let happening = Happening::Deleted(Noun::Definition);
                Ok(Done::one((), change(happening, Some(&before), None)))
            })
        },
        render,
    )
    .await
}

async fn held(conn: &mut Conn, id: DefinitionId) -> Result<Definition, Error> {
    definition::find_locked(conn, id).await?.ok_or(Error::not_found(Noun::Definition))
}

/// Everything that is wrong with a definition, by itself and beside others.
async fn check(
    conn: &mut Conn,
    definition: &Definition,
    mut violations: Violations,
) -> Result<(), Error> {
    let details = &definition.details;
    if let Err(found) = details.check() {
        violations.extend(found);
    }
    if definition::name_taken(conn, definition.id, &details.name).await? {
        violations.push(Violation::body("name", Rule::Duplicate));
    }
    let named: Vec<(&str, TemplateId)> = details.templates.named().collect();
    let ids: Vec<TemplateId> = named.iter().map(|(_, id)| *id).collect();
    let known = definition::share_templates(conn, &ids).await?;
    for (field, _) in named.into_iter().filter(|(_, id)| !known.contains(id)) {
        violations.push(Violation::body(field, Rule::Invalid));
    }
    Ok(violations.into_result()?)
}

fn change(happening: Happening, before: Option<&Definition>, after: Option<&Definition>) -> Change {
    Change {
        happening,
        subject: after.or(before).map(|definition| definition.id.uuid()).unwrap_or_default(),
        tenant: None,
        before: before.map(snapshot::definition),
        after: after.map(snapshot::definition),
        event: None,
        event_id: None,
    }
}
