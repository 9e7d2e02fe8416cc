//! What a program shows to be let in (`fusionauth.md` §4.7).

use crate::access::Permissions;
use crate::id::{ApiKeyId, TenantId};
use crate::json::Json;
use crate::time::{Expiry, Instant};

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
