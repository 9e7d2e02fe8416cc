//! What comes out of a statement: rows, read column after column.
//!
//! Invariant: nothing is copied before it is known what it becomes, and a column that does not hold
//! what the code expects is a [`DbError::Contradiction`] that names it, never a panic or a default.

use docket_domain::json::Json;
use docket_domain::time::{Expiry, Instant};
use rusqlite::types::ValueRef;
use tokio_postgres::types::{FromSql, Type};
use uuid::Uuid;

use crate::error::DbError;

/// One column of one row as the engine holds it, borrowed from the driver's buffer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'r> {
    /// Nothing.
    Null,
    /// Yes or no, where the engine knows such a type.
    Bool(bool),
    /// A number.
    Int(i64),
    /// Text, or JSON as text.
    Text(&'r str),
    /// An id, where the engine knows such a type.
    Uuid(Uuid),
    /// Bytes.
    Bytes(&'r [u8]),
    /// Of a type that no column of ours has.
    Unknown,
}

impl<'r> Cell<'r> {
    /// The truth in it.
    #[must_use]
    pub fn bool(self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(value),
            Self::Int(0) => Some(false),
            Self::Int(1) => Some(true),
            _ => None,
        }
    }

    /// The number in it.
    #[must_use]
    pub fn int(self) -> Option<i64> {
        if let Self::Int(value) = self { Some(value) } else { None }
    }

    /// The text in it.
    #[must_use]
    pub fn text(self) -> Option<&'r str> {
        if let Self::Text(value) = self { Some(value) } else { None }
    }

    /// The id in it.
    #[must_use]
    pub fn uuid(self) -> Option<Uuid> {
        match self {
            Self::Uuid(value) => Some(value),
            Self::Bytes(bytes) => Uuid::from_slice(bytes).ok(),
            _ => None,
        }
    }

    /// The bytes in it.
    #[must_use]
    pub fn bytes(self) -> Option<&'r [u8]> {
        if let Self::Bytes(value) = self { Some(value) } else { None }
    }
}

/// What a column can be read as.
pub trait Column: Sized {
    /// The value in the cell, when it holds one of this kind.
    fn from_cell(cell: Cell<'_>) -> Option<Self>;
}

macro_rules! columns {
    ($($kind:ty => |$cell:ident| $value:expr;)*) => {$(
        impl Column for $kind {
            fn from_cell($cell: Cell<'_>) -> Option<Self> {
                $value
            }
        }
    )*};
}

columns! {
    bool => |cell| cell.bool();
    i64 => |cell| cell.int();
    i32 => |cell| cell.int()?.try_into().ok();
    u32 => |cell| cell.int()?.try_into().ok();
    String => |cell| cell.text().map(str::to_owned);
    Box<str> => |cell| cell.text().map(Into::into);
    Uuid => |cell| cell.uuid();
    Vec<u8> => |cell| cell.bytes().map(<[u8]>::to_vec);
    Json => |cell| cell.text().map(Self::from_trusted);
    Instant => |cell| cell.int().map(Self::from_millis);
    Expiry => |cell| Option::from_cell(cell).map(|end| end.map_or(Self::Never, Self::At));
}

impl<T: Column> Column for Option<T> {
    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        if cell == Cell::Null { Some(None) } else { T::from_cell(cell).map(Some) }
    }
}

impl<const LENGTH: usize> Column for [u8; LENGTH] {
    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        cell.bytes()?.try_into().ok()
    }
}

/// The row under a cursor; its columns are taken from left to right.
#[derive(Debug)]
pub struct Row<'r> {
    statement: &'static str,
    source: Source<'r>,
    next: usize,
}

#[derive(Debug)]
enum Source<'r> {
    Sqlite(&'r rusqlite::Row<'r>),
    Postgres(&'r tokio_postgres::Row),
}

impl<'r> Row<'r> {
    pub(crate) fn sqlite(statement: &'static str, row: &'r rusqlite::Row<'r>) -> Self {
        Self { statement, source: Source::Sqlite(row), next: 0 }
    }

    pub(crate) fn postgres(statement: &'static str, row: &'r tokio_postgres::Row) -> Self {
        Self { statement, source: Source::Postgres(row), next: 0 }
    }

