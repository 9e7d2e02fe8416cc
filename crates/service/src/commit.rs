//! One unit of work: the change, its audit record, its event and the answer, all of it or none.
//!
//! A unit returns what it changed; it cannot forget the records, because without them it does not
//! compile.

use std::sync::Arc;

use docket_domain::access::Principal;
use docket_domain::event::Happening;
use docket_domain::id::{AuditId, EventId, TenantId, UserId};
use docket_domain::json::Json;
use docket_domain::time::Instant;
use docket_store::audit_record::AuditRecord;
use docket_store::outbox::OutboxEvent;
use docket_store::{Batch, Conn, audit_record, idempotency};
use futures_util::future::BoxFuture;
use uuid::Uuid;

use crate::caller::{Caller, Idempotency};
use crate::chores::give_way;
use crate::context::Context;
use crate::error::{Error, Refusal};
use crate::hooks::Directory;
use crate::marks::Touch;

/// What a unit of work leaves behind.
#[derive(Debug)]
pub struct Done<T> {
    /// What the caller is told.
    pub value: T,
    /// What changed; nothing when everything already was as asked.
    pub changes: Vec<Change>,
    /// What is still to be written.
    pub writes: Batch,
    /// Who must be read anew once this is committed.
    pub(crate) touches: Vec<Touch>,
}

/// One change of one object.
#[derive(Debug)]
pub struct Change {
    /// What happened.
    pub happening: Happening,
    /// To what.
    pub subject: Uuid,
    /// In which tenant; none for what all tenants share.
    pub tenant: Option<TenantId>,
    /// How it was.
    pub before: Option<Json>,
    /// How it is.
    pub after: Option<Json>,
    /// What the event says instead of how the object now is.
    pub event: Option<Json>,
    /// The event's id, when somebody was told it already.
    pub event_id: Option<EventId>,
}

impl<T> Done<T> {
    /// One change.
    pub fn one(value: T, change: Change) -> Self {
        Self::many(value, vec![change])
    }

    /// Several changes.
    pub fn many(value: T, changes: Vec<Change>) -> Self {
        Self { value, changes, writes: Batch::default(), touches: Vec::new() }
    }

    /// Everything already was as asked.
    pub fn unchanged(value: T) -> Self {
        Self::many(value, Vec::new())
    }
}

/// An answer as bytes, in the surface's format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body; empty means none.
    pub body: Vec<u8>,
    /// Whether this is the answer to an earlier, equal request.
    pub replayed: bool,
}

impl Answer {
    /// A new answer.
    #[must_use]
    pub fn new(status: u16, body: Vec<u8>) -> Self {
        Self { status, body, replayed: false }
    }
}

/// How a unit of work ended.
enum Ended<T> {
    /// With an outcome that is still to be told, which can be done when others have their turn.
    Done(T, Vec<Touch>),
    /// With an answer, which was kept.
    Answered(Answer, Vec<Touch>),
}

/// A unit of work: reads what the rules need, asks them, writes what follows. It may run twice, so
/// ids and instants come from outside.
pub trait Unit<T>:
    for<'c> Fn(&'c mut Conn) -> BoxFuture<'c, Result<Done<T>, Error>> + Send + Sync + 'static
{
}

impl<T, F> Unit<T> for F where
    F: for<'c> Fn(&'c mut Conn) -> BoxFuture<'c, Result<Done<T>, Error>> + Send + Sync + 'static
{
}

/// How an outcome is told to the caller.
pub trait Render<T>: Fn(&T) -> Answer + Send + Sync + 'static {}

impl<T, F> Render<T> for F where F: Fn(&T) -> Answer + Send + Sync + 'static {}

