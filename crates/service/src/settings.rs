//! What the operator decides about rules that are not the same everywhere.

/// The operator's decisions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// Who may hold what, and decide on what.
    pub access: Access,
    /// What people are told about this place.
    pub site: Site,
    /// Of what people hear by mail.
    pub notifications: Notifications,
}

/// Who may hold what, and decide on what (`waldur.md` §3).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Access {
    /// Whether a project has one manager at most.
    pub only_one_project_manager: bool,
    /// Whether a user may ask for one role on a scope at most.
    pub disable_multiple_roles: bool,
    /// Whether users may decide on their own requests.
    pub allow_self_review: bool,
}

/// What people are told about this place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// What it is called.
    pub name: String,
    /// Where its web pages are, without a slash behind; empty when there are none to point at.
    pub homeport_url: String,
}

/// Of what people hear by mail, one switch a kind of mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notifications {
    /// Reviewers hear that somebody asks for a role (`users.permission_request_submitted`).
    pub permission_request_submitted: bool,
    /// Requesters hear that they were turned down (`users.permission_request_rejected`).
    pub permission_request_rejected: bool,
    /// Requesters hear that they were given a role (`structure.structure_role_granted`).
    pub role_granted: bool,
}

impl Default for Site {
    fn default() -> Self {
        Self { name: "Docket".to_owned(), homeport_url: String::new() }
    }
}

impl Default for Notifications {
    fn default() -> Self {
        Self {
            permission_request_submitted: true,
            permission_request_rejected: true,
            role_granted: true,
        }
    }
}
