//! Statements with their values, made ready before the unit of work that runs them begins or while
//! it goes on.

use crate::stmt::Stmt;
use crate::value::Value;

/// A statement and values of its own.
pub(crate) type OwnAsk = (&'static Stmt, Vec<Value<'static>>);

/// What a unit of work does at its end: it makes sure of some things, and then writes. None of it
/// needs the answer of another, so on `PostgreSQL` all of it travels with `COMMIT`.
#[derive(Debug, Default)]
pub struct Batch {
    pub(crate) conditions: Vec<OwnAsk>,
    pub(crate) writes: Vec<OwnAsk>,
}

impl Batch {
    /// Adds a statement without which nothing is to be written: on `SQLite` it gives a row, on
    /// `PostgreSQL`, where nobody waits for its answer, it fails with the function `insist`.
    pub fn insist(&mut self, stmt: &'static Stmt, values: Vec<Value<'static>>) {
        self.conditions.push((stmt, values));
    }

    /// Adds a statement that writes.
    pub fn write(&mut self, stmt: &'static Stmt, values: Vec<Value<'static>>) {
        self.writes.push((stmt, values));
    }

    /// Adds what another does, to be done after this.
    pub fn append(&mut self, mut other: Self) {
        self.conditions.append(&mut other.conditions);
        self.writes.append(&mut other.writes);
    }

    /// All statements, in the order in which they are to run.
    pub(crate) fn asks(&self) -> impl Iterator<Item = &OwnAsk> {
        self.conditions.iter().chain(&self.writes)
    }
}
