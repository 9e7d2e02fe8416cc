//! What must be known to take an action, in one trip.

use docket_domain::action::{Definition, Reason};
use docket_domain::directory::User;
use docket_domain::id::{DefinitionId, ReasonId, TenantId, UserId};

use crate::conn::Conn;
use crate::definition::{FIND_DEFINITION, HOLD_DEFINITION};
use crate::error::DbError;
use crate::params;
use crate::reason::FIND_REASON;
use crate::user::{SHARE_USER, TENANT_OF_USER};

/// The objects that somebody names; none where none is named, or where there is none.
#[derive(Debug)]
pub struct Named {
    /// The user on whom, held against deletion until the unit of work ends.
    pub actionee: Option<User>,
    /// The tenant of the user by whom.
    pub actioner_tenant: Option<TenantId>,
    /// The definition, held in the same way.
    pub definition: Option<Definition>,
    /// The reason.
    pub reason: Option<Reason>,
}

/// Finds them.
pub async fn find_named(
    conn: &mut Conn,
    on: Option<UserId>,
    by: Option<UserId>,
    definition: Option<DefinitionId>,
    reason: Option<ReasonId>,
) -> Result<Named, DbError> {
    let (actionee, actioner_tenant, definition, reason) = conn
        .four_after(
            (&HOLD_DEFINITION, params![definition]),
            [
                (&SHARE_USER, params![on]),
                (&TENANT_OF_USER, params![by]),
                (&FIND_DEFINITION, params![definition]),
                (&FIND_REASON, params![reason]),
            ],
        )
        .await?;
    Ok(Named { actionee, actioner_tenant, definition, reason })
}
