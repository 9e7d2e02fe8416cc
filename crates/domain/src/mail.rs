//! E-mail templates: the parts of a message, in several languages (`fusionauth.md` §4.8).

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
