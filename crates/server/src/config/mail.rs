//! How mail goes out of tenants that have not said it themselves.

use std::path::PathBuf;

use docket_domain::directory::MailSettings;
use docket_domain::directory::tenant::MailSecurity;
use docket_domain::directory::user::is_email;
use docket_domain::mail::Secret;
use serde::{Deserialize, Serialize};

/// The mail server of everybody, and how patient we are with any.
#[derive(Clone, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Mail {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) security: Security,
    pub(crate) username: String,
    pub(crate) password: String,
    pub(crate) from_email: String,
    pub(crate) from_name: String,
    pub(crate) timeout_seconds: u64,
    pub(crate) trusted_certificates: PathBuf,
}

/// How the line to the mail server is protected; the words are those of tenants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Security {
    None,
    Ssl,
    Tls,
}

/// Says nothing of the password, so that it cannot end in a log.
impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut fields = f.debug_struct("Mail");
        fields.field("host", &self.host).field("port", &self.port).finish_non_exhaustive()
    }
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            host: String::new(),
            port: 587,
            security: Security::Tls,
            username: String::new(),
            password: String::new(),
            from_email: String::new(),
            from_name: String::new(),
            timeout_seconds: 30,
            trusted_certificates: PathBuf::new(),
        }
    }
}

impl Mail {
    /// The mail server, if there is one.
    pub(crate) fn server(&self) -> Option<MailSettings> {
        let given = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        let host = given(&self.host)?;
        Some(MailSettings {
            host,
            port: self.port,
            username: given(&self.username),
            password: given(&self.password).map(Secret::new),
            security: match self.security {
                Security::None => MailSecurity::None,
                Security::Ssl => MailSecurity::Ssl,
                Security::Tls => MailSecurity::Tls,
            },
            from_email: self.from_email.clone(),
            from_name: given(&self.from_name),
        })
    }

    /// What is wrong, by key.
    pub(super) fn check(&self) -> Result<(), (&'static str, String)> {
        if !(1..=600).contains(&self.timeout_seconds) {
            return Err(("mail.timeout_seconds", "must be from 1 to 600".to_owned()));
        }
        if self.host.is_empty() {
            return Ok(());
        }
        if self.port == 0 {
            return Err(("mail.port", "must be from 1 to 65535".to_owned()));
        }
        if !is_email(&self.from_email) {
            let message = format!("\"{}\" is not an e-mail address", self.from_email);
            return Err(("mail.from_email", message));
        }
        Ok(())
    }
}
