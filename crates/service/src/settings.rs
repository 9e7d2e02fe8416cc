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
    /// What is asked of people, and when.
    pub todos: Todos,
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
    /// Users hear once a day of what they have to do (`user_actions.notification_digest`).
    pub todo_digest: bool,
}

/// What is asked of people, and when (`waldur.md` §3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Todos {
    /// Whether to-dos are detected and told of at all.
    pub enabled: bool,
    /// After how many hours somebody has to look at an order.
    pub pending_order_hours: i64,
    /// Whether one to-do of high urgency is enough for a mail.
    pub high_urgency_notification: bool,
    /// More to-dos than this are enough for a mail.
    pub notification_threshold: i64,
    /// For how many days it is known what people did about their to-dos.
    pub execution_retention_days: i64,
    /// How many days before its end one is reminded of a resource.
    pub default_expiration_reminders: Vec<i64>,
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
            todo_digest: true,
        }
    }
}

impl Default for Todos {
    fn default() -> Self {
        Self {
            enabled: true,
            pending_order_hours: 24,
            high_urgency_notification: true,
            notification_threshold: 5,
            execution_retention_days: 90,
            default_expiration_reminders: docket_domain::todo::resource::USUAL_REMINDERS.to_vec(),
        }
    }
}
