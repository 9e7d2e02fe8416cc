//! Brings the schema up to date: numbered pairs of files, forwards only, under a lock.
//!
//! Invariant: what is pending is applied in one transaction, by one node, or not at all. What was
//! applied is remembered with its checksum: a file that was changed afterwards, a number that is
//! missing and a schema newer than the program are errors, never guesses.

pub(crate) mod postgres;
pub(crate) mod sqlite;

use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::error::{DbError, Fault};

/// One step of the schema, in the words of each engine.
#[derive(Debug)]
pub struct Migration {
    /// Its place in the order.
    pub number: u32,
    /// Its name, number included, as the files have it.
    pub name: &'static str,
    /// The text that `SQLite` runs.
    pub sqlite: &'static str,
    /// The text that `PostgreSQL` runs.
    pub postgres: &'static str,
}

/// The number at the front of a migration's name.
#[doc(hidden)]
#[must_use]
#[expect(clippy::indexing_slicing, reason = "runs in the compiler, where slices have no iterators")]
pub const fn number_of(name: &str) -> u32 {
    let bytes = name.as_bytes();
    let mut number = 0;
    let mut at = 0;
    while at < bytes.len() && bytes[at].is_ascii_digit() {
        // Digits are 48 to 57; there is no conversion of bytes in constant functions but this.
        let mut digit = bytes[at];
        number *= 10;
        while digit > b'0' {
            number += 1;
            digit -= 1;
        }
        at += 1;
    }
    number
}

/// The list of migrations whose pairs of files are in `migrations/`.
macro_rules! migrations {
    ($($name:literal),* $(,)?) => {
        &[$($crate::migrate::Migration {
            number: $crate::migrate::number_of($name),
            name: $name,
            sqlite: include_str!(concat!("../migrations/", $name, ".sqlite.sql")),
            postgres: include_str!(concat!("../migrations/", $name, ".postgres.sql")),
        }),*]
    };
}

/// The schema of this program, step by step.
pub static MIGRATIONS: &[Migration] = migrations![
    "0001_init",
    "0002_roles_requests_todos",
    "0003_clock_of_todos",
    "0004_order_of_inbox",
    "0005_requests_of_customers",
    "0006_lean_writes",
    "0007_lean_events",
    "0008_pending_ends",
    "0009_actions_by_arrival"
];

/// What a database remembers of a migration.
#[derive(Debug)]
struct Applied {
    number: i64,
    name: String,
    checksum: String,
}

/// The migrations that are still to be applied, if those that were are the beginning of the list.
fn pending<'m>(
    known: &'m [Migration],
    applied: &[Applied],
    text: fn(&Migration) -> &'static str,
) -> Result<&'m [Migration], DbError> {
    for (migration, row) in known.iter().zip(applied) {
        if i64::from(migration.number) != row.number {
            return refuse(format!("{} is applied where {} should be", row.name, migration.name));
        }
        if checksum(text(migration)) != row.checksum {
            return refuse(format!("{} was changed after it was applied", row.name));
        }
    }
    if let Some(row) = applied.get(known.len()) {
        return refuse(format!("the schema is newer than this program, which lacks {}", row.name));
    }
    Ok(known.get(applied.len()..).unwrap_or_default())
}

fn refuse<T>(why: String) -> Result<T, DbError> {
    Err(Fault::Schema(why).into())
}

/// SHA-256 in hexadecimal. Line ends do not count, for a checkout may change them.
fn checksum(text: &str) -> String {
    let mut hash = Sha256::new();
    for line in text.lines() {
        hash.update(line);
        hash.update("\n");
    }
    hash.finalize().iter().fold(String::with_capacity(64), |mut hexadecimal, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hexadecimal, "{byte:02x}");
        hexadecimal
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[Migration] = &[
        Migration { number: 1, name: "0001_a", sqlite: "a", postgres: "" },
        Migration { number: 2, name: "0002_b", sqlite: "b", postgres: "" },
    ];

    fn applied(number: i64, text: &str) -> Applied {
        Applied { number, name: format!("{number:04}"), checksum: checksum(text) }
    }

    fn names(applied: &[Applied]) -> Result<Vec<&'static str>, DbError> {
        let pending = pending(KNOWN, applied, |migration| migration.sqlite)?;
        Ok(pending.iter().map(|migration| migration.name).collect())
    }

    #[test]
    fn what_was_not_applied_is_pending() {
        assert_eq!(names(&[]).unwrap(), ["0001_a", "0002_b"]);
        assert_eq!(names(&[applied(1, "a")]).unwrap(), ["0002_b"]);
        assert!(names(&[applied(1, "a"), applied(2, "b")]).unwrap().is_empty());
    }

    #[test]
    fn a_history_that_does_not_fit_is_refused() {
        assert!(names(&[applied(1, "changed")]).is_err());
        assert!(names(&[applied(2, "b")]).is_err());
        assert!(names(&[applied(1, "a"), applied(2, "b"), applied(3, "c")]).is_err());
    }

    #[test]
    fn numbers_come_from_names_and_go_up_by_one() {
        assert_eq!(number_of("0042_answer"), 42);
        for (migration, number) in MIGRATIONS.iter().zip(1..) {
            assert_eq!(migration.number, number);
        }
    }

    #[test]
    fn line_ends_do_not_change_a_checksum() {
        assert_eq!(checksum("a\r\nb"), checksum("a\nb\n"));
        assert_ne!(checksum("a\nb"), checksum("ab"));
    }
}
