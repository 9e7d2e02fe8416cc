//! Who looks: a user with all that counts about them among customers and projects.
//!
//! It is read anew for every request, and inside the unit of work for every write: a grant counts
//! from its commit on and ends at its instant, on every node.

use docket_domain::access::{Principal, Viewer};
use docket_domain::id::UserId;
use docket_domain::time::Instant;
use docket_store::{Conn, viewer as kept};

use crate::caller::Caller;
use crate::error::{Error, Refusal};

/// The user, with the roles that they hold at this instant, by one statement. Of a user who is gone
/// there is left somebody whose account is closed and who holds nothing.
pub async fn viewer(conn: &mut Conn, id: UserId, now: Instant) -> Result<Viewer, Error> {
    let nobody = || Viewer { id, active: false, staff: false, support: false, held: Vec::new() };
    Ok(kept::find(conn, id, now).await?.unwrap_or_else(nobody))
}

/// The caller as a viewer. Whoever is no user is let in nowhere that asks for one.
pub async fn of(conn: &mut Conn, caller: &Caller, now: Instant) -> Result<Viewer, Error> {
    match &caller.principal {
        Principal::User(user) => viewer(conn, user.id, now).await,
        Principal::Anonymous | Principal::Key(_) | Principal::System => {
            Err(Refusal::Forbidden.into())
        }
    }
}

/// The caller, who must run this server.
pub(crate) async fn staff(conn: &mut Conn, caller: &Caller, now: Instant) -> Result<Viewer, Error> {
    let viewer = of(conn, caller, now).await?;
    if viewer.staff && viewer.active { Ok(viewer) } else { Err(Refusal::Forbidden.into()) }
}

/// The same where strangers may look too.
pub async fn maybe(
    conn: &mut Conn,
    caller: &Caller,
    now: Instant,
) -> Result<Option<Viewer>, Error> {
    match &caller.principal {
        Principal::Anonymous => Ok(None),
        _ => of(conn, caller, now).await.map(Some),
    }
}
