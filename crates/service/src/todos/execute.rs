//! Doing something about a to-do (`waldur.md` §4.10, `native.md` §4).
//!
//! What happens here and the record that it was done are one unit of work. What happens elsewhere
//! (another system is called) comes first, and is recorded whatever came of it.

use std::sync::Arc;

use docket_domain::access::Viewer;
use docket_domain::directory::User;
use docket_domain::event::{Happening, Noun};
use docket_domain::id::{EventId, TodoId};
use docket_domain::json::Json;
use docket_domain::mail::Secret;
use docket_domain::time::Instant;
use docket_domain::todo::execution::Outcome;
use docket_domain::todo::silence::Length;
use docket_domain::todo::{CorrectiveAction, Execution, Todo};
use docket_store::{Conn, execution, provider, todo, user};
use serde_json::json;

use super::{Asking, laid, permitted, user_of, visible};
use crate::caller::Caller;
use crate::commit::{Answer, Change, Done, Render};
use crate::context::Context;
use crate::error::{Error, Refusal};
use crate::messenger::Message;
use crate::providers::{self, Applied, Deed, Effect, Within, kept};
use crate::snapshot;
use crate::viewers;

/// How long another system may take, in milliseconds.
const CALLBACK_MILLIS: i64 = 10_000;
/// The most bytes of its answer.
const LARGEST_ANSWER: usize = 64 * 1024;

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Executed {
    /// It was done, or the user is led somewhere.
    Done(Outcome),
    /// There is nothing of that label, or the caller may not do it. Nothing happened.
    Unknown,
    /// It failed, for this reason.
    Failed(String),
}

/// How another system is told what to do, and how its answer is read.
#[derive(Debug, Clone, Copy)]
pub struct Callbacks {
    /// Writes what it is told.
    pub say: fn(&Todo, &CorrectiveAction, &User) -> Vec<u8>,
    /// Reads the answer, or says why it is none.
    pub hear: fn(&[u8]) -> Result<Outcome, String>,
}

/// How it is done.
enum Way {
    /// It is done.
    Over(Result<Outcome, String>),
    /// In the unit of work that records it.
    Within(Within),
}

/// Does something about a to-do.
pub async fn execute(
    ctx: &Context,
    caller: &Caller,
    asking: &Asking,
    id: TodoId,
    label: &str,
    callbacks: Callbacks,
    render: impl Render<Executed>,
) -> Result<Answer, Error> {
    let now = ctx.now();
    let conn = &mut ctx.db.reader();
    let todo = visible(todo::find(conn, id).await?, caller, asking, now);
    // A request that comes again is answered as before, although the to-do may be gone by now.
    if ctx.is_remembered(caller).await? {
        let over = Way::Over(Ok(Outcome::navigate()));
        let recording = Recording::again(caller, now)?;
        return recording.keep(ctx, caller, over, Arc::new(render)).await;
    }
    let todo = todo?;
    let viewer = viewers::viewer(conn, user_of(caller)?.id, now).await?;
    let action = permitted(&viewer, &todo).into_iter().find(|action| action.label == label);
    let Some(action) = action else { return Ok(render(&Executed::Unknown)) };
    let way = way(ctx, caller, &viewer, &todo, &action, callbacks, now).await?;
    let recording = Recording {
        execution: Execution {
            id: 0,
            user_id: viewer.id,
            todo_id: todo.id,
            action_type: todo.action_type.clone(),
            object_id: todo.object_id.clone(),
            label: action.label,
            success: true,
            error_message: String::new(),
            metadata: Json::empty_object(),
            executed_at: now,
        },
        todo: Some(todo),
    };
    // What was done may be all there was to do: its provider is asked, in a moment.
    let wish = (viewer.id, Some(recording.execution.action_type.clone()));
    let is_done = !matches!(way, Way::Over(Err(_)));
    let answer = recording.keep(ctx, caller, way, Arc::new(render)).await?;
    if is_done {
        ctx.wishes.make(wish);
    }
    Ok(answer)
}

async fn way(
    ctx: &Context,
    caller: &Caller,
    viewer: &Viewer,
    todo: &Todo,
    action: &CorrectiveAction,
    callbacks: Callbacks,
    now: Instant,
) -> Result<Way, Error> {
    if !action.is_done_here() {
        return Ok(Way::Over(Ok(Outcome::navigate())));
    }
    let unknown = || Way::Over(Err(format!("API action not implemented: {}", action.label)));
    if let Some(url) = &action.callback_url {
        let user = user::find(&mut ctx.db.reader(), viewer.id).await?;
        let Some(user) = user else { return Ok(unknown()) };
        let message = Message {
            url: url.clone(),
            id: ctx.id(now, EventId::from_uuid),
            at: now,
            secrets: secrets(ctx, &todo.action_type).await?,
            body: (callbacks.say)(todo, action, &user),
            within_millis: CALLBACK_MILLIS,
            longest_answer: LARGEST_ANSWER,
        };
        let response = ctx.messenger.post(message).await;
        let heard = match response.error {
            Some(why) => Err(why),
            None => (callbacks.hear)(&response.body),
        };
        return Ok(Way::Over(heard));
    }
    let Some(provider) = providers::of_type(&todo.action_type) else { return Ok(unknown()) };
    Ok(match provider.effect(Deed { ctx, caller, viewer, now, todo, action }).await? {
        Effect::Declined => unknown(),
        Effect::Did(outcome) => Way::Over(outcome),
        Effect::Within(within) => Way::Within(within),
    })
}

/// What calls about to-dos of a type are signed with: the secret of its provider, or the one for all
/// types that have none.
async fn secrets(ctx: &Context, action_type: &str) -> Result<Vec<Secret>, Error> {
    match provider::of_type(&mut ctx.db.reader(), action_type).await? {
        Some(provider) => kept::secrets(ctx, provider.id).await,
        None => kept::shared_secrets(ctx).await,
    }
}

