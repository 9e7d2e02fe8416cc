//! The table of actions taken on users, in the order in which they were taken.

use docket_domain::action::taken::{GivenReason, Wording};
use docket_domain::action::{Action, ActionLength, Block, PastState};
use docket_domain::id::{
    ActionId, ApplicationId, DefinitionId, EventId, ReasonId, TenantId, UserId,
};
use docket_domain::json::Json;
use docket_domain::time::Instant;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::action_end;
use crate::batch::Batch;
use crate::codec::{decode, encode, expiry, expiry_millis};
use crate::conn::Conn;
use crate::error::DbError;
use crate::row::{FromRow, Row};
use crate::value::Value;
use crate::{own_params, params, statements};

/// The columns of an action, in the order in which [`Action`] reads them. Its end was told when it is
/// neither pending nor was quiet, so that nothing has to be written to the row when its time comes.
macro_rules! columns {
    () => {
        $crate::action::columns!("expires_at < 9223372036854775807", "")
    };
    ($may_be_told:literal, $or_told:literal) => {
        concat!(
            "id, tenant_id, definition_id, actionee_id, actioner_id, application_ids, comment, name,
         localized_name, option_name, localized_option, reason_code, reason, localized_reason,
         emails_user_on_end, notifies_user_on_end, expires_at, cancelled_at,
         CASE WHEN cancelled_at IS NULL AND NOT ended_quietly AND ",
            $may_be_told,
            " THEN ",
            $or_told,
            " (SELECT p.action_id FROM pending_end AS p
                WHERE p.due_at = action.expires_at AND p.action_id = action.id) IS NULL
            ELSE FALSE END,
         taken_at, updated_at, history"
        )
    };
}
pub(crate) use columns;

