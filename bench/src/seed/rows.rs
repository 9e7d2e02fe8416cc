//! The community as rows of the server's tables.

use uuid::Uuid;

use super::{organisations, people, tenant, todos};
use crate::community::Community;

/// One value.
#[derive(Debug, Clone)]
pub(crate) enum Cell {
    Null,
    Bool(bool),
    Int(i64),
    Text(String),
    Id(Uuid),
    Bytes(Vec<u8>),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

macro_rules! cells {
    ($($from:ty => $kind:ident;)*) => {$(
        impl From<$from> for Cell {
            fn from(value: $from) -> Self {
                Self::$kind(value)
            }
        }
    )*};
}

cells! { bool => Bool; i64 => Int; String => Text; Uuid => Id; Vec<u8> => Bytes; }

/// The values of a row.
pub(crate) type Row = Vec<Cell>;

macro_rules! row {
    ($($value:expr),* $(,)?) => { vec![$($crate::seed::rows::Cell::from($value)),*] };
}
pub(super) use row;

/// A table and the columns that are filled.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) columns: &'static [&'static str],
}

/// A table with all its rows.
pub(crate) type Filled = (Table, Vec<Row>);

/// The tables with a few rows, and those rows.
pub(crate) fn small(community: &Community) -> Vec<Filled> {
    let mut tables = tenant::tables(community);
    tables.extend(organisations::tables(community));
    tables.push(todos::providers(community.now));
    tables
}

/// The tables with many rows.
pub(crate) const LARGE: [Large; 8] = [
    Large::User,
    Large::Term,
    Large::Token,
    Large::Action,
    Large::End,
    Large::Word,
    Large::Request,
    Large::Todo,
];

/// A table with many rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Large {
    User,
    Term,
    Token,
    Action,
    End,
    Word,
    Request,
    Todo,
}

impl Large {
    /// The table.
    pub(crate) const fn table(self) -> Table {
        match self {
            Self::User => people::USERS,
            Self::Term => people::TERMS,
            Self::Token => todos::TOKENS,
            Self::Action => people::ACTIONS,
            Self::End => people::ENDS,
            Self::Word => people::WORDS,
            Self::Request => organisations::REQUESTS,
            Self::Todo => todos::TODOS,
        }
    }

    /// All rows: actions in the order in which they were taken, others by user and in the order of
    /// the primary key.
    pub(crate) fn rows(self, community: &Community) -> Box<dyn Iterator<Item = Row> + '_> {
        let about: fn(&Community, u64) -> Vec<Row> = match self {
            Self::Action => return Box::new(people::actions(community)),
            Self::User => |community, number| vec![people::user(&community.person(number))],
            Self::Term => |community, number| people::terms(&community.person(number)),
            Self::Token => todos::token,
            Self::End => people::pending_ends,
            Self::Word => people::action_words,
            Self::Request => organisations::request,
            Self::Todo => todos::todos,
        };
        Box::new((0..community.users).flat_map(move |number| about(community, number)))
    }
}
