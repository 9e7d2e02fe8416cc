//! What a unit of work leaves to its end, packed for `PostgreSQL`: statements that can be run many
//! at once are one, and a long batch goes in parts.
//!
//! Invariant: a statement that runs many is still a short one, and so is a part. The server would
//! else keep a processor busy for longer than others should wait for one.

use std::time::Duration;

use crate::batch::Batch;
use crate::conn::Query;
use crate::stmt::Stmt;
use crate::value::Value;

/// Rows that one statement writes at most.
pub(super) const ROWS: usize = 16;

/// The weight of a part: that of so many rows in one statement. A statement of its own weighs more
/// than a row, for it is a message to be read and a plan to be started.
const PART: usize = 16;

/// The weight of a statement of its own.
const SINGLE: usize = 4;

/// The weight up to which everything goes at once, with `COMMIT`, for each part costs a round trip;
/// and that of the parts of a batch that has taken long.
const SHORT: usize = 128;

/// How long a batch is sent in small parts. Where the way to the server is long, round trips would
/// cost more than anybody gains, and nobody shares a processor with it.
const FINELY: Duration = Duration::from_millis(15);

/// One statement, of one row or of many.
#[derive(Debug)]
pub(super) struct Parcel {
    stmt: &'static Stmt,
    text: &'static str,
    values: Vec<Value<'static>>,
    rows: usize,
}

impl Parcel {
    pub(super) fn query(&self) -> Query<'_> {
        Query { name: self.stmt.name(), text: self.text, params: &self.values }
    }

    fn new(stmt: &'static Stmt, values: Vec<Value<'static>>) -> Self {
        Self { stmt, text: stmt.postgres(), values, rows: 1 }
    }

    const fn weight(&self) -> usize {
        if self.rows == 1 { SINGLE } else { self.rows }
    }

    /// Adds a row, whose values each go to the others of their placeholder.
    fn add(&mut self, many: &'static str, row: Vec<Value<'static>>) {
        if self.rows == 1 {
            self.text = many;
            let first = std::mem::take(&mut self.values).into_iter();
            self.values = first.map(|value| Value::Column(vec![value])).collect();
        }
        for (column, value) in self.values.iter_mut().zip(row) {
            if let Value::Column(values) = column {
                values.push(value);
            }
        }
        self.rows += 1;
    }
}

/// Packs a batch.
pub(super) fn pack(batch: Batch) -> Vec<Parcel> {
    let mut parcels: Vec<Parcel> = Vec::with_capacity(batch.asks.len().min(ROWS));
    // For each statement that can run many: its parcel that is not full yet.
    let mut open: Vec<(&'static Stmt, usize)> = Vec::new();
    for (stmt, row) in batch.asks {
        let Some(many) = stmt.many() else {
            parcels.push(Parcel::new(stmt, row));
            continue;
        };
        let found = open.iter().position(|(opened, _)| std::ptr::eq(*opened, stmt));
        let parcel =
            found.and_then(|found| open.get(found)).and_then(|(_, at)| parcels.get_mut(*at));
        if let Some(parcel) = parcel.filter(|parcel| parcel.rows < ROWS) {
            parcel.add(many, row);
            continue;
        }
        match found.and_then(|found| open.get_mut(found)) {
            Some((_, at)) => *at = parcels.len(),
            None => open.push((stmt, parcels.len())),
        }
        parcels.push(Parcel::new(stmt, row));
    }
    parcels
}

/// Whether a batch goes in parts.
pub(super) fn is_long(parcels: &[Parcel]) -> bool {
    fitting(parcels, SHORT) < parcels.len()
}

/// How many of these parcels go next, when sending the batch has taken this long.
pub(super) fn part(left: &[Parcel], taken: Duration) -> usize {
    fitting(left, if taken < FINELY { PART } else { SHORT })
}

/// How many parcels weigh no more than this together; one at least, if there is one.
fn fitting(parcels: &[Parcel], most: usize) -> usize {
    let weights = parcels.iter().scan(0, |sum, parcel| {
        *sum += parcel.weight();
        Some(*sum)
    });
    weights.take_while(|sum| *sum <= most).count().max(1).min(parcels.len())
}
