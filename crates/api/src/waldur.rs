//! The Waldur surface: one resource, one file (`waldur.md`).

use utoipa_axum::router::OpenApiRouter;

use crate::state::App;

pub(crate) mod auth;
pub(crate) mod edge;
pub(crate) mod input;
mod login;
pub mod problem;
pub(crate) mod reply;
mod user;
mod version;

/// The routes of this surface.
pub(crate) fn routes() -> OpenApiRouter<App> {
    let mut routes =
        OpenApiRouter::new().merge(login::routes()).merge(user::routes()).merge(version::routes());
    crate::description::refuse_with_details(routes.get_openapi_mut());
    routes
}
