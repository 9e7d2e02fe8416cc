//! An active action that prevents login, and whom it stops (`fusionauth.md` §3.10).

use crate::id::{ActionId, ApplicationId, DefinitionId, UserId};
use crate::time::{Expiry, Instant};

/// An active action that prevents login, as the gate and a refused login tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The action.
    pub action_id: ActionId,
    /// Its definition.
    pub definition_id: DefinitionId,
    /// Who last took or modified it; nobody when the system did.
    pub actioner_id: Option<UserId>,
    /// The definition's name, and as the actionee reads it.
    pub name: String,
    /// The name in the actionee's language.
    pub localized_name: String,
    /// The option chosen, and as the actionee reads it.
    pub option: Option<super::taken::Wording>,
    /// The reason given.
    pub reason: Option<super::taken::GivenReason>,
    /// Since when.
    pub started_at: Instant,
    /// Until when.
    pub expiry: Expiry,
    /// The applications it is limited to; none means everywhere.
    pub application_ids: Vec<ApplicationId>,
}

impl Block {
    /// Whether it stops a login to `application`: one without applications stops every login, one
    /// with applications only those that name one of them.
    #[must_use]
    pub fn stops(&self, application: Option<ApplicationId>) -> bool {
        self.application_ids.is_empty()
            || application.is_some_and(|wanted| self.application_ids.contains(&wanted))
    }
}
