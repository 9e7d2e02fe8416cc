//! A mail server that keeps what it is sent: real SMTP over loopback, with or without TLS and
//! passwords, and with whatever answers a test wants.

mod letter;
mod session;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;

pub use letter::Letter;

/// How long a test waits before it fails.
const PATIENCE: Duration = Duration::from_secs(30);

/// When a line to the sink is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encrypted {
    /// Never.
    No,
    /// From the first byte.
    AtOnce,
    /// After STARTTLS.
    OnRequest,
}

/// A place in the dialogue where a test may want another answer than the usual one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// The first line.
    Greeting,
    /// AUTH.
    Login,
    /// MAIL FROM.
    Sender,
    /// RCPT TO.
    Recipient,
    /// The end of the letter.
    Letter,
}

/// What the sink does at a stage.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    Say(String),
    Hang,
}

/// A mail server for tests.
#[derive(Debug, Clone)]
pub struct MailSink {
    /// Its port on `localhost`.
    pub port: u16,
    /// The certificate to trust, as PEM; empty without TLS.
    pub certificate: String,
    shared: Arc<Shared>,
}

/// What the sink and its sessions have in common.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    pub(crate) login: Option<(String, String)>,
    letters: Mutex<Vec<Letter>>,
    answers: Mutex<HashMap<Stage, Answer>>,
    connections: Mutex<u32>,
    news: Notify,
}

impl MailSink {
    /// A sink that anybody may write to.
    pub async fn start() -> Self {
        Self::start_with(Encrypted::No, None).await
    }

    /// A sink with encryption, and perhaps a username and password to log in with.
    pub async fn start_with(encrypted: Encrypted, login: Option<(&str, &str)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port can be had");
        let port = listener.local_addr().expect("the listener has an address").port();
        let (certificate, acceptor) = match encrypted {
            Encrypted::No => (String::new(), None),
            Encrypted::AtOnce | Encrypted::OnRequest => {
                let (certificate, acceptor) = tls();
                (certificate, Some(acceptor))
            }
        };
        let login = login.map(|(name, password)| (name.to_owned(), password.to_owned()));
        let shared = Arc::new(Shared { login, ..Shared::default() });
        let serving = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (shared, acceptor) = (Arc::clone(&serving), acceptor.clone());
                let number = shared.next_connection();
                tokio::spawn(session::serve(shared, number, stream, encrypted, acceptor));
            }
        });
        Self { port, certificate, shared }
    }

    /// From now on answers so at this stage: `550 5.1.1 There is no such user`.
    pub fn answer(&self, stage: Stage, answer: &str) {
        locked(&self.shared.answers).insert(stage, Answer::Say(answer.to_owned()));
    }

    /// From now on says nothing at all at this stage.
    pub fn hang(&self, stage: Stage) {
        locked(&self.shared.answers).insert(stage, Answer::Hang);
    }

    /// From now on answers as usual.
    pub fn relent(&self) {
        locked(&self.shared.answers).clear();
    }

    /// What has arrived, oldest first.
    #[must_use]
    pub fn letters(&self) -> Vec<Letter> {
        locked(&self.shared.letters).clone()
    }

    /// How many connections there have been.
    #[must_use]
    pub fn connections(&self) -> u32 {
        *locked(&self.shared.connections)
    }

    /// Waits until this many letters have arrived.
    pub async fn wait_for(&self, letters: usize) -> Vec<Letter> {
        self.wait_until(|| self.letters().len() >= letters).await;
        self.letters()
    }

    /// Waits until there have been this many connections.
    pub async fn wait_for_connections(&self, connections: u32) {
        self.wait_until(|| self.connections() >= connections).await;
    }

    async fn wait_until(&self, is_so: impl Fn() -> bool) {
        let waited = async {
            loop {
                let next = self.shared.news.notified();
                if is_so() {
                    return;
                }
                next.await;
            }
        };
        tokio::time::timeout(PATIENCE, waited).await.expect("what is waited for comes in time");
    }
}

impl Shared {
    pub(crate) fn answer_at(&self, stage: Stage) -> Option<Answer> {
        locked(&self.answers).get(&stage).cloned()
    }

    pub(crate) fn take_in(&self, letter: Letter) {
        locked(&self.letters).push(letter);
        self.news.notify_waiters();
    }

    fn next_connection(&self) -> u32 {
        let mut connections = locked(&self.connections);
        *connections += 1;
        self.news.notify_waiters();
        *connections
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A certificate for `localhost` of nobody's, and what serves with it.
fn tls() -> (String, TlsAcceptor) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()])
        .expect("a certificate can be made");
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider knows TLS")
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .expect("the certificate fits its key");
    (made.cert.pem(), TlsAcceptor::from(Arc::new(config)))
}
