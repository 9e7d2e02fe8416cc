//! The FusionAuth surface: one resource, one file (`fusionauth.md`).

use utoipa_axum::router::OpenApiRouter;

use crate::state::App;

mod action;
mod api_key;
mod application;
mod audit_log;
mod comment;
mod definition;
mod email_send;
mod email_template;
mod event_log;
mod input;
mod key;
mod login;
mod patch;
mod reason;
mod registration;
pub mod reply;
mod tenant;
mod user;
mod user_search;
mod version;
mod webhook;
mod webhook_log;

/// The routes of this surface.
pub(crate) fn routes() -> OpenApiRouter<App> {
    let mut routes = OpenApiRouter::new()
        .merge(action::routes())
        .merge(api_key::routes())
        .merge(application::routes())
        .merge(audit_log::routes())
        .merge(comment::routes())
        .merge(definition::routes())
        .merge(email_send::routes())
        .merge(email_template::routes())
        .merge(event_log::routes())
        .merge(key::routes())
        .merge(login::routes())
        .merge(reason::routes())
        .merge(registration::routes())
        .merge(tenant::routes())
        .merge(user::routes())
        .merge(user_search::routes())
        .merge(version::routes())
        .merge(webhook::routes())
        .merge(webhook_log::routes());
    crate::description::refuse_with_errors(routes.get_openapi_mut());
    routes
}
