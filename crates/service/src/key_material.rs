//! Makes and reads keys that sign (`fusionauth.md` §4.9): private keys become PKCS#8 whatever form
//! they came in, public keys PEM.

use base64::Engine as _;
use docket_domain::violation::{Rule, Violation};
use docket_domain::webhook_key::{Algorithm, Family, PrivatePart};
use ed25519_dalek::SigningKey as EdwardsKey;
use ed25519_dalek::VerifyingKey as EdwardsPublicKey;
use p521::elliptic_curve::rand_core::OsRng;
use p521::pkcs8::{
    DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey, LineEnding,
};
use ring::signature::RsaKeyPair;
use rsa::pkcs1::{DecodeRsaPrivateKey, DecodeRsaPublicKey};
use rsa::traits::PublicKeyParts;
use rsa::{RsaPrivateKey, RsaPublicKey};

use crate::context::chance;

/// What a key consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyMaterial {
    /// What signs; absent from a key that can only be looked at.
    pub private: Option<PrivatePart>,
    /// The public part, PEM; a shared secret has none.
    pub public_pem: Option<String>,
    /// The size in bits, where the algorithm has several or the curve has one.
    pub length: Option<i64>,
}

/// No key can be made of this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such key can be made")]
pub struct NoKey;

/// A new key. `length` is RSA's size in bits; looking for primes of that size takes seconds.
pub fn generate(algorithm: Algorithm, length: Option<i64>) -> Result<KeyMaterial, NoKey> {
    match algorithm {
        Algorithm::Hs256 => Ok(secret(&new_secret::<32>())),
        Algorithm::Hs384 => Ok(secret(&new_secret::<48>())),
        Algorithm::Hs512 => Ok(secret(&new_secret::<64>())),
        Algorithm::Rs256 | Algorithm::Rs384 | Algorithm::Rs512 => {
            let bits = usize::try_from(length.unwrap_or(2_048)).map_err(|_| NoKey)?;
            rsa(&RsaPrivateKey::new(&mut OsRng, bits).map_err(|_| NoKey)?)
        }
        Algorithm::Es256 => p256(&p256::SecretKey::random(&mut OsRng)),
        Algorithm::Es384 => p384(&p384::SecretKey::random(&mut OsRng)),
        Algorithm::Es512 => p521(&p521::SecretKey::random(&mut OsRng)),
        Algorithm::Ed25519 => edwards(&EdwardsKey::from_bytes(&chance())),
    }
}

/// A shared secret: the bytes of its text sign, as with the original.
#[must_use]
pub fn secret(text: &str) -> KeyMaterial {
    let private = PrivatePart::new(text.as_bytes().to_vec());
    KeyMaterial { private: Some(private), public_pem: None, length: None }
}

fn new_secret<const N: usize>() -> String {
    base64::engine::general_purpose::STANDARD.encode(chance::<N>())
}

/// A key that was made elsewhere: the private part, the public one, or both, as PEM.
pub fn read(
    algorithm: Algorithm,
    private: Option<&str>,
    public: Option<&str>,
) -> Result<KeyMaterial, Violation> {
    let wrong = |member: &'static str| Violation::body(member, Rule::Invalid);
    let from_private = private
        .map(|pem| read_private(algorithm, pem.trim()).ok_or_else(|| wrong("privateKey")))
        .transpose()?;
    let from_public = public
        .map(|pem| read_public(algorithm, pem.trim()).ok_or_else(|| wrong("publicKey")))
        .transpose()?;
    match (from_private, from_public) {
        (Some(pair), Some(public)) if pair.public_pem != public.public_pem => {
            Err(wrong("publicKey"))
        }
        (Some(pair), _) => Ok(pair),
        (None, Some(public)) => Ok(public),
        (None, None) => Err(Violation::body("publicKey", Rule::Blank)),
    }
}

