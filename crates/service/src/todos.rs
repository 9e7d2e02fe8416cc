//! To-dos: what users have to do, seen, silenced and done (`waldur.md` §4, `native.md` §4).
//!
//! The engine knows nothing of what to-dos are about: it compares what providers say with what there
//! is ([`reconcile`]), on schedule ([`run`]), because of an event or of the time ([`refresh`]), or
//! because another system says so ([`push`], [`pull`]).

use std::sync::Arc;

use docket_domain::access::{Principal, UserPrincipal, Viewer};
use docket_domain::event::{Happening, Noun};
use docket_domain::id::{TenantId, TodoId, UserId};
use docket_domain::page::{Page, Paging};
use docket_domain::time::Instant;
use docket_domain::todo::filter::looked_at;
use docket_domain::todo::silence::Length;
use docket_domain::todo::{CorrectiveAction, Need, Tally, Todo, TodoFilter};
use docket_store::todo::list::{self, Order};
use docket_store::{Batch, Conn, silence, todo, user};
use serde::Deserialize;
use uuid::Uuid;

use crate::caller::Caller;
use crate::commit::{Answer, Change, Done, Render};
use crate::context::Context;
use crate::error::{Error, Refusal};
use crate::events::KeptEvent;
use crate::{providers, viewers};

pub mod execute;
pub mod executions;
pub mod follow;
pub mod pull;
pub mod push;
pub(crate) mod reconcile;
pub mod refresh;
pub mod run;
pub mod upkeep;
mod wishes;

pub use wishes::{Wish, Wishes};

/// What to-dos of a user are called that were made twice at the same instant.
const KEY: &str = "todo_pkey";
/// The most to-dos that are silenced at once.
const MOST_SILENCED: i64 = 100_000;

/// Which to-dos a caller looks at: whose, and which of them.
#[derive(Debug, Clone, Default)]
pub struct Asking {
    /// Another user, whose to-dos staff may look at.
    pub user: Option<UserId>,
    /// Which of them.
    pub filter: TodoFilter,
}

/// To-dos, seen at an instant.
#[derive(Debug, Clone)]
pub struct Seen<T> {
    /// What is seen.
    pub value: T,
    /// When.
    pub at: Instant,
}

/// The user who calls; nobody else has to-dos.
pub(crate) fn user_of(caller: &Caller) -> Result<&UserPrincipal, Error> {
    match &caller.principal {
        Principal::User(user) => Ok(user),
        Principal::Anonymous | Principal::Key(_) | Principal::System => {
            Err(Refusal::Forbidden.into())
        }
    }
}

/// Whose to-dos the caller looks at; nothing when they see none.
fn whose(caller: &Caller, asking: &Asking) -> Result<Option<UserId>, Error> {
    let user = user_of(caller)?;
    Ok(looked_at(user.id, user.staff, asking.user))
}

/// A page of to-dos, with what the caller may do about each.
pub async fn page(
    ctx: &Context,
    caller: &Caller,
    asking: &Asking,
    order: &Order,
    paging: &Paging,
) -> Result<Seen<Page<Todo>>, Error> {
    let at = ctx.now();
    let Some(user) = whose(caller, asking)? else {
        return Ok(Seen { value: Page { items: Vec::new(), total: 0 }, at });
    };
    let conn = &mut ctx.db.reader();
    let mut page = list::page(conn, user, &asking.filter, order, at, paging).await?;
    permit(conn, caller, &mut page.items, at).await?;
    Ok(Seen { value: page, at })
}

/// A to-do, if the caller sees it.
pub async fn find(
    ctx: &Context,
    caller: &Caller,
    asking: &Asking,
    id: TodoId,
) -> Result<Seen<Todo>, Error> {
    let at = ctx.now();
    let conn = &mut ctx.db.reader();
    let mut found = vec![visible(todo::find(conn, id).await?, caller, asking, at)?];
    permit(conn, caller, &mut found, at).await?;
    let value = found.pop().ok_or(Error::not_found(Noun::Todo))?;
    Ok(Seen { value, at })
}

