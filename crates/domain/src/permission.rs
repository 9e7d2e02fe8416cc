//! What users ask for: who may be let in, what is offered, and what became of a request.

pub mod restriction;

pub use restriction::{Applicant, BadPattern, Restriction};
