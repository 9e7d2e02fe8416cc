//! Whose roles an event has to do with: for providers that go by who holds which role where.

use docket_domain::id::{CustomerId, RoleId, UserId};
use docket_store::outbox::KeptEvent;
use docket_store::{Conn, audience};
use serde_json::Value;

use super::{Look, Touched};
use crate::error::Error;

/// Users who may hold other roles than before, or hold them somewhere that is called otherwise.
pub(super) async fn touched(
    conn: &mut Conn,
    look: &Look,
    event: &KeptEvent,
) -> Result<Touched, Error> {
    let (noun, verb) = event.event_type.split_once('.').unwrap_or_default();
    let Some(subject) = event.subject_id else { return Ok(Touched::default()) };
    let users = match (noun, verb) {
        ("grant", _) => user_of(event).into_iter().collect(),
        // Somebody new holds nothing yet, unless they run the server.
        ("user", "created") if !is_of_staff(event) => Vec::new(),
        ("user", "updated" | "deactivated" | "reactivated" | "deleted" | "created") => {
            vec![UserId::from_uuid(subject)]
        }
        ("role", "updated" | "deactivated" | "reactivated" | "deleted") => {
            audience::holders_of(conn, RoleId::from_uuid(subject), look.now).await?
        }
        ("project", "updated" | "deleted") => audience::holders_on(conn, subject, look.now).await?,
        ("customer", "updated" | "deleted") => {
            audience::holders_within(conn, CustomerId::from_uuid(subject), look.now).await?
        }
        _ => Vec::new(),
    };
    Ok(Touched::users(users))
}

/// Whether the user that an event is about runs the server.
fn is_of_staff(event: &KeptEvent) -> bool {
    let payload: Option<Value> = serde_json::from_str(event.payload.as_str()).ok();
    payload.is_some_and(|payload| payload.get("staff") == Some(&Value::Bool(true)))
}

/// The user whom an event names beside its subject.
fn user_of(event: &KeptEvent) -> Option<UserId> {
    let payload: Value = serde_json::from_str(event.payload.as_str()).ok()?;
    let mut places = ["/userId", "/user/id", "/grant/userId"].iter();
    let id = places.find_map(|place| payload.pointer(place)?.as_str())?;
    id.parse().ok()
}

/// The object that an event is about, as to-dos name it.
pub(super) fn subject(event: &KeptEvent) -> Touched {
    event.subject_id.as_ref().map(Touched::object).unwrap_or_default()
}
