//! Finding actions across users (`native.md` §3): by key and never by offset, so that the last page
//! costs what the first one costs.

use std::cmp::Ordering;

use docket_domain::action::Action;
use docket_domain::action::taken::State;
use docket_domain::id::{self, ActionId, ApplicationId, DefinitionId, ReasonId, TenantId, UserId};
use docket_domain::text::{Sought, sought};
use docket_domain::time::Instant;
use uuid::Uuid;

use crate::action::columns;
use crate::conn::Conn;
use crate::error::DbError;
use crate::filter::Select;
use crate::user;
use crate::value::Value;

/// What to look for; everything given must hold.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// On whom.
    pub actionee_id: Option<UserId>,
    /// By whom.
    pub actioner_id: Option<UserId>,
    /// Of which kind.
    pub definition_id: Option<DefinitionId>,
    /// Why.
    pub reason_id: Option<ReasonId>,
    /// Limited to this application, among others perhaps.
    pub application_id: Option<ApplicationId>,
    /// In which tenant.
    pub tenant_id: Option<TenantId>,
    /// Standing in one of these states; empty means any.
    pub states: Vec<State>,
    /// Whether their kind prevents logins.
    pub prevents_login: Option<bool>,
    /// Taken after this instant.
    pub taken_after: Option<Instant>,
    /// Taken before this instant.
    pub taken_before: Option<Instant>,
    /// Ending after this instant, or never.
    pub ends_after: Option<Instant>,
    /// Ending before this instant.
    pub ends_before: Option<Instant>,
    /// Found by every piece of this text: a word of a comment, or the actionee's address or name.
    pub text: Option<String>,
}

/// One way to the actions that a text finds. Addresses and names stand with the users alone, not
/// with every action, so what they find is looked up by actionee, and put together with the rest.
#[derive(Debug, Clone, Default)]
pub struct Way {
    /// By this word of a comment.
    pub word: Option<String>,
    /// By this actionee.
    pub actionee_id: Option<UserId>,
    /// And each of these pieces: a word of a comment, or one of these actionees.
    pub others: Vec<(String, Vec<UserId>)>,
}

/// In which order. Actions without an end are not in the orders by end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sort {
    /// The newest first.
    #[default]
    NewestFirst,
    /// The oldest first.
    OldestFirst,
    /// The first to end first.
    EndsFirst,
    /// The last to end first.
    EndsLast,
}

impl Sort {
    /// The order of two rows, as the statements have it.
    fn compare(self, one: &Action, other: &Action) -> Ordering {
        let by_id = || one.id.uuid().cmp(&other.id.uuid());
        let by_end = || one.expiry().cmp(&other.expiry()).then_with(by_id);
        match self {
            Self::NewestFirst => by_id().reverse(),
            Self::OldestFirst => by_id(),
            Self::EndsFirst => by_end(),
            Self::EndsLast => by_end().reverse(),
        }
    }
}

/// The last row of the page before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct After {
    /// Its end, in the orders by end; milliseconds, the largest number for never.
    pub ends_at: i64,
    /// Its id.
    pub id: ActionId,
}

/// At most `limit` actions that stand so at `now`.
pub async fn page(
    conn: &mut Conn,
    search: &Search,
    sort: Sort,
    after: Option<After>,
    limit: i64,
    now: Instant,
) -> Result<Vec<Action>, DbError> {
    let ways = ways(conn, search).await?;
    let mut found = Vec::new();
    for way in &ways {
        let rows = conn.rows(&select(search, way, sort, after, limit, now)).await?;
        found.extend::<Vec<Action>>(rows);
    }
    if ways.len() > 1 {
        // Each way gave its own first rows, so the first of all are among them.
        found.sort_by(|one, other| sort.compare(one, other));
        found.dedup_by_key(|action| action.id);
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    }
    Ok(found)
}

/// The ways to what a search looks for; without a text there is one.
async fn ways(conn: &mut Conn, search: &Search) -> Result<Vec<Way>, DbError> {
    let Some(text) = search.text.as_deref() else { return Ok(vec![Way::default()]) };
    let pieces = sought(text);
    let Some((first, others)) = pieces.split_first() else { return Ok(vec![Way::default()]) };
    // A name may have spaces in it.
    let whole = text.trim().to_lowercase();
    let names = pieces.iter().map(|piece| piece.name.clone()).chain([whole.clone()]).collect();
    let named = user::named(conn, names).await?;
    let called = |name: &str| -> Vec<UserId> {
        let ids = named.iter().filter(|(called, _)| called == name).map(|(_, id)| *id);
        ids.filter(|id| search.actionee_id.is_none_or(|wanted| wanted == *id)).collect()
    };
    let piece = |piece: &Sought| (piece.word.clone(), called(&piece.name));
    let others: Vec<_> = others.iter().map(piece).collect();
    let by_word = Way { word: Some(first.word.clone()), others: others.clone(), ..Way::default() };
    let by_actionee = |others: &Vec<_>, id| Way {
        actionee_id: Some(id),
        others: others.clone(),
        ..Way::default()
    };
    let mut ways = vec![by_word];
    ways.extend(called(&first.name).into_iter().map(|id| by_actionee(&others, id)));
    if !others.is_empty() {
        ways.extend(called(&whole).into_iter().map(|id| by_actionee(&Vec::new(), id)));
    }
    Ok(ways)
}

