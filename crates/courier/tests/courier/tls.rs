//! TLS: an endpoint is known by its certificate.

use std::sync::Arc;

use docket_courier::call::{Call, Client};
use docket_courier::failure::Failure;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CertifiedKey, IsCa, KeyPair,
    generate_simple_self_signed,
};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;

use crate::support::{Answers, Rude, SHORT, answer_ok, call, client, guard};

/// A server with this certificate.
async fn secured(certificate: &CertificateDer<'static>, key: &KeyPair) -> Rude {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    Rude::start(move |stream, _| {
        let acceptor = acceptor.clone();
        async move {
            if let Ok(mut stream) = acceptor.accept(stream).await {
                while answer_ok(&mut stream).await {}
            }
        }
    })
    .await
}

fn trusting(rude: &Rude, host: &str, pem: Option<String>) -> Call {
    let url = format!("https://{host}:{}/hook", rude.address.port());
    Call { trusted_certificate: pem, ..call(url) }
}

fn at_home() -> Client {
    Client::with_resolver(guard(&["127.0.0.1"]), Answers::new(&[Some(&["127.0.0.1"])]))
}

#[tokio::test]
async fn a_certificate_that_signed_itself_is_trusted_when_it_is_the_given_one() {
    let own = generate_simple_self_signed(vec!["hooks.example".to_owned()]).unwrap();
    let CertifiedKey { cert, signing_key } = own;
    let rude = secured(cert.der(), &signing_key).await;
    let client = at_home();
    let known = trusting(&rude, "hooks.example", Some(cert.pem()));
    assert!(client.call(&known).await.is_success());
    assert!(client.call(&known).await.is_success());
    assert_eq!(rude.accepted(), 1);
    // Whoever trusts something else has no use for that connection.
    let other = generate_simple_self_signed(vec!["hooks.example".to_owned()]).unwrap();
    for pem in [None, Some(other.cert.pem())] {
        let answer = client.call(&trusting(&rude, "hooks.example", pem)).await;
        assert_eq!((answer.status, answer.error), (None, Some(Failure::NotTrusted)));
    }
}

#[tokio::test]
async fn an_authority_of_ones_own_vouches_for_names() {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let authority = CertifiedIssuer::self_signed(authority, key).unwrap();
    let names = CertificateParams::new(vec!["hooks.example".to_owned()]).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = names.signed_by(&key, &authority).unwrap();
    let rude = secured(certificate.der(), &key).await;
    let client = at_home();
    let pem = Some(authority.pem());
    assert!(client.call(&trusting(&rude, "hooks.example", pem.clone())).await.is_success());
    let answer = client.call(&trusting(&rude, "others.example", pem)).await;
    assert_eq!(answer.error, Some(Failure::NotTrusted));
}

#[tokio::test]
async fn what_is_no_certificate_is_said_to_be_none() {
    let own = generate_simple_self_signed(vec!["hooks.example".to_owned()]).unwrap();
    let rude = secured(own.cert.der(), &own.signing_key).await;
    for pem in ["", "nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        let answer = at_home().call(&trusting(&rude, "hooks.example", Some(pem.to_owned()))).await;
        assert_eq!(answer.error, Some(Failure::Certificate), "{pem}");
    }
}

#[tokio::test]
async fn agreeing_on_tls_counts_into_the_connect_timeout() {
    let rude = Rude::start(|stream, _| async move {
        std::future::pending::<()>().await;
        drop(stream);
    })
    .await;
    let call = Call { connect_timeout: SHORT, ..trusting(&rude, "127.0.0.1", None) };
    assert_eq!(client().call(&call).await.error, Some(Failure::ConnectTimeout));
}

#[tokio::test]
async fn a_server_in_the_clear_is_not_spoken_to_in_secret() {
    let rude = Rude::start(|mut stream, _| async move {
        assert!(stream.read(&mut [0; 16]).await.unwrap() > 0);
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
    })
    .await;
    let answer = client().call(&trusting(&rude, "127.0.0.1", None)).await;
    assert_eq!(answer.error, Some(Failure::Tls));
}
