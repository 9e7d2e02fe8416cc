//! Who calls, from which request, and what the call is limited to.

use std::sync::Arc;

use docket_domain::access::{Principal, TenantScope};
use docket_domain::id::UserId;

/// The caller of a use case, made once by the surface.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who.
    pub principal: Principal,
    /// Within which tenant.
    pub scope: TenantScope,
    /// The id of the request, for logs, audit records and events.
    pub request_id: Arc<str>,
    /// The user in whose name a key acts (`native.md` §1, actor).
    pub on_behalf_of: Option<UserId>,
    /// How to answer when the same request comes again.
    pub idempotency: Option<Idempotency>,
}

/// What makes two requests the same (`native.md` §1).
#[derive(Debug, Clone)]
pub struct Idempotency {
    /// The hash of the credential that the key belongs to.
    pub credential: [u8; 32],
    /// The hash of the key.
    pub key: [u8; 32],
    /// The hash of method, path and body.
    pub fingerprint: [u8; 32],
}

impl Caller {
    /// Docket itself.
    #[must_use]
    pub fn system(request_id: &str) -> Self {
        Self {
            principal: Principal::System,
            scope: TenantScope::All,
            request_id: request_id.into(),
            on_behalf_of: None,
            idempotency: None,
        }
    }

    /// The same caller in the name of this user, whom the request names. The audit record keeps
    /// both; a user with a token stays who the token says.
    #[must_use]
    pub(crate) fn acting_for(&self, user: Option<UserId>) -> Self {
        Self { on_behalf_of: user.or(self.on_behalf_of), ..self.clone() }
    }
}
