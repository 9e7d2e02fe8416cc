//! Requests: users asking for what an invitation offers, and what became of it (`waldur.md` §8).
//!
//! ```text
//! draft ──submit──▶ pending ──approve──▶ approved
//!   │                 ├──────reject───▶ rejected
//!   └────cancel───────┴──────cancel───▶ cancelled
//! ```

use super::named::Named;
use crate::directory::scope::{Place, Scope};
use crate::id::{CustomerId, InvitationId, PermissionRequestId, RoleId, UserId};
use crate::time::Instant;

/// The most characters that a requester may say about the project.
pub const LONGEST_DESCRIPTION: usize = 2_000;

/// Somebody asks for a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Its id.
    pub id: PermissionRequestId,
    /// What it answers.
    pub invitation_id: InvitationId,
    /// Where the role is asked for; as long as nobody has decided, what the invitation says.
    pub scope: Scope,
    /// The customer that the scope is, or belongs to.
    pub customer_id: CustomerId,
    /// Which role; as long as nobody has decided, what the invitation says.
    pub role_id: RoleId,
    /// How far it has come.
    pub state: RequestState,
    /// Who asks, as they were called then.
    pub requester: Named,
    /// Their address then; empty when they had none.
    pub requester_email: String,
    /// What they want their project to be called; empty when they do not say.
    pub project_name: String,
    /// What it is for, in their words.
    pub project_description: String,
    /// What was decided.
    pub review: Option<Review>,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

/// What a requester says of the project, if there is to be one.
#[derive(Debug, Clone, Default)]
pub struct Wishes {
    /// What it shall be called; empty when they do not say.
    pub project_name: String,
    /// What it is for.
    pub project_description: String,
}

/// Who decided on a request, when, and what they said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// Who, as they were called then.
    pub reviewer: Named,
    /// When.
    pub at: Instant,
    /// What they said.
    pub comment: Option<String>,
}

/// A request with what is said of things around it.
#[derive(Debug, Clone)]
pub struct SeenRequest {
    /// The request.
    pub request: Request,
    /// What its scope is called.
    pub scope_name: String,
    /// Whether the scope is a project that was removed.
    pub scope_removed: bool,
    /// What its customer is called.
    pub customer_name: String,
    /// What its role is called.
    pub role_name: String,
    /// What holders of the role do.
    pub role_description: String,
    /// Whether the invitation makes a project.
    pub creates_project: bool,
    /// What the invitation says of the project's name.
    pub project_name_template: Option<String>,
}

impl SeenRequest {
    /// The scope, and where it stands.
    #[must_use]
    pub const fn place(&self) -> Place {
        let Request { scope, customer_id, .. } = self.request;
        Place { scope, customer: customer_id, removed: self.scope_removed }
    }
}

/// Which requests a list is after; what is absent does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// In one of these states; none means in any.
    pub states: Vec<RequestState>,
    /// For invitations of this customer.
    pub customer: Option<CustomerId>,
    /// For this invitation.
    pub invitation: Option<InvitationId>,
    /// By this user.
    pub requester: Option<UserId>,
    /// For exactly this scope.
    pub scope: Option<Scope>,
}

/// How far a request has come. Sorted by the number that it is kept under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RequestState {
    /// Being made; nobody ever sees one.
    Draft,
    /// Somebody has to decide.
    Pending,
    /// The role was given.
    Approved,
    /// It was not.
    Rejected,
    /// The requester, or staff, called it off.
    Cancelled,
}

/// Why something cannot be done with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// It was handed in already.
    #[error("only a draft can be submitted")]
    NotDraft,
    /// There is nothing to decide on, or not any more.
    #[error("only a pending request can be decided on")]
    NotPending,
    /// It is too late to call it off.
    #[error("only a pending request or a draft can be called off")]
    NotOpen,
}

impl RequestState {
    /// Every state with its number in the store and its name in the contract.
    pub const ALL: [(Self, i64, &'static str); 5] = [
        (Self::Draft, 1, "draft"),
        (Self::Pending, 2, "pending"),
        (Self::Approved, 3, "approved"),
        (Self::Rejected, 4, "rejected"),
        (Self::Cancelled, 5, "canceled"),
    ];

    /// Its number in the store.
    #[must_use]
    pub const fn number(self) -> i64 {
        match self {
            Self::Draft => 1,
            Self::Pending => 2,
            Self::Approved => 3,
            Self::Rejected => 4,
            Self::Cancelled => 5,
        }
    }

    /// Its name in the contract.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Cancelled => "canceled",
        }
    }

    /// The state of this number.
    #[must_use]
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.iter().find(|(_, known, _)| *known == number).map(|(state, ..)| *state)
    }

    /// The state of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(.., known)| *known == name).map(|(state, ..)| *state)
    }

    /// Whether something can still become of it.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Draft | Self::Pending)
    }
}

