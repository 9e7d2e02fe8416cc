//! The Waldur surface: one resource, one file (`waldur.md`).

use utoipa_axum::router::OpenApiRouter;

use crate::state::App;

pub(crate) mod auth;
pub(crate) mod edge;
pub(crate) mod input;
mod login;
mod pending_actions;
pub mod problem;
pub(crate) mod reply;
mod user;
mod user_action;
mod user_action_execution;
mod user_action_provider;
mod version;

/// The routes of this surface.
pub(crate) fn routes() -> OpenApiRouter<App> {
    let mut routes = OpenApiRouter::new()
        .merge(login::routes())
        .merge(pending_actions::routes())
        .merge(user::routes())
        .merge(user_action::routes())
        .merge(user_action_execution::routes())
        .merge(user_action_provider::routes())
        .merge(version::routes());
    crate::description::refuse_with_details(routes.get_openapi_mut());
    routes
}
