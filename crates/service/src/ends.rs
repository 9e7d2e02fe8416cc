//! Ends: actions and roles whose time has come (`fusionauth.md` §3.9, `waldur.md` §2.1).
//!
//! Whether an action is in force is a function of the clock, and so is whether a role counts: an end
//! changes nothing by itself. What happens here is that others are told of it, once, whichever node
//! comes first. A definition that sends no events of ends makes for a quiet end: nothing that anybody
//! could see is changed, so there is no audit record and no event either.

use std::collections::HashMap;

use docket_domain::action::lifecycle;
use docket_domain::action::{Action, Definition, Phase};
use docket_domain::directory::User;
use docket_domain::event::{EventType, Happening, Noun};
use docket_domain::id::{ActionId, DefinitionId, EventId, UserId};
use docket_domain::time::{Expiry, Instant};
use docket_store::action_end::PendingEnd;
use docket_store::outbox::KeptEvent;
use docket_store::{Batch, Conn, action, action_end, definition, grant, user};
use serde::Deserialize;

use crate::action_mail;
use crate::actions::{self, Telling};
use crate::caller::Caller;
use crate::chores::give_way;
use crate::commit::{Change, Done};
use crate::context::{Context, request_id};
use crate::error::Error;
use crate::grants;

/// Actions, or users, that are read at once: a longer statement would keep one of the processors of
/// `PostgreSQL` for longer than whoever waits for a short one should have to.
const READ_AT_ONCE: usize = 16;

/// What the log says of ends to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heard {
    /// Up to where it was read.
    pub position: i64,
    /// The earliest of the ends that it speaks of.
    pub earliest: Expiry,
}

/// Ends that were seen to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SeenTo {
    /// Since when each was due: its instant, or the change that moved it into the past.
    pub due_since: Vec<Instant>,
    /// The last of the actions' ends.
    pub last: Option<PendingEnd>,
}

/// The part of a grant's event that says when it will end.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AboutGrant {
    expires_at: Option<i64>,
}

