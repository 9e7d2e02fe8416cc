//! `/api/user/search` and `/api/user/bulk` (`fusionauth.md` §4.1).

use axum::extract::State;
use docket_domain::id::UserId;
use docket_service::users::{Bulk, Removed, Search};
use docket_service::{Answer, Caller, Error, users};
use docket_wire::fusionauth::search::Criteria;
use docket_wire::fusionauth::user_search::{
    BulkRequest, UserDeleteResponse, UserSearchResponse, asked,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::input::{Body, OptionalBody, Params};
use super::reply::{Outcome, Problem, Reply, answer};
use crate::auth::Key;
use crate::description::SEARCHED;
use crate::state::App;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(search, search_by_body, refresh)).routes(routes!(remove))
}

async fn page(app: &App, caller: &Caller, criteria: &Criteria) -> Outcome {
    let asked = asked(criteria).map_err(Error::from).map_err(Problem::unnamed)?;
    let search = Search {
        criterion: asked.criterion,
        paging: asked.paging,
        counts_all: asked.counts_all,
        with_registrations: asked.expand.registrations,
    };
    let page = users::search(&app.ctx, caller.scope, search).await.map_err(Problem::unnamed)?;
    Ok(Reply::json(&UserSearchResponse::new(&page, asked.expand)))
}

/// A page of users.
#[utoipa::path(get, path = "/api/user/search", tag = "Users", security(("key" = [])),
    params(("ids" = Option<Vec<uuid::Uuid>>, Query), ("queryString" = Option<String>, Query),
        ("startRow" = Option<i64>, Query), ("numberOfResults" = Option<i64>, Query),
        ("accurateTotal" = Option<bool>, Query), ("expand" = Option<Vec<String>>, Query)),
    responses((status = 200, body = UserSearchResponse), (status = 400), (status = 401)))]
async fn search(State(app): State<App>, Key(caller): Key, params: Params) -> Outcome {
    page(&app, &caller, &params.criteria()).await
}

/// A page of users.
#[utoipa::path(post, path = "/api/user/search", tag = "Users", security(("key" = [])),
    request_body(content = serde_json::Value, description = SEARCHED),
    responses((status = 200, body = UserSearchResponse), (status = 400), (status = 401)))]
async fn search_by_body(State(app): State<App>, Key(caller): Key, body: Body) -> Outcome {
    page(&app, &caller, &body.criteria()?).await
}

/// Does nothing: what is written can be found at once, so there is no index to refresh.
#[utoipa::path(put, path = "/api/user/search", tag = "Users", security(("key" = [])),
    responses((status = 200), (status = 401)))]
async fn refresh(Key(_): Key) -> Reply {
    Reply::empty()
}

fn render(removed: &Removed) -> Answer {
    answer(&UserDeleteResponse::new(&removed.ids, removed.for_good, removed.rehearsal))
}

/// Closes the accounts of users, or deletes the users for good.
#[utoipa::path(delete, path = "/api/user/bulk", tag = "Users", security(("key" = [])),
    params(("userId" = Option<Vec<uuid::Uuid>>, Query), ("queryString" = Option<String>, Query),
        ("hardDelete" = Option<bool>, Query), ("dryRun" = Option<bool>, Query),
        ("limit" = Option<i64>, Query)),
    responses((status = 200, body = UserDeleteResponse), (status = 400), (status = 401)))]
async fn remove(
    State(app): State<App>,
    Key(caller): Key,
    params: Params,
    OptionalBody(body): OptionalBody,
) -> Outcome {
    let refuse = |violation| Problem::unnamed(Error::from(violation));
    let said = body.as_ref().map_or_else(|| Ok(BulkRequest::default()), BulkRequest::from_body);
    let request = in_query(&params)?.or(said.map_err(Error::from).map_err(Problem::unnamed)?);
    let bulk = Bulk {
        criterion: request.criterion().map_err(refuse)?,
        for_good: request.for_good.unwrap_or(false),
        rehearsal: request.rehearsal.unwrap_or(false),
        most: request.most().map_err(refuse)?,
    };
    let removed = users::remove(&app.ctx, &caller, bulk, render).await;
    removed.map(Reply::from).map_err(Problem::unnamed)
}

fn in_query(params: &Params) -> Result<BulkRequest, Problem> {
    Ok(BulkRequest {
        user_ids: params.list::<UserId>("userId")?,
        has_query: params.text("query").is_some(),
        query_string: params.text("queryString").map(str::to_owned),
        for_good: params.boolean("hardDelete")?,
        rehearsal: params.boolean("dryRun")?,
        limit: params.long("limit")?,
    })
}