fn read_private(algorithm: Algorithm, pem: &str) -> Option<KeyMaterial> {
    let read = match algorithm {
        Algorithm::Es256 => {
            let key = p256::SecretKey::from_pkcs8_pem(pem).ok();
            p256(&key.or_else(|| p256::SecretKey::from_sec1_pem(pem).ok())?)
        }
        Algorithm::Es384 => {
            let key = p384::SecretKey::from_pkcs8_pem(pem).ok();
            p384(&key.or_else(|| p384::SecretKey::from_sec1_pem(pem).ok())?)
        }
        Algorithm::Es512 => {
            let key = p521::SecretKey::from_pkcs8_pem(pem).ok();
            p521(&key.or_else(|| p521::SecretKey::from_sec1_pem(pem).ok())?)
        }
        Algorithm::Ed25519 => edwards(&EdwardsKey::from_pkcs8_pem(pem).ok()?),
        _ if algorithm.family() == Family::Rsa => {
            let key = RsaPrivateKey::from_pkcs8_pem(pem).ok();
            rsa(&key.or_else(|| RsaPrivateKey::from_pkcs1_pem(pem).ok())?)
        }
        _ => return None,
    };
    read.ok()
}

fn read_public(algorithm: Algorithm, pem: &str) -> Option<KeyMaterial> {
    let (public_pem, length) = match algorithm {
        Algorithm::Es256 => (public(&p256::PublicKey::from_public_key_pem(pem).ok()?)?, Some(256)),
        Algorithm::Es384 => (public(&p384::PublicKey::from_public_key_pem(pem).ok()?)?, Some(384)),
        Algorithm::Es512 => (public(&p521::PublicKey::from_public_key_pem(pem).ok()?)?, Some(521)),
        Algorithm::Ed25519 => (public(&EdwardsPublicKey::from_public_key_pem(pem).ok()?)?, None),
        _ if algorithm.family() == Family::Rsa => {
            let key = RsaPublicKey::from_public_key_pem(pem).ok();
            let key = key.or_else(|| RsaPublicKey::from_pkcs1_pem(pem).ok())?;
            (public(&key)?, bits(&key))
        }
        _ => return None,
    };
    Some(KeyMaterial { private: None, public_pem: Some(public_pem), length })
}

fn public(key: &impl EncodePublicKey) -> Option<String> {
    key.to_public_key_pem(LineEnding::LF).ok()
}

fn bits(key: &RsaPublicKey) -> Option<i64> {
    i64::try_from(key.n().bits()).ok()
}

/// An RSA key that the courier can sign with; it takes 2,048 to 4,096 bits.
fn rsa(key: &RsaPrivateKey) -> Result<KeyMaterial, NoKey> {
    let made = pair(key, &key.to_public_key(), bits(&key.to_public_key()))?;
    let der = made.private.as_ref().ok_or(NoKey)?;
    RsaKeyPair::from_pkcs8(der.reveal()).map_err(|_| NoKey)?;
    Ok(made)
}

fn p256(key: &p256::SecretKey) -> Result<KeyMaterial, NoKey> {
    pair(key, &key.public_key(), Some(256))
}

fn p384(key: &p384::SecretKey) -> Result<KeyMaterial, NoKey> {
    pair(key, &key.public_key(), Some(384))
}

fn p521(key: &p521::SecretKey) -> Result<KeyMaterial, NoKey> {
    pair(key, &key.public_key(), Some(521))
}

fn edwards(key: &EdwardsKey) -> Result<KeyMaterial, NoKey> {
    pair(key, &key.verifying_key(), None)
}

