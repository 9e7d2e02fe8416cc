//! The worlds that one server keeps apart (`fusionauth.md` §4.6).

use std::collections::BTreeMap;

use crate::action::definition::{LONGEST_NAME, Transaction};
use crate::directory::user::is_email;
use crate::event::EventType;
use crate::id::{DefinitionId, TenantId};
use crate::time::{Instant, Span, SpanUnit};
use crate::violation::{Rule, Violation, Violations};

/// A world of users and applications of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// What callers say of it.
    pub details: TenantDetails,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

/// What callers say of a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantDetails {
    /// Unique.
    pub name: String,
    /// The issuer of its tokens.
    pub issuer: String,
    /// The events that are switched on; those not named are off.
    pub events: BTreeMap<EventType, EventSetting>,
    /// What follows from too many wrong passwords.
    pub lockout: Lockout,
    /// How its mail goes out.
    pub mail: MailSettings,
    /// Whether a login that names no application needs an API key.
    pub requires_authentication: bool,
    /// The caller's own data.
    pub data: crate::json::Json,
}

/// Whether an event goes out, and who must agree to it before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EventSetting {
    /// Whether it goes out.
    pub enabled: bool,
    /// How many webhooks must agree.
    pub transaction: Transaction,
}

/// What follows from too many wrong passwords.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lockout {
    /// The definition of the action then taken; none means that nothing follows.
    pub definition_id: Option<DefinitionId>,
    /// How many wrong passwords are too many.
    pub attempts: i64,
    /// Within how many seconds.
    pub window_seconds: i64,
    /// How long the action lasts.
    pub duration: Span,
    /// Whether the user is told by e-mail.
    pub emails_user: bool,
    /// Whether a new password ends the action.
    pub ends_on_password_reset: bool,
}

impl Default for Lockout {
    fn default() -> Self {
        Self {
            definition_id: None,
            attempts: 5,
            window_seconds: 60,
            duration: Span { length: 3, unit: SpanUnit::Minutes },
            emails_user: false,
            ends_on_password_reset: false,
        }
    }
}

/// How mail goes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailSettings {
    /// The server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Whom to log in as.
    pub username: Option<String>,
    /// With which password.
    pub password: Option<crate::mail::Secret>,
    /// How the line is protected.
    pub security: MailSecurity,
    /// The sender's address where a template names none.
    pub from_email: String,
    /// The sender's name where a template names none.
    pub from_name: Option<String>,
}

/// How a line to a mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailSecurity {
    /// Not at all.
    None,
    /// TLS from the first byte.
    Ssl,
    /// STARTTLS.
    Tls,
}

impl MailSecurity {
    /// Every kind with its name in the contract.
    pub const ALL: [(Self, &'static str); 3] =
        [(Self::None, "NONE"), (Self::Ssl, "SSL"), (Self::Tls, "TLS")];

    /// The name in the contract.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::Ssl => "SSL",
            Self::Tls => "TLS",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }
}

impl Default for MailSettings {
    fn default() -> Self {
        Self {
            host: "localhost".to_owned(),
            port: 25,
            username: None,
            password: None,
            security: MailSecurity::None,
            from_email: "change-me@example.com".to_owned(),
            from_name: None,
        }
    }
}

impl MailSettings {
    /// Whether nobody has said where this tenant's mail goes out: host, port, security and username
    /// are as every tenant is born with them.
    #[must_use]
    pub fn are_untouched(&self) -> bool {
        let born = Self::default();
        (&self.host, self.port, self.security) == (&born.host, born.port, born.security)
            && self.username.is_none()
    }

    /// The sender's address, unless nobody has chosen one.
    #[must_use]
    pub fn chosen_sender(&self) -> Option<&str> {
        Some(self.from_email.as_str()).filter(|email| *email != Self::default().from_email)
    }

    /// The settings that count for a tenant with these ones: its own, unless they are untouched and
    /// the server has some for everybody. A sender that the tenant chose stays the sender.
    #[must_use]
    pub fn or_of_server(self, server: Option<&Self>) -> Self {
        let Some(server) = server.filter(|_| self.are_untouched()) else { return self };
        let from_email = self.chosen_sender().unwrap_or(&server.from_email).to_owned();
        let from_name = self.from_name.or_else(|| server.from_name.clone());
        Self { from_email, from_name, ..server.clone() }
    }
}

impl TenantDetails {
    /// Checks everything that can be seen without looking at other objects.
    pub fn check(&self) -> Result<(), Vec<Violation>> {
        let mut violations = Violations::new();
        violations.require_text("name", &self.name, LONGEST_NAME);
        let lockout = &self.lockout;
        for (field, value) in [
            ("failedAuthenticationConfiguration.tooManyAttempts", lockout.attempts),
            ("failedAuthenticationConfiguration.resetCountInSeconds", lockout.window_seconds),
            ("failedAuthenticationConfiguration.actionDuration", lockout.duration.length),
        ] {
            if value <= 0 {
                violations.push(Violation::body(field, Rule::Invalid));
            }
        }
        let mail = &self.mail;
        if mail.host.is_empty() {
            violations.push(Violation::body("emailConfiguration.host", Rule::Blank));
        }
        if mail.port == 0 {
            violations.push(Violation::body("emailConfiguration.port", Rule::Invalid));
        }
        if !is_email(&mail.from_email) {
            let field = "emailConfiguration.defaultFromEmail";
            violations.push(Violation::body(field, Rule::NotEmail));
        }
        violations.into_result()
    }

    /// The setting of an event.
    #[must_use]
    pub fn event(&self, event: EventType) -> EventSetting {
        self.events.get(&event).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_speaks_for_tenants_that_say_nothing() {
        let server = MailSettings {
            host: "smtp.example.com".to_owned(),
            from_email: "docket@example.com".to_owned(),
            from_name: Some("Docket".to_owned()),
            ..MailSettings::default()
        };
        let untouched = MailSettings::default();
        assert_eq!(untouched.clone().or_of_server(Some(&server)), server);
        assert_eq!(untouched.clone().or_of_server(None), untouched);
        let sender = MailSettings { from_email: "a@example.com".to_owned(), ..untouched.clone() };
        let used = sender.or_of_server(Some(&server));
        assert_eq!(
            (used.host.as_str(), used.from_email.as_str()),
            ("smtp.example.com", "a@example.com")
        );
        let own = MailSettings { host: "mail.example.org".to_owned(), ..untouched };
        assert_eq!(own.clone().or_of_server(Some(&server)), own);
    }
}
