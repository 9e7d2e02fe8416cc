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
mod permission_requests;
pub mod problem;
mod project;
pub(crate) mod reply;
mod role;
mod team;
mod user;
mod version;

/// The routes of this surface.
pub(crate) fn routes() -> OpenApiRouter<App> {
    let mut routes = OpenApiRouter::new()
        .merge(customer::routes())
        .merge(dashboard::routes())
        .merge(group_invitations::routes())
        .merge(login::routes())
        .merge(permission_requests::routes())
        .merge(project::routes())
        .merge(role::routes())
        .merge(team::routes())
        .merge(user::routes())
        .merge(version::routes());
    crate::description::refuse_with_details(routes.get_openapi_mut());
    routes
}
