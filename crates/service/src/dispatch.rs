//! Fanning out: which webhooks hear of an event, and which mails go out (`native.md` §6).
//!
//! Every node reads the whole log and sees for itself what follows from each event; whoever comes
//! first keeps it and moves the mark in the table `relay`, in one unit of work. What the log says
//! about webhooks and tenants comes before what it says about their events, so nobody decides by
//! settings older than the event.

use std::collections::HashMap;
use std::sync::Arc;

use docket_domain::attempt::{DeliveryState, EventResult, WebhookEvent};
use docket_domain::delivery::MOST_ATTEMPTS;
use docket_domain::event::EventType;
use docket_domain::id::{EventId, WebhookId};
use docket_domain::time::Instant;
use docket_store::Batch;
use docket_store::delivery::{self, NewDelivery};
use docket_store::outbox::KeptEvent;
use docket_store::relay::{self, Relay};

use crate::action_mail::{self, Composed, Happened};
use crate::actions::Told;
use crate::chores::give_way;
use crate::context::Context;
use crate::error::Error;
use crate::events::{self, Wanted};
use crate::hooks::{Directory, Hook};
use crate::{request_mails, snapshot};

/// Events looked at in one go.
const LOOK: i64 = 200;
/// How far the kept mark may lie behind what was looked at and led to nothing.
const LONGEST_LAG: i64 = 5_000;
/// The same in time, in milliseconds.
const LONGEST_SILENCE: i64 = 1_000;

/// What is said to webhooks: the type by which they choose, and what they are sent.
#[derive(Debug)]
pub struct Said {
    /// The type of the event in the contract.
    pub event_type: EventType,
    /// What is sent.
    pub body: String,
}

/// Writes what is sent about a change, in the words of the contract.
pub type Render = fn(&Told) -> Said;

/// Where one node stands in fanning out.
#[derive(Debug)]
pub struct Dispatcher {
    position: i64,
    kept: i64,
    kept_at: Instant,
    directory: Option<Arc<Directory>>,
}

/// One call to be made.
#[derive(Debug, Clone)]
pub struct Job {
    /// Whom to call.
    pub hook: Arc<Hook>,
    /// About which event.
    pub event_id: EventId,
    /// What to send.
    pub body: Arc<str>,
    /// How many attempts there were already.
    pub made: i64,
    /// How many may follow, this one included.
    pub tries_left: i64,
    /// Until when this node alone makes the call.
    pub leased_until: Instant,
}

/// What follows from some events.
#[derive(Debug, Clone, Default)]
struct Following {
    events: Vec<WebhookEvent>,
    deliveries: Vec<NewDelivery>,
    jobs: Vec<Job>,
    mails: Vec<(EventId, Composed)>,
}

impl Following {
    fn is_empty(&self) -> bool {
        self.deliveries.is_empty() && self.mails.is_empty()
    }
}

impl Dispatcher {
    /// Goes on where the last one stopped.
    pub async fn open(ctx: &Context) -> Result<Self, Error> {
        let position = relay::position(&mut ctx.db.reader(), Relay::Dispatch).await?;
        Ok(Self { position, kept: position, kept_at: ctx.now(), directory: None })
    }

    /// Up to where everything was looked at.
    #[must_use]
    pub fn position(&self) -> i64 {
        self.position
    }

    /// Who may be told what, as of the last event looked at or later.
    pub async fn directory(&mut self, ctx: &Context) -> Result<Arc<Directory>, Error> {
        if let Some(directory) = &self.directory {
            return Ok(Arc::clone(directory));
        }
        let read = Arc::new(Directory::read(ctx).await?);
        self.directory = Some(Arc::clone(&read));
        Ok(read)
    }

    /// Looks at the next events and keeps what follows from them. The calls that this node has
    /// `room` for are its own at once; the others are due for anybody. Nothing means that there
    /// are no more events.
    pub async fn step(
        &mut self,
        ctx: &Context,
        render: Render,
        room: &mut HashMap<WebhookId, usize>,
        most: usize,
    ) -> Result<Option<Vec<Job>>, Error> {
        let (seen, end) = events::page(ctx, &Wanted::default(), self.position, LOOK).await?;
        if end <= self.position {
            self.keep(ctx, false).await?;
            return Ok(None);
        }
        let _turn = ctx.turn().await;
        let now = ctx.now();
        let mut following = Following::default();
        for (place, event) in seen.iter().enumerate() {
            give_way(place);
            self.follow(ctx, event, now, render, room, most, &mut following).await?;
        }
        let jobs = if following.is_empty() {
            Vec::new()
        } else {
            self.commit(ctx, seen, following, end).await?
        };
        self.position = end;
        self.keep(ctx, false).await?;
        Ok(Some(jobs))
    }