    /// A row behind the number of whoever asked for it.
    pub(crate) fn asked(statement: &'static str, row: &'r tokio_postgres::Row) -> Self {
        Self { statement, source: Source::Postgres(row), next: 1 }
    }

    /// The value of the next column.
    #[expect(clippy::should_implement_trait, reason = "an iterator has one type of items")]
    pub fn next<T: Column>(&mut self) -> Result<T, DbError> {
        let at = self.next;
        self.next += 1;
        self.cell(at).and_then(T::from_cell).ok_or_else(|| self.contradiction(at))
    }

    /// Whether the next column holds something; it is not passed over.
    #[must_use]
    pub fn has_next(&self) -> bool {
        !matches!(self.cell(self.next), None | Some(Cell::Null))
    }

    /// What the next so many columns hold together, if the first of them holds something.
    pub(crate) fn group<T: FromRow>(&mut self, columns: usize) -> Result<Option<T>, DbError> {
        let end = self.next + columns;
        let value = if self.has_next() { Some(T::from_row(self)?) } else { None };
        self.next = end;
        Ok(value)
    }

    fn cell(&self, at: usize) -> Option<Cell<'r>> {
        match &self.source {
            Source::Sqlite(row) => match row.get_ref(at).ok()? {
                ValueRef::Null => Some(Cell::Null),
                ValueRef::Integer(value) => Some(Cell::Int(value)),
                ValueRef::Real(_) => Some(Cell::Unknown),
                ValueRef::Text(bytes) => std::str::from_utf8(bytes).ok().map(Cell::Text),
                ValueRef::Blob(bytes) => Some(Cell::Bytes(bytes)),
            },
            Source::Postgres(row) => row.try_get(at).ok(),
        }
    }

    /// Says where the data and the code disagree. The first column is shown, for that is the id in
    /// nearly every statement; it is not worth a query of its own.
    fn contradiction(&self, at: usize) -> DbError {
        let column = match &self.source {
            Source::Sqlite(row) => row.as_ref().column_name(at).ok().map(str::to_owned),
            Source::Postgres(row) => row.columns().get(at).map(|column| column.name().to_owned()),
        };
        let column = column.unwrap_or_else(|| format!("column {}", at + 1));
        let row = match self.cell(0) {
            Some(Cell::Text(text)) => text.to_owned(),
            Some(Cell::Int(number)) => number.to_string(),
            Some(cell) => cell.uuid().map_or_else(|| "?".to_owned(), |id| id.to_string()),
            None => "?".to_owned(),
        };
        DbError::contradiction(format!("{}.{column}", self.statement), row)
    }
}

impl<'r> FromSql<'r> for Cell<'r> {
    fn from_sql(
        kind: &Type,
        raw: &'r [u8],
    ) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(match *kind {
            Type::BOOL => Self::Bool(bool::from_sql(kind, raw)?),
            Type::INT8 => Self::Int(i64::from_sql(kind, raw)?),
            Type::INT4 => Self::Int(i32::from_sql(kind, raw)?.into()),
            Type::INT2 => Self::Int(i16::from_sql(kind, raw)?.into()),
            Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::JSON | Type::UNKNOWN => {
                Self::Text(std::str::from_utf8(raw)?)
            }
            // One byte says the version of the wire format.
            Type::JSONB => Self::Text(std::str::from_utf8(raw.get(1..).unwrap_or_default())?),
            Type::UUID => Self::Uuid(Uuid::from_slice(raw)?),
            Type::BYTEA => Self::Bytes(raw),
            _ => Self::Unknown,
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self::Null)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// What a whole row can be read as.
pub trait FromRow: Sized {
    /// The value, read column after column in the order of the statement.
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError>;
}

/// A row of one column.
impl<T: Column> FromRow for T {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        row.next()
    }
}

macro_rules! rows_of {
    ($($column:ident)+) => {
        impl<$($column: Column),+> FromRow for ($($column,)+) {
            fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
                Ok(($(row.next::<$column>()?,)+))
            }
        }
    };
}

rows_of!(A B);
rows_of!(A B C);
rows_of!(A B C D);
rows_of!(A B C D E);
rows_of!(A B C D E F);
