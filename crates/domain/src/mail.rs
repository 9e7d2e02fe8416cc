//! E-mails: the templates that they are filled from (`fusionauth.md` §4.8), and how often one is tried.

use std::fmt;

use crate::action::definition::LONGEST_NAME;
use crate::id::TemplateId;
use crate::text::Localized;
use crate::time::Instant;
use crate::violation::{Rule, Violation, Violations};

/// Text that is never shown by `Debug`, so that it cannot end in a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps the text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// A message to be filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// Its id.
    pub id: TemplateId,
    /// What callers say of it.
    pub details: TemplateDetails,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

/// What callers say of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateDetails {
    /// Unique.
    pub name: String,
    /// The sender's address; the tenant's when absent.
    pub from_email: Option<String>,
    /// The sender's name.
    pub from_name: Part<Option<String>>,
    /// The subject.
    pub subject: Part<String>,
    /// The body for readers of HTML.
    pub html: Part<String>,
    /// The body for readers of plain text.
    pub text: Part<String>,
}

/// One part of a message: its default and its translations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part<T> {
    /// What readers of no other language get.
    pub default: T,
    /// The same in other languages.
    pub localized: Localized,
}

/// A message for one reader. A part that is absent had nothing to say or could not be filled.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Message {
    /// The sender's address; the tenant's when absent.
    pub from_email: Option<String>,
    /// The sender's name; the tenant's when absent.
    pub from_name: Option<String>,
    /// The subject.
    pub subject: Option<String>,
    /// The body for readers of HTML.
    pub html: Option<String>,
    /// The body for readers of plain text.
    pub text: Option<String>,
}

/// Why a part could not be filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// The part, by its path in the template: `localizedSubjects[de]`.
    pub part: String,
    /// What is wrong, for people.
    pub message: String,
}

/// An address, and the name shown for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// The address.
    pub email: String,
    /// The name.
    pub name: Option<String>,
}

/// A message and whom it goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email {
    /// What it says. A sender's address that neither the template nor the tenant names is the
    /// server's.
    pub message: Message,
    /// To whom.
    pub to: Vec<Address>,
    /// Who reads along.
    pub cc: Vec<Address>,
    /// Who reads along without being named.
    pub bcc: Vec<Address>,
}

/// What came of an attempt to send an e-mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendOutcome {
    /// The mail server has taken it.
    Sent,
    /// Not this time; why, for people.
    Later(String),
    /// The mail server will never take it; why, for people.
    Bounced(String),
}

/// How long to wait after each attempt that failed: 30 s, 5 min, 30 min, 2 h, 5 h, 10 h, 10 h.
const PAUSES_MILLIS: [i64; 7] =
    [30_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 36_000_000];

/// When an e-mail is tried again after this many attempts that failed; never when that was enough.
#[must_use]
pub fn next_attempt(attempts: i64, now: Instant) -> Option<Instant> {
    let before = usize::try_from(attempts.saturating_sub(1)).unwrap_or_default();
    PAUSES_MILLIS.get(before).map(|pause| now.plus_millis(*pause))
}

impl TemplateDetails {
    /// Checks everything but the syntax of the parts, which the mail engine knows.
    pub fn check(&self) -> Result<(), Vec<Violation>> {
        let mut violations = Violations::new();
        violations.require_text("name", &self.name, LONGEST_NAME);
        for (field, part) in [
            ("defaultSubject", &self.subject),
            ("defaultHtmlTemplate", &self.html),
            ("defaultTextTemplate", &self.text),
        ] {
            if part.default.trim().is_empty() {
                violations.push(Violation::body(field, Rule::Blank));
            }
        }
        if let Some(address) = &self.from_email
            && !crate::directory::user::is_email(address)
        {
            violations.push(Violation::body("fromEmail", Rule::NotEmail));
        }
        violations.into_result()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_email_is_tried_for_a_little_more_than_a_day() {
        let mut now = Instant::from_millis(0);
        let mut attempts = 1;
        while let Some(next) = next_attempt(attempts, now) {
            assert!(next > now);
            (now, attempts) = (next, attempts + 1);
        }
        assert_eq!(attempts, 8);
        assert_eq!(now.millis(), (27 * 3_600 + 35 * 60 + 30) * 1_000);
    }
}
