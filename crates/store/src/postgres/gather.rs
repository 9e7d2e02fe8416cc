//! Reads of one statement that are asked together: what waits when a connection is free goes as one
//! question, and so the engine starts one plan, and both sides handle one message, for all of them.
//!
//! Invariant: nobody waits for company. Whoever comes while few ask is asked for at once; and what
//! goes wrong with a question of many is found out by each for itself.

use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt;
use tokio::sync::oneshot;
use tokio_postgres::Row as EngineRow;

use super::{Postgres, query, shared};
use crate::conn::{Lane, Query};
use crate::error::DbError;
use crate::row::{FromRow, Row};
use crate::stmt::Stmt;
use crate::value::Value;

/// Reads in one question at most: a short one still.
const MOST: usize = 16;

/// The reads that wait, and how many questions are under way.
pub(super) struct Gathering {
    state: Mutex<State>,
    /// Questions at once.
    lanes: usize,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Waiting>,
    under_way: usize,
}

/// Somebody's read.
struct Waiting {
    stmt: &'static Stmt,
    values: Vec<Value<'static>>,
    /// Is told nothing when the read is to be asked on its own.
    caller: oneshot::Sender<Found>,
}

/// The rows of one read.
struct Found {
    rows: Vec<EngineRow>,
    /// Whether each begins with the number of the read.
    are_numbered: bool,
}

impl Gathering {
    /// Nothing waits, and so many questions may be under way.
    pub(super) fn new(lanes: usize) -> Self {
        Self { state: Mutex::default(), lanes: lanes.max(1) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a read wait; whether somebody is to begin asking for it.
    fn add(&self, read: Waiting) -> bool {
        let mut state = self.state();
        state.waiting.push_back(read);
        let begins = state.under_way < self.lanes;
        state.under_way += usize::from(begins);
        begins
    }

    /// The next reads of one statement; nothing when none waits, and then one question less is under
    /// way.
    fn next(&self) -> Option<Vec<Waiting>> {
        let mut state = self.state();
        state.waiting.retain(|read| !read.caller.is_closed());
        let Some(stmt) = state.waiting.front().map(|read| read.stmt) else {
            state.under_way -= 1;
            return None;
        };
        let mut many = 0;
        let waiting = std::mem::take(&mut state.waiting);
        let (next, others) = waiting.into_iter().partition::<VecDeque<_>, _>(|read| {
            let is_next = std::ptr::eq(read.stmt, stmt) && many < MOST;
            many += usize::from(is_next);
            is_next
        });
        state.waiting = others;
        Some(next.into())
    }
}

/// All rows of the statement, asked with what others ask of it; see
/// [`Conn::gather`](crate::Conn::gather).
pub(super) async fn all<T: FromRow>(
    engine: &Arc<Postgres>,
    stmt: &'static Stmt,
    values: &[Value<'static>],
) -> Result<Vec<T>, DbError> {
    let (caller, answer) = oneshot::channel();
    if engine.gathering.add(Waiting { stmt, values: values.to_vec(), caller }) {
        // A task of its own: nobody else is to wait for how long this caller takes to go on.
        engine.connector.home().spawn(lead(Arc::clone(engine)));
    }
    match answer.await {
        Ok(found) => found.read(stmt.name()),
        Err(_) => engine.all(Query::postgres((stmt, values)), Lane::Points).await,
    }
}

impl Found {
    fn read<T: FromRow>(&self, name: &'static str) -> Result<Vec<T>, DbError> {
        let rows = self.rows.iter().map(|row| {
            if self.are_numbered { Row::asked(name, row) } else { Row::postgres(name, row) }
        });
        rows.map(|mut row| T::from_row(&mut row)).collect()
    }
}

/// Asks one question after the other until nobody waits.
async fn lead(engine: Arc<Postgres>) {
    while let Some(reads) = engine.gathering.next() {
        // Whoever waits for a question that failed asks alone, and is told what there is to tell.
        let _ = AssertUnwindSafe(ask(&engine, reads)).catch_unwind().await;
    }
}

async fn ask(engine: &Postgres, mut reads: Vec<Waiting>) -> Result<(), DbError> {
    if reads.len() > 1 {
        return ask_together(engine, reads).await;
    }
    let Some(read) = reads.pop() else { return Ok(()) };
    let rows = send(engine, Query::postgres((read.stmt, &read.values))).await?;
    // Whoever asked may have gone, here and below.
    let _ = read.caller.send(Found { rows, are_numbered: false });
    Ok(())
}

async fn ask_together(engine: &Postgres, mut reads: Vec<Waiting>) -> Result<(), DbError> {
    let Some((stmt, text)) = reads.first().and_then(|read| Some((read.stmt, read.stmt.many()?)))
    else {
        return Ok(());
    };
    let params = columns(&mut reads);
    let mut answers: Vec<Vec<EngineRow>> = reads.iter().map(|_| Vec::new()).collect();
    for row in send(engine, Query { name: stmt.name(), text, params: &params }).await? {
        let number: i64 = row.try_get(0).map_err(DbError::driver)?;
        let place = usize::try_from(number - 1).ok().and_then(|at| answers.get_mut(at));
        place.ok_or_else(|| DbError::contradiction(stmt.name(), number))?.push(row);
    }
    for (read, rows) in reads.into_iter().zip(answers) {
        let _ = read.caller.send(Found { rows, are_numbered: true });
    }
    Ok(())
}

async fn send(engine: &Postgres, query: Query<'_>) -> Result<Vec<EngineRow>, DbError> {
    shared::ask!(engine.points, |client| query::raw(&client, query))
}

/// The values of all reads, those for one placeholder together.
fn columns(reads: &mut [Waiting]) -> Vec<Value<'static>> {
    let mut columns: Vec<Vec<Value<'static>>> = Vec::new();
    for read in reads {
        for (at, value) in std::mem::take(&mut read.values).into_iter().enumerate() {
            match columns.get_mut(at) {
                Some(column) => column.push(value),
                None => columns.push(vec![value]),
            }
        }
    }
    columns.into_iter().map(Value::Column).collect()
}
