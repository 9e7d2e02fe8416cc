//! What is done for to-dos at certain times of the day (`waldur.md` §6.4), by whichever node comes
//! first.

use docket_domain::time::Instant;
use docket_domain::todo::Schedule;
use docket_domain::todo::due::DAY_MILLIS;
use docket_store::todo::Part;
use docket_store::{execution, silence, task, todo};

use super::refresh;
use crate::context::Context;
use crate::error::Error;
use crate::providers;

/// Rows in one unit of work, so that nobody waits long for it to end.
const BATCH: i64 = 1_000;
/// Objects looked at in one go.
const OBJECTS: i64 = 50;

/// Something that is done at certain times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Silences for a time that are over are forgotten.
    Silences,
    /// Executions from long ago are forgotten.
    Executions,
    /// To-dos about things that are gone go, too.
    Leftovers,
}

impl Task {
    /// Every task with its name and its times, in UTC.
    const ALL: [(Self, &'static str, &'static str); 3] = [
        (Self::Silences, "silences", "0 2 * * *"),
        (Self::Executions, "executions", "0 1 * * 0"),
        (Self::Leftovers, "leftovers", "30 3 * * *"),
    ];

    async fn perform(self, ctx: &Context) -> Result<(), Error> {
        match self {
            Self::Silences => clear_silences(ctx).await,
            Self::Executions => forget_executions(ctx).await,
            Self::Leftovers => remove_leftovers(ctx).await,
        }
    }
}

/// Does what is due. The answer is when something is due next.
pub async fn see_to(ctx: &Context) -> Result<Option<Instant>, Error> {
    let mut next = None;
    for (task, name, times) in Task::ALL {
        if let Some(due) = claim(ctx, name, times).await? {
            next = next.into_iter().chain(Some(due.next)).min();
            if due.is_now {
                task.perform(ctx).await?;
            }
        }
    }
    let digest = crate::todo_digest::see_to(ctx).await?;
    Ok(next.into_iter().chain(digest).min())
}

/// Whether something is due, and when it is next.
pub(crate) struct Due {
    pub(crate) is_now: bool,
    pub(crate) next: Instant,
}

/// Claims something that is due; what is due for the first time was never missed.
async fn claim(ctx: &Context, name: &'static str, times: &str) -> Result<Option<Due>, Error> {
    let now = ctx.now();
    let Some(due) = look(ctx, name, times, now).await? else { return Ok(None) };
    let (at, next) = due;
    if at > now {
        return Ok(Some(Due { is_now: false, next: at }));
    }
    let claimed = ctx
        .db
        .write(move |conn| {
            Box::pin(async move { Ok::<_, Error>(task::claim(conn, name, at, next).await?) })
        })
        .await?;
    Ok(Some(Due { is_now: claimed && at.millis() > 0, next }))
}

/// When something is due, and when it is after that.
pub(crate) async fn look(
    ctx: &Context,
    name: &str,
    times: &str,
    now: Instant,
) -> Result<Option<(Instant, Instant)>, Error> {
    let Some(at) = task::next_run(&mut ctx.db.reader(), name).await? else { return Ok(None) };
    let schedule: Option<Schedule> = times.parse().ok();
    Ok(schedule.and_then(|schedule| schedule.next_after(now)).map(|next| (at, next)))
}

async fn clear_silences(ctx: &Context) -> Result<(), Error> {
    let now = ctx.now();
    let cleared = ctx
        .db
        .write(move |conn| {
            Box::pin(async move {
                silence::forget(conn, now).await?;
                Ok::<_, Error>(todo::clear_silences(conn, now).await?)
            })
        })
        .await?;
    tracing::debug!(cleared, "silences that are over were forgotten");
    Ok(())
}

async fn forget_executions(ctx: &Context) -> Result<(), Error> {
    let days = ctx.settings.todos.execution_retention_days;
    let before = ctx.now().plus_millis(-days.saturating_mul(DAY_MILLIS));
    loop {
        let forgotten = ctx
            .db
            .write(move |conn| {
                Box::pin(
                    async move { Ok::<_, Error>(execution::forget(conn, before, BATCH).await?) },
                )
            })
            .await?;
        if forgotten < BATCH.unsigned_abs() {
            return Ok(());
        }
    }
}

/// Looks at every object about which somebody has to do something.
async fn remove_leftovers(ctx: &Context) -> Result<(), Error> {
    for provider in providers::built_in() {
        let mut after = String::new();
        loop {
            let conn = &mut ctx.db.reader();
            let objects =
                todo::objects_of_type(conn, provider.action_type(), &after, OBJECTS).await?;
            let Some(last) = objects.last() else { break };
            after.clone_from(last);
            refresh::part(ctx, provider, Part::Objects(objects)).await?;
        }
    }
    Ok(())
}