statements! {
    /// An action.
    FIND_ACTION = concat!("SELECT ", columns!(), " FROM action WHERE id = $1");
    /// Several actions.
    FIND_ACTIONS = concat!("SELECT ", columns!(), " FROM action WHERE id = ANY($1)"),
        sqlite: concat!("SELECT ", columns!(), " FROM action
            WHERE id IN (SELECT value FROM rarray($1))");
    /// When an action ends that is about to be changed. What else there is to know of it is read when
    /// it is held, for until then the pending ends may change.
    LOCK_ACTION = "SELECT coalesce(expires_at, 9223372036854775807) FROM action
        WHERE id = $1 FOR UPDATE",
        sqlite: "SELECT coalesce(expires_at, 9223372036854775807) FROM action WHERE id = $1";
    /// All actions taken on a user, newest first. No end is told before its time. Most actions ended
    /// long ago, before the first end that is pending; PostgreSQL would walk to that one over those of
    /// a moment ago.
    LIST_ACTIONS_OF = concat!("SELECT ", columns!("expires_at <= $2", ""), " FROM action
        WHERE actionee_id = $1 ORDER BY id DESC"),
        sqlite: concat!("SELECT ", columns!("expires_at <= $2",
            "expires_at < (SELECT min(due_at) FROM pending_end) OR"),
        " FROM action WHERE actionee_id = $1 ORDER BY id DESC"),
        many: concat!("SELECT asked.number, ", columns!("expires_at <= asked.now", ""), "
        FROM unnest($1::uuid[], $2::bigint[]) WITH ORDINALITY AS asked (user_id, now, number)
        CROSS JOIN LATERAL (SELECT * FROM action WHERE actionee_id = asked.user_id
            ORDER BY id DESC) AS action");
    /// The actions of a user that are in force, newest first.
    LIST_IN_FORCE = concat!("SELECT ", columns!(), " FROM action
        WHERE actionee_id = $1 AND expires_at > $2 AND cancelled_at IS NULL ORDER BY id DESC");
    /// How many actions were taken on a user.
    COUNT_ACTIONS_OF = "SELECT count(*) FROM action WHERE actionee_id = $1";
    /// The actions of a user that are active and prevent login, newest first.
    LIST_PREVENTING_LOGIN = concat!("SELECT ", columns!(), " FROM action
        WHERE actionee_id = $1 AND expires_at > $2
            AND (SELECT d.prevents_login FROM definition AS d WHERE d.id = definition_id)
        ORDER BY id DESC");
    /// What stops a user, newest first.
    BLOCKS_OF = "SELECT a.id, a.definition_id, a.actioner_id, a.name, a.localized_name,
            a.option_name, a.localized_option, a.reason_code, a.reason, a.localized_reason,
            a.taken_at, a.expires_at, a.application_ids
        FROM action AS a JOIN definition AS d ON d.id = a.definition_id
        WHERE a.actionee_id = $1 AND a.expires_at > $2 AND d.prevents_login
        ORDER BY a.id DESC";
    /// The applications of a tenant, of those named.
    APPLICATIONS_AMONG = "SELECT id FROM application WHERE tenant_id = $1 AND id = ANY($2)",
        sqlite: "SELECT id FROM application WHERE tenant_id = $1 AND id IN rarray($2)";
    /// A new action.
    INSERT_ACTION = "INSERT INTO action
            (id, tenant_id, actionee_id, actioner_id, definition_id, reason_id, application_ids,
             comment, name, localized_name, option_name, localized_option, reason_code, reason,
             localized_reason, emails_user_on_end, notifies_user_on_end, expires_at, cancelled_at,
             taken_at, updated_at, history, event_ids)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
            $19, $20, $21, $22, $23)",
        many: "INSERT INTO action
            (id, tenant_id, actionee_id, actioner_id, definition_id, reason_id, application_ids,
             comment, name, localized_name, option_name, localized_option, reason_code, reason,
             localized_reason, emails_user_on_end, notifies_user_on_end, expires_at, cancelled_at,
             taken_at, updated_at, history, event_ids)
        SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[],
            $7::json[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[],
            $14::text[], $15::text[], $16::boolean[], $17::boolean[], $18::bigint[], $19::bigint[],
            $20::bigint[], $21::bigint[], $22::json[], $23::bytea[])";
    /// A changed action.
    UPDATE_ACTION = "UPDATE action
        SET actioner_id = $3, comment = $4, emails_user_on_end = $5, notifies_user_on_end = $6,
            expires_at = $7, cancelled_at = $8, ended_quietly = FALSE, updated_at = $9,
            history = $10, event_ids = event_ids || $11
        WHERE actionee_id = $1 AND id = $2",
        sqlite: "UPDATE action
        SET actioner_id = $3, comment = $4, emails_user_on_end = $5, notifies_user_on_end = $6,
            expires_at = $7, cancelled_at = $8, ended_quietly = FALSE, updated_at = $9,
            history = $10, event_ids = CAST(event_ids || $11 AS BLOB)
        WHERE actionee_id = $1 AND id = $2";
    /// The events that told of an action until its end, oldest first: 16 bytes each.
    EVENTS_OF_ACTION = "SELECT event_ids FROM action WHERE id = $1";
    /// An application that an action is limited to.
    INSERT_ACTION_APPLICATION = "INSERT INTO action_application (action_id, application_id)
        VALUES ($1, $2)",
        many: "INSERT INTO action_application (action_id, application_id)
        SELECT * FROM unnest($1::uuid[], $2::uuid[])";
    /// Words by which a search finds an action.
    INSERT_ACTION_WORDS = "INSERT INTO action_word (action_id, word)
            SELECT $1::uuid, t.word FROM unnest($2::text[]) AS t (word)
        ON CONFLICT DO NOTHING",
        sqlite: "INSERT INTO action_word (action_id, word)
            SELECT $1, t.value FROM rarray($2) AS t WHERE TRUE
        ON CONFLICT DO NOTHING";
    /// The words of the actions taken on users who go.
    DELETE_WORDS_OF_ACTIONEES = "DELETE FROM action_word
        WHERE action_id IN (SELECT id FROM action WHERE actionee_id = ANY($1))",
        sqlite: "DELETE FROM action_word WHERE action_id IN
            (SELECT id FROM action WHERE actionee_id IN (SELECT value FROM rarray($1)))";
    /// The limits of the actions taken on users who go.
    DELETE_APPLICATIONS_OF_ACTIONEES = "DELETE FROM action_application
        WHERE action_id IN (SELECT id FROM action WHERE actionee_id = ANY($1))",
        sqlite: "DELETE FROM action_application WHERE action_id IN
            (SELECT id FROM action WHERE actionee_id IN (SELECT value FROM rarray($1)))";
    /// The pending ends of the actions taken on users who go.
    DELETE_ENDS_OF_ACTIONEES = "DELETE FROM pending_end WHERE (due_at, action_id) IN
            (SELECT expires_at, id FROM action WHERE actionee_id = ANY($1))",
        sqlite: "DELETE FROM pending_end WHERE (due_at, action_id) IN (SELECT expires_at, id
            FROM action WHERE actionee_id IN (SELECT value FROM rarray($1)))";
    /// The actions taken on users who go; those that they took on others stay.
    DELETE_ACTIONS_OF_ACTIONEES = "DELETE FROM action WHERE actionee_id = ANY($1)",
        sqlite: "DELETE FROM action WHERE actionee_id IN (SELECT value FROM rarray($1))";
    /// The applications of a definition's actions.
    DELETE_APPLICATIONS_OF_DEFINITION = "DELETE FROM action_application WHERE action_id IN
            (SELECT id FROM action WHERE definition_id = $1)";
    /// The words of a definition's actions.
    DELETE_WORDS_OF_DEFINITION = "DELETE FROM action_word WHERE action_id IN
            (SELECT id FROM action WHERE definition_id = $1)";
    /// The pending ends of a definition's actions.
    DELETE_ENDS_OF_DEFINITION = "DELETE FROM pending_end WHERE (due_at, action_id) IN
            (SELECT expires_at, id FROM action WHERE definition_id = $1)";
    /// The actions of a definition.
    DELETE_ACTIONS_OF_DEFINITION = "DELETE FROM action WHERE definition_id = $1";
}

/// How a past state is written into the column `history`.
#[derive(Serialize, Deserialize)]
struct PastStateColumn {
    #[serde(rename = "by", skip_serializing_if = "Option::is_none")]
    actioner_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
    since: i64,
    until: i64,
}

impl FromRow for Action {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        let (id, tenant_id, definition_id) = (row.next()?, row.next()?, row.next()?);
        let (actionee_id, actioner_id) = (row.next()?, row.next()?);
        let application_ids = decode_applications(row.next()?)?;
        let (comment, name, localized_name) = (row.next()?, row.next()?, row.next()?);
        let option = wording(row)?;
        let reason = reason(row)?;
        let mut action = Self {
            id,
            tenant_id,
            definition_id,
            actionee_id,
            actioner_id,
            application_ids,
            comment,
            name,
            localized_name,
            option,
            reason,
            emails_user_on_end: row.next()?,
            notifies_user_on_end: row.next()?,
            length: length(row)?,
            taken_at: row.next()?,
            updated_at: row.next()?,
            history: decode_history(row.next()?)?,
        };
        if let Some(ended_at) = action.end_told_at() {
            action.updated_at = ended_at;
        }
        Ok(action)
    }
}

impl FromRow for Block {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            action_id: row.next()?,
            definition_id: row.next()?,
            actioner_id: row.next()?,
            name: row.next()?,
            localized_name: row.next()?,
            option: wording(row)?,
            reason: reason(row)?,
            started_at: row.next()?,
            expiry: expiry(row.next()?),
            application_ids: decode_applications(row.next()?)?,
        })
    }
}