impl Request {
    /// Hands it in.
    pub fn submit(self, now: Instant) -> Result<Self, RequestError> {
        match self.state {
            RequestState::Draft => Ok(self.into_state(RequestState::Pending, now)),
            _ => Err(RequestError::NotDraft),
        }
    }

    /// Whether somebody can decide on it.
    pub const fn check_pending(&self) -> Result<(), RequestError> {
        match self.state {
            RequestState::Pending => Ok(()),
            _ => Err(RequestError::NotPending),
        }
    }

    /// Grants it.
    pub fn approve(self, review: Review) -> Result<Self, RequestError> {
        self.decide(RequestState::Approved, review)
    }

    /// Turns it down.
    pub fn reject(self, review: Review) -> Result<Self, RequestError> {
        self.decide(RequestState::Rejected, review)
    }

    /// Calls it off.
    pub fn cancel(self, now: Instant) -> Result<Self, RequestError> {
        if self.state.is_open() {
            Ok(self.into_state(RequestState::Cancelled, now))
        } else {
            Err(RequestError::NotOpen)
        }
    }

    fn decide(self, state: RequestState, review: Review) -> Result<Self, RequestError> {
        self.check_pending()?;
        let at = review.at;
        Ok(Self { review: Some(review), ..self }.into_state(state, at))
    }

    fn into_state(self, state: RequestState, now: Instant) -> Self {
        Self { state, updated_at: now, ..self }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn person(number: u128) -> Named {
        let id = UserId::from_uuid(Uuid::from_u128(number));
        Named { id, name: format!("N {number}"), username: format!("n{number}") }
    }

    fn draft() -> Request {
        let at = Instant::from_millis(0);
        let customer_id = CustomerId::from_uuid(Uuid::nil());
        Request {
            id: PermissionRequestId::from_uuid(Uuid::nil()),
            invitation_id: InvitationId::from_uuid(Uuid::nil()),
            scope: Scope::Customer(customer_id),
            customer_id,
            role_id: RoleId::from_uuid(Uuid::nil()),
            state: RequestState::Draft,
            requester: person(1),
            requester_email: String::new(),
            project_name: String::new(),
            project_description: String::new(),
            review: None,
            created_at: at,
            updated_at: at,
        }
    }

    #[derive(Debug, Clone, Copy)]
    enum Step {
        Submit,
        Approve,
        Reject,
        Cancel,
    }

    /// What the state must be afterwards: the drawing at the head of this file, as a table.
    fn model(state: &'static str, step: Step) -> Option<&'static str> {
        match (state, step) {
            ("draft", Step::Submit) => Some("pending"),
            ("pending", Step::Approve) => Some("approved"),
            ("pending", Step::Reject) => Some("rejected"),
            ("draft" | "pending", Step::Cancel) => Some("canceled"),
            _ => None,
        }
    }

    fn take(request: Request, step: Step, at: Instant) -> Result<Request, RequestError> {
        let review = Review { reviewer: person(2), at, comment: Some("c".to_owned()) };
        match step {
            Step::Submit => request.submit(at),
            Step::Approve => request.approve(review),
            Step::Reject => request.reject(review),
            Step::Cancel => request.cancel(at),
        }
    }

    proptest! {
        #[test]
        fn a_request_goes_where_the_drawing_says(
            steps in prop::collection::vec(
                prop::sample::select(vec![Step::Submit, Step::Approve, Step::Reject, Step::Cancel]),
                0..8,
            )
        ) {
            let mut request = draft();
            for (step, number) in steps.into_iter().zip(1..) {
                let at = Instant::from_millis(number);
                let expected = model(request.state.name(), step);
                let taken = take(request.clone(), step, at);
                prop_assert_eq!(taken.as_ref().ok().map(|after| after.state.name()), expected);
                if let Ok(after) = taken {
                    let decided = matches!(step, Step::Approve | Step::Reject);
                    prop_assert_eq!(after.review.is_some(), decided);
                    prop_assert_eq!(after.updated_at, at);
                    prop_assert_eq!(
                        Request { state: request.state, review: None, updated_at: request.updated_at,
                            ..after.clone() },
                        Request { review: None, ..request }
                    );
                    request = after;
                }
            }
        }
    }

    #[test]
    fn a_draft_can_be_called_off() {
        // Case 60: nobody ever sees a draft, so the surface's tests cannot come to this one.
        let at = Instant::from_millis(1);
        assert_eq!(draft().cancel(at).map(|request| request.state), Ok(RequestState::Cancelled));
        let submitted = draft().submit(at);
        assert_eq!(submitted.and_then(|request| request.submit(at)), Err(RequestError::NotDraft));
    }

    #[test]
    fn states_have_one_number_and_one_name() {
        for (state, number, name) in RequestState::ALL {
            assert_eq!((state.number(), state.name()), (number, name));
            assert_eq!(RequestState::from_number(number), Some(state));
            assert_eq!(RequestState::from_name(name), Some(state));
        }
        assert_eq!(RequestState::from_name("cancelled"), None);
    }
}
