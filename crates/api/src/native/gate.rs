//! `/api/v1/gate` and the standing of a user (`native.md` §2).

use axum::extract::State;
use docket_domain::id::{ApplicationId, UserId};
use docket_service::gate::{self, Check, Stop, Verdict};
use docket_service::standing;
use docket_wire::native::action::ActionItem;
use docket_wire::native::gate::{BatchAnswer, BatchAnswers, GateAnswer, GateBlock, checks};
use docket_wire::native::problem::ProblemDetails;
use docket_wire::native::scalar;
use docket_wire::native::standing::{OpenRequest, StandingAnswer, StandingGrant, StandingTodos};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::input::{Body, Id, Params};
use super::problem::Problem;
use super::reply::{Known, Reply};
use crate::auth::Member;
use crate::state::App;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(check, check_many)).routes(routes!(find_standing))
}

/// May this user act now, and if not, what stops them?
#[utoipa::path(get, path = "/api/v1/gate", tag = "Gate", security(("key" = []), ("bearer" = [])),
    params(("userId" = uuid::Uuid, Query), ("applicationId" = Option<uuid::Uuid>, Query)),
    responses((status = 200, body = GateAnswer), (status = 304),
        (status = 400, body = ProblemDetails), (status = 401, body = ProblemDetails),
        (status = 403, body = ProblemDetails), (status = 404, body = ProblemDetails)))]
async fn check(
    State(app): State<App>,
    Member(caller): Member,
    known: Known,
    params: Params,
) -> Result<Reply, Problem> {
    let user_id: UserId = params.required("userId")?;
    let application_id: Option<ApplicationId> = params.parsed("applicationId")?;
    let verdict = gate::check(&app.ctx, &caller, Check { user_id, application_id }).await?;
    let checked_at = scalar::instant(verdict.checked_at);
    // `,"checkedAt":"…"}` comes last.
    let changing = checked_at.len() + r#","checkedAt":""}"#.len();
    let answer = GateAnswer { checked_at: Some(checked_at), ..answer(&verdict) };
    Ok(Reply::tagged_but(&answer, &known, changing))
}

/// The same about up to 1,000 users at once; the answers come in the order of the checks.
#[utoipa::path(post, path = "/api/v1/gate", tag = "Gate", security(("key" = []), ("bearer" = [])),
    request_body(content = serde_json::Value,
        description = "`checks`: up to 1,000 objects of `userId` and perhaps `applicationId`."),
    responses((status = 200, body = BatchAnswers), (status = 400, body = ProblemDetails),
        (status = 401, body = ProblemDetails)))]
async fn check_many(
    State(app): State<App>,
    Member(caller): Member,
    Body(body): Body,
) -> Result<Reply, Problem> {
    let checks = checks(&body).map_err(|violations| Problem::invalid(&violations))?;
    let checks: Vec<Check> = checks
        .into_iter()
        .map(|check| Check { user_id: check.user_id, application_id: check.application_id })
        .collect();
    let verdicts = gate::check_many(&app.ctx, &caller, &checks).await?;
    let answers = verdicts.iter().map(|verdict| match verdict {
        Some(verdict) => {
            let checked_at = Some(scalar::instant(verdict.checked_at));
            BatchAnswer::Known(GateAnswer { checked_at, ..answer(verdict) })
        }
        None => BatchAnswer::Unknown { allowed: false, error: "unknown-user" },
    });
    Ok(Reply::json(&BatchAnswers { answers: answers.collect() }))
}

/// The gate's answer without the instant of the look.
fn answer(verdict: &Verdict) -> GateAnswer<'_> {
    let blocks = verdict.stops.iter().map(|stop| match stop {
        Stop::Deactivated => GateBlock::account("deactivated", None),
        Stop::Expired(since) => GateBlock::account("expired", Some(*since)),
        Stop::Block(block) => GateBlock::from(&**block),
    });
    GateAnswer { allowed: verdict.is_allowed(), blocks: blocks.collect(), checked_at: None }
}

/// Everything in force for one user.
#[utoipa::path(get, path = "/api/v1/users/{id}/standing", tag = "Gate",
    security(("key" = []), ("bearer" = [])), params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = StandingAnswer), (status = 304),
        (status = 401, body = ProblemDetails), (status = 403, body = ProblemDetails),
        (status = 404, body = ProblemDetails)))]
async fn find_standing(
    State(app): State<App>,
    Member(caller): Member,
    Id(id): Id<UserId>,
    known: Known,
) -> Result<Reply, Problem> {
    let standing = standing::find(&app.ctx, &caller, id).await?;
    let now = standing.checked_at;
    let answer = StandingAnswer {
        active_actions: standing.active_actions.iter().map(|a| ActionItem::new(a, now)).collect(),
        past_action_count: standing.past_action_count,
        blocks: standing.blocks.iter().map(GateBlock::from).collect(),
        grants: standing.grants.iter().map(StandingGrant::from).collect(),
        open_requests: standing.open_requests.iter().map(OpenRequest::from).collect(),
        todos: StandingTodos::new(&standing.tally, &standing.most_urgent),
        comments: standing.comment_count,
    };
    Ok(Reply::tagged(&answer, &known))
}
