//! Statements that a unit of work leaves to its end, with values of their own.

use std::time::Duration;

use crate::stmt::Stmt;
use crate::value::Value;

/// Statements of a long batch that run in one go. A unit that leaves hundreds would else keep a
/// processor busy for longer than others should wait for one.
pub(crate) const PART: usize = 4;

/// Statements that `PostgreSQL` gets at once when a batch has no more of them, for each part costs a
/// round trip; and the parts of a batch that has taken long.
pub(crate) const SHORT: usize = 32;

/// How long a batch is sent in small parts. Where the way to `PostgreSQL` is long, round trips would
/// cost more than anybody gains, and nobody shares a processor with it.
pub(crate) const FINELY: Duration = Duration::from_millis(15);

/// What a unit of work writes at its end. No statement needs the answer of another, so on
/// `PostgreSQL` all of them travel with `COMMIT`, or the last part of them where there are many.
#[derive(Debug, Default)]
pub struct Batch {
    pub(crate) asks: Vec<(&'static Stmt, Vec<Value<'static>>)>,
}

impl Batch {
    /// Adds a statement.
    pub fn push(&mut self, stmt: &'static Stmt, values: Vec<Value<'static>>) {
        self.asks.push((stmt, values));
    }
}
