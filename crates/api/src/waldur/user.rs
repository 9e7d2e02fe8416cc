//! `/api/users/` (`waldur.md` §10.1, §10.2).

use axum::extract::State;
use axum::http::StatusCode;
use docket_domain::directory::Person;
use docket_domain::directory::affiliation::PersonDetails;
use docket_domain::id::UserId;
use docket_domain::mail::Secret;
use docket_domain::time::Instant;
use docket_service::people::{self, NewPassword, PasswordRefusal};
use docket_service::user_tokens::{self, Shown};
use docket_service::{Answer, Caller};
use docket_wire::waldur::origin::Origin;
use docket_wire::waldur::problem::{Detail, words};
use docket_wire::waldur::refusal;
use docket_wire::waldur::user::{ORDER, PasswordSaid, TokenOf, User, UserMe, UserSaid, search};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::{Staff, Token};
use super::input::{Asked, Body, Id};
use super::problem::Problem;
use super::reply::{Outcome, Reply, answer, answer_with};
use crate::state::App;

/// What a body may say.
const SAID: &str = "Of anybody: `first_name`, `last_name`, `native_name`, `organization`, \
    `job_title`, `phone_number`, `notifications_enabled`, `token_lifetime`, `preferred_language`. \
    By staff besides: `username`, `email`, `affiliations`, `identity_source`, `is_staff`, \
    `is_support`, `is_active`. What is left out stays.";
/// What a body says of a password.
const PASSWORD: &str = "`new_password`; by oneself also `old_password`.";

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(me))
        .routes(routes!(find, replace, change))
        .routes(routes!(change_password))
        .routes(routes!(token))
        .routes(routes!(refresh_token))
}

fn render(status: StatusCode, origin: Origin, now: Instant) -> impl Fn(&Person) -> Answer {
    move |person| answer_with(status, &User::new(person, &origin, now))
}

/// The users that the caller sees.
#[utoipa::path(get, path = "/api/users", tag = "Waldur: users", security(("token" = [])),
    params(("username" = Option<String>, Query), ("email" = Option<String>, Query),
        ("full_name" = Option<String>, Query), ("query" = Option<String>, Query),
        ("customer_uuid" = Option<uuid::Uuid>, Query),
        ("project_uuid" = Option<uuid::Uuid>, Query), ("is_active" = Option<bool>, Query),
        ("is_staff" = Option<bool>, Query), ("o" = Option<Vec<String>>, Query),
        ("page" = Option<i64>, Query), ("page_size" = Option<i64>, Query),
        ("field" = Option<Vec<String>>, Query)),
    responses((status = 200, body = Vec<User>), (status = 400), (status = 401), (status = 404)))]
async fn list(State(app): State<App>, Token(known): Token, asked: Asked) -> Outcome {
    let mut filters = asked.filters();
    let (search, order, wanted) = (search(&mut filters), filters.order(ORDER), filters.page());
    filters.finish()?;
    let paging = wanted.paging(order)?;
    let page = people::list(&app.ctx, &known.caller, &search, &paging).await?;
    let now = app.ctx.now();
    Reply::page(&asked, wanted, &page, |person| User::new(person, &asked.origin, now))
}

/// The caller.
#[utoipa::path(get, path = "/api/users/me", tag = "Waldur: users", security(("token" = [])),
    params(("field" = Option<Vec<String>>, Query)),
    responses((status = 200, body = UserMe), (status = 401)))]
async fn me(State(app): State<App>, Token(known): Token, asked: Asked) -> Outcome {
    let me = people::me(&app.ctx, &known.caller).await?;
    let user = User::new(&me.person, &asked.origin, me.at);
    let token = me.token.as_ref().map(Secret::reveal);
    Ok(Reply::item(&asked, &UserMe::new(user, token, &me.grants)))
}

/// A user.
#[utoipa::path(get, path = "/api/users/{uuid}", tag = "Waldur: users", security(("token" = [])),
    params(("uuid" = uuid::Uuid, Path), ("field" = Option<Vec<String>>, Query)),
    responses((status = 200, body = User), (status = 401), (status = 404)))]
async fn find(
    State(app): State<App>,
    Token(known): Token,
    Id(id): Id<UserId>,
    asked: Asked,
) -> Outcome {
    let found = people::find(&app.ctx, &known.caller, id).await?;
    Ok(Reply::item(&asked, &User::new(&found, &asked.origin, app.ctx.now())))
}

/// Makes a user, who has no password yet.
#[utoipa::path(post, path = "/api/users", tag = "Waldur: users", security(("token" = [])),
    request_body(content = serde_json::Value, description = SAID),
    responses((status = 201, body = User), (status = 400), (status = 401), (status = 403)))]