/// The action with this id.
pub async fn find(conn: &mut Conn, id: ActionId) -> Result<Option<Action>, DbError> {
    conn.one(&FIND_ACTION, params![id]).await
}

/// The actions among these that there are.
pub async fn find_all(conn: &mut Conn, ids: &[ActionId]) -> Result<Vec<Action>, DbError> {
    conn.all(&FIND_ACTIONS, params![ids]).await
}

/// The same, held against other writers until the unit of work ends, and its pending end with it:
/// whoever sees to an end holds that alone.
pub async fn find_locked(conn: &mut Conn, id: ActionId) -> Result<Option<Action>, DbError> {
    let Some(due_at) = conn.one(&LOCK_ACTION, params![id]).await? else { return Ok(None) };
    action_end::hold(conn, due_at, id).await?;
    find(conn, id).await
}

/// The events that told of an action, oldest first.
pub async fn events_of(conn: &mut Conn, action: &Action) -> Result<Vec<EventId>, DbError> {
    let bytes: Option<Vec<u8>> = conn.one(&EVENTS_OF_ACTION, params![action.id]).await?;
    let bytes = bytes.unwrap_or_default();
    let (ids, rest) = bytes.as_chunks();
    if !rest.is_empty() {
        return Err(DbError::contradiction("action", action.id));
    }
    let kept = ids.iter().map(|id| EventId::from_uuid(Uuid::from_bytes(*id)));
    Ok(kept.chain(action.end_event()).collect())
}

