//! Where the broker is, and how it lets us in.

use std::sync::Arc;

use async_nats::{ConnectOptions, ServerAddr};
use percent_encoding::percent_decode_str;
use rustls::ClientConfig;

use crate::trust::Trust;

/// Where the broker is, and where in it events go.
#[derive(Clone)]
pub struct Broker {
    servers: Vec<ServerAddr>,
    login: Option<Login>,
    tls: Arc<ClientConfig>,
    /// The stream.
    pub(super) stream: String,
}

/// The address of the broker is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAnAddress {
    /// The text is not an address.
    #[error("is no address like nats://user:password@host:4222")]
    Address,
    /// The stream cannot be called so.
    #[error("cannot be the name of a stream: letters, digits, - and _ can")]
    Stream,
    /// The certificate cannot be read.
    #[error("is no certificate")]
    Certificate,
}

#[derive(Clone)]
enum Login {
    Password { user: String, password: String },
    Token(String),
}

impl std::fmt::Debug for Broker {
    /// Without the password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Broker")
            .field("servers", &self.servers)
            .field("stream", &self.stream)
            .finish_non_exhaustive()
    }
}

impl Broker {
    /// Reads the address: `nats://` or `tls://`, perhaps a user with a password or a token, host and
    /// port; the other servers of a cluster follow after commas. With a certificate (PEM) that one
    /// and those whom it vouches for are believed, without one the usual authorities.
    pub fn new(
        address: &str,
        stream: &str,
        certificate: Option<&String>,
    ) -> Result<Self, NotAnAddress> {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if stream.is_empty() || !stream.chars().all(is_name) {
            return Err(NotAnAddress::Stream);
        }
        let (mut servers, mut login) = (Vec::new(), None);
        for address in address.split(',') {
            let (server, its_login) = server(address.trim()).ok_or(NotAnAddress::Address)?;
            servers.push(server);
            login = login.or(its_login);
        }
        let tls = Trust::new().config(certificate).map_err(|_| NotAnAddress::Certificate)?;
        let mut tls = Arc::unwrap_or_clone(tls);
        // This is not HTTP.
        tls.alpn_protocols.clear();
        Ok(Self { servers, login, tls: Arc::new(tls), stream: stream.to_owned() })
    }

    pub(super) fn servers(&self) -> Vec<ServerAddr> {
        self.servers.clone()
    }

    pub(super) fn options(&self) -> ConnectOptions {
        let options =
            ConnectOptions::new().name("docket").tls_client_config(ClientConfig::clone(&self.tls));
        match self.login.clone() {
            None => options,
            Some(Login::Password { user, password }) => options.user_and_password(user, password),
            Some(Login::Token(token)) => options.token(token),
        }
    }
}

/// The server at an address, and the login in it. The client gets the address without the login,
/// which it would write into logs.
fn server(address: &str) -> Option<(ServerAddr, Option<Login>)> {
    let (scheme, rest) = address.split_once("://").unwrap_or(("nats", address));
    if rest.is_empty() || !["nats", "tls"].contains(&scheme) {
        return None;
    }
    let (login, host) = match rest.rsplit_once('@') {
        Some((login, host)) => (Some(login), host),
        None => (None, rest),
    };
    let login = match login.map(|login| login.split_once(':').ok_or(login)) {
        None => None,
        Some(Ok((user, password))) => {
            Some(Login::Password { user: decoded(user)?, password: decoded(password)? })
        }
        Some(Err(token)) => Some(Login::Token(decoded(token)?)),
    };
    Some((format!("{scheme}://{host}").parse().ok()?, login))
}

fn decoded(text: &str) -> Option<String> {
    percent_decode_str(text).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login(address: &str) -> Option<(String, String)> {
        match Broker::new(address, "DOCKET", None).unwrap().login? {
            Login::Password { user, password } => Some((user, password)),
            Login::Token(token) => Some((String::new(), token)),
        }
    }

    #[test]
    fn an_address_may_let_us_in() {
        assert_eq!(login("nats://broker"), None);
        assert_eq!(login("tls://kim:a%40b@broker:4223"), Some(("kim".into(), "a@b".into())));
        assert_eq!(login("nats://secret@[::1]:4222"), Some((String::new(), "secret".into())));
        assert_eq!(login("a:4222, nats://u:p@b"), Some(("u".into(), "p".into())));
    }

    #[test]
    fn passwords_stay_out_of_sight() {
        let broker = Broker::new("nats://kim:sesame@broker", "DOCKET", None).unwrap();
        assert!(!format!("{broker:?}").contains("sesame"));
    }

    #[test]
    fn what_is_no_broker_is_refused() {
        let refused = |address: &str, stream: &str, certificate: Option<&str>| {
            Broker::new(address, stream, certificate.map(str::to_owned).as_ref()).unwrap_err()
        };
        for address in ["", "http://a", "nats://", "nats://a:port", "a,,b", "nats://%FF@a"] {
            assert_eq!(refused(address, "DOCKET", None), NotAnAddress::Address, "{address}");
        }
        for stream in ["", "a.b", "a b", "*"] {
            assert_eq!(refused("a", stream, None), NotAnAddress::Stream, "{stream}");
        }
        assert_eq!(refused("a", "A", Some("-----BEGIN")), NotAnAddress::Certificate);
    }
}
