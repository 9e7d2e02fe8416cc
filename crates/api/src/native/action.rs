//! `/api/v1/actions` (`native.md` §3).

use axum::extract::State;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use docket_domain::action::taken::State as ActionState;
use docket_domain::id::ActionId;
use docket_domain::violation::{Rule, Violation};
use docket_service::action_search::{self, Position, Search, Sort};
use docket_wire::native::action::{ActionItem, ActionPage, ActionTrace, TracedEvent};
use docket_wire::native::problem::ProblemDetails;
use docket_wire::native::scalar;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::input::{Id, Params};
use super::problem::Problem;
use super::reply::{Known, Reply};
use super::webhook;
use crate::auth::Member;
use crate::state::App;

/// The orders by the value of `sort`, each with the letter that its cursors begin with.
const SORTS: [(&str, Sort, u8); 4] = [
    ("-takenAt", Sort::NewestFirst, b'n'),
    ("takenAt", Sort::OldestFirst, b'o'),
    ("endsAt", Sort::EndsFirst, b'f'),
    ("-endsAt", Sort::EndsLast, b'l'),
];

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(search)).routes(routes!(trace))
}

/// Actions across users; every filter that is given must hold.
#[utoipa::path(get, path = "/api/v1/actions", tag = "Actions",
    security(("key" = []), ("bearer" = [])),
    params(("actioneeId" = Option<uuid::Uuid>, Query), ("actionerId" = Option<uuid::Uuid>, Query),
        ("definitionId" = Option<uuid::Uuid>, Query), ("reasonId" = Option<uuid::Uuid>, Query),
        ("applicationId" = Option<uuid::Uuid>, Query), ("tenantId" = Option<uuid::Uuid>, Query),
        ("state" = Option<Vec<String>>, Query, description = "active, expired, cancelled, instant"),
        ("preventsLogin" = Option<bool>, Query), ("takenAfter" = Option<String>, Query),
        ("takenBefore" = Option<String>, Query), ("endsAfter" = Option<String>, Query),
        ("endsBefore" = Option<String>, Query),
        ("q" = Option<String>, Query, description = "words of a comment, the actionee's \
            e-mail address or user name"),
        ("sort" = Option<String>, Query, description = "-takenAt, takenAt, endsAt, -endsAt"),
        ("limit" = Option<i64>, Query, description = "1 to 500, 50 when absent"),
        ("after" = Option<String>, Query, description = "next of the page before")),
    responses((status = 200, body = ActionPage), (status = 400, body = ProblemDetails),
        (status = 401, body = ProblemDetails), (status = 403, body = ProblemDetails)))]
async fn search(
    State(app): State<App>,
    Member(caller): Member,
    params: Params,
) -> Result<Reply, Problem> {
    let criteria = criteria(&params)?;
    let wanted = params.text("sort").unwrap_or("-takenAt");
    let (_, sort, letter) =
        SORTS.into_iter().find(|(name, ..)| *name == wanted).ok_or_else(|| invalid("sort"))?;
    let after = params.text("after").map(|cursor| read_cursor(cursor, letter)).transpose()?;
    let limit = params.limit()?;
    let found = action_search::search(&app.ctx, &caller, criteria, sort, after, limit).await?;
    Ok(Reply::json(&ActionPage {
        items: found.actions.iter().map(|action| ActionItem::new(action, found.at)).collect(),
        next: found.next.map(|place| write_cursor(place, letter)),
    }))
}

fn criteria(params: &Params) -> Result<Search, Problem> {
    let states = params.texts("state").map(|name| {
        let known = ActionState::ALL.iter().find(|(_, known)| *known == name);
        known.map(|(state, _)| *state).ok_or_else(|| invalid("state"))
    });
    Ok(Search {
        actionee_id: params.parsed("actioneeId")?,
        actioner_id: params.parsed("actionerId")?,
        definition_id: params.parsed("definitionId")?,
        reason_id: params.parsed("reasonId")?,
        application_id: params.parsed("applicationId")?,
        tenant_id: params.parsed("tenantId")?,
        states: states.collect::<Result<_, _>>()?,
        prevents_login: params.parsed("preventsLogin")?,
        taken_after: params.instant("takenAfter")?,
        taken_before: params.instant("takenBefore")?,
        ends_after: params.instant("endsAfter")?,
        ends_before: params.instant("endsBefore")?,
        text: params.text("q").map(str::to_owned),
    })
}

fn invalid(name: &'static str) -> Problem {
    Problem::invalid(&[Violation::named(name, Rule::Invalid)])
}

/// A place in a list as opaque text: the letter of the order, the end, the id.
fn write_cursor(place: Position, letter: u8) -> String {
    let mut bytes = vec![letter];
    bytes.extend_from_slice(&place.ends_at.to_be_bytes());
    bytes.extend_from_slice(place.id.uuid().as_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

fn read_cursor(text: &str, letter: u8) -> Result<Position, Problem> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| invalid("after"))?;
    let place = bytes.split_first().and_then(|(first, rest)| {
        let (ends_at, id) = rest.split_first_chunk::<8>()?;
        let id = uuid::Uuid::from_slice(id).ok()?;
        let ends_at = i64::from_be_bytes(*ends_at);
        (*first == letter).then(|| Position { ends_at, id: ActionId::from_uuid(id) })
    });
    place.ok_or_else(|| invalid("after"))
}

/// An action with its whole history, and the events and deliveries that it caused.
#[utoipa::path(get, path = "/api/v1/actions/{id}", tag = "Actions",
    security(("key" = []), ("bearer" = [])), params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = ActionTrace), (status = 304),
        (status = 401, body = ProblemDetails), (status = 403, body = ProblemDetails),
        (status = 404, body = ProblemDetails)))]
async fn trace(
    State(app): State<App>,
    Member(caller): Member,
    Id(id): Id<ActionId>,
    known: Known,
) -> Result<Reply, Problem> {
    let traced = action_search::trace(&app.ctx, &caller, id).await?;
    let events = traced.events.iter().map(|event| TracedEvent {
        id: event.id.uuid(),
        kind: &event.event_type,
        at: scalar::instant(event.at),
        payload: (&event.payload).into(),
    });
    let answer = ActionTrace {
        action: ActionItem::new(&traced.action, traced.at),
        events: events.collect(),
        deliveries: traced.deliveries.iter().map(webhook::item).collect(),
    };
    Ok(Reply::tagged(&answer, &known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_goes_both_ways_and_fits_its_order_alone() {
        let place =
            Position { ends_at: i64::MAX, id: ActionId::from_uuid(uuid::Uuid::from_u128(7)) };
        let cursor = write_cursor(place, b'n');
        assert_eq!(read_cursor(&cursor, b'n').unwrap(), place);
        for (text, letter) in [(cursor.as_str(), b'o'), ("", b'n'), ("bg", b'n'), ("%%", b'n')] {
            assert!(read_cursor(text, letter).is_err(), "{text}");
        }
    }
}
