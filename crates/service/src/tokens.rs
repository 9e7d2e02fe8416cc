//! The tokens that users get when they log in: JWTs signed with ECDSA P-256 (`fusionauth.md` §4.4).
//!
//! All nodes sign with one key, made at the first start and kept sealed; `/.well-known/jwks.json`
//! lets anybody check the signature.

use docket_domain::id::{ApplicationId, SigningKeyId, TenantId, UserId};
use docket_domain::time::Instant;
use docket_store::signing_key::{self, SigningKey};
use docket_store::{Db, DbError};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde::{Deserialize, Serialize};

use crate::context::{OpenError, chance};
use crate::vault::Vault;

/// How long a token is valid: one hour.
pub const LIFETIME_MILLIS: i64 = 60 * 60 * 1_000;
const PURPOSE: &str = "token";

/// Signs and checks tokens.
pub struct Tokens {
    header: Header,
    signing: EncodingKey,
    checking: DecodingKey,
    key_id: SigningKeyId,
    x: String,
    y: String,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens")
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    sub: String,
    iss: String,
    iat: i64,
    exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<String>,
    tid: String,
}

/// Whom a token is for.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The user.
    pub user_id: UserId,
    /// The user's tenant.
    pub tenant_id: TenantId,
    /// The tenant's issuer.
    pub issuer: &'a str,
    /// The application logged in to.
    pub application_id: Option<ApplicationId>,
}

impl Tokens {
    /// The signing key of this store; the first start makes it.
    pub(crate) async fn open(db: &Db, vault: &Vault, now: Instant) -> Result<Self, OpenError> {
        let kept = match signing_key::first(&mut db.reader(), PURPOSE).await? {
            Some(kept) => kept,
            None => Self::make(db, vault, now).await?,
        };
        let private =
            vault.open(PURPOSE, &kept.sealed_private_key).map_err(|_| OpenError::TokenKey)?;
        Self::new(kept.id, &private).ok_or(OpenError::TokenKey)
    }

    async fn make(db: &Db, vault: &Vault, now: Instant) -> Result<SigningKey, OpenError> {
        let random = SystemRandom::new();
        let private = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random)
            .map_err(|_| OpenError::TokenKey)?;
        let key = SigningKey {
            id: SigningKeyId::from_uuid(docket_domain::id::at(now, chance())),
            algorithm: "ES256".to_owned(),
            sealed_private_key: vault.seal(PURPOSE, private.as_ref()),
            public_key: String::new(),
            created_at: now,
        };
        // Two nodes may start together: both keys are kept, the first one is used by both.
        db.write(move |conn| {
            let key = key.clone();
            Box::pin(async move {
                signing_key::insert(conn, PURPOSE, &key).await?;
                Ok::<_, DbError>(signing_key::first(conn, PURPOSE).await?.unwrap_or(key))
            })
        })
        .await
        .map_err(OpenError::from)
    }

    fn new(key_id: SigningKeyId, private: &[u8]) -> Option<Self> {
        use base64::Engine as _;
        let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
        let random = SystemRandom::new();
        let pair =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, private, &random).ok()?;
        // An uncompressed point: one byte of form, then x and y of 32 bytes each.
        let point = pair.public_key().as_ref();
        let (x, y) = point.get(1..65)?.split_at_checked(32)?;
        let (x, y) = (engine.encode(x), engine.encode(y));
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some(key_id.to_string());
        Some(Self {
            header,
            signing: EncodingKey::from_ec_der(private),
            checking: DecodingKey::from_ec_components(&x, &y).ok()?,
            key_id,
            x,
            y,
        })
    }

    /// A token and the instant at which it ceases to be valid.
    #[must_use]
    pub fn sign(&self, subject: Subject<'_>, now: Instant) -> Option<(String, Instant)> {
        let expires = now.plus_millis(LIFETIME_MILLIS);
        let claims = Claims {
            sub: subject.user_id.to_string(),
            iss: subject.issuer.to_owned(),
            iat: now.millis() / 1_000,
            exp: expires.millis() / 1_000,
            aud: subject.application_id.map(|id| id.to_string()),
            tid: subject.tenant_id.to_string(),
        };
        let token = jsonwebtoken::encode(&self.header, &claims, &self.signing).ok()?;
        Some((token, expires))
    }

    /// The user whose token this is, if it is genuine and valid at `now`.
    #[must_use]
    pub fn verify(&self, token: &str, now: Instant) -> Option<UserId> {
        let mut validation = Validation::new(Algorithm::ES256);
        // The expiry is judged below, by the clock that was passed in; the audience is any.
        validation.validate_exp = false;
        validation.validate_aud = false;
        let claims =
            jsonwebtoken::decode::<Claims>(token, &self.checking, &validation).ok()?.claims;
        (claims.exp > now.millis() / 1_000).then_some(())?;
        claims.sub.parse().ok()
    }

    /// The public key as a JSON Web Key Set.
    #[must_use]
    pub fn key_set(&self) -> serde_json::Value {
        serde_json::json!({"keys": [{
            "alg": "ES256", "crv": "P-256", "kid": self.key_id.to_string(), "kty": "EC",
            "use": "sig", "x": self.x, "y": self.y,
        }]})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_names_its_user_until_it_expires() {
        let random = SystemRandom::new();
        let private =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let id = SigningKeyId::from_uuid(uuid::Uuid::nil());
        let tokens = Tokens::new(id, private.as_ref()).unwrap();
        let now = Instant::from_millis(1_700_000_000_000);
        let user_id = UserId::from_uuid(uuid::Uuid::from_u128(7));
        let subject = Subject {
            user_id,
            tenant_id: TenantId::from_uuid(uuid::Uuid::from_u128(8)),
            issuer: "Default",
            application_id: None,
        };
        let (token, expires) = tokens.sign(subject, now).unwrap();
        assert_eq!(tokens.verify(&token, now), Some(user_id));
        assert_eq!(tokens.verify(&token, expires), None);
        assert_eq!(tokens.verify(&token[..token.len() - 2], now), None);
        assert_eq!(tokens.verify("", now), None);
    }
}
