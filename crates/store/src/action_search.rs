//! Finding actions across users (`native.md` §3): by key and never by offset, so that the last page
//! costs what the first one costs.

use docket_domain::action::Action;
use docket_domain::action::taken::State;
use docket_domain::id::{self, ActionId, ApplicationId, DefinitionId, ReasonId, TenantId, UserId};
use docket_domain::time::Instant;
use uuid::Uuid;

use crate::action::columns;
use crate::conn::Conn;
use crate::error::DbError;
use crate::filter::Select;
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
    /// Found by all of these words, in lower case.
    pub words: Vec<String>,
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
    conn.rows(&select(search, sort, after, limit, now)).await
}

/// The statement of a search; tests look at how the engines would run it.
pub fn select(
    search: &Search,
    sort: Sort,
    after: Option<After>,
    limit: i64,
    now: Instant,
) -> Select<'_> {
    let select = words(search);
    let select = driven(select, search);
    let select = times(select, search);
    let select = states(select, &search.states, now);
    let select = match search.prevents_login {
        Some(prevents) => select.and(
            "(SELECT d.prevents_login FROM definition AS d WHERE d.id = definition_id) = {}",
            prevents,
        ),
        None => select,
    };
    let select = if search.words.is_empty() {
        ordered(select, sort, after)
    } else {
        ordered_by_word(select, sort, after)
    };
    select.limit(limit)
}

/// Starts from the first word's actions when there is one: they come in the order of their ids.
fn words(search: &Search) -> Select<'_> {
    let mut words = search.words.iter();
    let Some(first) = words.next() else {
        return Select::new(concat!("SELECT ", columns!(), " FROM action"));
    };
    let select =
        Select::new(concat!("SELECT ", columns!(), " FROM action_word AS w CROSS JOIN action"))
            .and_fixed("action.id = w.action_id")
            .and("w.word = {}", first);
    words.fold(select, |select, word| {
        select.and(
            "EXISTS (SELECT 1 FROM action_word AS o WHERE o.action_id = action.id AND o.word = {})",
            word,
        )
    })
}

/// The equalities. `SQLite` has no idea which of them leaves least, so the first given, from the
/// most telling on, is the only one that it may use an index for: a `+` takes the others away.
fn driven<'s>(mut select: Select<'s>, search: &'s Search) -> Select<'s> {
    let mut driver = search.words.is_empty();
    let equalities: [(&'static str, &'static str, Option<Uuid>); 5] = [
        ("actionee_id = {}", "+actionee_id = {}", search.actionee_id.map(UserId::uuid)),
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
