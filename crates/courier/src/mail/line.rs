//! Connections to mail servers, kept open for the next mail to the same one.
//!
//! A connection is kept only after a mail that went through it from end to end. One whose attempt
//! failed or was broken off may have an answer on its way that nobody waits for; the next mail
//! would take it for its own.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use docket_domain::directory::MailSettings;
use docket_domain::directory::tenant::MailSecurity;
use docket_domain::mail::SendOutcome;
use docket_domain::time::Instant;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::extension::ClientId;

use super::letter::Letter;

/// How long a connection waits for the next mail. Mail servers hang up after some minutes.
const IDLE_MILLIS: i64 = 60_000;
/// How many connections wait at most.
const MOST_IDLE: usize = 32;
/// How long to wait for a server's good-bye.
const GOODBYE: Duration = Duration::from_secs(1);

/// Answers to the sender's own credentials or line, which say nothing of the mail (RFC 4954, RFC
/// 3207): authentication is needed, failed, is too weak, or needs TLS.
const ABOUT_THE_SENDER: [&str; 4] = ["530", "534", "535", "538"];

/// The certificates to trust cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("these are not certificates in PEM")]
pub struct BadCertificate(#[source] Error);

/// The connections, and what all of them have in common.
pub(super) struct Lines {
    idle: Mutex<Vec<Idle>>,
    trusted: Option<Certificate>,
    own_name: ClientId,
}

/// A connection that waits.
struct Idle {
    server: Arc<MailSettings>,
    line: AsyncSmtpConnection,
    since: Instant,
}

impl std::fmt::Debug for Lines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Lines")
    }
}

impl Lines {
    pub(super) fn new(trusted: &[u8]) -> Result<Self, BadCertificate> {
        let trusted = match trusted {
            [] => None,
            pem => Some(Certificate::from_pem(pem).map_err(BadCertificate)?),
        };
        Ok(Self { idle: Mutex::default(), trusted, own_name: ClientId::default() })
    }

    /// Hands a letter to a mail server.
    pub(super) async fn send(
        &self,
        server: &Arc<MailSettings>,
        letter: &Letter,
        now: Instant,
    ) -> SendOutcome {
        let host = &server.host;
        let line = match self.kept(server, now).await {
            Some(line) => Ok(line),
            None => self.dial(server).await,
        };
        let mut line = match line {
            Ok(line) => line,
            // Whatever it says, it has not seen the mail yet.
            Err(error) => return SendOutcome::Later(format!("{host}: {error}")),
        };
        match line.send(&letter.envelope, &letter.bytes).await {
            Ok(_) => {
                self.keep(Idle { server: Arc::clone(server), line, since: now });
                SendOutcome::Sent
            }
            Err(error) if is_final(&error) => SendOutcome::Bounced(format!("{host}: {error}")),
            Err(error) => SendOutcome::Later(format!("{host}: {error}")),
        }
    }

    /// A new connection, ready for a mail.
    async fn dial(&self, server: &MailSettings) -> Result<AsyncSmtpConnection, Error> {
        let address = (server.host.as_str(), server.port);
        let tls = match server.security {
            MailSecurity::None => None,
            MailSecurity::Ssl | MailSecurity::Tls => Some(self.tls(&server.host)?),
        };
        let (at_once, later) = match server.security {
            MailSecurity::Tls => (None, tls),
            MailSecurity::None | MailSecurity::Ssl => (tls, None),
        };
        let own_name = &self.own_name;
        // The attempt as a whole has a time limit.
        let mut line =
            AsyncSmtpConnection::connect_tokio1(address, None, own_name, at_once, None).await?;
        if let Some(tls) = later {
            line.starttls(tls, own_name).await?;
        }
        if let Some(username) = &server.username {
            let password = server.password.as_ref().map(|password| password.reveal().to_owned());
            let credentials = Credentials::new(username.clone(), password.unwrap_or_default());
            line.auth(DEFAULT_MECHANISMS, &credentials).await?;
        }
        Ok(line)
    }

    fn tls(&self, host: &str) -> Result<TlsParameters, Error> {
        let mut builder = TlsParameters::builder(host.to_owned());
        if let Some(certificate) = &self.trusted {
            builder = builder.add_root_certificate(certificate.clone());
        }
        builder.build_rustls()
    }

    /// A connection to this server that waits and is still alive.
    async fn kept(&self, server: &MailSettings, now: Instant) -> Option<AsyncSmtpConnection> {
        loop {
            let mut line = self.take(server, now)?;
            if line.test_connected().await {
                return Some(line);
            }
        }
    }

    fn take(&self, server: &MailSettings, now: Instant) -> Option<AsyncSmtpConnection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|one| now.millis_since(one.since) < IDLE_MILLIS);
        let found = idle.iter().position(|one| is_same_line(&one.server, server))?;
        Some(idle.swap_remove(found).line)
    }

    fn keep(&self, line: Idle) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < MOST_IDLE {
            idle.push(line);
        }
    }

    /// Ends the connections that wait, with a good-bye where the server is quick to answer it.
    pub(super) async fn hang_up(&self) {
        let idle = std::mem::take(&mut *self.idle.lock().unwrap_or_else(PoisonError::into_inner));
        for mut one in idle {
            drop(tokio::time::timeout(GOODBYE, one.line.quit()).await);
        }
    }
}

/// Whether mails of both settings may go through one connection.
fn is_same_line(one: &MailSettings, other: &MailSettings) -> bool {
    one.host == other.host
        && one.port == other.port
        && one.security == other.security
        && one.username == other.username
        && one.password == other.password
}

/// Whether a mail server that was shown the mail will never take it.
fn is_final(error: &Error) -> bool {
    let about_the_sender = error.status().is_some_and(|status| {
        let status = status.to_string();
        ABOUT_THE_SENDER.contains(&status.as_str())
    });
    // What the client itself refuses, as an address that this server has no letters for, it refuses
    // again.
    (error.is_permanent() && !about_the_sender) || error.is_client()
}