/// Every action taken on a user, as it is at `now`, newest first.
pub async fn list_of(
    conn: &mut Conn,
    actionee: UserId,
    now: Instant,
) -> Result<Vec<Action>, DbError> {
    conn.gather(&LIST_ACTIONS_OF, params![actionee, now]).await
}

/// The user's actions that are in force at `now`, newest first.
pub async fn list_in_force(
    conn: &mut Conn,
    actionee: UserId,
    now: Instant,
) -> Result<Vec<Action>, DbError> {
    conn.all(&LIST_IN_FORCE, params![actionee, now]).await
}

/// How many actions were ever taken on a user.
pub async fn count_of(conn: &mut Conn, actionee: UserId) -> Result<i64, DbError> {
    Ok(conn.one(&COUNT_ACTIONS_OF, params![actionee]).await?.unwrap_or(0))
}

/// The user's actions that are in force at `now` and whose definition prevents logins, newest first.
pub async fn list_preventing_login(
    conn: &mut Conn,
    actionee: UserId,
    now: Instant,
) -> Result<Vec<Action>, DbError> {
    conn.all(&LIST_PREVENTING_LOGIN, params![actionee, now]).await
}

/// What stops the user at `now`, newest first.
pub async fn blocks_of(
    conn: &mut Conn,
    actionee: UserId,
    now: Instant,
) -> Result<Vec<Block>, DbError> {
    conn.all(&BLOCKS_OF, params![actionee, now]).await
}

/// Those of the applications that exist in the tenant.
pub async fn applications_among(
    conn: &mut Conn,
    tenant: TenantId,
    ids: &[ApplicationId],
) -> Result<Vec<ApplicationId>, DbError> {
    let found: Vec<Uuid> = conn.all(&APPLICATIONS_AMONG, params![tenant, ids]).await?;
    Ok(found.into_iter().map(ApplicationId::from_uuid).collect())
}

/// Keeps a new action, of which this event tells, findable by these words.
pub fn insert(
    action: &Action,
    event: EventId,
    reason_id: Option<ReasonId>,
    words: Vec<String>,
    batch: &mut Batch,
) {
    let (expires_at, cancelled_at) = length_columns(action);
    let reason = action.reason.as_ref();
    batch.push(
        &INSERT_ACTION,
        own_params![
            action.id,
            action.tenant_id,
            action.actionee_id,
            action.actioner_id,
            action.definition_id,
            reason_id,
            encode_applications(&action.application_ids),
            action.comment.clone(),
            action.name.clone(),
            action.localized_name.clone(),
            action.option.as_ref().map(|option| option.text.clone()),
            action.option.as_ref().map(|option| option.localized.clone()),
            reason.map(|reason| reason.code.clone()),
            reason.map(|reason| reason.wording.text.clone()),
            reason.map(|reason| reason.wording.localized.clone()),
            action.emails_user_on_end,
            action.notifies_user_on_end,
            expires_at,
            cancelled_at,
            action.taken_at,
            action.updated_at,
            encode_history(&action.history),
            event_bytes(event)
        ],
    );
    action_end::await_end(action, batch);
    for application in &action.application_ids {
        batch.push(&INSERT_ACTION_APPLICATION, own_params![action.id, *application]);
    }
    insert_words(action, words, batch);
}

/// Keeps what modifying or cancelling changed, of which this event tells; the words are added to
/// those by which the action is found already.
pub fn update(
    before: &Action,
    action: &Action,
    event: EventId,
    words: Vec<String>,
    batch: &mut Batch,
) {
    let (expires_at, cancelled_at) = length_columns(action);
    batch.push(
        &UPDATE_ACTION,
        own_params![
            action.actionee_id,
            action.id,
            action.actioner_id,
            action.comment.clone(),
            action.emails_user_on_end,
            action.notifies_user_on_end,
            expires_at,
            cancelled_at,
            action.updated_at,
            encode_history(&action.history),
            event_bytes(event)
        ],
    );
    action_end::move_end(before, action, batch);
    insert_words(action, words, batch);
}

fn insert_words(action: &Action, words: Vec<String>, batch: &mut Batch) {
    if !words.is_empty() {
        batch.push(&INSERT_ACTION_WORDS, own_params![action.id, words]);
    }
}

