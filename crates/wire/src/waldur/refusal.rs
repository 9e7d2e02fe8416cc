//! Rules of the business that were broken, in the original's words; its clients know some of them by
//! heart (`waldur.md` §2.4, §9.6, §10.4).

use docket_domain::directory::grant::GrantError;

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
