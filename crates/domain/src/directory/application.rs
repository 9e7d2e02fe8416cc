//! The applications of a tenant (`fusionauth.md` §4.5).

use std::collections::BTreeSet;

use crate::action::definition::LONGEST_NAME;
use crate::id::{ApplicationId, ApplicationRoleId, TenantId};
use crate::json::Json;
use crate::time::Instant;
use crate::violation::{Rule, Violation, Violations};

/// Something that users log in to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// Its id.
    pub id: ApplicationId,
    /// The tenant it belongs to, for good.
    pub tenant_id: TenantId,
    /// Whether anybody can log in to it.
    pub active: bool,
    /// What callers say of it.
    pub details: ApplicationDetails,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

/// What callers say of an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationDetails {
    /// Unique in the tenant.
    pub name: String,
    /// The roles that registrations may name.
    pub roles: Vec<ApplicationRole>,
    /// Whether a login to it needs an API key.
    pub requires_authentication: bool,
    /// Given back as told.
    pub allows_token_refresh: bool,
    /// Given back as told.
    pub generates_refresh_tokens: bool,
    /// The caller's own data.
    pub data: Json,
}

/// A role of an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationRole {
    /// Its id.
    pub id: ApplicationRoleId,
    /// Unique in the application.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Whether new registrations get it.
    pub is_default: bool,
    /// Whether it is above all others.
    pub is_super_role: bool,
}

impl ApplicationDetails {
    /// Checks everything that can be seen without looking at other applications.
    pub fn check(&self) -> Result<(), Vec<Violation>> {
        let mut violations = Violations::new();
        violations.require_text("name", &self.name, LONGEST_NAME);
        let mut seen = BTreeSet::new();
        let mut ids = BTreeSet::new();
        for (index, role) in self.roles.iter().enumerate() {
            let field = || format!("roles[{index}].name");
            if role.name.is_empty() {
                violations.push(Violation::body(field(), Rule::Blank));
            } else if !seen.insert(role.name.as_str()) {
                violations.push(Violation::body(field(), Rule::Duplicate));
            }
            if !ids.insert(role.id) {
                violations.push(Violation::body(format!("roles[{index}].id"), Rule::Duplicate));
            }
        }
        violations.into_result()
    }
}
