//! Roles (`waldur.md` §10.3).

use std::collections::BTreeSet;

use docket_domain::directory::role::{Role, RoleDetails, RoleSearch};
use docket_domain::directory::scope::ScopeKind;
use serde::Serialize;
use serde_json::Value;

use super::body::Body;
use super::origin::Origin;
use super::problem::Mistakes;
use super::query::Filters;
use super::scalar::Hex;

/// The collection in addresses.
pub const COLLECTION: &str = "roles";
/// The fields by which lists can be sorted.
pub const ORDER: &[&str] = &["name", "created"];
/// The kinds of scope that the original knows and this server does not.
const OTHER_KINDS: &[&str] = &[
    "call",
    "call_organizer",
    "offering",
    "proposal",
    "resource",
    "resource_project",
    "service_provider",
];

/// A role, as answered.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = waldur::Role)]
pub struct RoleAnswer {
    url: String,
    uuid: Hex,
    name: String,
    description: String,
    #[schema(value_type = Vec<String>)]
    permissions: BTreeSet<String>,
    is_system_role: bool,
    is_active: bool,
    content_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    users_count: Option<i64>,
}

impl RoleAnswer {
    /// A role, with how many users hold it, for those who may know.
    #[must_use]
    pub fn new(role: &Role, users_count: Option<i64>, origin: &Origin) -> Self {
        let Role { id, details, active, system, .. } = role.clone();
        Self {
            url: origin.url(COLLECTION, id.uuid()),
            uuid: Hex(id.uuid()),
            name: details.name,
            description: details.description,
            permissions: details.permissions,
            is_system_role: system,
            is_active: active,
            content_type: details.kind.name(),
            users_count,
        }
    }
}

/// What a body says of a role.
#[derive(Debug, Clone)]
pub struct RoleSaid {
    name: Option<String>,
    description: Option<String>,
    permissions: Option<Vec<String>>,
    kind: Option<ScopeKind>,
}

impl RoleSaid {
    /// Reads a body; `whole` says that it must say all that a role has.
    pub fn read(value: &Value, whole: bool) -> Result<Self, Mistakes> {
        let mut body = Body::new(value);
        if whole {
            body.require(&["name", "permissions", "content_type"]);
        }
        let said = Self {
            name: body.text("name", 150),
            description: body.blank_text("description", 2_000),
            permissions: body.texts("permissions", 255),
            kind: body.choice("content_type", ScopeKind::from_name),
        };
        body.finish()?;
        Ok(said)
    }

    /// A new role. The body was read whole.
    #[must_use]
    pub fn details(&self) -> RoleDetails {
        self.over(&RoleDetails {
            name: String::new(),
            description: String::new(),
            kind: ScopeKind::Customer,
            permissions: BTreeSet::new(),
        })
    }

    /// What is now said of a role.
    #[must_use]
    pub fn over(&self, before: &RoleDetails) -> RoleDetails {
        let permissions = self.permissions.clone().map(|given| given.into_iter().collect());
        RoleDetails {
            name: self.name.clone().unwrap_or_else(|| before.name.clone()),
            description: self.description.clone().unwrap_or_else(|| before.description.clone()),
            kind: self.kind.unwrap_or(before.kind),
            permissions: permissions.unwrap_or_else(|| before.permissions.clone()),
        }
    }
}

/// Which roles a list is after; nothing when none can be, because there are none of that kind.
pub fn search(filters: &mut Filters<'_>) -> Option<RoleSearch> {
    let kind = filters.choice("content_type", |name| match ScopeKind::from_name(name) {
        Some(kind) => Some(Some(kind)),
        None => OTHER_KINDS.contains(&name).then_some(None),
    });
    if kind == Some(None) {
        return None;
    }
    Some(RoleSearch {
        name: filters.text("name").map(str::to_owned),
        kind: kind.flatten(),
        active: filters.boolean("is_active"),
        system: filters.boolean("is_system_role"),
    })
}