/// Removes every action taken on these users.
pub async fn delete_of_actionees(conn: &mut Conn, ids: &[UserId]) -> Result<(), DbError> {
    let ids = params![ids];
    // The actions go last: by them the others are found. The same below.
    conn.run_all(&[
        (&DELETE_WORDS_OF_ACTIONEES, ids),
        (&DELETE_APPLICATIONS_OF_ACTIONEES, ids),
        (&DELETE_ENDS_OF_ACTIONEES, ids),
        (&DELETE_ACTIONS_OF_ACTIONEES, ids),
    ])
    .await
}

/// Removes every action of a definition.
pub async fn delete_of_definition(conn: &mut Conn, id: DefinitionId) -> Result<(), DbError> {
    let id = params![id];
    conn.run_all(&[
        (&DELETE_APPLICATIONS_OF_DEFINITION, id),
        (&DELETE_ENDS_OF_DEFINITION, id),
        (&DELETE_WORDS_OF_DEFINITION, id),
        (&DELETE_ACTIONS_OF_DEFINITION, id),
    ])
    .await
}

/// How an event is added to those that told of an action. An index of the outbox would cost every
/// event a page of its own, and only those of actions are looked up.
fn event_bytes(event: EventId) -> Value<'static> {
    Value::Bytes(event.uuid().into_bytes().to_vec().into())
}

fn wording(row: &mut Row<'_>) -> Result<Option<Wording>, DbError> {
    let (text, localized): (Option<String>, Option<String>) = (row.next()?, row.next()?);
    Ok(text.map(|text| {
        let localized = localized.unwrap_or_else(|| text.clone());
        Wording { text, localized }
    }))
}

fn reason(row: &mut Row<'_>) -> Result<Option<GivenReason>, DbError> {
    let code: Option<String> = row.next()?;
    let wording = wording(row)?;
    Ok(wording.map(|wording| GivenReason { code: code.unwrap_or_default(), wording }))
}

fn length(row: &mut Row<'_>) -> Result<ActionLength, DbError> {
    let expires_at: Option<i64> = row.next()?;
    // Whether its end was told is no question to an action without one.
    let (cancelled_at, end_event_sent): (_, Option<bool>) = (row.next()?, row.next()?);
    Ok(expires_at.map_or(ActionLength::Instant, |expires_at| ActionLength::Temporal {
        expiry: expiry(expires_at),
        cancelled_at,
        end_event_sent: end_event_sent.unwrap_or_default(),
    }))
}

fn length_columns(action: &Action) -> (Option<i64>, Option<Instant>) {
    match action.length {
        ActionLength::Instant => (None, None),
        ActionLength::Temporal { expiry, cancelled_at, .. } => {
            (Some(expiry_millis(expiry)), cancelled_at)
        }
    }
}

fn encode_applications(ids: &[ApplicationId]) -> Option<String> {
    (!ids.is_empty()).then(|| encode(&ids.iter().map(|id| id.uuid()).collect::<Vec<_>>()))
}

fn decode_applications(json: Option<Json>) -> Result<Vec<ApplicationId>, DbError> {
    let Some(json) = json else { return Ok(Vec::new()) };
    let ids: Vec<Uuid> = decode("action.application_ids", &json)?;
    Ok(ids.into_iter().map(ApplicationId::from_uuid).collect())
}

fn encode_history(history: &[PastState]) -> Option<String> {
    let columns: Vec<PastStateColumn> = history
        .iter()
        .map(|past| PastStateColumn {
            actioner_id: past.actioner_id.map(UserId::uuid),
            comment: past.comment.clone(),
            since: past.since.millis(),
            until: expiry_millis(past.expiry),
        })
        .collect();
    (!columns.is_empty()).then(|| encode(&columns))
}

fn decode_history(json: Option<Json>) -> Result<Vec<PastState>, DbError> {
    let Some(json) = json else { return Ok(Vec::new()) };
    let columns: Vec<PastStateColumn> = decode("action.history", &json)?;
    let states = columns.into_iter().map(|column| PastState {
        actioner_id: column.actioner_id.map(UserId::from_uuid),
        comment: column.comment,
        since: Instant::from_millis(column.since),
        expiry: expiry(column.until),
    });
    Ok(states.collect())
}
