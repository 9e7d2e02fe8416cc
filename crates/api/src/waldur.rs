//! The Waldur surface: one resource, one file (`waldur.md`).

use utoipa_axum::router::OpenApiRouter;

use crate::state::App;

pub(crate) mod auth;
mod customer;
mod dashboard;
pub(crate) mod edge;
mod group_invitations;
pub(crate) mod input;
mod login;
mod pending_actions;
mod permission_requests;
pub mod problem;
mod project;
pub(crate) mod reply;
mod role;
mod team;
mod user;
mod user_action;
mod user_action_execution;
mod user_action_provider;
mod version;

/// The routes of this surface.
pub(crate) fn routes() -> OpenApiRouter<App> {
    let mut routes = OpenApiRouter::new()
        .merge(customer::routes())
        .merge(dashboard::routes())
        .merge(group_invitations::routes())
        .merge(login::routes())
        .merge(pending_actions::routes())
        .merge(permission_requests::routes())
        .merge(project::routes())
        .merge(role::routes())
        .merge(team::routes())
        .merge(user::routes())
        .merge(user_action::routes())
        .merge(user_action_execution::routes())
        .merge(user_action_provider::routes())
        .merge(version::routes());
    crate::description::refuse_with_details(routes.get_openapi_mut());
    routes
}
