//! Lists whose conditions depend on the caller. The only place where SQL text is assembled.
//!
//! Invariant: nothing but `&'static str` becomes text. Whatever came from outside is a value, and
//! values go in as numbered placeholders; `{}` in a fragment stands for the next one.

use std::borrow::Cow;
use std::fmt::Write;

use docket_domain::page::{Order, Paging};

use crate::value::Value;

/// A `SELECT` in the making: a head, conditions that must all hold, an order, a page.
///
/// ```
/// # use docket_store::filter::{Select, pattern};
/// # let (tenant, name) = (uuid::Uuid::nil(), "b*n");
/// let select = Select::new("SELECT d.id, d.name FROM definition AS d")
///     .and("d.tenant_id = {}", tenant)
///     .and(r"lower(d.name) LIKE {} ESCAPE '\'", pattern(name))
///     .order("d.name, d.id")
///     .limit(25);
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Select<'a> {
    head: &'static str,
    source: Option<Condition>,
    count: Option<Count>,
    conditions: Vec<Condition>,
    values: Vec<Value<'a>>,
    group: Option<&'static str>,
    order: Vec<Step>,
    limit: Option<i64>,
    offset: Option<i64>,
}

/// One step of an order: columns as they are sorted by, and whether the largest come first.
#[derive(Debug, Clone, Copy)]
struct Step {
    columns: &'static str,
    descending: bool,
}

/// One condition for each engine, and which values stand in its places.
#[derive(Debug, Clone)]
struct Condition {
    postgres: &'static str,
    sqlite: &'static str,
    suffix: Suffix,
    first: usize,
    /// Whether each `{}` has a value of its own, or all have the same.
    each: bool,
}

/// How the rows on all pages together are counted.
#[derive(Debug, Clone, Copy)]
enum Count {
    /// By this head.
    By(&'static str),
    /// By this head, and no further than so many.
    AtMost(&'static str, i64),
}

/// What is said of a column.
#[derive(Debug, Clone, Copy)]
enum Suffix {
    Nothing,
    Matches,
    AnyOf,
    NoneOf,
}

/// Which spelling is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Postgres,
    Sqlite,
}

impl<'a> Select<'a> {
    /// A list out of its head, `SELECT … FROM …`, without conditions as yet.
    pub const fn new(head: &'static str) -> Self {
        Self {
            head,
            source: None,
            count: None,
            conditions: Vec::new(),
            values: Vec::new(),
            group: None,
            order: Vec::new(),
            limit: None,
            offset: None,
        }
    }

    /// Reads from this, spelled differently by the two engines, instead of from a table: the head,
    /// and that of [`Select::counted_by`], end with `FROM`. Each `{}` in it is the next of the values.
    pub fn from_dialects(
        mut self,
        postgres: &'static str,
        sqlite: &'static str,
        values: impl IntoIterator<Item = Value<'a>>,
    ) -> Self {
        let source = self.fragment(postgres, sqlite, Suffix::Nothing, true, values);
        self.source = Some(source);
        self
    }

    /// Adds a condition; each `{}` in it is this value.
    pub fn and(self, condition: &'static str, value: impl Into<Value<'a>>) -> Self {
        self.and_dialects(condition, condition, value)
    }

    /// Adds a condition that is spelled differently by the two engines.
    pub fn and_dialects(
        self,
        postgres: &'static str,
        sqlite: &'static str,
        value: impl Into<Value<'a>>,
    ) -> Self {
        self.push(postgres, sqlite, Suffix::Nothing, false, [value.into()])
    }

    /// Adds a condition with several values; each `{}` in it is the next of them.
    pub fn and_each(
        self,
        condition: &'static str,
        values: impl IntoIterator<Item = Value<'a>>,
    ) -> Self {
        self.and_each_dialects(condition, condition, values)
    }

    /// The same, spelled differently by the two engines.
    pub fn and_each_dialects(
        self,
        postgres: &'static str,
        sqlite: &'static str,
        values: impl IntoIterator<Item = Value<'a>>,
    ) -> Self {
        self.push(postgres, sqlite, Suffix::Nothing, true, values)
    }

    /// Adds a condition without a value.
    pub fn and_fixed(self, condition: &'static str) -> Self {
        self.and_each(condition, [])
    }

    /// Adds a condition when there is a value for it.
    pub fn and_some(self, condition: &'static str, value: Option<impl Into<Value<'a>>>) -> Self {
        match value {
            Some(value) => self.and(condition, value),
            None => self,
        }
    }

