//! Why a call failed, in words for those who look after the endpoint.

/// Why a call failed. What is shown says nothing of our own network: neither the address that a
/// name stands for, nor what the system had to say about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The URL is no absolute address of HTTP.
    #[error("the URL cannot be called")]
    Url,
    /// A header is not one.
    #[error("the header {0} cannot be sent")]
    Header(String),
    /// What is to be trusted is no certificate.
    #[error("the certificate to trust cannot be read")]
    Certificate,
    /// Nobody knows the name.
    #[error("the host is not known")]
    UnknownHost,
    /// The guard is against it.
    #[error("the host's address is not allowed: it is not a public one")]
    NotAllowed,
    /// There was no connection in time.
    #[error("no connection within the connect timeout")]
    ConnectTimeout,
    /// Nobody listens.
    #[error("the connection was refused")]
    ConnectionRefused,
    /// There is no connection for another reason.
    #[error("the host cannot be reached")]
    Unreachable,
    /// The other side's certificate is not one that is trusted.
    #[error("the host's certificate is not trusted")]
    NotTrusted,
    /// The other side does not speak TLS as it should.
    #[error("no TLS connection could be agreed on")]
    Tls,
    /// The connection ended before the answer did.
    #[error("the connection was closed before the answer was complete")]
    Closed,
    /// There was no whole answer in time.
    #[error("no complete answer within the read timeout")]
    ReadTimeout,
    /// The answer is not HTTP, or begins with more headers than anybody should have to read.
    #[error("the answer is not valid HTTP, or its headers are too large")]
    NotHttp,
    /// The answer names another address.
    #[error("the answer is a redirect, and those are not followed")]
    Redirect,
    /// The answer is there, and is no success.
    #[error("the answer was {0}")]
    Status(u16),
}

impl From<hyper::Error> for Failure {
    fn from(error: hyper::Error) -> Self {
        if error.is_parse() { Self::NotHttp } else { Self::Closed }
    }
}
