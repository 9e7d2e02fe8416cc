//! Logins for tokens (`waldur.md` §10.1).

use docket_domain::mail::Secret;
use serde_json::Value;

use super::body::Body;
use super::problem::Mistakes;

/// The most characters of a name, and of a password.
const LONGEST: usize = 128;

/// What somebody says to get a token.
#[derive(Debug)]
pub struct Credentials {
    /// The name.
    pub username: String,
    /// The password.
    pub password: Secret,
}

/// Reads name and password.
pub fn credentials(value: &Value) -> Result<Credentials, Mistakes> {
    let mut body = Body::new(value);
    body.require(&["username", "password"]);
    let username = body.text("username", LONGEST).unwrap_or_default();
    let password = body.secret("password", LONGEST).unwrap_or_default();
    body.finish()?;
    Ok(Credentials { username, password: Secret::new(password) })
}
