//! Endpoints of other systems that are told what happens (`fusionauth.md` §4.9).

use std::collections::BTreeMap;

use crate::event::EventType;
use crate::id::{TenantId, WebhookId, WebhookKeyId};
use crate::json::Json;
use crate::mail::Secret;
use crate::time::Instant;
use crate::violation::{Rule, Violation, Violations};

/// An endpoint of another system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// What callers say of it.
    pub details: WebhookDetails,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
    /// Since when it is not called any more, because it failed for too long or said that it is
    /// gone. Changing it has it called again.
    pub disabled_at: Option<Instant>,
}

/// What callers say of a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookDetails {
    /// An absolute http or https address.
    pub url: String,
    /// How long a connection may take, in milliseconds.
    pub connect_timeout: i64,
    /// How long an answer may take, in milliseconds.
    pub read_timeout: i64,
    /// Whether it hears of every tenant.
    pub global: bool,
    /// The tenants it hears of when it is not global.
    pub tenant_ids: Vec<TenantId>,
    /// Which events it wants.
    pub events: BTreeMap<EventType, bool>,
    /// Headers sent along; their values may be secrets.
    pub headers: BTreeMap<String, Secret>,
    /// HTTP Basic.
    pub username: Option<String>,
    /// HTTP Basic.
    pub password: Option<Secret>,
    /// The key that signs what is sent.
    pub signature: Signature,
    /// A certificate to trust, PEM; deprecated by the originals in favour of the next.
    pub ssl_certificate: Option<String>,
    /// The key that holds the certificate to trust.
    pub ssl_certificate_key_id: Option<WebhookKeyId>,
    /// What it is for.
    pub description: Option<String>,
    /// The caller's own data.
    pub data: Json,
}

/// Whether and by which key deliveries are signed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Signature {
    /// Whether they are.
    pub enabled: bool,
    /// By which key.
    pub key_id: Option<WebhookKeyId>,
}

/// How long a call may wait in this node's queue, in milliseconds, before another node makes it.
const LONGEST_QUEUE: i64 = 10_000;

impl Webhook {
    /// Whether it hears of this type of event in this tenant (`fusionauth.md` §4.9, selection),
    /// where the tenant has switched it on.
    #[must_use]
    pub fn hears(&self, event: EventType, tenant: TenantId) -> bool {
        self.disabled_at.is_none()
            && self.details.events.get(&event).copied().unwrap_or(false)
            && self.is_about(tenant)
    }

    /// Whether it may hear of this tenant at all.
    #[must_use]
    pub fn is_about(&self, tenant: TenantId) -> bool {
        self.details.global || self.details.tenant_ids.contains(&tenant)
    }

    /// The tenant that it is about, if that is a single one.
    #[must_use]
    pub fn sole_tenant(&self) -> Option<TenantId> {
        match self.details.tenant_ids.as_slice() {
            [only] => Some(*only),
            _ => None,
        }
    }

    /// How long one call may take, in milliseconds.
    #[must_use]
    pub const fn longest_call(&self) -> i64 {
        self.details.connect_timeout.saturating_add(self.details.read_timeout)
    }

    /// Until when whoever takes a call on at `now` has it for itself.
    #[must_use]
    pub const fn lease(&self, now: Instant) -> Instant {
        now.plus_millis(self.longest_call().saturating_add(LONGEST_QUEUE))
    }
}

impl WebhookDetails {
    /// Checks everything that can be seen without looking at other objects. Absent timeouts are
    /// told apart from wrong ones before this.
    pub fn check(&self) -> Result<(), Vec<Violation>> {
        let mut violations = Violations::new();
        if self.url.is_empty() {
            violations.push(Violation::body("url", Rule::Blank));
        } else if !is_http_url(&self.url) {
            violations.push(Violation::body("url", Rule::Invalid));
        }
        for (field, millis) in
            [("connectTimeout", self.connect_timeout), ("readTimeout", self.read_timeout)]
        {
            if millis <= 0 {
                violations.push(Violation::body(field, Rule::Invalid));
            }
        }
        for (name, value) in &self.headers {
            if !is_header(name, value.reveal()) {
                violations.push(Violation::body(format!("headers[{name}]"), Rule::Invalid));
            }
        }
        if self.global && !self.tenant_ids.is_empty() {
            violations.push(Violation::body("tenantIds", Rule::Invalid));
        }
        if self.signature.enabled && self.signature.key_id.is_none() {
            violations.push(Violation::body("signatureConfiguration.signingKeyId", Rule::Missing));
        }
        if self.ssl_certificate.is_some() && self.ssl_certificate_key_id.is_some() {
            violations.push(Violation::body("sslCertificate", Rule::Invalid));
        }
        violations.into_result()
    }
}

/// Which webhooks are wanted; what is absent does not matter. Texts match anywhere and without
/// regard to case, `*` stands for anything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WebhookSearch {
    /// In the description.
    pub description: Option<String>,
    /// In the address.
    pub url: Option<String>,
    /// Hearing of this tenant, by name or as global ones.
    pub tenant_id: Option<TenantId>,
}

/// Whether a header can be sent as it is: nothing in it ends a line or starts another header.
fn is_header(name: &str, value: &str) -> bool {
    let is_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    let is_plain = |b: u8| b == b'\t' || (b' '..=b'~').contains(&b);
    !name.is_empty() && name.bytes().all(is_token) && value.bytes().all(is_plain)
}

/// Whether text is an absolute http or https address with a host and without a user.
#[must_use]
pub fn is_http_url(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let host = authority.rsplit_once(':').map_or(authority, |(host, port)| {
            if port.parse::<u16>().is_ok() || port.ends_with(']') { host } else { "" }
        });
        !host.is_empty()
            && !authority.contains('@')
            && !text.chars().any(|c| c.is_whitespace() || c.is_control())
    })
}

#[cfg(test)]
mod tests {
    use super::{is_header, is_http_url};

    #[test]
    fn a_header_is_one_line() {
        assert!(is_header("X-Api-Key", "a b;c=\"d\""));
        for (name, value) in [("", "x"), ("a b", "x"), ("a:", "x"), ("a", "x\r\nb: y"), ("a", "ü")]
        {
            assert!(!is_header(name, value), "{name}: {value}");
        }
    }

    #[test]
    fn addresses_are_absolute() {
        for good in ["http://a", "https://a.example:8443/x?y#z", "http://[::1]:80/", "http://[::1]"]
        {
            assert!(is_http_url(good), "{good}");
        }
        for bad in
            ["", "a.example", "/x", "ftp://a", "http://", "http:///x", "http://a b", "http://a:x/"]
        {
            assert!(!is_http_url(bad), "{bad}");
        }
    }
}
