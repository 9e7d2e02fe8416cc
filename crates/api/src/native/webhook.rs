//! `/api/v1/webhooks` (`native.md` §6): what became of telling them, telling again, trying out.

use axum::extract::State;
use docket_domain::attempt::Attempt;
use docket_domain::id::WebhookId;
use docket_domain::violation::{Rule, Violation};
use docket_service::Answer;
use docket_service::delivery_log::{self, LoggedDelivery};
use docket_service::replay::{self, Missed, Queued, Span};
use docket_service::webhook_test;
use docket_wire::fusionauth::webhook_log::test_request;
use docket_wire::native::delivery::{
    AttemptItem, DeliveryItem, DeliveryPage, ReplayAnswer, ReplayRequest, TestAnswer,
    replay as read_replay,
};
use docket_wire::native::problem::ProblemDetails;
use docket_wire::native::scalar;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::cursor::{read_event, write_event};
use super::input::{Body, Id, Params};
use super::problem::Problem;
use super::reply::Reply;
use crate::auth::Member;
use crate::state::App;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(deliveries)).routes(routes!(replay)).routes(routes!(test))
}

/// What became of telling a webhook: the newest event first, with every attempt.
#[utoipa::path(get, path = "/api/v1/webhooks/{id}/deliveries", tag = "Events",
    security(("key" = []), ("bearer" = [])),
    params(("id" = uuid::Uuid, Path),
        ("limit" = Option<i64>, Query, description = "1 to 500, 50 when absent"),
        ("after" = Option<String>, Query, description = "next of the page before")),
    responses((status = 200, body = DeliveryPage), (status = 400, body = ProblemDetails),
        (status = 401, body = ProblemDetails), (status = 403, body = ProblemDetails),
        (status = 404, body = ProblemDetails)))]
async fn deliveries(
    State(app): State<App>,
    Member(caller): Member,
    Id(id): Id<WebhookId>,
    params: Params,
) -> Result<Reply, Problem> {
    let named = || Problem::invalid(&[Violation::named("after", Rule::Invalid)]);
    let after = params.text("after").map(|text| read_event(text).ok_or_else(named)).transpose()?;
    let limit = params.limit()?;
    let (found, next) = delivery_log::of_webhook(&app.ctx, &caller, id, after, limit).await?;
    let items = found.iter().map(item).collect();
    Ok(Reply::json(&DeliveryPage { items, next: next.map(write_event) }))
}

/// A delivery as it is answered.
pub(super) fn item(logged: &LoggedDelivery) -> DeliveryItem<'_> {
    let LoggedDelivery { delivery, event_type, attempts } = logged;
    DeliveryItem {
        event_id: delivery.event_id.uuid(),
        webhook_id: delivery.webhook_id.uuid(),
        kind: event_type.as_deref(),
        state: delivery.state,
        attempts: attempts.iter().map(AttemptItem::from).collect(),
        attempts_made: attempts.len(),
        next_attempt_at: delivery.due_at.map(scalar::instant),
        updated_at: scalar::instant(delivery.updated_at),
    }
}

/// Sends events to a webhook again, or for the first time: those named, or those of a span of time.
#[utoipa::path(post, path = "/api/v1/webhooks/{id}/replay", tag = "Events",
    security(("key" = []), ("bearer" = [])), params(("id" = uuid::Uuid, Path)),
    request_body(content = serde_json::Value,
        description = "`eventIds`: up to 1,000; or `from`, perhaps `to` (RFC 3339), `onlyFailed`, \
            and `after`, the `next` of the answer before."),
    responses((status = 202, body = ReplayAnswer), (status = 400, body = ProblemDetails),
        (status = 401, body = ProblemDetails), (status = 403, body = ProblemDetails),
        (status = 404, body = ProblemDetails)))]
async fn replay(
    State(app): State<App>,
    Member(caller): Member,
    Id(id): Id<WebhookId>,
    Body(body): Body,
) -> Result<Reply, Problem> {
    let request = read_replay(&body).map_err(|violations| Problem::invalid(&violations))?;
    let missed = missed(request)?;
    let queued = replay::replay(&app.ctx, &caller, id, missed, queued).await?;
    Ok(Reply::from(queued))
}

fn missed(request: ReplayRequest) -> Result<Missed, Problem> {
    Ok(match request {
        ReplayRequest::These(ids) => Missed::These(ids),
        ReplayRequest::Between { from, to, only_failed, after } => {
            let named = || Problem::invalid(&[Violation::body("after", Rule::Invalid)]);
            let after = after.map(|text| read_event(&text).ok_or_else(named)).transpose()?;
            Missed::Between(Span { from, to, only_failed, after })
        }
    })
}

fn queued(queued: &Queued) -> Answer {
    let next = queued.next.map(write_event);
    let answer = ReplayAnswer { queued: queued.events, next };
    Answer::new(202, serde_json::to_vec(&answer).unwrap_or_default())
}

/// Sends a webhook an event that means nothing, and waits for what comes of it.
#[utoipa::path(post, path = "/api/v1/webhooks/{id}/test", tag = "Events",
    security(("key" = []), ("bearer" = [])), params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = TestAnswer), (status = 401, body = ProblemDetails),
        (status = 403, body = ProblemDetails), (status = 404, body = ProblemDetails)))]
async fn test(
    State(app): State<App>,
    Member(caller): Member,
    Id(id): Id<WebhookId>,
) -> Result<Reply, Problem> {
    let answer = webhook_test::send(&app.ctx, &caller, id, test_request, outcome).await?;
    Ok(Reply::from(answer))
}

fn outcome(attempt: &Attempt) -> Answer {
    Answer::new(200, serde_json::to_vec(&TestAnswer::from(attempt)).unwrap_or_default())
}