impl Context {
    /// Commits one unit of work and answers. A request that carries an idempotency key is answered
    /// as it was the first time.
    pub async fn commit<T: Send + 'static>(
        &self,
        caller: &Caller,
        now: Instant,
        unit: impl Unit<T>,
        render: impl Render<T>,
    ) -> Result<Answer, Error> {
        let render = Arc::new(render);
        let work = self.work(caller, now, unit, Arc::clone(&render));
        Ok(self.end(self.db.write(work).await?, &*render))
    }

    /// The same, together with others: for units that hold nothing which others may not hold, and
    /// leave all that they write to the end.
    pub(crate) async fn commit_in_group<T: Send + 'static>(
        &self,
        caller: &Caller,
        now: Instant,
        unit: impl Unit<T>,
        render: impl Render<T>,
    ) -> Result<Answer, Error> {
        // Whoever repeats a request waits for whoever made it first.
        if caller.idempotency.is_some() {
            return self.commit(caller, now, unit, render).await;
        }
        let render = Arc::new(render);
        let work = self.work(caller, now, unit, Arc::clone(&render));
        Ok(self.end(self.db.write_in_group(work).await?, &*render))
    }

    /// All that a request does inside its transaction.
    fn work<T: Send + 'static>(
        &self,
        caller: &Caller,
        now: Instant,
        unit: impl Unit<T>,
        render: Arc<impl Render<T>>,
    ) -> impl for<'c> Fn(&'c mut Conn) -> BoxFuture<'c, Result<Ended<T>, Error>> + Send + Sync + 'static
    {
        let (ctx, caller, unit) = (self.clone(), caller.clone(), Arc::new(unit));
        move |conn| {
            let (ctx, caller) = (ctx.clone(), caller.clone());
            let (unit, render) = (Arc::clone(&unit), Arc::clone(&render));
            Box::pin(async move {
                if let Some(same) = &caller.idempotency
                    && let Some(answer) = ctx.remembered(conn, same, now).await?
                {
                    return Ok(Ended::Answered(answer, Vec::new()));
                }
                let mut done = (*unit)(conn).await?;
                ctx.record(&caller, now, &mut done);
                let Done { value, writes, touches, .. } = done;
                let ended = match &caller.idempotency {
                    Some(same) => {
                        let answer = (*render)(&value);
                        ctx.remember(conn, same, &answer, now).await?;
                        Ended::Answered(answer, touches)
                    }
                    None => Ended::Done(value, touches),
                };
                conn.at_end(writes).await?;
                Ok(ended)
            })
        }
    }

    /// What the caller is told once everything is on disk.
    fn end<T>(&self, ended: Ended<T>, render: &impl Render<T>) -> Answer {
        match ended {
            Ended::Answered(answer, touches) => {
                self.committed(&touches);
                answer
            }
            Ended::Done(value, touches) => {
                self.committed(&touches);
                render(&value)
            }
        }
    }

    /// Commits one unit of work of Docket's own, for which nobody waits.
    pub(crate) async fn commit_own<T: Send + 'static>(
        &self,
        caller: &Caller,
        now: Instant,
        unit: impl Unit<T>,
    ) -> Result<T, Error> {
        let (ctx, caller, unit) = (self.clone(), caller.clone(), Arc::new(unit));
        let (value, touches) = self
            .db
            .write(move |conn| {
                let (ctx, caller, unit) = (ctx.clone(), caller.clone(), Arc::clone(&unit));
                Box::pin(async move {
                    let mut done = (*unit)(conn).await?;
                    ctx.record(&caller, now, &mut done);
                    let Done { value, writes, touches, .. } = done;
                    conn.at_end(writes).await?;
                    Ok::<_, Error>((value, touches))
                })
            })
            .await?;
        self.committed(&touches);
        Ok(value)
    }

    /// What was read before is not used again here, and whoever tells others looks at once.
    pub(crate) fn committed(&self, touches: &[Touch]) {
        if !touches.is_empty() {
            self.marks.forget(touches);
            if touches.contains(&Touch::Directory) {
                self.directory.forget();
            }
            self.log.nudge();
        }
    }

    /// Adds the audit record and the event of each change.
    pub(crate) fn record<T>(&self, caller: &Caller, now: Instant, done: &mut Done<T>) {
        let (principal, key_id, user_id) = identity(caller);
        for (place, change) in std::mem::take(&mut done.changes).into_iter().enumerate() {
            give_way(place);
            let event_type = change.happening.event_type();
            let payload = change.event.or_else(|| change.after.clone());
            let event = OutboxEvent {
                id: change.event_id.unwrap_or_else(|| self.id(now, EventId::from_uuid)),
                at: now,
                event_type: event_type.clone(),
                tenant_id: change.tenant,
                subject_id: change.subject,
                request_id: String::from(&*caller.request_id),
                payload: payload.or_else(|| change.before.clone()),
            };
            let payload = event.payload.as_ref();
            if Directory::is_about(&event.event_type) {
                done.touches.push(Touch::Directory);
            }
            done.touches.push(Touch::of(&event.event_type, Some(event.subject_id), payload));
            let record = AuditRecord {
                id: self.id(now, AuditId::from_uuid),
                at: now,
                principal,
                key_id,
                user_id,
                request_id: String::from(&*caller.request_id),
                tenant_id: change.tenant,
                event_type,
                subject_id: change.subject,
                before: change.before,
                after: change.after,
            };
            audit_record::insert_with_event(record, event, &mut done.writes);
        }
    }

    /// Whether a request like this was answered already.
    pub(crate) async fn is_remembered(&self, caller: &Caller) -> Result<bool, Error> {
        let Some(same) = &caller.idempotency else { return Ok(false) };
        let since = self.now().plus_millis(-idempotency::KEPT_MILLIS);
        let conn = &mut self.db.reader();
        Ok(idempotency::find(conn, &same.credential, &same.key, since).await?.is_some())
    }

    async fn remembered(
        &self,
        conn: &mut Conn,
        same: &Idempotency,
        now: Instant,
    ) -> Result<Option<Answer>, Error> {
        if !idempotency::claim(conn, &same.credential, &same.key).await? {
            return Err(Refusal::StillRunning.into());
        }
        let since = now.plus_millis(-idempotency::KEPT_MILLIS);
        let Some(kept) = idempotency::find(conn, &same.credential, &same.key, since).await? else {
            return Ok(None);
        };
        if kept.fingerprint != same.fingerprint {
            return Err(Refusal::IdempotencyKeyReused.into());
        }
        // An answer sealed by a lost master key cannot be given again; the effect stands, so saying
        // nothing about it is the honest answer.
        let body = self.vault.open("answer", &kept.sealed_body).unwrap_or_default();
        let status = u16::try_from(kept.status).unwrap_or(200);
        Ok(Some(Answer { status, body, replayed: true }))
    }

    async fn remember(
        &self,
        conn: &mut Conn,
        same: &Idempotency,
        answer: &Answer,
        now: Instant,
    ) -> Result<(), Error> {
        let kept = idempotency::Kept {
            fingerprint: same.fingerprint.to_vec(),
            status: i64::from(answer.status),
            sealed_body: self.vault.seal("answer", &answer.body),
        };
        idempotency::insert(conn, &same.credential, &same.key, &kept, now).await?;
        Ok(())
    }
}

/// The kind of principal, its key, and the user it is or acts for.
fn identity(
    caller: &Caller,
) -> (&'static str, Option<docket_domain::id::ApiKeyId>, Option<UserId>) {
    match &caller.principal {
        Principal::Anonymous => ("anonymous", None, caller.on_behalf_of),
        Principal::Key(key) => ("key", Some(key.id), caller.on_behalf_of),
        Principal::User(user) => ("user", None, Some(user.id)),
        Principal::System => ("system", None, caller.on_behalf_of),
    }
}
