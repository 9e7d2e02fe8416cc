//! The FusionAuth surface: one resource, one file (`fusionauth.md`).

use utoipa_axum::router::OpenApiRouter;

use crate::state::App;

mod action;
mod api_key;
mod audit_log;
mod definition;
mod email_template;
mod event_log;
mod input;
mod patch;
mod reason;
pub mod reply;
mod tenant;
mod version;
mod webhook;

/// The routes of this surface.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(action::routes())
        .merge(api_key::routes())
        .merge(audit_log::routes())
        .merge(definition::routes())
        .merge(email_template::routes())
        .merge(event_log::routes())
        .merge(reason::routes())
        .merge(tenant::routes())
        .merge(version::routes())
        .merge(webhook::routes())
}
