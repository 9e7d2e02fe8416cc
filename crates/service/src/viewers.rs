//! Who looks: a user with all that counts about them among customers and projects.

use docket_domain::access::Viewer;
use docket_domain::id::UserId;
use docket_domain::time::Instant;
use docket_store::{Conn, viewer as kept};

use crate::error::Error;

/// The user, with the roles that they hold at this instant, by one statement. Of a user who is gone
/// there is left somebody whose account is closed and who holds nothing.
pub async fn viewer(conn: &mut Conn, id: UserId, now: Instant) -> Result<Viewer, Error> {
    let nobody = || Viewer { id, active: false, staff: false, support: false, held: Vec::new() };
    Ok(kept::find(conn, id, now).await?.unwrap_or_else(nobody))
}