/// An execution about to be kept.
#[derive(Debug, Clone)]
struct Recording {
    execution: Execution,
    todo: Option<Todo>,
}

impl Recording {
    /// For a request whose answer is known already; nothing of it will be kept.
    fn again(caller: &Caller, now: Instant) -> Result<Self, Error> {
        let execution = Execution {
            id: 0,
            user_id: user_of(caller)?.id,
            todo_id: TodoId::from_uuid(uuid::Uuid::nil()),
            action_type: String::new(),
            object_id: String::new(),
            label: String::new(),
            success: false,
            error_message: String::new(),
            metadata: Json::empty_object(),
            executed_at: now,
        };
        Ok(Self { execution, todo: None })
    }

    /// Does what is still to be done, and keeps what came of it.
    async fn keep<R: Render<Executed>>(
        self,
        ctx: &Context,
        caller: &Caller,
        way: Way,
        render: Arc<R>,
    ) -> Result<Answer, Error> {
        let why = match way {
            Way::Over(outcome) => {
                return self.commit(ctx, caller, Arc::new(over(outcome)), render).await;
            }
            Way::Within(within) => {
                let kept = self.clone().commit(ctx, caller, within, Arc::clone(&render)).await;
                match kept {
                    Err(Error::Refused(refusal)) => in_words(&refusal),
                    kept => return kept,
                }
            }
        };
        // Nothing happened; that somebody tried is kept all the same.
        self.commit(ctx, caller, Arc::new(over(Err(why))), render).await
    }

    async fn commit<R: Render<Executed>>(
        self,
        ctx: &Context,
        caller: &Caller,
        within: Within,
        render: Arc<R>,
    ) -> Result<Answer, Error> {
        let now = self.execution.executed_at;
        let recording = Arc::new(self);
        ctx.commit(
            caller,
            now,
            move |conn| {
                let (recording, within) = (Arc::clone(&recording), Arc::clone(&within));
                Box::pin(async move {
                    let done = (*within)(conn).await?;
                    recording.finish(conn, done, now).await
                })
            },
            move |executed: &Executed| (*render)(executed),
        )
        .await
    }

    /// Adds the execution to what was done.
    async fn finish(
        &self,
        conn: &mut Conn,
        done: Done<Applied>,
        now: Instant,
    ) -> Result<Done<Executed>, Error> {
        let Done { value, mut changes, mut writes, touches } = done;
        let failure = value.failure.clone();
        let execution = Execution {
            success: failure.is_none(),
            error_message: failure.clone().unwrap_or_default(),
            metadata: value.outcome.metadata.clone().unwrap_or_else(Json::empty_object),
            ..self.execution.clone()
        };
        execution::insert(&execution, &mut writes);
        if let Some(todo) = &self.todo {
            let tenant = user::tenant_of(conn, todo.user_id).await?;
            changes.push(executed(todo, &execution, tenant));
            // It may be gone by now, or silent already.
            if value.silences
                && let Some(current) = todo::find_locked(conn, todo.id).await?
                && !current.silence.forever
            {
                changes.push(laid(&current, Length::Forever, tenant, now, &mut writes).1);
            }
        }
        let value = failure.map_or(Executed::Done(value.outcome), Executed::Failed);
        Ok(Done { value, changes, writes, touches })
    }
}

/// What was done already, as if it were done now.
fn over(
    outcome: Result<Outcome, String>,
) -> impl for<'c> Fn(&'c mut Conn) -> providers::Looking<'c, Done<Applied>> + Send + Sync {
    move |_| {
        let applied = match outcome.clone() {
            Ok(outcome) => Applied::new(outcome),
            Err(why) => Applied { failure: Some(why), ..Applied::new(Outcome::default()) },
        };
        Box::pin(std::future::ready(Ok(Done::unchanged(applied))))
    }
}

/// The change that an execution is.
fn executed(
    todo: &Todo,
    execution: &Execution,
    tenant: Option<docket_domain::id::TenantId>,
) -> Change {
    let after = snapshot::document(&json!({
        "todo": snapshot::todo_value(todo),
        "userId": execution.user_id.to_string(),
        "label": execution.label,
        "success": execution.success,
        "errorMessage": execution.error_message,
        "metadata": serde_json::from_str::<serde_json::Value>(execution.metadata.as_str())
            .unwrap_or_default(),
        "executedAt": execution.executed_at.millis(),
    }));
    Change {
        happening: Happening::TodoExecuted,
        subject: todo.id.uuid(),
        tenant,
        before: None,
        after: Some(after),
        event: None,
        event_id: None,
    }
}

/// Why something could not be done, for the one who tried.
fn in_words(refusal: &Refusal) -> String {
    match refusal {
        Refusal::NotFound(Noun::Order) => "The order is not there any more.".to_owned(),
        Refusal::NotFound(_) => "What this is about is not there any more.".to_owned(),
        Refusal::AlreadyDecided => "Somebody has decided on this already.".to_owned(),
        Refusal::Forbidden | Refusal::NotManaged => {
            "You do not have permission to perform this action.".to_owned()
        }
        Refusal::Grant(error) => error.to_string(),
        Refusal::Request(refusal) => refusal.to_string(),
        Refusal::Invitation(_) => "The invitation does not allow this.".to_owned(),
        Refusal::Invalid(_)
        | Refusal::Password(_)
        | Refusal::Team(_)
        | Refusal::InUse(_)
        | Refusal::IdempotencyKeyReused
        | Refusal::Vetoed
        | Refusal::StillRunning => "It could not be done.".to_owned(),
    }
}
