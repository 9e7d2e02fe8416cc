//! A statement: its name and its text for each engine, all known at compile time.
//!
//! Invariant: text is written once, with `$1` for the first value. `SQLite`'s spelling `?1` is as
//! long, so the compiler derives it; where the engines truly differ, the second text stands in the
//! same declaration and never behind a branch.

/// One statement, declared by [`statements!`](crate::statements) and told apart by its name.
#[derive(Debug)]
pub struct Stmt {
    name: &'static str,
    postgres: &'static str,
    sqlite: &'static str,
    many: Option<&'static str>,
}

impl Stmt {
    /// A statement out of its texts; [`statements!`](crate::statements) is how to declare one.
    #[must_use]
    pub const fn new(name: &'static str, postgres: &'static str, sqlite: &'static str) -> Self {
        Self { name, postgres, sqlite, many: None }
    }

    /// The same statement, of which `PostgreSQL` can run many with one text: every placeholder stands
    /// there for the array of its values. Those of a batch run with the first of them, so before
    /// others that were left between; none of them may mind. In front of each row that a statement
    /// gives stands the number of the values that it is for, from 1.
    #[must_use]
    pub const fn with_many(self, many: &'static str) -> Self {
        Self { many: Some(many), ..self }
    }

    /// The name it was declared under.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The text that `PostgreSQL` runs.
    #[must_use]
    pub const fn postgres(&self) -> &'static str {
        self.postgres
    }

    /// The text that `SQLite` runs.
    #[must_use]
    pub const fn sqlite(&self) -> &'static str {
        self.sqlite
    }

    /// The text by which `PostgreSQL` runs many of it at once.
    #[must_use]
    pub const fn many(&self) -> Option<&'static str> {
        self.many
    }
}

/// The bytes of `text` with every `$` before a digit turned into `?`; a JSON path such as `'$.a'`
/// stays as it is.
#[doc(hidden)]
#[must_use]
#[expect(clippy::indexing_slicing, reason = "runs in the compiler, where slices have no iterators")]
pub const fn question_marks<const LENGTH: usize>(text: &str) -> [u8; LENGTH] {
    let from = text.as_bytes();
    let mut to = [0; LENGTH];
    let mut at = 0;
    while at < LENGTH {
        let before_digit = at + 1 < LENGTH && from[at + 1].is_ascii_digit();
        to[at] = if from[at] == b'$' && before_digit { b'?' } else { from[at] };
        at += 1;
    }
    to
}

/// The text made by [`question_marks`]. One ASCII byte for another keeps it UTF-8, so the second
/// answer is never given.
#[doc(hidden)]
#[must_use]
pub const fn text_or(bytes: &'static [u8], otherwise: &'static str) -> &'static str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => otherwise,
    }
}

/// `SQLite`'s spelling of a text, derived in the compiler.
#[doc(hidden)]
#[macro_export]
macro_rules! sqlite_text {
    ($text:expr) => {{
        const TEXT: &str = $text;
        const LENGTH: usize = TEXT.len();
        static BYTES: [u8; LENGTH] = $crate::stmt::question_marks(TEXT);
        $crate::stmt::text_or(&BYTES, TEXT)
    }};
}

/// Declares the statements of a module, and `STATEMENTS`, the list of them that the tests prepare
/// and plan on both engines.
///
/// ```
/// docket_store::statements! {
///     /// Finds one thing.
///     FIND_THING = "SELECT name FROM thing WHERE id = $1";
///     /// Finds several; the engines spell a list differently.
///     pub(crate) FIND_THINGS = "SELECT name FROM thing WHERE id = ANY($1)",
///         sqlite: "SELECT name FROM thing WHERE id IN (SELECT value FROM rarray($1))";
///     /// Adds a thing; a batch of them is one statement on `PostgreSQL`.
///     pub(crate) ADD_THING = "INSERT INTO thing (id, name) VALUES ($1, $2)",
///         many: "INSERT INTO thing (id, name) SELECT * FROM unnest($1::uuid[], $2::text[])";
/// }
/// assert_eq!(FIND_THING.sqlite(), "SELECT name FROM thing WHERE id = ?1");
/// # assert_eq!(STATEMENTS.len(), 3);
/// ```
#[macro_export]
macro_rules! statements {
    ($(
        $(#[$doc:meta])+
        $visibility:vis $name:ident = $text:expr $(, sqlite: $sqlite:expr)? $(, many: $many:expr)? ;
    )*) => {
        $(
            $(#[$doc])+
            $visibility static $name: $crate::stmt::Stmt = $crate::stmt::Stmt::new(
                stringify!($name),
                $text,
                $crate::statements!(@sqlite $text $(, $sqlite)?),
            )$(.with_many($many))?;
        )*

        /// Every statement of this module.
        pub(crate) static STATEMENTS: &[&$crate::stmt::Stmt] = &[$(&$name),*];
    };
    (@sqlite $text:expr, $sqlite:expr) => { $crate::sqlite_text!($sqlite) };
    (@sqlite $text:expr) => { $crate::sqlite_text!($text) };
}

#[cfg(test)]
mod tests {
    statements! {
        /// Both texts are one.
        PLAIN = "SELECT a FROM b WHERE c = $1 AND d = $12 AND e ->> '$.f' = '$'";
        /// The engines differ.
        TWO = "SELECT a = ANY($1)", sqlite: "SELECT a IN (SELECT value FROM rarray($1))";
    }

    #[test]
    fn placeholders_are_spelled_for_each_engine() {
        assert_eq!(PLAIN.name(), "PLAIN");
        assert_eq!(
            PLAIN.postgres(),
            "SELECT a FROM b WHERE c = $1 AND d = $12 AND e ->> '$.f' = '$'"
        );
        assert_eq!(
            PLAIN.sqlite(),
            "SELECT a FROM b WHERE c = ?1 AND d = ?12 AND e ->> '$.f' = '$'"
        );
    }

    #[test]
    fn a_second_text_is_for_sqlite_alone() {
        assert_eq!(TWO.postgres(), "SELECT a = ANY($1)");
        assert_eq!(TWO.sqlite(), "SELECT a IN (SELECT value FROM rarray(?1))");
        assert_eq!(STATEMENTS.len(), 2);
    }
}
