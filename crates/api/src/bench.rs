//! The yardstick of the benchmark: the bytes of two hot answers, made of the same structs, without
//! authentication, database or layers. Served only by `docket serve --bench-routes`.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use docket_domain::action::taken::{GivenReason, Wording};
use docket_domain::action::{Action, ActionLength, Block};
use docket_domain::id::{ActionId, DefinitionId, TenantId, UserId};
use docket_domain::time::{Expiry, Instant};
use docket_wire::fusionauth::action::ActionsResponse;
use docket_wire::native::gate::{GateAnswer, GateBlock};
use docket_wire::native::scalar;
use serde::Serialize;
use uuid::Uuid;

/// As many actions as the list in the benchmark has.
const LISTED: u128 = 5;
const AT: Instant = Instant::from_millis(1_767_603_600_000);

/// What is answered.
struct Sample {
    block: Block,
    actions: Vec<Action>,
}

/// The bare routes.
pub(crate) fn routes() -> Router {
    let actions: Vec<Action> = (1..=LISTED).map(action).collect();
    let sample = Sample { block: block(), actions };
    Router::new()
        .route("/bench/gate", get(gate))
        .route("/bench/actions", get(list))
        .with_state(Arc::new(sample))
}

/// The gate's answer about a user who is blocked (`blocks=1` comes last), or about one who is not.
async fn gate(State(sample): State<Arc<Sample>>, uri: Uri) -> Response {
    let blocked = uri.query().is_some_and(|query| query.ends_with("blocks=1"));
    let blocks: Vec<GateBlock<'_>> =
        blocked.then(|| GateBlock::from(&sample.block)).into_iter().collect();
    json(&GateAnswer { allowed: blocks.is_empty(), blocks, checked_at: Some(scalar::instant(AT)) })
}

/// A list of five actions.
async fn list(State(sample): State<Arc<Sample>>) -> Response {
    json(&ActionsResponse::from(sample.actions.as_slice()))
}

fn json(body: &impl Serialize) -> Response {
    let bytes = serde_json::to_vec(body).unwrap_or_default();
    ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], bytes).into_response()
}

fn block() -> Block {
    Block {
        action_id: ActionId::from_uuid(Uuid::from_u128(1)),
        definition_id: DefinitionId::from_uuid(Uuid::from_u128(2)),
        actioner_id: Some(UserId::from_uuid(Uuid::from_u128(3))),
        name: "Ban".to_owned(),
        localized_name: "Sperre".to_owned(),
        option: None,
        reason: Some(reason()),
        started_at: AT,
        expiry: Expiry::At(AT),
        application_ids: Vec::new(),
    }
}

fn action(number: u128) -> Action {
    Action {
        id: ActionId::from_uuid(Uuid::from_u128(number)),
        tenant_id: TenantId::from_uuid(Uuid::from_u128(4)),
        definition_id: DefinitionId::from_uuid(Uuid::from_u128(2)),
        actionee_id: UserId::from_uuid(Uuid::from_u128(5)),
        actioner_id: Some(UserId::from_uuid(Uuid::from_u128(3))),
        application_ids: Vec::new(),
        comment: None,
        name: "Ban".to_owned(),
        localized_name: "Sperre".to_owned(),
        option: None,
        reason: Some(reason()),
        emails_user_on_end: false,
        notifies_user_on_end: false,
        length: ActionLength::Temporal {
            expiry: Expiry::At(AT),
            cancelled_at: None,
            end_event_sent: true,
        },
        taken_at: AT,
        updated_at: AT,
        history: Vec::new(),
    }
}

fn reason() -> GivenReason {
    GivenReason {
        code: "SPAM".to_owned(),
        wording: Wording { text: "Spam".to_owned(), localized: "Werbung".to_owned() },
    }
}
