//! Whether somebody may ask for what an invitation offers (`waldur.md` §9.6).

use super::restriction::{Applicant, Restriction};

/// Why nothing can be asked for; the contract's checks in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// 1: the invitation was called off, or its project is removed.
    #[error("the invitation is not active")]
    NotActive,
    /// 2: they hold what is offered.
    #[error("the user already has this role in the scope")]
    AlreadyHeld,
    /// 3: they may hold one role there, and do.
    #[error("the user already has a role within this scope")]
    OtherRoleHeld,
    /// 4: they have asked for this scope, and were not turned down.
    #[error("there already is a request for this scope")]
    AlreadyRequested,
    /// 5: the invitation is for others.
    #[error("the user does not match the restrictions of the invitation")]
    NotInvited,
    /// 6: the customer lets in others only.
    #[error("the user does not match the restrictions of the customer")]
    CustomerRestricted,
    /// 6: the project lets in others only.
    #[error("the user does not match the restrictions of the project")]
    ProjectRestricted,
}

/// What has to be known before somebody asks.
#[derive(Debug, Clone, Copy)]
pub struct Submitting<'a> {
    /// Who asks.
    pub applicant: &'a Applicant,
    /// Whether the invitation is active, and so is its scope.
    pub active: bool,
    /// Whether they hold the role on the scope.
    pub held: bool,
    /// Whether they may hold one role only, and hold one.
    pub other_held: bool,
    /// Whether the invitation may be asked for more than once.
    pub many_allowed: bool,
    /// Whether a request of theirs for the scope is pending or was approved.
    pub requested: bool,
    /// Whom the invitation is for.
    pub invitation: &'a Restriction,
    /// Whom the customer lets in.
    pub customer: &'a Restriction,
    /// Whom the project lets in, when the scope is one.
    pub project: Option<&'a Restriction>,
}

impl Submitting<'_> {
    /// Whether they may ask; the first reason against it counts.
    pub fn check(&self) -> Result<(), SubmitError> {
        if !self.active {
            Err(SubmitError::NotActive)
        } else if self.held {
            Err(SubmitError::AlreadyHeld)
        } else if self.other_held {
            Err(SubmitError::OtherRoleHeld)
        } else if !self.many_allowed && self.requested {
            Err(SubmitError::AlreadyRequested)
        } else if !self.invitation.admits(self.applicant) {
            Err(SubmitError::NotInvited)
        } else if !self.customer.admits(self.applicant) {
            Err(SubmitError::CustomerRestricted)
        } else if self.project.is_some_and(|project| !project.admits(self.applicant)) {
            Err(SubmitError::ProjectRestricted)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_reason_against_asking_counts() {
        let applicant = Applicant { email: "a@example.com".to_owned(), ..Applicant::default() };
        let for_others = Restriction {
            email_patterns: vec![".*@example.org".to_owned()],
            ..Restriction::default()
        };
        let mut submitting = Submitting {
            applicant: &applicant,
            active: false,
            held: true,
            other_held: true,
            many_allowed: false,
            requested: true,
            invitation: &for_others,
            customer: &for_others,
            project: Some(&for_others),
        };
        let open = Restriction::default();
        assert_eq!(submitting.check(), Err(SubmitError::NotActive));
        submitting.active = true;
        assert_eq!(submitting.check(), Err(SubmitError::AlreadyHeld));
        submitting.held = false;
        assert_eq!(submitting.check(), Err(SubmitError::OtherRoleHeld));
        submitting.other_held = false;
        assert_eq!(submitting.check(), Err(SubmitError::AlreadyRequested));
        submitting.many_allowed = true;
        assert_eq!(submitting.check(), Err(SubmitError::NotInvited));
        submitting.invitation = &open;
        assert_eq!(submitting.check(), Err(SubmitError::CustomerRestricted));
        submitting.customer = &open;
        assert_eq!(submitting.check(), Err(SubmitError::ProjectRestricted));
        submitting.project = None;
        assert_eq!(submitting.check(), Ok(()));
    }
}