async fn create(
    State(app): State<App>,
    Staff(known): Staff,
    asked: Asked,
    Body(body): Body,
) -> Outcome {
    let said = UserSaid::read_new(&body)?.new_person();
    let render = render(StatusCode::CREATED, asked.origin, app.ctx.now());
    Ok(Reply::from(people::create(&app.ctx, &known.caller, said, render).await?))
}

async fn revise(app: &App, caller: &Caller, id: UserId, origin: Origin, said: UserSaid) -> Outcome {
    let revise = move |before: &PersonDetails, by_staff: bool| said.over(before, by_staff);
    let render = render(StatusCode::OK, origin, app.ctx.now());
    Ok(Reply::from(people::update(&app.ctx, caller, id, revise, render).await?))
}

/// Changes a user.
#[utoipa::path(put, path = "/api/users/{uuid}", tag = "Waldur: users", security(("token" = [])),
    params(("uuid" = uuid::Uuid, Path)), request_body(content = serde_json::Value, description = SAID),
    responses((status = 200, body = User), (status = 400), (status = 401), (status = 403),
        (status = 404)))]
async fn replace(
    State(app): State<App>,
    Token(known): Token,
    Id(id): Id<UserId>,
    asked: Asked,
    Body(body): Body,
) -> Outcome {
    revise(&app, &known.caller, id, asked.origin, UserSaid::read(&body)?).await
}

/// Changes a user in part.
#[utoipa::path(patch, path = "/api/users/{uuid}", tag = "Waldur: users", security(("token" = [])),
    params(("uuid" = uuid::Uuid, Path)), request_body(content = serde_json::Value, description = SAID),
    responses((status = 200, body = User), (status = 400), (status = 401), (status = 403),
        (status = 404)))]
async fn change(
    State(app): State<App>,
    Token(known): Token,
    Id(id): Id<UserId>,
    asked: Asked,
    Body(body): Body,
) -> Outcome {
    revise(&app, &known.caller, id, asked.origin, UserSaid::read(&body)?).await
}

/// Changes a user's password.
#[utoipa::path(post, path = "/api/users/{uuid}/change_password", tag = "Waldur: users",
    security(("token" = [])), params(("uuid" = uuid::Uuid, Path)),
    request_body(content = serde_json::Value, description = PASSWORD),
    responses((status = 200, body = Detail), (status = 400), (status = 401), (status = 403),
        (status = 404)))]
async fn change_password(
    State(app): State<App>,
    Token(known): Token,
    Id(id): Id<UserId>,
    Body(body): Body,
) -> Outcome {
    let PasswordSaid { old, new } = PasswordSaid::read(&body)?;
    let done =
        |(): &()| answer(&Detail { detail: "Password has been successfully updated.".into() });
    let wanted = NewPassword { old, new };
    Ok(Reply::from(people::change_password(&app.ctx, &known.caller, id, wanted, done).await?))
}

/// What there is to know of a user's token.
#[utoipa::path(get, path = "/api/users/{uuid}/token", tag = "Waldur: users",
    security(("token" = [])), params(("uuid" = uuid::Uuid, Path)),
    responses((status = 200, body = TokenOf), (status = 401), (status = 403), (status = 404)))]
async fn token(State(app): State<App>, Staff(known): Staff, Id(id): Id<UserId>) -> Outcome {
    let shown = user_tokens::show(&app.ctx, &known.caller, id).await?;
    Ok(Reply::json(&TokenOf::new(&shown.person, shown.created_at)))
}

/// Gives a user another token.
#[utoipa::path(post, path = "/api/users/{uuid}/refresh_token", tag = "Waldur: users",
    security(("token" = [])), params(("uuid" = uuid::Uuid, Path)),
    responses((status = 200, body = TokenOf), (status = 401), (status = 403), (status = 404)))]
async fn refresh_token(State(app): State<App>, Staff(known): Staff, Id(id): Id<UserId>) -> Outcome {
    let render =
        |shown: &Shown| -> Answer { answer(&TokenOf::new(&shown.person, shown.created_at)) };
    Ok(Reply::from(user_tokens::refresh(&app.ctx, &known.caller, id, render).await?))
}

/// Why a password is not changed.
impl From<PasswordRefusal> for Problem {
    fn from(refused: PasswordRefusal) -> Self {
        Self::field(
            "old_password",
            match refused {
                PasswordRefusal::OldMissing => words::REQUIRED,
                PasswordRefusal::OldWrong => refusal::OLD_WRONG,
            },
        )
    }
}
