//! Who is calling, and what they may see and do: one function a question.

pub mod people;
pub mod viewer;

pub use viewer::{Held, ReviewError, Sight, TeamChange, TeamError, Viewer};

use std::collections::{BTreeMap, BTreeSet};

use crate::id::{ApiKeyId, TenantId, UserId};

/// Who is calling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// Nobody that we know; only a few doors are open to them.
    Anonymous,
    /// A program with an API key.
    Key(KeyPrincipal),
    /// A person with a token.
    User(UserPrincipal),
    /// Docket itself, from its command line or after a deadline.
    System,
}

/// A program with an API key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPrincipal {
    /// The key.
    pub id: ApiKeyId,
    /// The only tenant it may see.
    pub tenant_id: Option<TenantId>,
    /// Whether it may manage keys.
    pub key_manager: bool,
    /// What it may call.
    pub permissions: Permissions,
}

/// A person with a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserPrincipal {
    /// The user.
    pub id: UserId,
    /// The user's tenant.
    pub tenant_id: TenantId,
    /// Whether the user runs this server.
    pub staff: bool,
}

/// What is done to an endpoint, whatever the way in which the request says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// Read.
    Get,
    /// Make.
    Post,
    /// Replace.
    Put,
    /// Change in part.
    Patch,
    /// Remove.
    Delete,
}

impl Method {
    /// Every method with its name.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Get, "GET"),
        (Self::Post, "POST"),
        (Self::Put, "PUT"),
        (Self::Patch, "PATCH"),
        (Self::Delete, "DELETE"),
    ];

    /// The name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// The method of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(method, _)| *method)
    }
}

/// What a key may call: endpoints and methods. Nothing listed means everything (§0.7).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Permissions(BTreeMap<String, BTreeSet<Method>>);

impl Permissions {
    /// Permissions for these endpoints, by path without ids.
    #[must_use]
    pub fn new(endpoints: BTreeMap<String, BTreeSet<Method>>) -> Self {
        Self(endpoints)
    }

    /// The endpoints listed.
    #[must_use]
    pub fn endpoints(&self) -> &BTreeMap<String, BTreeSet<Method>> {
        &self.0
    }

    /// Whether `method` may be used on `endpoint`, the path of the route without its ids. An
    /// endpoint grants itself alone: `/api/user` says nothing about `/api/user/action`.
    #[must_use]
    pub fn allow(&self, method: Method, endpoint: &str) -> bool {
        self.0.is_empty() || self.0.get(endpoint).is_some_and(|methods| methods.contains(&method))
    }
}

/// The tenant that a call is about, or why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TenantScope {
    /// This tenant and no other.
    One(TenantId),
    /// Every tenant that the objects named belong to.
    All,
}

impl TenantScope {
    /// Whether something of `tenant` can be seen.
    #[must_use]
    pub fn sees(self, tenant: TenantId) -> bool {
        match self {
            Self::One(only) => only == tenant,
            Self::All => true,
        }
    }

    /// The one tenant, when the call is limited to one.
    #[must_use]
    pub const fn one(self) -> Option<TenantId> {
        match self {
            Self::One(tenant) => Some(tenant),
            Self::All => None,
        }
    }
}

/// A key of one tenant named another one in its header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key belongs to another tenant")]
pub struct ForeignTenant;

/// The scope of a call: the key's own tenant, else the one that the header names (§0.6).
pub fn tenant_scope(
    principal: &Principal,
    header: Option<TenantId>,
) -> Result<TenantScope, ForeignTenant> {
    let own = match principal {
        Principal::Key(key) => key.tenant_id,
        Principal::User(user) if !user.staff => Some(user.tenant_id),
        Principal::User(_) | Principal::Anonymous | Principal::System => None,
    };
    match (own, header) {
        (Some(own), Some(named)) if own != named => Err(ForeignTenant),
        (Some(tenant), _) | (None, Some(tenant)) => Ok(TenantScope::One(tenant)),
        (None, None) => Ok(TenantScope::All),
    }
}

/// Whether the caller may ask what is in force for a user: programs within their tenant, staff, and
/// people about themselves.
#[must_use]
pub fn may_see_standing(principal: &Principal, user: UserId) -> bool {
    match principal {
        Principal::Anonymous => false,
        Principal::Key(_) | Principal::System => true,
        Principal::User(caller) => caller.staff || caller.id == user,
    }
}

