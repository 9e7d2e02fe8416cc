//! Asks the router without a network, as kickstart files and the demo do.

use anyhow::Context;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use docket_api::Served;
use serde_json::Value;
use tower::ServiceExt;

/// More than any answer is long.
const LONGEST_ANSWER: usize = 16 * 1024 * 1024;

/// A client inside the process.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    router: Served,
    key: String,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Client {
    /// A client that shows this key.
    pub(crate) fn new(router: Served, key: String) -> Self {
        Self { router, key }
    }

    /// The same client with another credential.
    pub(crate) fn with_credential(&self, credential: String) -> Self {
        Self { router: self.router.clone(), key: credential }
    }

    /// Asks, in the name of a tenant if there is one.
    pub(crate) async fn ask(
        &self,
        method: &str,
        url: &str,
        tenant: Option<&str>,
        body: Option<&Value>,
    ) -> anyhow::Result<Answer> {
        let mut request =
            Request::builder().method(method).uri(url).header(header::AUTHORIZATION, &self.key);
        if let Some(tenant) = tenant {
            request = request.header("X-FusionAuth-TenantId", tenant);
        }
        let request = match body {
            Some(body) => request
                .header(header::CONTENT_TYPE, "application/json")
                .body(Body::from(body.to_string())),
            None => request.body(Body::empty()),
        };
        let request = request.with_context(|| format!("{method} {url} is not a request"))?;
        let response = self.router.clone().oneshot(request).await?;
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), LONGEST_ANSWER).await?;
        Ok(Answer { status, body: String::from_utf8_lossy(&body).into_owned() })
    }
}

impl Answer {
    /// Whether the request was granted.
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}
