//! `/api/email/send` (`fusionauth.md` §4.8).

use axum::extract::State;
use docket_domain::id::TemplateId;
use docket_service::mails::{self, Results, Send};
use docket_service::{Answer, Error};
use docket_wire::fusionauth::email::{SendRequest, SendResponse};
use docket_wire::fusionauth::problem::Naming;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::input::{Body, Id};
use super::reply::{Outcome, Problem, Reply, answer};
use crate::auth::Key;
use crate::state::App;

const SENT: &str = "`userIds`, `toAddresses` (`address`, `display`), or both, 1,000 at most. Beside \
    them `ccAddresses`, `bccAddresses`, `applicationId`, `preferredLanguages` for those who chose \
    none, and `requestData` for the template.";

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(send))
}

fn problem(error: Error) -> Problem {
    Problem::new(error, Naming { envelope: "", id: "emailTemplateId" })
}

fn render(results: &Results) -> Answer {
    let answer = answer(&SendResponse::new(&results.users, &results.anonymous));
    Answer { status: 202, ..answer }
}

/// Fills a template for each reader and sends the mails, soon after the answer. The answer names
/// those for whom it could not be filled.
#[utoipa::path(post, path = "/api/email/send/{emailTemplateId}", tag = "E-mail templates",
    security(("key" = [])), params(("emailTemplateId" = uuid::Uuid, Path)),
    request_body(content = serde_json::Value, description = SENT),
    responses((status = 202, body = SendResponse), (status = 400), (status = 401),
        (status = 404)))]
async fn send(
    State(app): State<App>,
    Key(caller): Key,
    Id(id): Id<TemplateId>,
    body: Body,
) -> Outcome {
    let request = SendRequest::read(&body.0).map_err(Error::from).map_err(problem)?;
    let command = Send {
        user_ids: request.user_ids,
        to: request.to,
        cc: request.cc,
        bcc: request.bcc,
        languages: request.languages,
        application_id: request.application_id,
        request_data: request.request_data,
    };
    mails::send(&app.ctx, &caller, id, command, render).await.map(Reply::from).map_err(problem)
}
