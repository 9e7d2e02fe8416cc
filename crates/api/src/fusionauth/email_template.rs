//! `/api/email/template` (`fusionauth.md` §4.8).

use axum::extract::State;
use docket_domain::id::TemplateId;
use docket_domain::mail::Template;
use docket_service::{Error, email_templates};
use docket_wire::fusionauth::email_template::{
    EmailTemplatePreviewResponse, EmailTemplateResponse, EmailTemplateSearchResponse,
    EmailTemplatesResponse, details, locale, search,
};
use docket_wire::fusionauth::problem::Naming;
use docket_wire::fusionauth::search::Criteria;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::input::{Body, Id, Params};
use super::patch::Patch;
use super::reply::{Outcome, Problem, Reply, answer, nothing};
use crate::auth::GlobalKey;
use crate::description::{CHANGED, GIVEN, SEARCHED};
use crate::state::App;

const ENVELOPE: &str = "emailTemplate";

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(preview))
        .routes(routes!(search_by_query, search_by_body))
        .routes(routes!(find, create_with_id, update, patch, delete))
}

fn problem(error: Error) -> Problem {
    Problem::new(error, Naming { envelope: ENVELOPE, id: "emailTemplateId" })
}

fn render(template: &Template) -> docket_service::Answer {
    answer(&EmailTemplateResponse::from(template))
}

/// Every template, by name.
#[utoipa::path(get, path = "/api/email/template", tag = "E-mail templates",
    security(("key" = [])),
    responses((status = 200, body = EmailTemplatesResponse), (status = 401)))]
async fn list(State(app): State<App>, GlobalKey(_): GlobalKey) -> Outcome {
    let templates = email_templates::list(&app.ctx).await.map_err(problem)?;
    Ok(Reply::json(&EmailTemplatesResponse::from(templates.as_slice())))
}

/// A template.
#[utoipa::path(get, path = "/api/email/template/{emailTemplateId}", tag = "E-mail templates",
    security(("key" = [])), params(("emailTemplateId" = uuid::Uuid, Path)),
    responses((status = 200, body = EmailTemplateResponse), (status = 401), (status = 404)))]
async fn find(State(app): State<App>, GlobalKey(_): GlobalKey, Id(id): Id<TemplateId>) -> Outcome {
    let template = email_templates::find(&app.ctx, id).await.map_err(problem)?;
    Ok(Reply::json(&EmailTemplateResponse::from(&template)))
}

/// Makes a template.
#[utoipa::path(post, path = "/api/email/template", tag = "E-mail templates",
    security(("key" = [])),
    request_body(content = EmailTemplateResponse, description = GIVEN),
    responses((status = 200, body = EmailTemplateResponse), (status = 400), (status = 401)))]
async fn create(State(app): State<App>, GlobalKey(caller): GlobalKey, body: Body) -> Outcome {
    let details = details(body.envelope(ENVELOPE)?).map_err(Error::from).map_err(problem)?;
    let made = email_templates::create(&app.ctx, &caller, None, details, render).await;
    made.map(Reply::from).map_err(problem)
}

/// Makes a template with an id of the caller's choice.
#[utoipa::path(post, path = "/api/email/template/{emailTemplateId}", tag = "E-mail templates",
    security(("key" = [])), params(("emailTemplateId" = uuid::Uuid, Path)),
    request_body(content = EmailTemplateResponse, description = GIVEN),
    responses((status = 200, body = EmailTemplateResponse), (status = 400), (status = 401)))]
async fn create_with_id(
    State(app): State<App>,
    GlobalKey(caller): GlobalKey,
    Id(id): Id<TemplateId>,
    body: Body,
) -> Outcome {
    let details = details(body.envelope(ENVELOPE)?).map_err(Error::from).map_err(problem)?;
    let made = email_templates::create(&app.ctx, &caller, Some(id), details, render).await;
    made.map(Reply::from).map_err(problem)
}

/// Replaces a template.
#[utoipa::path(put, path = "/api/email/template/{emailTemplateId}", tag = "E-mail templates",
    security(("key" = [])), params(("emailTemplateId" = uuid::Uuid, Path)),
    request_body(content = EmailTemplateResponse, description = GIVEN),
    responses((status = 200, body = EmailTemplateResponse), (status = 400), (status = 401),
        (status = 404)))]
