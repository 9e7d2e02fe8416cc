//! What holds in customers and projects, and what people are told about it.

use docket_service::settings;
use serde::{Deserialize, Serialize};

/// Who may hold what, and decide on what.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Access {
    pub(crate) only_one_project_manager: bool,
    pub(crate) disable_multiple_roles: bool,
    pub(crate) allow_self_review: bool,
}

/// What people are told about this place.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Site {
    pub(crate) name: String,
    pub(crate) homeport_url: String,
}

/// Of what people hear by mail.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "one switch a kind of mail, as in the file")]
pub(crate) struct Notifications {
    pub(crate) permission_request_submitted: bool,
    pub(crate) permission_request_rejected: bool,
    pub(crate) role_granted: bool,
    pub(crate) todo_digest: bool,
}

impl Default for Site {
    fn default() -> Self {
        let settings::Site { name, homeport_url } = settings::Site::default();
        Self { name, homeport_url }
    }
}

impl Default for Notifications {
    fn default() -> Self {
        let usual = settings::Notifications::default();
        Self {
            permission_request_submitted: usual.permission_request_submitted,
            permission_request_rejected: usual.permission_request_rejected,
            role_granted: usual.role_granted,
            todo_digest: usual.todo_digest,
        }
    }
}

impl From<&Access> for settings::Access {
    fn from(access: &Access) -> Self {
        Self {
            only_one_project_manager: access.only_one_project_manager,
            disable_multiple_roles: access.disable_multiple_roles,
            allow_self_review: access.allow_self_review,
        }
    }
}

impl From<&Site> for settings::Site {
    fn from(site: &Site) -> Self {
        let homeport_url = site.homeport_url.trim_end_matches('/').to_owned();
        Self { name: site.name.clone(), homeport_url }
    }
}

impl From<&Notifications> for settings::Notifications {
    fn from(notifications: &Notifications) -> Self {
        Self {
            permission_request_submitted: notifications.permission_request_submitted,
            permission_request_rejected: notifications.permission_request_rejected,
            role_granted: notifications.role_granted,
            todo_digest: notifications.todo_digest,
        }
    }
}
