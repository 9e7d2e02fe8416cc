//! `/api/v1/webhooks/{id}/rotate-secret` (`native.md` §6).

use axum::extract::State;
use docket_domain::id::WebhookId;
use docket_service::Answer;
use docket_service::webhook_signing::{self, Rotated};
use docket_wire::native::problem::ProblemDetails;
use docket_wire::native::scalar;
use docket_wire::native::webhook::RotatedSecret;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::input::Id;
use super::problem::Problem;
use super::reply::Reply;
use crate::auth::Member;
use crate::state::App;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(rotate))
}

/// Gives a webhook another secret. For a day what it is sent carries signatures by both, so that
/// its receiver can change over without missing anything.
#[utoipa::path(post, path = "/api/v1/webhooks/{id}/rotate-secret", tag = "Webhooks",
    security(("key" = []), ("bearer" = [])), params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = RotatedSecret), (status = 400, body = ProblemDetails),
        (status = 401, body = ProblemDetails), (status = 403, body = ProblemDetails),
        (status = 404, body = ProblemDetails)))]
async fn rotate(
    State(app): State<App>,
    Member(caller): Member,
    Id(id): Id<WebhookId>,
) -> Result<Reply, Problem> {
    let rotated = webhook_signing::rotate_secret(&app.ctx, &caller, id, render).await?;
    Ok(Reply::from(rotated))
}

pub(super) fn render(rotated: &Rotated) -> Answer {
    let body = RotatedSecret {
        secret: rotated.secret.reveal(),
        previous_valid_until: scalar::instant(rotated.previous_valid_until),
    };
    Answer::new(200, serde_json::to_vec(&body).unwrap_or_default())
}
