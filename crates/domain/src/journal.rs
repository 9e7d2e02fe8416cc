//! What is written down and never changed: the audit log that callers write, and the event log in
//! which the server speaks of itself (`fusionauth.md` §4.11, §4.12).
//!
//! The audit log is the callers' own; Docket's record of every change it makes is another thing
//! and needs no caller to write it.

use crate::id::TenantId;
use crate::json::Json;
use crate::time::Instant;
use crate::violation::{Rule, Violation, Violations};

/// An entry of the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its number; later entries have larger ones.
    pub id: i64,
    /// What the caller says.
    pub details: AuditDetails,
    /// When it was written.
    pub created_at: Instant,
}

/// What a caller writes into the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditDetails {
    /// The tenant that it concerns; none when it concerns all of them.
    pub tenant_id: Option<TenantId>,
    /// Who did it, in the caller's words.
    pub insert_user: String,
    /// What was done.
    pub message: String,
    /// Why.
    pub reason: Option<String>,
    /// How it was.
    pub old_value: Option<Json>,
    /// How it is.
    pub new_value: Option<Json>,
    /// The caller's own data.
    pub data: Json,
}

impl AuditDetails {
    /// Checks that there is something to write down, and by whom.
    pub fn check(&self) -> Result<(), Vec<Violation>> {
        let mut violations = Violations::new();
        for (field, text) in [("message", &self.message), ("insertUser", &self.insert_user)] {
            if text.trim().is_empty() {
                violations.push(Violation::body(field, Rule::Blank));
            }
        }
        violations.into_result()
    }
}

/// Which entries of the audit log are wanted; what is absent does not matter. Texts match anywhere
/// and without regard to case, `*` stands for anything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditSearch {
    /// In the name of who did it.
    pub user: Option<String>,
    /// In what was done.
    pub message: Option<String>,
    /// In the reason.
    pub reason: Option<String>,
    /// In how it is.
    pub new_value: Option<String>,
    /// In how it was.
    pub old_value: Option<String>,
    /// Not before.
    pub start: Option<Instant>,
    /// Not after.
    pub end: Option<Instant>,
    /// Concerning this tenant.
    pub tenant_id: Option<TenantId>,
}

/// An entry of the event log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventEntry {
    /// Its number; later entries have larger ones.
    pub id: i64,
    /// How grave it is.
    pub kind: EventKind,
    /// What the server says.
    pub message: String,
    /// When it was written.
    pub created_at: Instant,
}

/// How grave an entry of the event log is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// Good to know.
    Information,
    /// For finding out what happened.
    Debug,
    /// Something failed that an operator should look at.
    Error,
}

impl EventKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Information, Self::Debug, Self::Error];

    /// The name in the contract.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Information => "Information",
            Self::Debug => "Debug",
            Self::Error => "Error",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Which entries of the event log are wanted; what is absent does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventSearch {
    /// In the message, as in [`AuditSearch`].
    pub message: Option<String>,
    /// Of this kind.
    pub kind: Option<EventKind>,
    /// Not before.
    pub start: Option<Instant>,
    /// Not after.
    pub end: Option<Instant>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_says_something_and_who_did_it() {
        let entry = AuditDetails {
            tenant_id: None,
            insert_user: String::new(),
            message: " ".to_owned(),
            reason: None,
            old_value: None,
            new_value: None,
            data: Json::empty_object(),
        };
        assert_eq!(
            entry.check().unwrap_err(),
            [Violation::body("message", Rule::Blank), Violation::body("insertUser", Rule::Blank)]
        );
    }

    #[test]
    fn kinds_and_their_names_go_both_ways() {
        for kind in EventKind::ALL {
            assert_eq!(EventKind::from_name(kind.name()), Some(kind));
        }
        assert_eq!(EventKind::from_name("error"), None);
    }
}
