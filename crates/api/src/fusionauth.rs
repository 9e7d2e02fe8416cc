//! The FusionAuth surface: one resource, one file (`fusionauth.md`).

use utoipa_axum::router::OpenApiRouter;

use crate::state::App;

mod action;
mod api_key;
mod definition;
mod input;
mod patch;
mod reason;
pub mod reply;

/// The routes of this surface.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(action::routes())
        .merge(api_key::routes())
        .merge(definition::routes())
        .merge(reason::routes())
}
