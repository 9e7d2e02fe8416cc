//! The table of to-dos: what users have to do.

use docket_domain::id::{TodoId, UserId};
use docket_domain::time::Instant;
use docket_domain::todo::{Matter, Silence, Todo, Urgency};

use crate::batch::Batch;
use crate::conn::Conn;
use crate::error::DbError;
use crate::row::{FromRow, Row};
use crate::{own_params, params, statements};

mod columns;
pub mod list;

use columns::{
    decode_actions, decode_surroundings, due_at, due_millis, encode_actions, encode_surroundings,
};

/// The columns of a to-do, in the order in which a [`Todo`] reads them.
macro_rules! columns {
    () => {
        "id, user_id, action_type, object_id, title, description, urgency, due_at, object_name,
            object_type, route_name, route_params, context, corrective_actions, silenced,
            silenced_until, silenced_at, created_at, updated_at"
    };
}
pub(crate) use columns as todo_columns;

statements! {
    /// A to-do.
    FIND_TODO = concat!("SELECT ", columns!(), " FROM todo WHERE id = $1");
    /// A to-do that is about to be changed.
    LOCK_TODO = concat!("SELECT ", columns!(), " FROM todo WHERE id = $1 FOR UPDATE"),
        sqlite: concat!("SELECT ", columns!(), " FROM todo WHERE id = $1");
    /// Waits for others who make to-dos of a type what they should be, and keeps them waiting. Rows
    /// cannot be locked for it: what is about to be made has none yet.
    SEIZE_TYPE = "SELECT TRUE FROM pg_advisory_xact_lock(hashtextextended($1, 2))",
        sqlite: "SELECT 1 WHERE $1 IS NOT NULL";
    /// What a user has to do of one type.
    TODOS_OF_USER = concat!("SELECT ", columns!(), " FROM todo
        WHERE user_id = $1 AND action_type = $2");
    /// The same, about to be changed.
    LOCK_TODOS_OF_USER = concat!("SELECT ", columns!(), " FROM todo
        WHERE user_id = $1 AND action_type = $2 ORDER BY object_id FOR UPDATE"),
        sqlite: concat!("SELECT ", columns!(), " FROM todo
        WHERE user_id = $1 AND action_type = $2");
    /// Who has to do something about some objects.
    TODOS_OF_OBJECTS = concat!("SELECT ", columns!(), " FROM todo
        WHERE action_type = $1 AND object_id = ANY($2)"),
        sqlite: concat!("SELECT ", columns!(), " FROM todo
        WHERE action_type = $1 AND object_id IN (SELECT value FROM rarray($2))");
    /// The same, about to be changed; always in one order, against deadlocks.
    LOCK_TODOS_OF_OBJECTS = concat!("SELECT ", columns!(), " FROM todo
        WHERE action_type = $1 AND object_id = ANY($2) ORDER BY object_id, user_id FOR UPDATE"),
        sqlite: concat!("SELECT ", columns!(), " FROM todo
        WHERE action_type = $1 AND object_id IN (SELECT value FROM rarray($2))");
    /// The objects of a type about which somebody has to do something, in their order, behind one.
    OBJECTS_OF_TYPE = "SELECT DISTINCT object_id FROM todo
        WHERE action_type = $1 AND object_id > $2 ORDER BY object_id LIMIT $3";
    /// The objects among some about which somebody has to do something.
    OBJECTS_AMONG = "SELECT DISTINCT object_id FROM todo
        WHERE action_type = $1 AND object_id = ANY($2)",
        sqlite: "SELECT DISTINCT object_id FROM todo
        WHERE action_type = $1 AND object_id IN (SELECT value FROM rarray($2))";
    /// The users who have to do something of a type.
    USERS_OF_TYPE = "SELECT user_id FROM todo WHERE action_type = $1";
    /// A new to-do.
    INSERT_TODO = "INSERT INTO todo
            (id, user_id, action_type, object_id, title, description, urgency, due_at, object_name,
             object_type, route_name, route_params, context, corrective_actions, silenced,
             silenced_until, silenced_at, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
            $19)";
    /// A to-do that says something else now.
    UPDATE_TODO = "UPDATE todo
        SET title = $4, description = $5, urgency = $6, due_at = $7, object_name = $8,
            object_type = $9, route_name = $10, route_params = $11, context = $12,
            corrective_actions = $13, updated_at = $14
        WHERE user_id = $1 AND action_type = $2 AND object_id = $3";
    /// A to-do that is out of sight, or in sight again.
    SILENCE_TODO = "UPDATE todo
        SET silenced = $4, silenced_until = $5, silenced_at = $6, updated_at = $7
        WHERE user_id = $1 AND action_type = $2 AND object_id = $3";
    /// A to-do that need not be done any more.
    DELETE_TODO = "DELETE FROM todo WHERE user_id = $1 AND action_type = $2 AND object_id = $3";
    /// What users who go had to do.
    pub(crate) DELETE_TODOS_OF_USERS = "DELETE FROM todo WHERE user_id = ANY($1)",
        sqlite: "DELETE FROM todo WHERE user_id IN (SELECT value FROM rarray($1))";
    /// Silences for a time that are over.
    CLEAR_SILENCES = "UPDATE todo SET silenced_until = 0
        WHERE silenced_until > 0 AND silenced_until < $1 AND NOT silenced";
}

impl FromRow for Todo {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        let id: TodoId = row.next()?;
        let (user_id, action_type, object_id) = (row.next()?, row.next()?, row.next()?);
        let (title, description) = (row.next()?, row.next()?);
        let urgency = Urgency::from_rank(row.next()?)
            .ok_or_else(|| DbError::contradiction("todo.urgency", id))?;
        Ok(Self {
            id,
            user_id,
            action_type,
            object_id,
            matter: Matter {
                title,
                description,
                urgency,
                due_at: due_at(row.next()?),
                object_name: row.next()?,
                object_type: row.next()?,
                route_name: row.next()?,
                route_params: row.next()?,
                surroundings: decode_surroundings(&row.next()?)?,
                corrective_actions: decode_actions(&row.next()?)?,
            },
            silence: Silence {
                forever: row.next()?,
                until: Some(row.next::<i64>()?)
                    .filter(|until| *until > 0)
                    .map(Instant::from_millis),
                laid_at: row.next()?,
            },
            created_at: row.next()?,
            updated_at: row.next()?,
        })
    }
}

/// The to-do with this id.
pub async fn find(conn: &mut Conn, id: TodoId) -> Result<Option<Todo>, DbError> {
    conn.one(&FIND_TODO, params![id]).await
}

/// The same, held against other writers until the unit of work ends.
pub async fn find_locked(conn: &mut Conn, id: TodoId) -> Result<Option<Todo>, DbError> {
    conn.one(&LOCK_TODO, params![id]).await
}

/// Which part of the to-dos of a type is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Those of one user.
    User(UserId),
    /// Those about some objects.
    Objects(Vec<String>),
}

/// A part of the to-dos of a type.
pub async fn part(conn: &mut Conn, action_type: &str, part: &Part) -> Result<Vec<Todo>, DbError> {
    match part {
        Part::User(user) => conn.all(&TODOS_OF_USER, params![*user, action_type]).await,
        Part::Objects(objects) => conn.all(&TODOS_OF_OBJECTS, params![action_type, objects]).await,
    }
}

/// Waits for others who make to-dos of this type what they should be, and keeps them waiting until
/// the unit of work ends.
pub async fn seize_type(conn: &mut Conn, action_type: &str) -> Result<(), DbError> {
    conn.run(&SEIZE_TYPE, params![action_type]).await.map(drop)
}

/// The same, held against other writers until the unit of work ends.
pub async fn part_locked(
    conn: &mut Conn,
    action_type: &str,
    part: &Part,
) -> Result<Vec<Todo>, DbError> {
    match part {
        Part::User(user) => conn.all(&LOCK_TODOS_OF_USER, params![*user, action_type]).await,
        Part::Objects(objects) => {
            conn.all(&LOCK_TODOS_OF_OBJECTS, params![action_type, objects]).await
        }
    }
}

/// The objects of a type about which somebody has to do something, in their order, behind one, this
/// many at most.
pub async fn objects_of_type(
    conn: &mut Conn,
    action_type: &str,
    after: &str,
    most: i64,
) -> Result<Vec<String>, DbError> {
    conn.all(&OBJECTS_OF_TYPE, params![action_type, after, most]).await
}

/// The objects among these about which somebody has to do something.
pub async fn objects_among(
    conn: &mut Conn,
    action_type: &str,
    objects: &[String],
) -> Result<Vec<String>, DbError> {
    conn.all(&OBJECTS_AMONG, params![action_type, objects]).await
}

/// The users who have to do something of a type; one who has to do several things comes as often.
pub async fn users_of_type(conn: &mut Conn, action_type: &str) -> Result<Vec<UserId>, DbError> {
    conn.all(&USERS_OF_TYPE, params![action_type]).await
}

/// Keeps a new to-do.
pub fn insert(todo: &Todo, batch: &mut Batch) {
    let Todo { matter, silence, .. } = todo;
    batch.push(
        &INSERT_TODO,
        own_params![
            todo.id,
            todo.user_id,
            todo.action_type.clone(),
            todo.object_id.clone(),
            matter.title.clone(),
            matter.description.clone(),
            matter.urgency.rank(),
            due_millis(matter.due_at),
            matter.object_name.clone(),
            matter.object_type.clone(),
            matter.route_name.clone(),
            matter.route_params.clone(),
            encode_surroundings(&matter.surroundings),
            encode_actions(&matter.corrective_actions),
            silence.forever,
            silence.until.map_or(0, Instant::millis),
            silence.laid_at,
            todo.created_at,
            todo.updated_at
        ],
    );
}

/// Keeps what a to-do says now.
pub fn update(todo: &Todo, batch: &mut Batch) {
    let matter = &todo.matter;
    batch.push(
        &UPDATE_TODO,
        own_params![
            todo.user_id,
            todo.action_type.clone(),
            todo.object_id.clone(),
            matter.title.clone(),
            matter.description.clone(),
            matter.urgency.rank(),
            due_millis(matter.due_at),
            matter.object_name.clone(),
            matter.object_type.clone(),
            matter.route_name.clone(),
            matter.route_params.clone(),
            encode_surroundings(&matter.surroundings),
            encode_actions(&matter.corrective_actions),
            todo.updated_at
        ],
    );
}

/// Keeps whether its user wants to see it.
pub fn silence(todo: &Todo, batch: &mut Batch) {
    batch.push(
        &SILENCE_TODO,
        own_params![
            todo.user_id,
            todo.action_type.clone(),
            todo.object_id.clone(),
            todo.silence.forever,
            todo.silence.until.map_or(0, Instant::millis),
            todo.silence.laid_at,
            todo.updated_at
        ],
    );
}

/// Removes a to-do.
pub fn delete(todo: &Todo, batch: &mut Batch) {
    let (action_type, object_id) = (todo.action_type.clone(), todo.object_id.clone());
    batch.push(&DELETE_TODO, own_params![todo.user_id, action_type, object_id]);
}

/// Forgets silences for a time that were over before an instant; nobody can see a difference.
pub async fn clear_silences(conn: &mut Conn, before: Instant) -> Result<u64, DbError> {
    conn.run(&CLEAR_SILENCES, params![before]).await
}
