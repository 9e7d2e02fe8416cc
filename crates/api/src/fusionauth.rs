//! The FusionAuth surface: one resource, one file (`fusionauth.md`).

use utoipa_axum::router::OpenApiRouter;

use crate::state::App;

mod action;
mod comment;
mod definition;
mod input;
mod patch;
mod reason;
mod registration;
pub mod reply;
mod user;
mod user_search;

/// The routes of this surface.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(action::routes())
        .merge(comment::routes())
        .merge(definition::routes())
        .merge(reason::routes())
        .merge(registration::routes())
        .merge(user::routes())
        .merge(user_search::routes())
}