async fn update(
    State(app): State<App>,
    GlobalKey(caller): GlobalKey,
    Id(id): Id<TemplateId>,
    body: Body,
) -> Outcome {
    let parsed = details(body.envelope(ENVELOPE)?);
    let revise = move |_: &Template| parsed.clone().map_err(Error::from);
    let updated = email_templates::update(&app.ctx, &caller, id, revise, render).await;
    updated.map(Reply::from).map_err(problem)
}

/// Changes a template in part.
#[utoipa::path(patch, path = "/api/email/template/{emailTemplateId}", tag = "E-mail templates",
    security(("key" = [])), params(("emailTemplateId" = uuid::Uuid, Path)),
    request_body(content = EmailTemplateResponse, description = CHANGED),
    responses((status = 200, body = EmailTemplateResponse), (status = 400), (status = 401),
        (status = 404)))]
async fn patch(
    State(app): State<App>,
    GlobalKey(caller): GlobalKey,
    Id(id): Id<TemplateId>,
    patch: Patch,
) -> Outcome {
    let revise = move |current: &Template| {
        let object = patch.apply(&EmailTemplateResponse::from(current), ENVELOPE)?;
        details(&object).map_err(Error::from)
    };
    let updated = email_templates::update(&app.ctx, &caller, id, revise, render).await;
    updated.map(Reply::from).map_err(problem)
}

/// Deletes a template for good; one that a definition sends stays.
#[utoipa::path(delete, path = "/api/email/template/{emailTemplateId}", tag = "E-mail templates",
    security(("key" = [])), params(("emailTemplateId" = uuid::Uuid, Path)),
    responses((status = 200), (status = 400), (status = 401), (status = 404)))]
async fn delete(
    State(app): State<App>,
    GlobalKey(caller): GlobalKey,
    Id(id): Id<TemplateId>,
) -> Outcome {
    let deleted = email_templates::delete(&app.ctx, &caller, id, nothing).await;
    deleted.map(Reply::from).map_err(problem)
}

/// Shows what a template would look like, filled with a sample; it need not be kept yet. What is
/// wrong with it is told beside the message.
#[utoipa::path(post, path = "/api/email/template/preview", tag = "E-mail templates",
    security(("key" = [])),
    request_body(content = EmailTemplateResponse,
        description = "The template as it would be kept; beside it, perhaps, the reader's `locale`."),
    responses((status = 200, body = EmailTemplatePreviewResponse), (status = 400), (status = 401)))]
async fn preview(State(app): State<App>, GlobalKey(_): GlobalKey, body: Body) -> Outcome {
    let locale = locale(&body.0).map_err(Error::from).map_err(problem)?;
    let details = details(body.envelope(ENVELOPE)?).map_err(Error::from).map_err(problem)?;
    let preview = email_templates::preview(&app.ctx, details, locale).await.map_err(problem)?;
    Ok(Reply::json(&EmailTemplatePreviewResponse::new(&preview.message, &preview.flaws)))
}

/// The templates whose name matches.
#[utoipa::path(get, path = "/api/email/template/search", tag = "E-mail templates",
    security(("key" = [])),
    params(("name" = Option<String>, Query), ("startRow" = Option<i64>, Query),
        ("numberOfResults" = Option<i64>, Query), ("orderBy" = Option<String>, Query)),
    responses((status = 200, body = EmailTemplateSearchResponse), (status = 400), (status = 401)))]
async fn search_by_query(
    State(app): State<App>,
    GlobalKey(_): GlobalKey,
    params: Params,
) -> Outcome {
    found(&app, &params.criteria()).await
}

/// The templates whose name matches; the criteria are in `search`.
#[utoipa::path(post, path = "/api/email/template/search", tag = "E-mail templates",
    security(("key" = [])),
    request_body(content = serde_json::Value, description = SEARCHED),
    responses((status = 200, body = EmailTemplateSearchResponse), (status = 400), (status = 401)))]
async fn search_by_body(State(app): State<App>, GlobalKey(_): GlobalKey, body: Body) -> Outcome {
    found(&app, &body.criteria()?).await
}

async fn found(app: &App, criteria: &Criteria) -> Outcome {
    let (name, paging) = search(criteria).map_err(Error::from).map_err(problem)?;
    let page =
        email_templates::search(&app.ctx, name.as_deref(), &paging).await.map_err(problem)?;
    Ok(Reply::json(&EmailTemplateSearchResponse::from(&page)))
}