/// Whether the caller may look at the actions of everybody: programs and staff.
#[must_use]
pub fn may_search_actions(principal: &Principal) -> bool {
    match principal {
        Principal::Anonymous => false,
        Principal::Key(_) | Principal::System => true,
        Principal::User(caller) => caller.staff,
    }
}

/// Whether the caller may read the log of events: programs within their tenant, and staff.
#[must_use]
pub fn may_read_events(principal: &Principal) -> bool {
    may_search_actions(principal)
}

/// Whether the caller may see what webhooks were sent and answered, and have it sent again: programs
/// and staff. Whose webhooks is another question, for [`webhook_tenant`].
#[must_use]
pub fn may_see_deliveries(principal: &Principal) -> bool {
    may_search_actions(principal)
}

/// Whether the caller may change webhooks on Docket's own surface: programs, within
/// [`webhook_tenant`], and staff.
#[must_use]
pub fn may_change_webhooks(principal: &Principal) -> bool {
    match principal {
        Principal::Anonymous => false,
        Principal::Key(_) | Principal::System => true,
        Principal::User(caller) => caller.staff,
    }
}

/// Whether the caller may say what users have to do: programs, to the users of their tenant, and
/// staff.
#[must_use]
pub fn may_push_todos(principal: &Principal) -> bool {
    may_search_actions(principal)
}

/// Whether the caller may manage providers, which say what anybody has to do: programs that see every
/// tenant, and staff.
#[must_use]
pub fn may_manage_providers(principal: &Principal) -> bool {
    match principal {
        Principal::Anonymous => false,
        Principal::System => true,
        Principal::Key(key) => key.tenant_id.is_none(),
        Principal::User(caller) => caller.staff,
    }
}

/// Whether the caller may tell of orders and resources. Customers are in no tenant, so the same.
#[must_use]
pub fn may_feed_marketplace(principal: &Principal) -> bool {
    may_manage_providers(principal)
}

/// The tenant beyond whose webhooks the caller sees none. A key of one tenant sees the webhooks that
/// hear of that tenant and nothing else, for a webhook that others rely on may hold their secrets.
/// A tenant named in the header of a global key does not matter (`fusionauth.md` §0.6, OPEN-9).
#[must_use]
pub fn webhook_tenant(principal: &Principal) -> Option<TenantId> {
    match principal {
        Principal::Key(key) => key.tenant_id,
        Principal::User(user) if !user.staff => Some(user.tenant_id),
        Principal::User(_) | Principal::Anonymous | Principal::System => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn key(tenant_id: Option<TenantId>) -> Principal {
        Principal::Key(KeyPrincipal {
            id: ApiKeyId::from_uuid(Uuid::nil()),
            tenant_id,
            key_manager: false,
            permissions: Permissions::default(),
        })
    }

    #[test]
    fn an_endpoint_grants_itself_alone() {
        let permissions = Permissions::new(BTreeMap::from([(
            "/api/user".to_owned(),
            BTreeSet::from([Method::Get]),
        )]));
        assert!(permissions.allow(Method::Get, "/api/user"));
        assert!(!permissions.allow(Method::Post, "/api/user"));
        assert!(!permissions.allow(Method::Get, "/api/user/action"));
        assert!(Permissions::default().allow(Method::Delete, "/api/user/action"));
    }

    #[test]
    fn a_key_of_one_tenant_never_leaves_it() {
        let [own, other] = [1, 2].map(|n| TenantId::from_uuid(Uuid::from_u128(n)));
        assert_eq!(tenant_scope(&key(Some(own)), None), Ok(TenantScope::One(own)));
        assert_eq!(tenant_scope(&key(Some(own)), Some(own)), Ok(TenantScope::One(own)));
        assert_eq!(tenant_scope(&key(Some(own)), Some(other)), Err(ForeignTenant));
        assert_eq!(tenant_scope(&key(None), Some(other)), Ok(TenantScope::One(other)));
        assert_eq!(tenant_scope(&key(None), None), Ok(TenantScope::All));
        assert!(!TenantScope::One(own).sees(other));
    }
}
