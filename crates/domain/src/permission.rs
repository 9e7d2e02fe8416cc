//! What users ask for: who may be let in, what is offered, and what became of a request.

pub mod invitation;
pub mod named;
pub mod request;
pub mod restriction;
pub mod submission;
pub mod template;

pub use invitation::{Invitation, InvitationDetails, InvitationError};
pub use named::Named;
pub use request::{Request, RequestError, RequestState};
pub use restriction::{Applicant, BadPattern, Restriction};
pub use submission::{SubmitError, Submitting};
