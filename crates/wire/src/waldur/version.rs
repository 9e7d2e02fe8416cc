//! The version (`waldur.md` §10.1).

use serde::Serialize;

/// The version of the original whose clients are at home here.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = waldur::Version)]
pub struct Version {
    version: &'static str,
}

impl Version {
    /// The present one.
    pub const CURRENT: Self = Self { version: "8.1.3" };
}
