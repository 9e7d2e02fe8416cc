//! Statements that a unit of work leaves to its end, with values of their own.

use crate::stmt::Stmt;
use crate::value::Value;

/// Statements of a long batch that SQLite runs in one go. A unit that leaves hundreds would else keep
/// a processor busy for longer than others should wait for one.
pub(crate) const PART: usize = 4;

/// What a unit of work writes at its end. No statement needs the answer of another, so on
/// `PostgreSQL` all of them travel with `COMMIT`, or the last part of them where there are many; and
/// those that can be run many at once are, with the first of them.
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