    /// Adds the condition that the text in the column (or expression) matches a search criterion,
    /// as [`pattern`] reads it, when there is one. Sorting by code point does not keep a column from
    /// being matched without regard to case, in any script.
    pub fn and_matches(self, column: &'static str, criterion: Option<&str>) -> Self {
        match criterion {
            Some(criterion) => {
                self.push(column, column, Suffix::Matches, false, [pattern(criterion).into()])
            }
            None => self,
        }
    }

    /// Adds the condition that the column (or expression) is one of the values of a list. Of an
    /// empty list, none is.
    pub fn and_any_of(self, column: &'static str, values: impl Into<Value<'a>>) -> Self {
        self.push(column, column, Suffix::AnyOf, false, [values.into()])
    }

    /// Adds the condition that the column is none of the values of a list.
    pub fn and_none_of(self, column: &'static str, values: impl Into<Value<'a>>) -> Self {
        self.push(column, column, Suffix::NoneOf, false, [values.into()])
    }

    /// Gives one row for all that have the same in these columns.
    pub const fn grouped_by(mut self, columns: &'static str) -> Self {
        self.group = Some(columns);
        self
    }

    /// Adds to the order; name enough columns for it to be total, or pages overlap.
    pub fn order(mut self, columns: &'static str) -> Self {
        self.order.push(Step { columns, descending: false });
        self
    }

    /// Sets the order and the page that a caller asked for. `columns` gives the column of each
    /// field that the list offers, of which there is one value a row and no nulls, for the engines
    /// sort those differently; `otherwise` is the order when the caller names none. Ties go by `id`.
    pub fn paged(
        mut self,
        paging: &Paging,
        columns: &[(&'static str, &'static str)],
        otherwise: &'static str,
        id: &'static str,
    ) -> Self {
        let column = |order: &Order| {
            let (_, columns) = columns.iter().find(|(field, _)| *field == order.field)?;
            Some(Step { columns, descending: order.descending })
        };
        self.order = paging.order.iter().filter_map(column).collect();
        if self.order.is_empty() {
            self.order.push(Step { columns: otherwise, descending: false });
        }
        self.order.push(Step { columns: id, descending: false });
        self.limit(paging.size).offset(paging.start)
    }

    /// Gives no more rows than this.
    pub const fn limit(mut self, rows: i64) -> Self {
        self.limit = Some(rows);
        self
    }

    /// Leaves out this many rows first.
    pub const fn offset(mut self, rows: i64) -> Self {
        self.offset = Some(rows);
        self
    }

    /// Counts by this head, `SELECT count(*) FROM …`, instead of by wrapping the list's own: for
    /// heads whose joins or columns cost more than the conditions need.
    pub const fn counted_by(mut self, head: &'static str) -> Self {
        self.count = Some(Count::By(head));
        self
    }

    /// Counts the rows of this head, `SELECT 1 FROM …`, and stops at `most`, so that the count of a
    /// list that grows without end costs no more than that.
    pub const fn counted_at_most(mut self, head: &'static str, most: i64) -> Self {
        self.count = Some(Count::AtMost(head, most));
        self
    }

    fn push(
        mut self,
        postgres: &'static str,
        sqlite: &'static str,
        suffix: Suffix,
        each: bool,
        values: impl IntoIterator<Item = Value<'a>>,
    ) -> Self {
        let condition = self.fragment(postgres, sqlite, suffix, each, values);
        self.conditions.push(condition);
        self
    }

    fn fragment(
        &mut self,
        postgres: &'static str,
        sqlite: &'static str,
        suffix: Suffix,
        each: bool,
        values: impl IntoIterator<Item = Value<'a>>,
    ) -> Condition {
        let first = self.values.len();
        self.values.extend(values);
        Condition { postgres, sqlite, suffix, first, each }
    }

    /// The text that gives the rows, and its values.
    pub(crate) fn rows_text(&self, dialect: Dialect) -> (String, Vec<Value<'a>>) {
        let mut text = String::with_capacity(self.head.len() + 256);
        self.write_head(self.head, &mut text, dialect);
        if let Some(columns) = self.group {
            text.push_str(" GROUP BY ");
            text.push_str(columns);
        }
        for (index, Step { columns, descending }) in self.order.iter().enumerate() {
            text.push_str(if index == 0 { " ORDER BY " } else { ", " });
            text.push_str(columns);
            if *descending {
                text.push_str(" DESC");
            }
        }
        let mut values = self.values.clone();
        match (self.limit, self.offset) {
            (None, None) => {}
            (None, Some(offset)) => {
                // SQLite knows no OFFSET alone; no table has more rows than this on either.
                values.extend([Value::Int(i64::MAX), Value::Int(offset)]);
                write_page(&mut text, dialect, values.len());
            }
            (Some(limit), offset) => {
                values.extend([Value::Int(limit), Value::Int(offset.unwrap_or(0))]);
                write_page(&mut text, dialect, values.len());
            }
        }
        (text, values)
    }

