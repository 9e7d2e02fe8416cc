//! Rules of the business that were broken, in the original's words; its clients know some of them by
//! heart (`waldur.md` §2.4, §9.6, §10.4).

use std::borrow::Cow;

use docket_domain::directory::grant::GrantError;
use docket_domain::permission::invitation::BadMember;
use docket_domain::permission::{InvitationError, SubmitError};

use super::problem::WHOLE;
use super::scalar::Hex;

/// Why a role cannot be given.
#[must_use]
pub const fn grant(error: GrantError) -> &'static str {
    match error {
        GrantError::AlreadyHeld => "User has already the same role in this scope.",
        GrantError::WrongKind => "Role is not valid for this scope.",
        GrantError::RoleInactive => "Role is not active.",
        GrantError::ManagerExists => "Project already has an active project manager.",
        GrantError::CustomerRestricted => {
            "User email, affiliation, or identity source does not match the customer restrictions."
        }
        GrantError::ProjectRestricted => {
            "User email, affiliation, or identity source does not match the project restrictions."
        }
    }
}

/// An address in a body that is none of the kind that is wanted.
pub const NO_MATCH: &str = "Invalid hyperlink - No URL match.";
/// An address in a body whose object is not there, or not for the caller to see.
pub const NO_OBJECT: &str = "Invalid hyperlink - Object does not exist.";
/// There is no such role.
pub const NO_ROLE: &str = "Role is not found.";
/// There is no such user.
pub const NO_USER: &str = "User is not found.";
/// An end that is over already.
pub const END_PASSED: &str = "Expiration time should be greater than current time.";
/// The customer is blocked or archived.
pub const CUSTOMER_UNAVAILABLE: &str = "Customer is not available.";
/// Nobody manages the own role on a project.
pub const OWN_ROLE: &str = "User can not manage own role.";
/// The project was removed.
pub const PROJECT_REMOVED: &str = "Cannot manage team members for terminated projects.";
/// The account is closed.
pub const USER_CLOSED: &str = "User is not active.";
/// There is no grant to change.
pub const NOT_HELD: &str = "User does not have this role in the scope.";
/// The customer still has projects.
pub const HAS_PROJECTS: &str = "Cannot delete organization with existing projects.";
/// The present password is another.
pub const OLD_WRONG: &str = "Old password is incorrect.";
/// Why nothing can be asked for.
#[must_use]
pub const fn submit(error: SubmitError) -> &'static str {
    match error {
        SubmitError::NotActive => "Only pending invitation can be requested.",
        SubmitError::AlreadyHeld => "User already has this role in the scope.",
        SubmitError::OtherRoleHeld => "User already has role within this scope.",
        SubmitError::AlreadyRequested => "Permission request already exists for this scope.",
        SubmitError::NotInvited => {
            "You are not allowed to accept this invitation. Your email or organization must match \
             the invitation restrictions."
        }
        SubmitError::CustomerRestricted => grant(GrantError::CustomerRestricted),
        SubmitError::ProjectRestricted => grant(GrantError::ProjectRestricted),
    }
}

/// Why something cannot be offered: the member that is to blame, and the words.
#[must_use]
pub const fn invitation(error: InvitationError) -> (&'static str, &'static str) {
    match error {
        InvitationError::PublicByStaffOnly => {
            ("is_public", "Only staff users can create public invitations.")
        }
        InvitationError::PublicMakesProjects => {
            ("auto_create_project", "Public invitations must have auto_create_project enabled.")
        }
        InvitationError::PublicForProjectRoles => (
            "role",
            "Public invitations can only use project-level roles, not customer-level roles.",
        ),
        InvitationError::WrongKind => {
            (WHOLE, "Role and scope should belong to the same content type.")
        }
        InvitationError::ProjectRoleNeeded => (
            "project_role",
            "project_role is required when auto_create_project is enabled and the invitation role \
             is not project-scoped.",
        ),
        InvitationError::ManagerExists => (WHOLE, grant(GrantError::ManagerExists)),
    }
}

/// Why a member of an invitation cannot be used: which, and the words.
#[must_use]
pub fn member(bad: &BadMember) -> (&'static str, Cow<'static, str>) {
    let no_role = |id: uuid::Uuid| format!("Object with uuid={} does not exist.", Hex(id)).into();
    match bad {
        BadMember::Role(id) => ("role", no_role(id.uuid())),
        BadMember::ProjectRole(id) => ("project_role", no_role(id.uuid())),
        BadMember::Scope(text) => ("scope", scope(text).into()),
        BadMember::Template(unknown) => (
            "project_name_template",
            format!(
                "Invalid placeholders in template: {}. Allowed placeholders are: email, \
                 full_name, username",
                unknown.join(", ")
            )
            .into(),
        ),
        BadMember::Patterns => ("user_email_patterns", "Enter a valid regular expression.".into()),
    }
}

/// No scope is there, or none that the caller sees.
#[must_use]
pub fn scope(text: &str) -> String {
    format!("Can't restore object from url: {text}")
}
