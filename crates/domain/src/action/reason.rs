//! Why an action is taken (`fusionauth.md` §2).

use crate::action::definition::LONGEST_NAME;
use crate::id::ReasonId;
use crate::text::Localized;
use crate::time::Instant;
use crate::violation::{Violation, Violations};

/// A reason that can be given for an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// Its id.
    pub id: ReasonId,
    /// What callers say of it.
    pub details: ReasonDetails,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

/// What callers say of a reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReasonDetails {
    /// A short name for machines, unique.
    pub code: String,
    /// The text for people, unique.
    pub text: String,
    /// The text in other languages.
    pub localized_texts: Localized,
}

impl ReasonDetails {
    /// Checks everything that can be seen without looking at other objects.
    pub fn check(&self) -> Result<(), Vec<Violation>> {
        let mut violations = Violations::new();
        violations.require_text("code", &self.code, LONGEST_NAME);
        violations.require_text("text", &self.text, LONGEST_NAME);
        violations.into_result()
    }
}
