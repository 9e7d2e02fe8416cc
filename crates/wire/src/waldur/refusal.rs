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
