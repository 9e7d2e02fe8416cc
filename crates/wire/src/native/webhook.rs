//! Webhooks (`native.md` §6).

use serde::Serialize;

/// The new secret of a webhook.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RotatedSecret<'a> {
    /// `whsec_` and base64, as libraries of Standard Webhooks take it; not shown again.
    pub secret: &'a str,
    /// Until then the secret before it is valid, too.
    pub previous_valid_until: String,
}

/// Without the secret.
impl std::fmt::Debug for RotatedSecret<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RotatedSecret").finish_non_exhaustive()
    }
}