/// The part of an action's event that says when it will end.
#[derive(Deserialize)]
struct AboutAction {
    action: AboutEnd,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AboutEnd {
    ends_at: Option<i64>,
    cancelled_at: Option<i64>,
    end_event_sent: bool,
}

/// When the next end is due, whether that has passed or not.
pub async fn next(ctx: &Context) -> Result<Expiry, Error> {
    let conn = &mut ctx.db.reader();
    Ok(action_end::next(conn).await?.min(grant::next_end(conn).await?))
}

/// What the log says of ends to come behind a position; nothing when that part of it is no longer
/// in memory, so that [`next`] has to be asked. Whatever this or another node has committed is in
/// the log a moment later, so that whoever listens to it need not ask again and again.
#[must_use]
pub fn heard(ctx: &Context, after: i64) -> Option<Heard> {
    let events = ctx.log.recent_between(after, i64::MAX)?;
    let earliest = events.iter().filter_map(|event| end_to_come(event)).min();
    Some(Heard {
        position: events.last().map_or(after, |last| last.position),
        earliest: earliest.map_or(Expiry::Never, Expiry::At),
    })
}

fn end_to_come(event: &KeptEvent) -> Option<Instant> {
    if gives_role(&event.event_type) {
        let about: AboutGrant = serde_json::from_str(event.payload.as_str()).ok()?;
        return about.expires_at.map(Instant::from_millis);
    }
    if event.event_type != EventType::UserAction.name() {
        return None;
    }
    let about: AboutAction = serde_json::from_str(event.payload.as_str()).ok()?;
    let AboutEnd { ends_at, cancelled_at, end_event_sent } = about.action;
    let to_come = cancelled_at.is_none() && !end_event_sent;
    ends_at.filter(|_| to_come).map(Instant::from_millis)
}

/// Whether an event says that somebody holds a role, until an instant perhaps.
fn gives_role(event_type: &str) -> bool {
    [Happening::Created(Noun::Grant), Happening::Updated(Noun::Grant)]
        .iter()
        .any(|happening| happening.event_type() == event_type)
}

/// Sees to ends that are due, in one unit of work: this many of actions at most, those behind an end
/// alone when one is given, and as many of roles. Fewer are seen to when no more are due, or when
/// other nodes have the others in hand.
pub async fn tell_due(
    ctx: &Context,
    behind: Option<PendingEnd>,
    most: usize,
) -> Result<SeenTo, Error> {
    let now = ctx.now();
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    ctx.db.calm().await;
    let _turn = ctx.turn().await;
    ctx.commit_own(&Caller::system(&request_id()), now, move |conn| {
        Box::pin(async move {
            let (ended, mut changes) = end_roles(conn, now, most).await?;
            let due = action_end::due_locked(conn, now, behind, most).await?;
            let Some(last) = due.last().copied() else {
                return Ok(Done::many(SeenTo { due_since: ended, last: None }, changes));
            };
            let around = Around::find(conn, &due).await?;
            let of_actions = around.actions.iter().filter_map(Action::end_due_at);
            let due_since = of_actions.chain(ended).collect();
            let mut writes = Batch::default();
            for (place, action) in around.actions.iter().enumerate() {
                give_way(place);
                match around.end(conn, action, now, &mut writes).await? {
                    Some(change) => changes.push(change),
                    None => action_end::keep_quiet(action, &mut writes),
                }
            }
            for end in due {
                action_end::settle(end, &mut writes);
            }
            let seen = SeenTo { due_since, last: Some(last) };
            Ok(Done { writes, ..Done::many(seen, changes) })
        })
    })
    .await
}

/// Takes away roles whose time has come; since when each was over, and what is told of it.
async fn end_roles(
    conn: &mut Conn,
    now: Instant,
    most: i64,
) -> Result<(Vec<Instant>, Vec<Change>), Error> {
    let over = grant::due_locked(conn, now, most).await?;
    if over.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let changes = grants::take_back(conn, now, &over).await?;
    let ends = over.iter().filter_map(|named| named.grant.expiry.instant());
    Ok((ends.collect(), changes))
}

/// What ends are about.
struct Around {
    /// In the order in which they were due.
    actions: Vec<Action>,
    actionees: HashMap<UserId, User>,
    definitions: HashMap<DefinitionId, Definition>,
}

impl Around {
    async fn find(conn: &mut Conn, due: &[PendingEnd]) -> Result<Self, Error> {
        let ids: Vec<ActionId> = due.iter().map(|end| end.action_id).collect();
        let mut actions = Vec::with_capacity(ids.len());
        for ids in ids.chunks(READ_AT_ONCE) {
            actions.extend(action::find_all(conn, ids).await?);
        }
        actions.sort_unstable_by_key(|action| (action.expiry(), action.id));
        let mut actionees: Vec<UserId> = actions.iter().map(|action| action.actionee_id).collect();
        actionees.sort_unstable();
        actionees.dedup();
        let mut definitions: Vec<DefinitionId> =
            actions.iter().map(|action| action.definition_id).collect();
        definitions.sort_unstable();
        definitions.dedup();
        let mut users = HashMap::with_capacity(actionees.len());
        for ids in actionees.chunks(READ_AT_ONCE) {
            let found = user::find_all(conn, ids).await?;
            users.extend(found.into_iter().map(|user| (user.id, user)));
        }
        let definitions = definition::find_all(conn, &definitions).await?;
        Ok(Self {
            actions,
            actionees: users,
            definitions: definitions.into_iter().map(|found| (found.id, found)).collect(),
        })
    }

    /// What follows from the end of an action. Nothing when its actionee or its definition are
    /// gone: then so is the action, in a moment.
    async fn end(
        &self,
        conn: &mut Conn,
        before: &Action,
        now: Instant,
        writes: &mut Batch,
    ) -> Result<Option<Change>, Error> {
        let Some(definition) = self.definitions.get(&before.definition_id) else { return Ok(None) };
        let Some(actionee) = self.actionees.get(&before.actionee_id) else { return Ok(None) };
        let Some((after, notice)) = lifecycle::end(before.clone(), &definition.details, now) else {
            return Ok(None);
        };
        let telling = Telling { notice, broadcast: true, info: None };
        let event_id = EventId::of_end(before.id, after.updated_at);
        let phase = Some(Phase::End);
        let mut told = actions::tell(event_id, now, after, phase, definition, actionee, &telling);
        action_mail::attach(conn, &mut told, definition, actionee, writes).await?;
        Ok(Some(actions::change(Some(before), &told)))
    }
}
