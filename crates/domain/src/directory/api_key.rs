//! What a program shows to be let in (`fusionauth.md` §4.7).

use crate::access::Permissions;
use crate::action::definition::LONGEST_NAME;
use crate::id::{ApiKeyId, TenantId};
use crate::json::Json;
use crate::time::{Expiry, Instant};
use crate::violation::{Rule, Violation, Violations};

/// An API key, without the secret itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// The only tenant it may see; none means all of them. Fixed when the key is made.
    pub tenant_id: Option<TenantId>,
    /// Whether it may manage keys; settable only from outside the API.
    pub key_manager: bool,
    /// Whether the secret can be read again later.
    pub retrievable: bool,
    /// What callers say of it.
    pub details: ApiKeyDetails,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

/// What callers say of an API key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyDetails {
    /// Unique when given.
    pub name: Option<String>,
    /// What it may call.
    pub permissions: Permissions,
    /// When it ceases to be valid.
    pub expiry: Expiry,
    /// Attributes of the caller's own.
    pub attributes: Json,
}

/// The most characters of a key that a caller chooses.
pub const LONGEST_KEY: usize = 191;
/// The fewest: the original takes any, but what is kept is a hash without salt, from which a short
/// key could be guessed.
pub const SHORTEST_KEY: usize = 16;

impl ApiKeyDetails {
    /// Checks everything that can be seen without looking at other keys. A key that is shown only
    /// once needs a name, or nobody could tell it from others.
    pub fn check(&self, retrievable: bool) -> Result<(), Vec<Violation>> {
        let mut violations = Violations::new();
        match &self.name {
            Some(name) => violations.require_text("name", name, LONGEST_NAME),
            None if !retrievable => violations.push(Violation::body("name", Rule::Blank)),
            None => {}
        }
        violations.into_result()
    }
}

/// Checks a key that a caller chose: it must survive the header in which it travels.
pub fn check_key(key: &str) -> Result<(), Violation> {
    if key.len() > LONGEST_KEY {
        Err(Violation::body("key", Rule::TooLong(LONGEST_KEY)))
    } else if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        Err(Violation::body("key", Rule::Invalid))
    } else if key.len() < SHORTEST_KEY {
        Err(Violation::body("key", Rule::TooShort(SHORTEST_KEY)))
    } else {
        Ok(())
    }
}