fn pair(
    private: &impl EncodePrivateKey,
    public_key: &impl EncodePublicKey,
    length: Option<i64>,
) -> Result<KeyMaterial, NoKey> {
    let der = private.to_pkcs8_der().map_err(|_| NoKey)?;
    Ok(KeyMaterial {
        private: Some(PrivatePart::new(der.as_bytes().to_vec())),
        public_pem: Some(public(public_key).ok_or(NoKey)?),
        length,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made for this test alone, by OpenSSL: `openssl ecparam -name prime256v1 -genkey -noout`.
    const SEC1: &str = "\
        -----BEGIN EC PRIVATE KEY-----\n\
        MHcCAQEEIEWHNVAwmz2MSqlYpf8ppiv7sURlZHKPUlUfLek4ZCRCoAoGCCqGSM49\n\
        AwEHoUQDQgAEDoXsnXYqV43dbGGadRkHR6YOlqMh5AoyNTqMJaVpVusDxtQfZt2B\n\
        BDbEOjp0f0RoSvo4CL5zQB6uwjBPLPpnpQ==\n\
        -----END EC PRIVATE KEY-----";
    /// The same key: `openssl pkcs8 -topk8 -nocrypt`.
    const PKCS8: &str = "\
        -----BEGIN PRIVATE KEY-----\n\
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgRYc1UDCbPYxKqVil\n\
        /ymmK/uxRGVkco9SVR8t6ThkJEKhRANCAAQOheyddipXjd1sYZp1GQdHpg6WoyHk\n\
        CjI1OowlpWlW6wPG1B9m3YEENsQ6OnR/RGhK+jgIvnNAHq7CME8s+mel\n\
        -----END PRIVATE KEY-----";
    /// Its public half: `openssl ec -pubout`.
    const PUBLIC: &str = "\
        -----BEGIN PUBLIC KEY-----\n\
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEDoXsnXYqV43dbGGadRkHR6YOlqMh\n\
        5AoyNTqMJaVpVusDxtQfZt2BBDbEOjp0f0RoSvo4CL5zQB6uwjBPLPpnpQ==\n\
        -----END PUBLIC KEY-----";

    #[test]
    fn a_key_is_the_same_in_whatever_form_it_came() {
        let from_sec1 = read(Algorithm::Es256, Some(SEC1), None).unwrap();
        assert_eq!(read(Algorithm::Es256, Some(PKCS8), Some(PUBLIC)).unwrap(), from_sec1);
        assert_eq!(from_sec1.public_pem.as_deref().map(str::trim), Some(PUBLIC.trim()));
        let public = read(Algorithm::Es256, None, Some(PUBLIC)).unwrap();
        assert_eq!((public.private, public.length), (None, Some(256)));
    }

    #[test]
    fn what_is_no_key_of_this_algorithm_is_refused() {
        let other = generate(Algorithm::Es256, None).unwrap().public_pem;
        for (algorithm, private, public, member) in [
            (Algorithm::Es384, Some(SEC1), None, "privateKey"),
            (Algorithm::Rs256, Some(PKCS8), None, "privateKey"),
            (Algorithm::Es256, Some("-----BEGIN"), None, "privateKey"),
            (Algorithm::Es256, Some(SEC1), other.as_deref(), "publicKey"),
            (Algorithm::Ed25519, None, Some(PUBLIC), "publicKey"),
            (Algorithm::Es256, None, None, "publicKey"),
        ] {
            let refused = read(algorithm, private, public).unwrap_err();
            let rule =
                if public.is_none() && private.is_none() { Rule::Blank } else { Rule::Invalid };
            assert_eq!(refused, Violation::body(member, rule));
        }
    }

    #[test]
    fn keys_of_every_algorithm_can_be_brought_again() {
        for algorithm in [Algorithm::Es384, Algorithm::Es512, Algorithm::Ed25519, Algorithm::Rs256]
        {
            let made = generate(algorithm, Some(2_048)).unwrap();
            let brought = read(algorithm, None, made.public_pem.as_deref()).unwrap();
            assert_eq!((brought.public_pem, brought.length), (made.public_pem, made.length));
        }
        let secrets =
            [Algorithm::Hs256, Algorithm::Hs512].map(|algorithm| generate(algorithm, None));
        let lengths = secrets.map(|made| made.unwrap().private.unwrap().reveal().len());
        assert_eq!(lengths, [44, 88]);
    }
}
