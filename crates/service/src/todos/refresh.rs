//! Keeps the to-dos of the providers that are part of Docket up to date: what an event may have
//! changed, what time has changed, what somebody asked for (`waldur.md` §6.4, §6.5).
//!
//! Each part is compared by a reader first; only where something differs is there a unit of work. So
//! most looks cost a few reads, and looking twice does no harm.

use std::collections::BTreeMap;
use std::sync::Arc;

use docket_domain::access::TenantScope;
use docket_domain::id::UserId;
use docket_domain::time::Instant;
use docket_store::todo::{self, Part};
use docket_store::{Batch, Conn, DbError};

use super::reconcile::{Reconciled, Target};
use crate::caller::Caller;
use crate::chores::give_way;
use crate::commit::Done;
use crate::context::{Context, request_id};
use crate::error::Error;
use crate::events::KeptEvent;
use crate::providers::{self, Asked, Look, Provider, Touched};
use crate::viewers;

/// How often a part is tried that others change at the same instant.
const TRIES: u32 = 5;

/// Objects looked at in one unit of work.
const OBJECTS: usize = 50;
/// Objects asked about in one go when nothing is expected of them.
const MANY_OBJECTS: usize = 500;

/// What a provider says of a part.
async fn ask(
    provider: &dyn Provider,
    conn: &mut Conn,
    look: &Look,
    part: &Part,
) -> Result<Vec<Asked>, Error> {
    match part {
        Part::User(user) => {
            let viewer = viewers::viewer(conn, *user, look.now).await?;
            provider.of_user(conn, look, &viewer).await
        }
        Part::Objects(objects) => provider.of_objects(conn, look, objects).await,
    }
}

fn target<'a>(action_type: &'a str, part: &'a Part, asked: Vec<Asked>) -> Target<'a> {
    Target { action_type, part, asked, scope: TenantScope::All, unless_since: None }
}

/// Makes a part what its provider says; whether anything had to be changed.
pub(crate) async fn part(
    ctx: &Context,
    provider: &Arc<dyn Provider>,
    part: Part,
) -> Result<bool, Error> {
    if !ctx.settings.todos.enabled {
        return Ok(false);
    }
    let look = ctx.look();
    let action_type = provider.action_type();
    let conn = &mut ctx.db.reader();
    let asked = ask(provider.as_ref(), conn, &look, &part).await?;
    let rows = todo::part(conn, action_type, &part).await?;
    if target(action_type, &part, asked).is_met(&rows) {
        return Ok(false);
    }
    let part = Arc::new(part);
    let mut tries = 1;
    loop {
        let (making, provider) = (ctx.clone(), Arc::clone(provider));
        let part = Arc::clone(&part);
        let done = ctx
            .commit_own(&Caller::system(&request_id()), ctx.now(), move |conn| {
                let (ctx, provider) = (making.clone(), Arc::clone(&provider));
                let part = Arc::clone(&part);
                Box::pin(async move {
                    // Whoever waited here looks at what is true now, and at this time: an answer
                    // from before would undo what another look has made of the part since.
                    todo::seize_type(conn, provider.action_type()).await?;
                    let look = ctx.look();
                    let now = look.now;
                    let asked = ask(provider.as_ref(), conn, &look, &part).await?;
                    let mut writes = Batch::default();
                    let target = target(provider.action_type(), &part, asked);
                    let done: Reconciled = target.reach(&ctx, conn, now, &mut writes).await?;
                    Ok(Done { writes, ..Done::many((), done.changes) })
                })
            })
            .await;
        match done {
            // Another node was a moment earlier; what it made is looked at.
            Err(Error::Unavailable(error))
                if error.is_conflict_with(super::KEY) && tries < TRIES => {}
            done => return done.map(|()| true),
        }
        tries += 1;
    }
}

/// Sees to everything that some events may have changed; whether that may be about what time will
/// change.
pub async fn take_in(ctx: &Context, events: &[Arc<KeptEvent>]) -> Result<bool, Error> {
    let look = ctx.look();
    let mut touched: BTreeMap<&'static str, Touched> = BTreeMap::new();
    let conn = &mut ctx.db.reader();
    for (place, event) in events.iter().enumerate() {
        give_way(place);
        if event.event_type.starts_with("todo.") {
            if let Some((user, action_type)) = super::done_by(event) {
                let of_type = providers::of_type(&action_type);
                let touched = of_type.map(|provider| touched.entry(provider.action_type()));
                touched.map(|entry| entry.or_default().users.insert(user));
            }
            continue;
        }
        for provider in providers::built_in() {
            let more = provider.touched_by(conn, &look, event).await?;
            if !more.is_empty() {
                touched.entry(provider.action_type()).or_default().add(more);
            }
        }
    }
    let mut looked = false;
    for (action_type, touched) in &touched {
        if let Some(provider) = providers::of_type(action_type) {
            looked |= see_to(ctx, &provider, touched).await?;
        }
    }
    Ok(looked)
}

/// Sees to everything that time has changed after an instant and until now. The answer is when it
/// will change something next.
pub async fn take_in_time(ctx: &Context, since: Instant) -> Result<Option<Instant>, Error> {
    let look = ctx.look();
    let mut next = None;
    for provider in providers::built_in() {
        let conn = &mut ctx.db.reader();
        let (touched, turn) = provider.turned(conn, &look, since).await?;
        next = next.into_iter().chain(turn).min();
        see_to(ctx, provider, &touched).await?;
    }
    Ok(next)
}

/// Looks at what a user has to do anew: of one type, or of every one that is part of Docket.
pub async fn user(ctx: &Context, user: UserId, action_type: Option<&str>) -> Result<(), Error> {
    let wanted = |provider: &&Arc<dyn Provider>| {
        action_type.is_none_or(|wanted| wanted == provider.action_type())
    };
    for provider in providers::built_in().iter().filter(wanted) {
        part(ctx, provider, Part::User(user)).await?;
    }
    Ok(())
}

/// Sees to what was touched, if there are to-dos about it; whether there was anything to look at.
async fn see_to(
    ctx: &Context,
    provider: &Arc<dyn Provider>,
    touched: &Touched,
) -> Result<bool, Error> {
    let mut objects = touched.objects.clone();
    let over: Vec<String> = touched.over.iter().cloned().collect();
    for some in over.chunks(MANY_OBJECTS) {
        let left = todo::objects_among(&mut ctx.db.reader(), provider.action_type(), some).await?;
        objects.extend(left);
    }
    let objects: Vec<String> = objects.into_iter().collect();
    for some in objects.chunks(OBJECTS) {
        tolerate(part(ctx, provider, Part::Objects(some.to_vec())).await, provider.as_ref())?;
    }
    for user in &touched.users {
        tolerate(part(ctx, provider, Part::User(*user)).await, provider.as_ref())?;
    }
    Ok(!objects.is_empty() || !touched.users.is_empty())
}

/// What one provider cannot make sense of must not keep the others from being looked at. When the
/// store does not answer, all of it is tried again.
fn tolerate(outcome: Result<bool, Error>, provider: &dyn Provider) -> Result<(), Error> {
    match outcome {
        Ok(_) => Ok(()),
        Err(Error::Unavailable(error @ DbError::Unavailable(_))) => Err(Error::Unavailable(error)),
        Err(error) => {
            let action_type = provider.action_type();
            tracing::error!(?error, action_type, "a provider could not say what is to be done");
            Ok(())
        }
    }
}