    /// Adds what follows from one event.
    #[expect(clippy::too_many_arguments, reason = "one step of `step`, which has them all")]
    async fn follow(
        &mut self,
        ctx: &Context,
        event: &KeptEvent,
        now: Instant,
        render: Render,
        room: &mut HashMap<WebhookId, usize>,
        most: usize,
        following: &mut Following,
    ) -> Result<(), Error> {
        if Directory::is_about(&event.event_type) {
            self.directory = None;
        }
        if request_mails::follow_from(&event.event_type) {
            let mails = request_mails::compose(ctx, event).await?;
            following.mails.extend(mails.into_iter().map(|composed| (event.id, composed)));
            return Ok(());
        }
        if event.event_type != EventType::UserAction.name() || !snapshot::is_told(event) {
            return Ok(());
        }
        let Some(told) = snapshot::told(event) else { return Ok(()) };
        if told.event.emailed_user {
            let happened = Happened { id: event.id, at: event.at, payload: &event.payload };
            let composed = action_mail::compose(ctx, happened).await?;
            if !composed.is_empty() {
                following.mails.push((event.id, composed));
            }
        }
        // Those who were asked before the commit know already.
        if !told.event.broadcast || told.event.asked {
            return Ok(());
        }
        let directory = self.directory(ctx).await?;
        let mut hearing =
            directory.hearing(EventType::UserAction, told.action.tenant_id).peekable();
        if hearing.peek().is_none() {
            return Ok(());
        }
        let said = render(&told);
        let body: Arc<str> = said.body.as_str().into();
        following.events.push(webhook_event(&told, said, now, EventResult::Running));
        for hook in hearing {
            let webhook = &hook.webhook;
            let room = room.entry(webhook.id).or_insert(most);
            let leased_until = webhook.lease(now);
            let is_own = *room > 0;
            if is_own {
                *room -= 1;
                following.jobs.push(Job {
                    hook: Arc::clone(hook),
                    event_id: event.id,
                    body: Arc::clone(&body),
                    made: 0,
                    tries_left: most_attempts(),
                    leased_until,
                });
            }
            following.deliveries.push(NewDelivery {
                webhook_id: webhook.id,
                event_id: event.id,
                state: DeliveryState::Waiting,
                attempts: 0,
                tries_left: most_attempts(),
                due_at: Some(if is_own { leased_until } else { now }),
                updated_at: now,
            });
        }
        Ok(())
    }

    /// Keeps what follows from the events, unless another node has: then only from those that it
    /// has not come to. The answer is the calls that are this node's.
    async fn commit(
        &mut self,
        ctx: &Context,
        seen: Vec<Arc<KeptEvent>>,
        following: Following,
        end: i64,
    ) -> Result<Vec<Job>, Error> {
        let (seen, following) = (Arc::new(seen), Arc::new(following));
        let kept = Arc::clone(&following);
        let now = ctx.now();
        let behind = ctx
            .db
            .write(move |conn| {
                let (seen, following) = (Arc::clone(&seen), Arc::clone(&kept));
                Box::pin(async move {
                    let position = relay::position_locked(conn, Relay::Dispatch).await?;
                    let done: Vec<EventId> = seen
                        .iter()
                        .filter(|event| event.position <= position)
                        .map(|event| event.id)
                        .collect();
                    let (mut writes, following) = (Batch::default(), Following::clone(&following));
                    for event in following.events {
                        if !done.contains(&event.id) {
                            delivery::insert_event(event, &mut writes);
                        }
                    }
                    for delivery in &following.deliveries {
                        if !done.contains(&delivery.event_id) {
                            delivery::insert(delivery, &mut writes);
                        }
                    }
                    let is_new = |(event, _): &(EventId, Composed)| !done.contains(event);
                    let mails = following.mails.into_iter().filter(is_new);
                    let mails: Vec<Composed> = mails.map(|(_, composed)| composed).collect();
                    action_mail::keep(conn, now, &mails).await?;
                    relay::advance(Relay::Dispatch, end, &mut writes);
                    conn.at_end(writes).await?;
                    Ok::<_, Error>(done)
                })
            })
            .await?;
        (self.kept, self.kept_at) = (end, ctx.now());
        ctx.nudge.mails();
        let mut jobs = Arc::try_unwrap(following).unwrap_or_else(|shared| (*shared).clone()).jobs;
        jobs.retain(|job| !behind.contains(&job.event_id));
        Ok(jobs)
    }

    /// Keeps how far this has got when that is much further than what is kept.
    async fn keep(&mut self, ctx: &Context, at_once: bool) -> Result<(), Error> {
        let now = ctx.now();
        let lag = self.position - self.kept;
        let long_ago = now.millis_since(self.kept_at) >= LONGEST_SILENCE;
        if lag == 0 || !(at_once || lag >= LONGEST_LAG || long_ago) {
            return Ok(());
        }
        let position = self.position;
        ctx.db
            .write(move |conn| {
                Box::pin(async move {
                    let mut writes = Batch::default();
                    relay::advance(Relay::Dispatch, position, &mut writes);
                    Ok::<_, Error>(conn.at_end(writes).await?)
                })
            })
            .await?;
        (self.kept, self.kept_at) = (position, now);
        Ok(())
    }

    /// Keeps how far this has got, before the server ends.
    pub async fn close(&mut self, ctx: &Context) -> Result<(), Error> {
        self.keep(ctx, true).await
    }
}

/// How often a delivery is tried.
pub(crate) fn most_attempts() -> i64 {
    i64::try_from(MOST_ATTEMPTS).unwrap_or(i64::MAX)
}

/// The event as webhooks are told it.
pub(crate) fn webhook_event(
    told: &Told,
    said: Said,
    now: Instant,
    result: EventResult,
) -> WebhookEvent {
    WebhookEvent {
        id: told.event.id,
        event_type: said.event_type.name().to_owned(),
        tenant_id: Some(told.action.tenant_id),
        linked_id: Some(told.action.actionee_id.uuid()),
        created_at: told.event.at,
        updated_at: now,
        last_attempt_at: None,
        result,
        successful: 0,
        failed: 0,
        body: said.body,
    }
}
