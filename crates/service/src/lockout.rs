//! What follows from too many wrong passwords: an action in nobody's name (`fusionauth.md` §4.6).

use docket_domain::action::{Action, Definition, Notice, Phase};
use docket_domain::directory::{Lockout, User};
use docket_domain::id::{DefinitionId, EventId};
use docket_domain::json::Json;
use docket_domain::time::Instant;
use docket_store::{Conn, action, definition, failed_login, tenant};

use crate::actions::{NewIds, Objects, Revise, Take, Telling, revise_in, take_in};
use crate::commit::Change;
use crate::error::Error;

/// The definition, if an action of its kind can keep somebody from logging in.
pub(crate) async fn definition(
    conn: &mut Conn,
    id: DefinitionId,
) -> Result<Option<Definition>, Error> {
    let found = definition::find_shared(conn, id).await?;
    Ok(found.filter(|found| found.active && found.details.temporal && found.details.prevents_login))
}

/// Counts a wrong password and does what follows: one too many takes the action, and while it is
/// in force each further one lets it last as long again. The unit of work holds the user's row.
pub(crate) async fn password_was_wrong(
    conn: &mut Conn,
    ids: NewIds,
    now: Instant,
    user: &User,
    lockout: &Lockout,
    info: Option<Json>,
) -> Result<Vec<Change>, Error> {
    let Some(definition_id) = lockout.definition_id else { return Ok(Vec::new()) };
    let failures = lockout.count(failed_login::find(conn, user.id).await?, now);
    failed_login::keep(conn, user.id, failures).await?;
    let Some(definition) = definition(conn, definition_id).await? else { return Ok(Vec::new()) };
    let expiry = Some(lockout.duration.after(now));
    let notice = Notice { email: lockout.emails_user, notify: false };
    let telling = Telling { notice, broadcast: true, info };
    let done = if let Some(lock) = in_force(conn, user, definition_id, now).await? {
        let command = Revise { expiry, telling, ..Revise::default() };
        revise_in(conn, ids.event, now, Phase::Modify, lock, &command).await?
    } else if lockout.is_reached(failures) {
        let objects = Objects { actionee: user.clone(), definition, reason: None };
        let command = Take { expiry, telling, ..Take::default() };
        take_in(conn, ids, now, &objects, &command).await?
    } else {
        return Ok(Vec::new());
    };
    conn.at_end(done.writes).await?;
    Ok(done.changes)
}

/// Ends the lock of a user who has a new password, where the tenant wants it so, and forgets the
/// wrong ones. The unit of work holds the user's row.
pub(crate) async fn password_was_reset(
    conn: &mut Conn,
    event_id: EventId,
    now: Instant,
    user: &User,
) -> Result<Vec<Change>, Error> {
    let Some(kept) = tenant::find(conn, user.tenant_id).await? else { return Ok(Vec::new()) };
    let lockout = kept.tenant.details.lockout;
    let Some(definition_id) = lockout.definition_id.filter(|_| lockout.ends_on_password_reset)
    else {
        return Ok(Vec::new());
    };
    failed_login::forget(conn, user.id).await?;
    let Some(lock) = in_force(conn, user, definition_id, now).await? else {
        return Ok(Vec::new());
    };
    let notice = Notice { email: lockout.emails_user, notify: false };
    let telling = Telling { notice, broadcast: true, info: None };
    let command = Revise { telling, ..Revise::default() };
    let done = revise_in(conn, event_id, now, Phase::Cancel, lock, &command).await?;
    conn.at_end(done.writes).await?;
    Ok(done.changes)
}

/// The lock in force. One that a moderator took or changed is theirs: no wrong password moves it.
async fn in_force(
    conn: &mut Conn,
    user: &User,
    definition_id: DefinitionId,
    now: Instant,
) -> Result<Option<Action>, Error> {
    let blocks = action::blocks_of(conn, user.id, now).await?;
    let is_lock = |action: &Action| {
        action.actioner_id.is_none()
            && action.application_ids.is_empty()
            && action.is_in_progress(now)
    };
    let of_kind = blocks.into_iter().find(|block| {
        block.definition_id == definition_id
            && block.actioner_id.is_none()
            && block.application_ids.is_empty()
    });
    match of_kind {
        Some(block) => Ok(action::find_locked(conn, block.action_id).await?.filter(is_lock)),
        None => Ok(None),
    }
}
