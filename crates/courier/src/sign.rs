//! Signatures of what webhooks are sent: Standard Webhooks on every request (`native.md` §6), and
//! the original's JWT where a webhook asks for it (`fusionauth.md` §4.9).

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use docket_domain::id::EventId;
use docket_domain::mail::Secret;
use docket_domain::webhook_key::{Algorithm, PrivatePart};
use p521::ecdsa::signature::RandomizedSigner;
use p521::pkcs8::DecodePrivateKey;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512,
    RsaEncoding, RsaKeyPair,
};
use ring::{digest, hmac};
use serde_json::json;

/// What secrets of Standard Webhooks begin with.
const SECRET_PREFIX: &str = "whsec_";

/// The header in which the JWT travels.
pub const JWT_HEADER: &str = "x-fusionauth-signature-jwt";

/// The value of `webhook-signature`: one signature for each secret, since either may be the one
/// that the receiver knows. A secret that is none is passed over.
#[must_use]
pub fn standard_headers(secrets: &[Secret], id: EventId, at_seconds: i64, body: &[u8]) -> String {
    let head = format!("{id}.{at_seconds}.");
    let signatures = secrets.iter().filter_map(|secret| {
        let text = secret.reveal();
        let key = STANDARD.decode(text.strip_prefix(SECRET_PREFIX).unwrap_or(text)).ok()?;
        let mut signing = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, &key));
        signing.update(head.as_bytes());
        signing.update(body);
        Some(format!("v1,{}", STANDARD.encode(signing.sign())))
    });
    signatures.collect::<Vec<_>>().join(" ")
}

/// The private part is not one of this algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key cannot sign with its algorithm")]
pub struct UnusableKey;

/// Nothing could be signed: the machine had no randomness to give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the body could not be signed")]
pub struct Unsigned;

/// Signs bodies with one key, parsed once.
pub struct JwtSigner {
    /// The header of every signature, encoded.
    header: String,
    key: Key,
    random: SystemRandom,
}

enum Key {
    Hmac(hmac::Key),
    Rsa(Box<RsaKeyPair>, &'static dyn RsaEncoding),
    Ec(EcdsaKeyPair),
    P521(Box<p521::ecdsa::SigningKey>),
    Edwards(Ed25519KeyPair),
}

impl std::fmt::Debug for JwtSigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JwtSigner")
    }
}

impl JwtSigner {
    /// A signer with this key, which those who check know as `kid`.
    pub fn new(
        kid: &str,
        algorithm: Algorithm,
        private: &PrivatePart,
    ) -> Result<Self, UnusableKey> {
        let header = json!({"alg": algorithm.jose_name(), "kid": kid, "typ": "JWT"});
        Ok(Self {
            header: URL_SAFE_NO_PAD.encode(header.to_string()),
            key: Key::new(algorithm, private.reveal())?,
            random: SystemRandom::new(),
        })
    }

    /// A compact JWS whose claim `request_body_sha256` is the hash of the body.
    pub fn sign(&self, body: &[u8]) -> Result<String, Unsigned> {
        let hash = STANDARD.encode(digest::digest(&digest::SHA256, body));
        let claims = URL_SAFE_NO_PAD.encode(json!({"request_body_sha256": hash}).to_string());
        let message = format!("{}.{claims}", self.header);
        let signature = self.key.sign(message.as_bytes(), &self.random)?;
        Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

impl Key {
    fn new(algorithm: Algorithm, private: &[u8]) -> Result<Self, UnusableKey> {
        let hmac = |hash| Ok(Self::Hmac(hmac::Key::new(hash, private)));
        let rsa = |encoding| {
            let pair = RsaKeyPair::from_pkcs8(private).map_err(|_| UnusableKey)?;
            Ok(Self::Rsa(Box::new(pair), encoding))
        };
        let ec = |curve: &'static EcdsaSigningAlgorithm| {
            let pair = EcdsaKeyPair::from_pkcs8(curve, private, &SystemRandom::new());
            pair.map(Self::Ec).map_err(|_| UnusableKey)
        };
        match algorithm {
            Algorithm::Hs256 => hmac(hmac::HMAC_SHA256),
            Algorithm::Hs384 => hmac(hmac::HMAC_SHA384),
            Algorithm::Hs512 => hmac(hmac::HMAC_SHA512),
            Algorithm::Rs256 => rsa(&RSA_PKCS1_SHA256),
            Algorithm::Rs384 => rsa(&RSA_PKCS1_SHA384),
            Algorithm::Rs512 => rsa(&RSA_PKCS1_SHA512),
            Algorithm::Es256 => ec(&ECDSA_P256_SHA256_FIXED_SIGNING),
            Algorithm::Es384 => ec(&ECDSA_P384_SHA384_FIXED_SIGNING),
            // ring has no P-521.
            Algorithm::Es512 => {
                let secret = p521::SecretKey::from_pkcs8_der(private).map_err(|_| UnusableKey)?;
                let signing = p521::ecdsa::SigningKey::from_bytes(&secret.to_bytes());
                signing.map(|key| Self::P521(Box::new(key))).map_err(|_| UnusableKey)
            }
            Algorithm::Ed25519 => {
                let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(private);
                pair.map(Self::Edwards).map_err(|_| UnusableKey)
            }
        }
    }

    fn sign(&self, message: &[u8], random: &SystemRandom) -> Result<Vec<u8>, Unsigned> {
        match self {
            Self::Hmac(key) => Ok(hmac::sign(key, message).as_ref().to_vec()),
            Self::Rsa(pair, encoding) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                let signed = pair.sign(*encoding, random, message, &mut signature);
                signed.map(|()| signature).map_err(|_| Unsigned)
            }
            Self::Ec(pair) => {
                let signed = pair.sign(random, message);
                signed.map(|signature| signature.as_ref().to_vec()).map_err(|_| Unsigned)
            }
            Self::P521(key) => {
                let signature: p521::ecdsa::Signature = key
                    .try_sign_with_rng(&mut p521::elliptic_curve::rand_core::OsRng, message)
                    .map_err(|_| Unsigned)?;
                Ok(signature.to_bytes().to_vec())
            }
            Self::Edwards(pair) => Ok(pair.sign(message).as_ref().to_vec()),
        }
    }
}
