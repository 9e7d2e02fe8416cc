//! Makes connections: reads the URL, sets time limits, speaks TLS when told to.
//!
//! Invariant: TLS always verifies. `sslmode=require` means here what `verify-full` means to libpq;
//! a connection that is encrypted to whoever answers is not worth its name.

use std::fs;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{ClientWrapper, Connect};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio_postgres::config::SslMode;
use tokio_postgres::{Client, Config, Error, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::db::Options;
use crate::error::{DbError, Fault};

/// Knows how to make a connection.
#[derive(Clone)]
pub(crate) struct Connector {
    config: Config,
    tls: Option<MakeRustlsConnect>,
    patience: Duration,
    /// The runtime that drives every connection, whoever was the first to want it: one that has much
    /// else to do must not be in between when others use it later.
    home: Handle,
}

type Made = Result<(Client, JoinHandle<()>), Error>;

impl Connector {
    /// Understands what libpq's URLs say, `sslmode` and `sslrootcert` included.
    pub(crate) fn new(url: &str, options: &Options) -> Result<Self, DbError> {
        let (url, security) = Security::split_off(url)?;
        let mut config: Config = url.parse().map_err(|error: Error| Fault::Url(told(&error)))?;
        config.ssl_mode(if security.tls { SslMode::Require } else { SslMode::Disable });
        config.connect_timeout(options.acquire_timeout);
        // A peer that is gone without a word must not hold a unit for ever.
        config.tcp_user_timeout(options.statement_timeout);
        if config.get_application_name().is_none() {
            config.application_name("docket");
        }
        config.options(startup_options(config.get_options(), options));
        let tls = if security.tls { Some(security.connector()?) } else { None };
        let home = Handle::try_current().map_err(DbError::unavailable)?;
        Ok(Self { config, tls, patience: options.acquire_timeout, home })
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// Where connections are driven.
    pub(crate) const fn home(&self) -> &Handle {
        &self.home
    }

    /// A connection that may only read, with a cache of statements.
    pub(crate) async fn reader(&self) -> Result<ClientWrapper, DbError> {
        let mut config = self.config.clone();
        config.options(appended(config.get_options(), "-c default_transaction_read_only=on"));
        self.make_in_time(&config).await
    }

    /// A connection that changes the schema, which may take its time.
    pub(crate) async fn migrator(&self) -> Result<ClientWrapper, DbError> {
        let mut config = self.config.clone();
        config.options(appended(
            config.get_options(),
            "-c statement_timeout=0 -c lock_timeout=0 -c client_min_messages=warning",
        ));
        self.make_in_time(&config).await
    }

    async fn make_in_time(&self, config: &Config) -> Result<ClientWrapper, DbError> {
        match tokio::time::timeout(self.patience, self.make(config)).await {
            Ok(Ok((client, task))) => Ok(ClientWrapper::new(client, task)),
            Ok(Err(error)) => Err(DbError::unavailable(error)),
            Err(_) => Err(Fault::ConnectTimeout.into()),
        }
    }

    async fn make(&self, config: &Config) -> Made {
        let mut made = pin!(self.make_here(config));
        poll_fn(|waiting| {
            let _inside = self.home.enter();
            made.as_mut().poll(waiting)
        })
        .await
    }

    async fn make_here(&self, config: &Config) -> Made {
        if let Some(tls) = &self.tls {
            let (client, connection) = config.connect(tls.clone()).await?;
            return Ok((client, tokio::spawn(drive(connection))));
        }
        let (client, connection) = config.connect(NoTls).await?;
        Ok((client, tokio::spawn(drive(connection))))
    }
}

/// How the pool makes its connections.
impl Connect for Connector {
    fn connect(&self, config: &Config) -> Pin<Box<dyn Future<Output = Made> + Send + '_>> {
        let config = config.clone();
        Box::pin(async move { self.make(&config).await })
    }
}

async fn drive(connection: impl Future<Output = Result<(), Error>>) {
    if let Err(error) = connection.await {
        tracing::warn!(error = told(&error), "a connection to the database ended");
    }
}

/// Settings travel with the first message, and so cost no round trip: the time limits, and how
/// statements are planned. Every statement has an index to go by, which a test sees to. Without
/// being told so, the planner reads whole tables while they are small, and goes on to for as long as
/// it has not noticed that they have grown; and it would compile what such a plan seems to cost.
fn startup_options(given: Option<&str>, options: &Options) -> String {
    let millis = options.statement_timeout.as_millis();
    let idle = options.statement_timeout.saturating_mul(2).as_millis();
    appended(
        // Ours first: what the operator wrote into the URL wins.
        Some(&format!(
            "-c statement_timeout={millis} -c idle_in_transaction_session_timeout={idle} \
             -c enable_seqscan=off -c jit=off"
        )),
        given.unwrap_or_default(),
    )
}

fn appended(options: Option<&str>, more: &str) -> String {
    format!("{} {more}", options.unwrap_or_default()).trim().to_owned()
}

/// The error with its sources on one line, for where only text goes.
fn told(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

/// What the URL says about TLS, which the driver does not read as libpq does.
struct Security {
    tls: bool,
    roots: Option<String>,
}

impl Security {
    /// The URL without what is understood here.
    fn split_off(url: &str) -> Result<(String, Self), DbError> {
        let mut security = Self { tls: false, roots: None };
        let Some((address, query)) = url.split_once('?') else {
            return Ok((url.to_owned(), security));
        };
        let mut rest = Vec::new();
        for pair in query.split('&') {
            match pair.split_once('=') {
                Some(("sslmode", "disable" | "allow" | "prefer")) => security.tls = false,
                Some(("sslmode", "require" | "verify-ca" | "verify-full")) => security.tls = true,
                Some(("sslmode", other)) => {
                    return Err(Fault::Url(format!("sslmode={other} is not known")).into());
                }
                Some(("sslrootcert", path)) => security.roots = Some(path.replace("%2F", "/")),
                _ => rest.push(pair),
            }
        }
        let url = if rest.is_empty() {
            address.to_owned()
        } else {
            format!("{address}?{}", rest.join("&"))
        };
        Ok((url, security))
    }

    /// Trusts the given authorities, or else those that browsers trust.
    fn connector(&self) -> Result<MakeRustlsConnect, DbError> {
        let mut roots = RootCertStore::empty();
        if let Some(path) = &self.roots {
            let pem = fs::read(path).map_err(|error| Fault::Tls(format!("{path}: {error}")))?;
            for certificate in CertificateDer::pem_slice_iter(&pem) {
                let certificate =
                    certificate.map_err(|error| Fault::Tls(format!("{path}: {error}")))?;
                roots.add(certificate).map_err(|error| Fault::Tls(format!("{path}: {error}")))?;
            }
        } else {
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| Fault::Tls(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(MakeRustlsConnect::new(config))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tls_is_spoken_when_the_url_says_so() {
        let (url, security) =
            Security::split_off("postgres://h/d?sslmode=verify-full&port=1&sslrootcert=%2Fa.pem")
                .unwrap();
        assert_eq!(url, "postgres://h/d?port=1");
        assert!(security.tls);
        assert_eq!(security.roots.as_deref(), Some("/a.pem"));
        assert!(!Security::split_off("postgres://h/d").unwrap().1.tls);
        assert!(Security::split_off("postgres://h/d?sslmode=yes").is_err());
    }

    #[test]
    fn the_operators_options_come_last_and_win() {
        let text = startup_options(Some("-c statement_timeout=1"), &Options::default());
        assert!(text.starts_with("-c statement_timeout=30000 "));
        assert!(text.ends_with(" -c statement_timeout=1"));
    }
}
