//! Where the caller reached this server, which every `url` begins with (`waldur.md` §1.3).

use std::sync::Arc;

use uuid::Uuid;

use super::scalar::{Hex, uuid};

/// Scheme and host, without a slash behind: `https://docket.example`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(Arc<str>);

impl Origin {
    /// The origin of requests for this host. What no host can look like is not repeated.
    #[must_use]
    pub fn new(scheme: &str, host: &str) -> Self {
        let is_host =
            |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']' | '_');
        let host = if !host.is_empty() && host.chars().all(is_host) { host } else { "localhost" };
        Self(format!("{scheme}://{host}").into())
    }

    /// An origin that the operator has set.
    #[must_use]
    pub fn fixed(address: &str) -> Self {
        Self(address.trim_end_matches('/').into())
    }

    /// The address of one object: `https://host/api/<collection>/<hex>/`.
    #[must_use]
    pub fn url(&self, collection: &str, id: Uuid) -> String {
        format!("{}/api/{collection}/{}/", self.0, Hex(id))
    }

    /// An address by its path, which begins with a slash.
    #[must_use]
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

/// The object that an address names, absolute or by its path alone: its collection and its id.
/// Whatever server it names, it is looked for here.
#[must_use]
pub fn object(address: &str) -> Option<(&str, Uuid)> {
    let path = match address.split_once("://") {
        Some((_, rest)) => rest.split_at(rest.find('/')?).1,
        None => address,
    };
    let (collection, id) = path.strip_prefix("/api/")?.trim_end_matches('/').rsplit_once('/')?;
    Some((collection, uuid(id)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_found_by_its_address() {
        let id = Uuid::from_u128(7);
        let origin = Origin::new("https", "docket.example:8443");
        let url = origin.url("projects", id);
        assert_eq!(url, format!("https://docket.example:8443/api/projects/{}/", id.simple()));
        assert_eq!(object(&url), Some(("projects", id)));
        assert_eq!(object(&format!("/api/customers/{id}/")), Some(("customers", id)));
        for wrong in ["", "http://a", "/projects/1/", "/api/projects/x/", "projects"] {
            assert_eq!(object(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_host_that_is_none_is_not_repeated() {
        assert_eq!(Origin::new("http", "a,b>").join("/x"), "http://localhost/x");
    }
}
