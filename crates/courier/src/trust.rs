//! TLS, and whose certificates are believed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use crate::failure::Failure;

/// How many settings of TLS are kept; certificates that have been replaced go with the rest.
const MOST_KEPT: usize = 256;

/// The settings of TLS for each certificate that an endpoint is to be known by, made once.
#[derive(Debug)]
pub(crate) struct Trust {
    provider: Arc<CryptoProvider>,
    kept: Mutex<HashMap<Option<String>, Arc<ClientConfig>>>,
}

impl Trust {
    pub(crate) fn new() -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        Self { provider, kept: Mutex::default() }
    }

    /// Believes this certificate (PEM) and those whom it vouches for; without one, the authorities
    /// that browsers believe.
    pub(crate) fn config(
        &self,
        certificate: Option<&String>,
    ) -> Result<Arc<ClientConfig>, Failure> {
        // A panic between two lines of this file leaves nothing half done.
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = certificate.cloned();
        if let Some(config) = kept.get(&wanted) {
            return Ok(Arc::clone(config));
        }
        let config = Arc::new(match certificate {
            None => self.browsers(),
            Some(pem) => self.only(pem),
        }?);
        if kept.len() >= MOST_KEPT {
            kept.clear();
        }
        kept.insert(wanted, Arc::clone(&config));
        Ok(config)
    }

    fn browsers(&self) -> Result<ClientConfig, Failure> {
        let mut roots = RootCertStore::empty();
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        self.with_roots(Arc::new(roots), Vec::new())
    }

    fn only(&self, pem: &str) -> Result<ClientConfig, Failure> {
        let certificates: Vec<_> = CertificateDer::pem_slice_iter(pem.as_bytes())
            .collect::<Result<_, _>>()
            .map_err(|_| Failure::Certificate)?;
        let mut roots = RootCertStore::empty();
        for certificate in &certificates {
            roots.add(certificate.clone()).map_err(|_| Failure::Certificate)?;
        }
        self.with_roots(Arc::new(roots), certificates)
    }

    fn with_roots(
        &self,
        roots: Arc<RootCertStore>,
        known: Vec<CertificateDer<'static>>,
    ) -> Result<ClientConfig, Failure> {
        let chains = WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&self.provider))
            .build()
            .map_err(|_| Failure::Certificate)?;
        let mut config = ClientConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_safe_default_protocol_versions()
            .map_err(|_| Failure::Tls)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Verifier { known, chains }))
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }
}

/// The usual checks, and one way around them: an endpoint that shows the very certificate that we
/// were given is believed. Usually it signed itself, and such a one is refused as the end of a chain
/// although it is what the operator meant. That the endpoint holds its key is proven as ever.
#[derive(Debug)]
struct Verifier {
    known: Vec<CertificateDer<'static>>,
    chains: Arc<WebPkiServerVerifier>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if self.known.iter().any(|known| known == end_entity) {
            return Ok(ServerCertVerified::assertion());
        }
        self.chains.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.chains.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.chains.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chains.supported_verify_schemes()
    }
}
