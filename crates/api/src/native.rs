//! Docket's own surface, `/api/v1` (`native.md`).

use utoipa_axum::router::OpenApiRouter;

use crate::state::App;

pub mod problem;

/// The routes of this surface.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}
