//! Docket's own surface, `/api/v1` (`native.md`).

use utoipa_axum::router::OpenApiRouter;

use crate::state::App;

mod action;
mod cursor;
mod event;
mod event_stream;
mod gate;
mod input;
mod marketplace;
pub mod problem;
mod provider;
mod reply;
mod todo;
mod webhook;
mod webhook_secret;

/// The routes of this surface.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(action::routes())
        .merge(event::routes())
        .merge(event_stream::routes())
        .merge(gate::routes())
        .merge(marketplace::routes())
        .merge(provider::routes())
        .merge(todo::routes())
        .merge(webhook::routes())
        .merge(webhook_secret::routes())
}
