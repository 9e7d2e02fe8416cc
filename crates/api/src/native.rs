//! Docket's own surface, `/api/v1` (`native.md`).

use utoipa_axum::router::OpenApiRouter;

use crate::state::App;

mod action;
mod gate;
mod input;
pub mod problem;
mod reply;
mod webhook_secret;

/// The routes of this surface.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(action::routes())
        .merge(gate::routes())
        .merge(webhook_secret::routes())
}
