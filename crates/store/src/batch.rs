//! Statements that a unit of work leaves to its end, with values of their own.

use crate::stmt::Stmt;
use crate::value::Value;

/// Statements of a batch that are sent to `PostgreSQL` in one go. A unit that leaves thousands would
/// else keep a processor busy for longer than others should wait for one.
pub(crate) const PART: usize = 32;

/// Statements of a batch that run on SQLite in one go, for the same reason. Giving way costs next to
/// nothing there, while a part for `PostgreSQL` costs a round trip.
pub(crate) const BETWEEN_TURNS: usize = 4;

/// What a unit of work writes at its end. No statement needs the answer of another, so on
/// `PostgreSQL` all of them travel with `COMMIT`.
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