/// How many to-dos there are.
pub async fn tally(ctx: &Context, caller: &Caller, asking: &Asking) -> Result<Tally, Error> {
    let Some(user) = whose(caller, asking)? else { return Ok(Tally::default()) };
    Ok(list::tally(&mut ctx.db.reader(), user, &asking.filter, ctx.now()).await?)
}

/// Puts a to-do out of sight.
pub async fn silence(
    ctx: &Context,
    caller: &Caller,
    asking: &Asking,
    id: TodoId,
    length: Length,
    render: impl Render<Todo>,
) -> Result<Answer, Error> {
    let now = ctx.now();
    let (asking, asker) = (asking.clone(), caller.clone());
    ctx.commit(
        caller,
        now,
        move |conn| {
            let (asking, asker) = (asking.clone(), asker.clone());
            Box::pin(async move {
                let found = todo::find_locked(conn, id).await?;
                let before = visible(found, &asker, &asking, now)?;
                let tenant = user::tenant_of(conn, before.user_id).await?;
                let mut writes = Batch::default();
                let (after, change) = laid(&before, length, tenant, now, &mut writes);
                Ok(Done { writes, ..Done::one(after, change) })
            })
        },
        render,
    )
    .await
}

/// Puts every to-do out of sight that the caller sees.
pub async fn silence_all(
    ctx: &Context,
    caller: &Caller,
    asking: &Asking,
    length: Length,
    render: impl Render<usize>,
) -> Result<Answer, Error> {
    let now = ctx.now();
    let user = whose(caller, asking)?;
    let filter = Arc::new(asking.filter.clone());
    ctx.commit(
        caller,
        now,
        move |conn| {
            let filter = Arc::clone(&filter);
            Box::pin(async move {
                let Some(user) = user else { return Ok(Done::unchanged(0)) };
                let paging = Paging { start: 0, size: MOST_SILENCED, order: Vec::new() };
                let page = list::page(conn, user, &filter, &Vec::new(), now, &paging).await?;
                let tenant = user::tenant_of(conn, user).await?;
                let mut writes = Batch::default();
                let (mut changes, count) = (Vec::new(), page.items.len());
                for before in &page.items {
                    changes.push(laid(before, length, tenant, now, &mut writes).1);
                }
                Ok(Done { writes, ..Done::many(count, changes) })
            })
        },
        render,
    )
    .await
}

/// Brings an own to-do back into sight; one that never left it stays.
pub async fn unsilence(
    ctx: &Context,
    caller: &Caller,
    id: TodoId,
    render: impl Render<()>,
) -> Result<Answer, Error> {
    let (now, user) = (ctx.now(), user_of(caller)?.id);
    ctx.commit(
        caller,
        now,
        move |conn| {
            Box::pin(async move {
                let found = todo::find_locked(conn, id).await?;
                let own = found.filter(|todo| todo.user_id == user);
                let before = own.ok_or(Error::not_found(Noun::Todo))?;
                if !before.silence.is_laid() {
                    return Ok(Done::unchanged(()));
                }
                let tenant = user::tenant_of(conn, user).await?;
                let silence = before.silence.lifted();
                let after = Todo { silence, updated_at: now, ..before.clone() };
                let mut writes = Batch::default();
                todo::silence(&after, &mut writes);
                silence::keep(&after, now, &mut writes);
                let happening = Happening::TodoUnsilenced;
                let change = reconcile::change(happening, tenant, Some(&before), Some(&after));
                Ok(Done { writes, ..Done::one((), change) })
            })
        },
        render,
    )
    .await
}

