//! What operators and their tools ask: health, readiness, metrics, the description of the API.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::fusionauth::reply::Reply;
use crate::layer::Failure;
use crate::state::App;

pub(crate) fn routes(document: &utoipa::openapi::OpenApi) -> Router<App> {
    // Rendered once.
    let document: Arc<str> = document.to_json().unwrap_or_default().into();
    Router::new()
        .route("/api/status", get(status))
        .route("/metrics", get(metrics))
        .route("/.well-known/jwks.json", get(key_set))
        .route("/api/openapi.json", get(move || async move { json(document.to_string()) }))
}

/// `/api/status`: whether the store answers.
async fn status(State(app): State<App>) -> Response {
    match app.ctx.db.health().await {
        // FusionAuth's clients ask this too, so it answers as their surface does.
        Ok(()) => Reply::json(&serde_json::json!({"status": "ok"})).into_response(),
        Err(error) => {
            let mut response = StatusCode::SERVICE_UNAVAILABLE.into_response();
            response.extensions_mut().insert(Failure(Arc::new(error)));
            response
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

fn json(body: String) -> Response {
    ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response()
}
