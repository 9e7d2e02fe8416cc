//! Seals what must be read again but never found at rest: retrievable keys, passwords of mail
//! servers and webhooks, private keys, remembered answers.

use docket_store::{Db, DbError, setting};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::{digest, hkdf};

use crate::context::{OpenError, chance};

/// Text that is sealed at the first start, to tell a wrong master key at the next.
const PROOF: &str = "docket";
/// The name of the setting that holds it, sealed.
const PROOF_SETTING: &str = "vault.proof";

/// Whether a master key was used with this store before.
pub async fn is_sealed(db: &Db) -> Result<bool, DbError> {
    Ok(setting::find(&mut db.reader(), PROOF_SETTING).await?.is_some())
}

/// The master key and what is done with it.
pub struct Vault {
    key: LessSafeKey,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault")
    }
}

/// Something sealed does not open: another key sealed it, or it was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sealed value cannot be opened")]
pub struct Unsealable;

struct KeyLength;

impl hkdf::KeyType for KeyLength {
    fn len(&self) -> usize {
        CHACHA20_POLY1305.key_len()
    }
}

impl Vault {
    /// A vault whose key is drawn from the master key, any text of at least 16 bytes.
    pub fn new(master_key: &str) -> Result<Self, WeakMasterKey> {
        if master_key.trim().len() < 16 {
            return Err(WeakMasterKey);
        }
        let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, b"docket vault 1");
        let drawn = salt.extract(master_key.trim().as_bytes());
        let mut bytes = [0; 32];
        drawn
            .expand(&[b"seal"], KeyLength)
            .and_then(|expanded| expanded.fill(&mut bytes))
            .map_err(|_| WeakMasterKey)?;
        let key = UnboundKey::new(&CHACHA20_POLY1305, &bytes).map_err(|_| WeakMasterKey)?;
        Ok(Self { key: LessSafeKey::new(key) })
    }

    /// A new master key, as text for a file.
    #[must_use]
    pub fn new_master_key() -> String {
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD, chance::<32>())
    }

    /// Seals some bytes. `purpose` must be the same when they are opened, so that a value moved to
    /// another column does not open there.
    #[must_use]
    pub fn seal(&self, purpose: &str, plain: &[u8]) -> Vec<u8> {
        let nonce = chance::<NONCE_LEN>();
        let mut sealed = plain.to_vec();
        let aad = Aad::from(purpose.as_bytes());
        let sealing = Nonce::assume_unique_for_key(nonce);
        if self.key.seal_in_place_append_tag(sealing, aad, &mut sealed).is_err() {
            // Only a value of more than 256 GiB cannot be sealed; nothing of that size gets here.
            sealed.clear();
        }
        sealed.splice(0..0, nonce);
        sealed
    }

    /// Opens what [`Vault::seal`] sealed for the same purpose.
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>, Unsealable> {
        let (nonce, rest) = sealed.split_at_checked(NONCE_LEN).ok_or(Unsealable)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Unsealable)?;
        let mut bytes = rest.to_vec();
        let aad = Aad::from(purpose.as_bytes());
        let plain = self.key.open_in_place(nonce, aad, &mut bytes).map_err(|_| Unsealable)?;
        Ok(plain.to_vec())
    }

    /// Opens sealed text.
    pub fn open_text(&self, purpose: &str, sealed: &[u8]) -> Result<String, Unsealable> {
        String::from_utf8(self.open(purpose, sealed)?).map_err(|_| Unsealable)
    }

    /// Makes sure that the store was sealed by this key; the first start leaves the proof.
    pub(crate) async fn check(&self, db: &Db) -> Result<(), OpenError> {
        let sealed = self.seal("proof", PROOF.as_bytes());
        let text = hexadecimal(&sealed);
        let kept = db
            .write(move |conn| {
                let text = text.clone();
                Box::pin(async move { setting::keep(conn, PROOF_SETTING, &text).await })
            })
            .await?;
        let opened = from_hexadecimal(&kept).and_then(|sealed| self.open("proof", &sealed).ok());
        if opened.as_deref() == Some(PROOF.as_bytes()) {
            Ok(())
        } else {
            Err(OpenError::OtherMasterKey)
        }
    }
}

/// The master key is too short to keep anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the master key must have at least 16 characters")]
pub struct WeakMasterKey;

/// SHA-256, for what is looked up but never read again.
#[must_use]
pub fn hash(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    hash
}

/// Lower-case hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn from_hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let digits = digits.filter(|digits| digits.len().is_multiple_of(2))?;
    Some(
        digits
            .chunks_exact(2)
            .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_opens_only_for_its_purpose_and_key() {
        let vault = Vault::new("0123456789abcdef").unwrap();
        let sealed = vault.seal("mail", b"secret");
        assert!(!sealed.windows(6).any(|window| window == b"secret"));
        assert_eq!(vault.open("mail", &sealed).unwrap(), b"secret");
        assert_eq!(vault.open("key", &sealed), Err(Unsealable));
        assert_eq!(
            Vault::new("another master key").unwrap().open("mail", &sealed),
            Err(Unsealable)
        );
        assert_eq!(vault.open("mail", b"short"), Err(Unsealable));
    }

    #[test]
    fn hexadecimal_goes_both_ways() {
        assert_eq!(from_hexadecimal(&hexadecimal(&[0, 15, 255])), Some(vec![0, 15, 255]));
        assert_eq!(from_hexadecimal("abc"), None);
    }
}
