//! What operators and their tools ask: health, readiness, metrics, the description of the API.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};

use crate::state::App;

/// The API document, rendered once.
#[derive(Debug, Clone)]
pub(crate) struct Document(Arc<str>);

impl Document {
    pub(crate) fn new(document: utoipa::openapi::OpenApi) -> Self {
        Self(document.to_json().unwrap_or_default().into())
    }
}

pub(crate) fn routes(_: &App) -> Router<App> {
    Router::new()
        .route("/api/status", get(status))
        .route("/metrics", get(metrics))
        .route("/.well-known/jwks.json", get(key_set))
}

/// `/api/status`: whether the store answers.
async fn status(State(app): State<App>) -> Response {
    match app.ctx.db.health().await {
        Ok(()) => json(r#"{"status":"ok"}"#.to_owned()),
        Err(error) => {
            tracing::error!(%error, "the store does not answer");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

async fn metrics(State(app): State<App>) -> Response {
    let text = HeaderValue::from_static("text/plain; version=0.0.4");
    ([(CONTENT_TYPE, text)], app.metrics.render()).into_response()
}

async fn key_set(State(app): State<App>) -> Response {
    json(app.ctx.tokens.key_set().to_string())
}

/// `/api/openapi.json`.
pub(crate) async fn openapi(Extension(document): Extension<Document>) -> Response {
    json(document.0.to_string())
}

fn json(body: String) -> Response {
    ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response()
}
