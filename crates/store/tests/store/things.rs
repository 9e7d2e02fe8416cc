//! A small schema to try the face on, and its statements.

use docket_store::migrate::Migration;
use docket_store::{BoxFuture, Conn, Db, DbError, params, statements};
use uuid::Uuid;

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    number: 1,
    name: "0001_things",
    sqlite: "
        CREATE TABLE thing (
            id BLOB NOT NULL PRIMARY KEY,
            name TEXT NOT NULL,
            code TEXT UNIQUE,
            height INTEGER CONSTRAINT thing_height_check CHECK (height >= 0),
            parent_id BLOB REFERENCES thing (id)
        ) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX thing_by_height_in_parent ON thing (height, parent_id);
        CREATE UNIQUE INDEX thing_by_lower_name ON thing (lower(name));
        CREATE TABLE kind (
            flag INTEGER, number INTEGER, text TEXT, id BLOB, bytes BLOB, json TEXT
        ) STRICT;
        CREATE TABLE counter (id INTEGER NOT NULL PRIMARY KEY, count INTEGER NOT NULL) STRICT;",
    postgres: "
        CREATE TABLE thing (
            id uuid NOT NULL PRIMARY KEY,
            name text NOT NULL,
            code text UNIQUE,
            height bigint CONSTRAINT thing_height_check CHECK (height >= 0),
            parent_id uuid REFERENCES thing (id)
        );
        CREATE UNIQUE INDEX thing_by_height_in_parent ON thing (height, parent_id);
        CREATE UNIQUE INDEX thing_by_lower_name ON thing (lower(name));
        CREATE TABLE kind (
            flag boolean, number bigint, text text, id uuid, bytes bytea, json json
        );
        CREATE TABLE counter (id bigint NOT NULL PRIMARY KEY, count bigint NOT NULL);",
}];

statements! {
    /// Adds a thing.
    pub(crate) INSERT_THING = "INSERT INTO thing (id, name) VALUES ($1, $2)";
    /// Adds a thing; a batch of them is one statement.
    pub(crate) INSERT_THINGS = "INSERT INTO thing (id, name, height) VALUES ($1, $2, $3)",
        many: "INSERT INTO thing (id, name, height)
            SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[])";
    /// The names of the things that have no height, and of the others, by their ids.
    pub(crate) NAMES_BY_HEIGHT = "SELECT name FROM thing ORDER BY height IS NOT NULL, id";
    /// Adds a thing with all its columns.
    pub(crate) INSERT_WHOLE_THING = "INSERT INTO thing (id, name, code, height, parent_id)
        VALUES ($1, $2, $3, $4, $5)";
    /// Adds a thing and gives it back.
    pub(crate) INSERT_RETURNING = "INSERT INTO thing (id, name) VALUES ($1, $2) RETURNING id, name";
    /// Adds a thing below another and gives its name back.
    pub(crate) INSERT_BELOW = "INSERT INTO thing (id, name, parent_id) VALUES ($1, $2, $3)
        RETURNING name";
    /// Gives a thing no name.
    pub(crate) UNNAME_THING = "UPDATE thing SET name = NULL WHERE id = $1";
    /// Renames things.
    pub(crate) RENAME_THINGS = "UPDATE thing SET code = name WHERE name >= $1";
    /// Removes a thing.
    pub(crate) DELETE_THING = "DELETE FROM thing WHERE id = $1";
    /// Finds a thing's name.
    pub(crate) FIND_NAME = "SELECT name FROM thing WHERE id = $1";
    /// Finds a thing's name and holds the thing.
    pub(crate) LOCK_NAME = "SELECT name FROM thing WHERE id = $1 FOR UPDATE",
        sqlite: "SELECT name FROM thing WHERE id = $1";
    /// Finds the names of several things.
    pub(crate) FIND_NAMES = "SELECT name FROM thing WHERE id = ANY($1) ORDER BY name",
        sqlite: "SELECT name FROM thing WHERE id IN (SELECT value FROM rarray($1)) ORDER BY name";
    /// Finds the things of several names.
    pub(crate) FIND_BY_NAMES = "SELECT name FROM thing WHERE name = ANY($1) ORDER BY name",
        sqlite: "SELECT name FROM thing WHERE name IN (SELECT value FROM rarray($1))
            ORDER BY name";
    /// The names of things that are lower, highest first.
    pub(crate) LOWER_THINGS = "SELECT name FROM thing WHERE height < $1 ORDER BY height DESC",
        many: "SELECT asked.number, lower.name
            FROM unnest($1::bigint[]) WITH ORDINALITY AS asked (height, number)
            CROSS JOIN LATERAL (SELECT name FROM thing WHERE height < asked.height
                ORDER BY height DESC) AS lower";
    /// Sixty, shared out among some.
    pub(crate) SHARE_OF_SIXTY = "SELECT 60 / $1",
        many: "SELECT number, 60 / parts
            FROM unnest($1::bigint[]) WITH ORDINALITY AS asked (parts, number)";
    /// Counts things.
    pub(crate) COUNT_THINGS = "SELECT count(*) FROM thing";
    /// A thing with too little in it.
    pub(crate) READ_CODE = "SELECT id, code FROM thing WHERE id = $1";
    /// One value of each kind.
    pub(crate) INSERT_KINDS = "INSERT INTO kind (flag, number, text, id, bytes, json)
        VALUES ($1, $2, $3, $4, $5, $6)";
    /// The same again.
    pub(crate) READ_KINDS = "SELECT flag, number, text, id, bytes, json FROM kind";
    /// Makes a counter.
    pub(crate) INSERT_COUNTER = "INSERT INTO counter (id, count) VALUES ($1, 0)";
    /// Counts on.
    pub(crate) COUNT_ON = "UPDATE counter SET count = count + 1 WHERE id = $1";
    /// Reads a counter.
    pub(crate) READ_COUNT = "SELECT count FROM counter WHERE id = $1";
    /// The engines' word for lower case.
    pub(crate) LOWER = "SELECT lower($1)";
    /// Case in patterns.
    pub(crate) LIKE = "SELECT $1 LIKE $2 ESCAPE '\\'";
}

/// The n-th id of a test.
pub(crate) fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// Runs one statement as a unit of work.
pub(crate) async fn write<T, F>(db: &Db, unit: F) -> Result<T, DbError>
where
    T: Send + 'static,
    F: for<'c> Fn(&'c mut Conn) -> BoxFuture<'c, Result<T, DbError>> + Send + Sync + 'static,
{
    db.write(unit).await
}

pub(crate) async fn insert(db: &Db, number: u128, name: &'static str) -> Result<u64, DbError> {
    write(db, move |conn| Box::pin(conn_run(conn, number, name))).await
}

pub(crate) async fn conn_run(conn: &mut Conn, number: u128, name: &str) -> Result<u64, DbError> {
    conn.run(&INSERT_THING, params![id(number), name]).await
}

pub(crate) async fn count(db: &Db) -> i64 {
    db.reader().one(&COUNT_THINGS, params![]).await.unwrap().unwrap()
}