/// Has to-dos looked at anew: the caller's own; everybody's when staff ask (`native.md` §7, 5).
pub async fn ask_for_update(
    ctx: &Context,
    caller: &Caller,
    action_type: Option<String>,
) -> Result<(), Error> {
    let user = user_of(caller)?;
    if user.staff {
        run::want(ctx, action_type.clone()).await?;
    }
    ctx.wishes.make((user.id, action_type));
    Ok(())
}

/// Has the to-dos of a user looked at anew; for staff. The answer is what the user is called.
pub async fn ask_for_update_of(
    ctx: &Context,
    caller: &Caller,
    id: UserId,
    action_type: Option<String>,
) -> Result<String, Error> {
    if !user_of(caller)?.staff {
        return Err(Refusal::Forbidden.into());
    }
    let found = user::find(&mut ctx.db.reader(), id).await?;
    let found = found.ok_or(Error::not_found(Noun::User))?;
    ctx.wishes.make((id, action_type));
    let username = found.details.username.clone();
    Ok(username.unwrap_or_else(|| found.details.login().to_owned()))
}

/// The to-do, if the caller sees it among those that are asked for.
fn visible(
    found: Option<Todo>,
    caller: &Caller,
    asking: &Asking,
    now: Instant,
) -> Result<Todo, Error> {
    let user = whose(caller, asking)?;
    found
        .filter(|todo| Some(todo.user_id) == user && asking.filter.admits(todo, now))
        .ok_or(Error::not_found(Noun::Todo))
}

/// Leaves of each to-do's corrective actions those that the caller may take.
async fn permit(
    conn: &mut Conn,
    caller: &Caller,
    todos: &mut [Todo],
    now: Instant,
) -> Result<(), Error> {
    // Most lead somewhere and are for everybody, so that nobody has to be looked up.
    if todos.iter().all(|todo| needs(todo).all(|(_, need)| need == Need::Nothing)) {
        return Ok(());
    }
    let viewer = viewers::viewer(conn, user_of(caller)?.id, now).await?;
    for todo in todos {
        let actions = permitted(&viewer, todo);
        todo.matter.corrective_actions = actions;
    }
    Ok(())
}

/// What can be done about a to-do, each with what it takes.
fn needs(todo: &Todo) -> impl Iterator<Item = (&CorrectiveAction, Need<'_>)> {
    let provider = providers::of_type(&todo.action_type);
    todo.matter.corrective_actions.iter().map(move |action| {
        let need = match &provider {
            Some(provider) => provider.needs(todo, action),
            None => action.needs(todo),
        };
        (action, need)
    })
}

/// What somebody may do about a to-do.
pub(crate) fn permitted(viewer: &Viewer, todo: &Todo) -> Vec<CorrectiveAction> {
    let may = needs(todo).filter(|(_, need)| need.is_met_by(viewer));
    may.map(|(action, _)| action.clone()).collect()
}

/// Lays a silence on a to-do, and keeps it for the time when the to-do comes back.
pub(crate) fn laid(
    before: &Todo,
    length: Length,
    tenant: Option<TenantId>,
    now: Instant,
    writes: &mut Batch,
) -> (Todo, Change) {
    let silence = before.silence.laid(length, now);
    let after = Todo { silence, updated_at: now, ..before.clone() };
    todo::silence(&after, writes);
    silence::keep(&after, now, writes);
    let happening = Happening::TodoSilenced;
    let change = reconcile::change(happening, tenant, Some(before), Some(&after));
    (after, change)
}

/// Who has done something of which type, when an event tells of that.
pub(crate) fn done_by(event: &KeptEvent) -> Option<(UserId, String)> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Done {
        success: bool,
        todo: About,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct About {
        user_id: Uuid,
        action_type: String,
    }
    if event.event_type != Happening::TodoExecuted.event_type() {
        return None;
    }
    let done: Done = serde_json::from_str(event.payload.as_str()).ok()?;
    let about = done.todo;
    done.success.then(|| (UserId::from_uuid(about.user_id), about.action_type))
}