    /// The text that counts all rows that hold, whatever the page, and its values.
    pub(crate) fn count_text(&self, dialect: Dialect) -> (String, Vec<Value<'a>>) {
        let mut text = String::with_capacity(self.head.len() + 256);
        let mut values = self.values.clone();
        match self.count {
            Some(Count::By(head)) => {
                self.write_head(head, &mut text, dialect);
            }
            Some(Count::AtMost(head, most)) => {
                text.push_str("SELECT count(*) FROM (");
                self.write_head(head, &mut text, dialect);
                values.push(Value::Int(most));
                text.push_str(" LIMIT ");
                write_place(&mut text, dialect, values.len());
                text.push_str(") AS counted");
            }
            None => {
                text.push_str("SELECT count(*) FROM (");
                self.write_head(self.head, &mut text, dialect);
                text.push_str(") AS counted");
            }
        }
        (text, values)
    }

    /// The head, what it reads from, and the conditions.
    fn write_head(&self, head: &str, text: &mut String, dialect: Dialect) {
        text.push_str(head);
        if let Some(source) = &self.source {
            text.push(' ');
            source.write(text, dialect);
        }
        self.write_conditions(text, dialect);
    }

    fn write_conditions(&self, text: &mut String, dialect: Dialect) {
        for (index, condition) in self.conditions.iter().enumerate() {
            text.push_str(if index == 0 { " WHERE (" } else { " AND (" });
            condition.write(text, dialect);
            text.push(')');
        }
    }
}

impl Condition {
    fn write(&self, text: &mut String, dialect: Dialect) {
        let fragment = match dialect {
            Dialect::Postgres => self.postgres,
            Dialect::Sqlite => self.sqlite,
        };
        if matches!(self.suffix, Suffix::Matches) {
            text.push_str("lower(");
        }
        let mut place = self.first + 1;
        for (index, piece) in fragment.split("{}").enumerate() {
            if index > 0 {
                write_place(text, dialect, place);
                place += usize::from(self.each);
            }
            text.push_str(piece);
        }
        let (before, after) = match (self.suffix, dialect) {
            (Suffix::Nothing, _) => return,
            (Suffix::Matches, Dialect::Postgres) => {
                (r#" COLLATE "default") LIKE "#, r" ESCAPE '\'")
            }
            (Suffix::Matches, Dialect::Sqlite) => (") LIKE ", r" ESCAPE '\'"),
            (Suffix::AnyOf, Dialect::Postgres) => (" = ANY(", ")"),
            (Suffix::NoneOf, Dialect::Postgres) => (" <> ALL(", ")"),
            (Suffix::AnyOf, Dialect::Sqlite) => (" IN (SELECT value FROM rarray(", "))"),
            (Suffix::NoneOf, Dialect::Sqlite) => (" NOT IN (SELECT value FROM rarray(", "))"),
        };
        text.push_str(before);
        write_place(text, dialect, self.first + 1);
        text.push_str(after);
    }
}

/// Limit and offset are the last two of so many values.
fn write_page(text: &mut String, dialect: Dialect, values: usize) {
    text.push_str(" LIMIT ");
    write_place(text, dialect, values.saturating_sub(1));
    text.push_str(" OFFSET ");
    write_place(text, dialect, values);
}

fn write_place(text: &mut String, dialect: Dialect, number: usize) {
    text.push(match dialect {
        Dialect::Postgres => '$',
        Dialect::Sqlite => '?',
    });
    // Writing to a string cannot fail.
    let _ = write!(text, "{number}");
}

/// The `LIKE` pattern of a search criterion, for `lower(x) LIKE {} ESCAPE '\'`: case does not
/// matter, `*` stands for anything, and a criterion without `*` may be anywhere in the text.
#[must_use]
pub fn pattern(criterion: &str) -> String {
    let anywhere = !criterion.contains('*');
    let mut pattern = String::with_capacity(criterion.len() + 2);
    if anywhere {
        pattern.push('%');
    }
    for character in criterion.chars() {
        match character {
            '*' => pattern.push('%'),
            '\\' | '%' | '_' => pattern.extend(['\\', character]),
            _ => pattern.push(lowered(character)),
        }
    }
    if anywhere {
        pattern.push('%');
    }
    pattern
}

/// `lower` of a text as both engines give it: character by character, each into exactly one, as C
/// libraries do it and so `PostgreSQL`.
pub(crate) fn lower(text: &str) -> Cow<'_, str> {
    if text.chars().all(|character| lowered(character) == character) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.chars().map(lowered).collect())
    }
}

fn lowered(character: char) -> char {
    character.to_lowercase().next().unwrap_or(character)
}

#[cfg(test)]
mod tests;