/// The statement of a search, going one way; tests look at how the engines would run it.
pub fn select<'s>(
    search: &'s Search,
    way: &'s Way,
    sort: Sort,
    after: Option<After>,
    limit: i64,
    now: Instant,
) -> Select<'s> {
    let select = begin(way);
    let select = driven(select, search, way);
    let select = times(select, search);
    let select = states(select, &search.states, now);
    let select = match search.prevents_login {
        Some(prevents) => select.and(
            "(SELECT d.prevents_login FROM definition AS d WHERE d.id = definition_id) = {}",
            prevents,
        ),
        None => select,
    };
    let select = if way.word.is_none() {
        ordered(select, sort, after)
    } else {
        ordered_by_word(select, sort, after)
    };
    select.limit(limit)
}

/// Starts from the word's actions when there is one: they come in the order of their ids.
fn begin(way: &Way) -> Select<'_> {
    let select = match &way.word {
        None => Select::new(concat!("SELECT ", columns!(), " FROM action")),
        Some(word) => {
            Select::new(concat!("SELECT ", columns!(), " FROM action_word AS w CROSS JOIN action"))
                .and_fixed("action.id = w.action_id")
                .and("w.word = {}", word)
        }
    };
    way.others.iter().fold(select, |select, (word, actionees)| {
        let values = [Value::from(word), Value::from(actionees)];
        select.and_each_dialects(
            "EXISTS (SELECT 1 FROM action_word AS o
                WHERE o.action_id = action.id AND o.word = {}) OR actionee_id = ANY({})",
            "EXISTS (SELECT 1 FROM action_word AS o
                WHERE o.action_id = action.id AND o.word = {})
                OR actionee_id IN (SELECT value FROM rarray({}))",
            values,
        )
    })
}

/// The equalities. `SQLite` has no idea which of them leaves least, so the first given, from the
/// most telling on, is the only one that it may use an index for: a `+` takes the others away.
fn driven<'s>(mut select: Select<'s>, search: &'s Search, way: &Way) -> Select<'s> {
    let mut driver = way.word.is_none();
    let actionee = way.actionee_id.or(search.actionee_id);
    let equalities: [(&'static str, &'static str, Option<Uuid>); 5] = [
        ("actionee_id = {}", "+actionee_id = {}", actionee.map(UserId::uuid)),
        ("actioner_id = {}", "+actioner_id = {}", search.actioner_id.map(UserId::uuid)),
        ("reason_id = {}", "+reason_id = {}", search.reason_id.map(ReasonId::uuid)),
        ("definition_id = {}", "+definition_id = {}", search.definition_id.map(DefinitionId::uuid)),
        ("tenant_id = {}", "+tenant_id = {}", search.tenant_id.map(TenantId::uuid)),
    ];
    for (plain, unindexed, value) in equalities {
        if let Some(value) = value {
            let sqlite = if driver { plain } else { unindexed };
            select = select.and_dialects(plain, sqlite, value);
            driver = false;
        }
    }
    select.and_some(
        "EXISTS (SELECT 1 FROM action_application AS l
            WHERE l.action_id = action.id AND l.application_id = {})",
        search.application_id.map(ApplicationId::uuid),
    )
}

/// When taken and when ending. Ids sort by the instant they were made at, so the first and the last
/// id of an instant bound the part of an index that has to be read.
fn times<'s>(select: Select<'s>, search: &Search) -> Select<'s> {
    let last = |instant| id::at(instant, [0xff; 10]);
    let first = |instant| id::at(instant, [0; 10]);
    select
        .and_some("action.id > {}", search.taken_after.map(last))
        .and_some("action.id < {}", search.taken_before.map(first))
        .and_some("expires_at > {}", search.ends_after)
        .and_some("expires_at < {}", search.ends_before)
}

fn states<'s>(select: Select<'s>, states: &[State], now: Instant) -> Select<'s> {
    if states.is_empty() {
        return select;
    }
    let has = |state| Value::from(states.contains(&state));
    select.and_each(
        "({} AND cancelled_at IS NULL AND expires_at > {})
            OR ({} AND cancelled_at IS NULL AND expires_at <= {})
            OR ({} AND cancelled_at IS NOT NULL)
            OR ({} AND expires_at IS NULL)",
        [
            has(State::Active),
            now.into(),
            has(State::Expired),
            now.into(),
            has(State::Cancelled),
            has(State::Instant),
        ],
    )
}

/// The orders by age of what a word has found: `SQLite` sorts unless the word's own index is named.
fn ordered_by_word(select: Select<'_>, sort: Sort, after: Option<After>) -> Select<'_> {
    let id = after.map(|after| after.id);
    match sort {
        Sort::NewestFirst => select.and_some("w.action_id < {}", id).order("w.action_id DESC"),
        Sort::OldestFirst => select.and_some("w.action_id > {}", id).order("w.action_id"),
        Sort::EndsFirst | Sort::EndsLast => ordered(select, sort, after),
    }
}

fn ordered(select: Select<'_>, sort: Sort, after: Option<After>) -> Select<'_> {
    let id = after.map(|after| after.id);
    let both = after.map(|after| [Value::Int(after.ends_at), Value::from(after.id)]);
    match sort {
        Sort::NewestFirst => select.and_some("action.id < {}", id).order("action.id DESC"),
        Sort::OldestFirst => select.and_some("action.id > {}", id).order("action.id"),
        Sort::EndsFirst => {
            let select = select.and_fixed("expires_at IS NOT NULL");
            match both {
                Some(both) => select.and_each("(expires_at, action.id) > ({}, {})", both),
                None => select,
            }
            .order("expires_at, action.id")
        }
        Sort::EndsLast => {
            let select = select.and_fixed("expires_at IS NOT NULL");
            match both {
                Some(both) => select.and_each("(expires_at, action.id) < ({}, {})", both),
                None => select,
            }
            .order("expires_at DESC, action.id DESC")
        }
    }
}
