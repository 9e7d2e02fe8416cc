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

#[cfg(test)]
mod tests {
    use docket_domain::time::Clock;
    use docket_service::context::SystemClock;
    use docket_service::key_material::{self, KeyMaterial};
    use jsonwebtoken::{DecodingKey, Validation};
    use p521::ecdsa::signature::Verifier;
    use p521::pkcs8::DecodePublicKey;
    use serde_json::Value;
    use standardwebhooks::Webhook;

    use super::*;

    const BODY: &[u8] = br#"{"event":{"type":"test"}}"#;

    fn secret(byte: u8) -> Secret {
        Secret::new(format!("{SECRET_PREFIX}{}", STANDARD.encode([byte; 32])))
    }

    #[test]
    fn every_secret_that_is_valid_verifies_a_request() {
        let id = EventId::from_uuid(uuid::Uuid::from_u128(7));
        let (old, new, other) = (secret(1), secret(2), secret(3));
        // The library looks at the clock by itself.
        let now = SystemClock.now().millis() / 1_000;
        let value = standard_headers(&[new.clone(), old.clone()], id, now, BODY);
        assert_eq!(value.matches("v1,").count(), 2);
        let mut headers = http_headers(&id.to_string(), &now.to_string(), &value);
        let verifies = |secret: &Secret, headers: &http::HeaderMap| {
            let webhook = Webhook::new(secret.reveal()).unwrap();
            webhook.verify(BODY, headers).is_ok()
        };
        assert!(verifies(&new, &headers) && verifies(&old, &headers));
        assert!(!verifies(&other, &headers));
        headers.insert("webhook-id", "another".parse().unwrap());
        assert!(!verifies(&new, &headers));
    }

    fn http_headers(id: &str, at: &str, signature: &str) -> http::HeaderMap {
        let headers =
            [("webhook-id", id), ("webhook-timestamp", at), ("webhook-signature", signature)];
        headers
            .into_iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect::<http::HeaderMap>()
    }

    /// Both parts of a token before its signature, and what it says.
    fn read(token: &str) -> (Value, Value) {
        let parts: Vec<_> = token.split('.').collect();
        let part =
            |text: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap();
        assert_eq!(parts.len(), 3);
        (part(parts[0]), part(parts[1]))
    }

    /// Whether the public half of a key (or the secret) says that the token is genuine.
    fn verifies(algorithm: Algorithm, key: &KeyMaterial, token: &str) -> bool {
        let pem = key.public_pem.as_deref().unwrap_or_default();
        let secret = key.private.as_ref().unwrap().reveal();
        let checking = match algorithm {
            Algorithm::Es512 => return p521_verifies(pem, token),
            Algorithm::Hs256 | Algorithm::Hs384 | Algorithm::Hs512 => {
                DecodingKey::from_secret(secret)
            }
            Algorithm::Rs256 | Algorithm::Rs384 | Algorithm::Rs512 => {
                DecodingKey::from_rsa_pem(pem.as_bytes()).unwrap()
            }
            Algorithm::Es256 | Algorithm::Es384 => {
                DecodingKey::from_ec_pem(pem.as_bytes()).unwrap()
            }
            Algorithm::Ed25519 => DecodingKey::from_ed_pem(pem.as_bytes()).unwrap(),
        };
        let mut validation = Validation::new(algorithm.jose_name().parse().unwrap());
        validation.validate_exp = false;
        validation.required_spec_claims.clear();
        jsonwebtoken::decode::<Value>(token, &checking, &validation).is_ok()
    }

    fn p521_verifies(pem: &str, token: &str) -> bool {
        let (message, signature) = token.rsplit_once('.').unwrap();
        let public = p521::PublicKey::from_public_key_pem(pem).unwrap();
        let key = p521::ecdsa::VerifyingKey::from_affine(*public.as_affine()).unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
        let signature = p521::ecdsa::Signature::from_slice(&bytes).unwrap();
        key.verify(message.as_bytes(), &signature).is_ok()
    }

    #[test]
    fn a_token_of_every_algorithm_names_the_hash_of_the_body() {
        let rsa = key_material::generate(Algorithm::Rs256, None).unwrap();
        let other_rsa = key_material::generate(Algorithm::Rs256, None).unwrap();
        for algorithm in Algorithm::ALL.iter().copied() {
            let key = |rsa: &KeyMaterial| match algorithm {
                Algorithm::Rs256 | Algorithm::Rs384 | Algorithm::Rs512 => rsa.clone(),
                _ => key_material::generate(algorithm, None).unwrap(),
            };
            let (key, other) = (key(&rsa), key(&other_rsa));
            let signer = JwtSigner::new("k1", algorithm, key.private.as_ref().unwrap()).unwrap();
            let token = signer.sign(BODY).unwrap();
            let (header, claims) = read(&token);
            let name = algorithm.jose_name();
            assert_eq!(header, json!({"alg": name, "kid": "k1", "typ": "JWT"}));
            let hash = STANDARD.encode(digest::digest(&digest::SHA256, BODY));
            assert_eq!(claims, json!({ "request_body_sha256": hash }));
            assert!(verifies(algorithm, &key, &token), "{name}");
            assert!(!verifies(algorithm, &other, &token), "{name}: any key will do");
        }
    }

    #[test]
    fn a_key_of_another_algorithm_is_refused() {
        let key = key_material::generate(Algorithm::Es256, None).unwrap().private.unwrap();
        for algorithm in [Algorithm::Rs256, Algorithm::Es384, Algorithm::Es512, Algorithm::Ed25519]
        {
            assert_eq!(JwtSigner::new("k", algorithm, &key).unwrap_err(), UnusableKey);
        }
    }
}
