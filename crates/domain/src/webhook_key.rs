//! Keys that sign what webhooks are sent (`fusionauth.md` §4.9): the original's "keys".

use std::fmt;

use crate::id::WebhookKeyId;
use crate::time::Instant;
use crate::violation::{Rule, Violation, Violations};

/// The sizes of RSA keys that can be asked for, in bits.
const RSA_LENGTHS: [i64; 3] = [2_048, 3_072, 4_096];
/// The most characters of a name and of an id in headers.
const LONGEST_NAME: usize = 191;

/// A key, without its private part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookKey {
    /// Its id.
    pub id: WebhookKeyId,
    /// What people call it.
    pub name: String,
    /// How it signs.
    pub algorithm: Algorithm,
    /// By which name those who check a signature know it.
    pub kid: String,
    /// Its size in bits, where the algorithm has several or the curve has one.
    pub length: Option<i64>,
    /// Who made it, as its maker says.
    pub issuer: Option<String>,
    /// The public part, PEM; a shared secret has none.
    pub public_key: Option<String>,
    /// A certificate that came with it, PEM.
    pub certificate: Option<String>,
    /// Whether it can sign: the private part or the secret is there.
    pub signs: bool,
    /// When it was made or brought.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

macro_rules! algorithms {
    ($($variant:ident = $name:literal, $family:ident;)*) => {
        /// How a key signs, as the original and JOSE name it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Algorithm { $(#[doc = concat!("`", $name, "`")] $variant,)* }

        impl Algorithm {
            /// Every algorithm.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name in the contract.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The mathematics behind it.
            #[must_use]
            pub const fn family(self) -> Family {
                match self { $(Self::$variant => Family::$family,)* }
            }
        }
    };
}

algorithms! {
    Hs256 = "HS256", Hmac;
    Hs384 = "HS384", Hmac;
    Hs512 = "HS512", Hmac;
    Rs256 = "RS256", Rsa;
    Rs384 = "RS384", Rsa;
    Rs512 = "RS512", Rsa;
    Es256 = "ES256", Ec;
    Es384 = "ES384", Ec;
    Es512 = "ES512", Ec;
    Ed25519 = "Ed25519", Okp;
}

impl Algorithm {
    /// The algorithm of this name; JOSE's own name for Ed25519 is understood, too.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let name = if name == "EdDSA" { "Ed25519" } else { name };
        Self::ALL.iter().copied().find(|algorithm| algorithm.name() == name)
    }

    /// The name in the header of a signature: `EdDSA` for Ed25519 (RFC 8037).
    #[must_use]
    pub const fn jose_name(self) -> &'static str {
        match self {
            Self::Ed25519 => "EdDSA",
            other => other.name(),
        }
    }
}

/// The kind of mathematics behind an algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// A shared secret.
    Hmac,
    /// RSA.
    Rsa,
    /// One of the NIST curves.
    Ec,
    /// Edwards curves.
    Okp,
}

impl Family {
    /// Every family.
    pub const ALL: &[Self] = &[Self::Hmac, Self::Rsa, Self::Ec, Self::Okp];

    /// The name in the contract.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hmac => "HMAC",
            Self::Rsa => "RSA",
            Self::Ec => "EC",
            Self::Okp => "OKP",
        }
    }

    /// The family of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|family| family.name() == name)
    }
}

/// What signs: a private key as PKCS#8 (DER), or the bytes of a shared secret. Never shown by
/// accident.
#[derive(Clone, PartialEq, Eq)]
pub struct PrivatePart(Vec<u8>);

impl PrivatePart {
    /// Wraps the bytes.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes themselves.
    #[must_use]
    pub fn reveal(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for PrivatePart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivatePart")
    }
}

/// What a check says of the name of a key and of the id that it has in headers.
pub fn check_names(name: &str, kid: Option<&str>) -> Result<(), Vec<Violation>> {
    let mut violations = Violations::new();
    violations.require_text("name", name, LONGEST_NAME);
    if kid.is_some_and(|kid| kid.chars().count() > LONGEST_NAME) {
        violations.push(Violation::body("kid", Rule::TooLong(LONGEST_NAME)));
    }
    violations.into_result()
}

/// The size of a new key in bits. Only RSA has a choice; what is said about others means nothing.
pub fn length(algorithm: Algorithm, asked: Option<i64>) -> Result<Option<i64>, Violation> {
    match algorithm {
        Algorithm::Es256 => Ok(Some(256)),
        Algorithm::Es384 => Ok(Some(384)),
        Algorithm::Es512 => Ok(Some(521)),
        _ if algorithm.family() != Family::Rsa => Ok(None),
        _ => match asked.unwrap_or(2_048) {
            length if RSA_LENGTHS.contains(&length) => Ok(Some(length)),
            _ => Err(Violation::body("length", Rule::Invalid)),
        },
    }
}

/// Which keys are wanted; what is absent does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WebhookKeySearch {
    /// In the name, without regard to case, `*` stands for anything.
    pub name: Option<String>,
    /// Of this algorithm.
    pub algorithm: Option<Algorithm>,
    /// Of this family.
    pub family: Option<Family>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn algorithms_are_found_by_both_of_their_names() {
        for algorithm in Algorithm::ALL {
            assert_eq!(Algorithm::from_name(algorithm.name()), Some(*algorithm));
            assert_eq!(Algorithm::from_name(algorithm.jose_name()), Some(*algorithm));
        }
        for wrong in ["None", "none", "rs256", "PS256", ""] {
            assert_eq!(Algorithm::from_name(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn only_rsa_has_a_choice_of_sizes() {
        assert_eq!(length(Algorithm::Rs256, None), Ok(Some(2_048)));
        assert_eq!(length(Algorithm::Rs512, Some(4_096)), Ok(Some(4_096)));
        assert!(length(Algorithm::Rs384, Some(1_024)).is_err());
        assert_eq!(length(Algorithm::Es512, Some(7)), Ok(Some(521)));
        assert_eq!(length(Algorithm::Hs256, Some(7)), Ok(None));
    }
}
