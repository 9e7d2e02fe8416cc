//! The to-dos of one user, by the page and counted. Whatever is asked, only that user's rows are
//! read, so a page costs the same however many there are of others.

use docket_domain::id::UserId;
use docket_domain::page::{Page, Paging};
use docket_domain::time::Instant;
use docket_domain::todo::{Tally, Todo, TodoFilter, TodoSort, Urgency};

use super::todo_columns;
use crate::conn::Conn;
use crate::error::DbError;
use crate::filter::Select;
use crate::row::{FromRow, Row};
use crate::{params, statements};

/// In which order to-dos come; each step with whether the largest come first.
pub type Order = Vec<(TodoSort, bool)>;

statements! {
    /// How many to-dos users have in sight, and how many of them are urgent; some users, in their
    /// order, behind one.
    TALLY_USERS = "SELECT user_id, count(*), count(CASE WHEN urgency = 3 THEN 1 END) FROM todo
        WHERE user_id > $1 AND NOT silenced AND silenced_until <= $2
        GROUP BY user_id ORDER BY user_id LIMIT $3";
    /// The same of one user; nothing when there are none.
    TALLY_USER = "SELECT user_id, count(*), count(CASE WHEN urgency = 3 THEN 1 END) FROM todo
        WHERE user_id = $1 AND NOT silenced AND silenced_until <= $2 GROUP BY user_id";
}

/// How much one user has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// Who.
    pub user_id: UserId,
    /// How many to-dos are in sight.
    pub total: i64,
    /// How many of those are of high urgency.
    pub high: i64,
}

impl FromRow for Load {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self { user_id: row.next()?, total: row.next()?, high: row.next()? })
    }
}

/// How much users have to do who have something to do; this many at most, in their order, behind one.
pub async fn loads(
    conn: &mut Conn,
    after: UserId,
    now: Instant,
    most: i64,
) -> Result<Vec<Load>, DbError> {
    conn.all(&TALLY_USERS, params![after, now, most]).await
}

/// How much a user has to do, if anything.
pub async fn load(conn: &mut Conn, user: UserId, now: Instant) -> Result<Option<Load>, DbError> {
    conn.one(&TALLY_USER, params![user, now]).await
}

/// One number of a summary.
struct Count {
    action_type: String,
    urgency: Urgency,
    many: i64,
    overdue: i64,
}

impl FromRow for Count {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        let action_type: String = row.next()?;
        let urgency = Urgency::from_rank(row.next()?)
            .ok_or_else(|| DbError::contradiction("todo.urgency", &action_type))?;
        Ok(Self { action_type, urgency, many: row.next()?, overdue: row.next()? })
    }
}

/// A page of a user's to-dos, and how many there are on all pages.
pub async fn page(
    conn: &mut Conn,
    user: UserId,
    filter: &TodoFilter,
    order: &Order,
    now: Instant,
    paging: &Paging,
) -> Result<Page<Todo>, DbError> {
    let (items, total) = conn.page(&select(user, filter, order, now, paging)).await?;
    Ok(Page { items, total })
}

/// How many of them there are.
pub async fn tally(
    conn: &mut Conn,
    user: UserId,
    filter: &TodoFilter,
    now: Instant,
) -> Result<Tally, DbError> {
    let counts: Vec<Count> = conn.rows(&counts(user, filter, now)).await?;
    let mut tally = Tally::default();
    for Count { action_type, urgency, many, overdue } in counts {
        tally.add(&action_type, urgency, many, overdue);
    }
    Ok(tally)
}

/// The counts behind [`tally`], by type and urgency: one walk through an index that has all it takes.
/// Open to the tests that plan it.
pub fn counts(user: UserId, filter: &TodoFilter, now: Instant) -> Select<'_> {
    const DUE: &str = "(SELECT user_id, action_type, urgency, due_at, silenced, silenced_until,
            created_at, due_at < {} AS is_overdue FROM todo) AS todo";
    let select = Select::new(
        "SELECT action_type, urgency, count(*), count(CASE WHEN is_overdue THEN 1 END) FROM",
    );
    let select = select.from_dialects(DUE, DUE, [now.into()]).and("user_id = {}", user);
    conditions(select, filter, now).grouped_by("action_type, urgency")
}

/// The list behind [`page`]; open to the tests that plan it.
pub fn select<'a>(
    user: UserId,
    filter: &'a TodoFilter,
    order: &Order,
    now: Instant,
    paging: &Paging,
) -> Select<'a> {
    let mut select = Select::new(concat!("SELECT ", todo_columns!(), " FROM todo"))
        .counted_by("SELECT count(*) FROM todo")
        .and("user_id = {}", user);
    select = conditions(select, filter, now);
    if order.is_empty() {
        // As its index has it.
        select = select.order("urgency DESC").order("due_at");
    }
    for (sort, descending) in order {
        select = select.order(match (sort, descending) {
            (TodoSort::Urgency, false) => "urgency",
            (TodoSort::Urgency, true) => "urgency DESC",
            (TodoSort::DueDate, false) => "due_at",
            (TodoSort::DueDate, true) => "due_at DESC",
            (TodoSort::Created, false) => "created_at",
            (TodoSort::Created, true) => "created_at DESC",
            (TodoSort::Modified, false) => "updated_at",
            (TodoSort::Modified, true) => "updated_at DESC",
            (TodoSort::ActionType, false) => "action_type",
            (TodoSort::ActionType, true) => "action_type DESC",
        });
    }
    if !order.iter().any(|(sort, _)| *sort == TodoSort::Created) {
        select = select.order("created_at DESC");
    }
    select.order("id").limit(paging.size).offset(paging.start)
}

fn conditions<'a>(mut select: Select<'a>, filter: &'a TodoFilter, now: Instant) -> Select<'a> {
    if !filter.includes_silenced {
        select = select.and("NOT silenced AND silenced_until <= {}", now);
    }
    if let Some(overdue) = filter.overdue {
        select = select.and(if overdue { "due_at < {}" } else { "due_at >= {}" }, now);
    }
    select
        .and_some("action_type = {}", filter.action_type.as_deref())
        .and_some("urgency = {}", filter.urgency.map(Urgency::rank))
        .and_some("silenced = {}", filter.silenced)
        .and_some("due_at <= {}", filter.due_until.map(before_never))
        .and_some("created_at >= {}", filter.created_from)
        .and_some("created_at <= {}", filter.created_until)
}

/// What is never due is not due until any instant.
fn before_never(until: Instant) -> Instant {
    until.min(Instant::from_millis(i64::MAX - 1))
}
