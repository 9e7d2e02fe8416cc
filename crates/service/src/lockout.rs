//! What follows from too many wrong passwords (`fusionauth.md` §4.6).

use docket_domain::action::Definition;
use docket_domain::id::DefinitionId;
use docket_store::Conn;

use crate::error::Error;

/// The definition, if an action of its kind can lock an account.
pub(crate) async fn definition(
    _conn: &mut Conn,
    _id: DefinitionId,
) -> Result<Option<Definition>, Error> {
    Ok(None)
}
