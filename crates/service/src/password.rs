//! Passwords: hashed with Argon2id, one a core at a time, off the runtime.

use std::sync::LazyLock;

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use docket_store::DbError;
use tokio::sync::Semaphore;

use crate::error::Error;

/// Hashing costs a core for tens of milliseconds; more at once would only slow each other down.
static CORES: LazyLock<Semaphore> = LazyLock::new(|| {
    Semaphore::new(std::thread::available_parallelism().map_or(1, std::num::NonZero::get))
});

/// The hash of a password, salted.
pub async fn hash(password: String) -> Result<String, Error> {
    off_the_runtime(move || {
        let hash = Argon2::default().hash_password(password.as_bytes());
        hash.map(|hash| hash.to_string()).map_err(|error| error.to_string())
    })
    .await?
    .map_err(|error| Error::Unavailable(DbError::Unavailable(error.into())))
}

/// Whether this is the password of this hash. Without a hash it is not, after the same work, so
/// that the time taken does not tell whether there is such a user.
pub async fn matches(password: String, hash: Option<String>) -> Result<bool, Error> {
    /// The hash of a password that nobody knows.
    static NOBODY: LazyLock<String> = LazyLock::new(|| {
        let secret: [u8; 32] = crate::context::chance();
        Argon2::default().hash_password(&secret).map(|hash| hash.to_string()).unwrap_or_default()
    });
    off_the_runtime(move || {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.clone());
        let verified = PasswordHash::new(&hash).is_ok_and(|hash| {
            Argon2::default().verify_password(password.as_bytes(), &hash).is_ok()
        });
        known && verified
    })
    .await
}

async fn off_the_runtime<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Error> {
    let unavailable = |error: Box<dyn std::error::Error + Send + Sync>| {
        Error::Unavailable(DbError::Unavailable(error))
    };
    let core = CORES.acquire().await.map_err(|error| unavailable(error.into()))?;
    // The work goes on when the caller has gone away, so the core stays taken until it ends.
    let work = move || {
        let done = work();
        drop(core);
        done
    };
    tokio::task::spawn_blocking(work).await.map_err(|error| unavailable(error.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_matches_its_own_hash_alone() {
        let hash = hash("correct horse".to_owned()).await.unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(matches("correct horse".to_owned(), Some(hash.clone())).await.unwrap());
        assert!(!matches("battery staple".to_owned(), Some(hash)).await.unwrap());
        assert!(!matches("correct horse".to_owned(), None).await.unwrap());
    }
}
