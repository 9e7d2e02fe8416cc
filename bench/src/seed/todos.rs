//! The rows of what users have to do, and of the tokens by which they ask for it.

use serde_json::json;
use sha2::{Digest, Sha256};

use uuid::Uuid;

use super::rows::{Filled, Row, Table, row};
use crate::community::Community;
use crate::community::todos::ToBeDone;

/// What the server itself would ask of users.
const BUILT_IN: [&str; 5] = [
    "permission_request",
    "pending_order",
    "expiring_resource",
    "expiring_action",
    "disabled_webhook",
];

/// What is never due comes after all that is.
const NEVER: i64 = i64::MAX;

pub(super) const TOKENS: Table =
    Table { name: "user_token", columns: &["user_id", "hash", "sealed_key", "created_at"] };

pub(super) const TODOS: Table = Table {
    name: "todo",
    columns: &[
        "user_id",
        "action_type",
        "object_id",
        "id",
        "title",
        "description",
        "urgency",
        "due_at",
        "object_name",
        "object_type",
        "route_name",
        "route_params",
        "context",
        "corrective_actions",
        "silenced",
        "silenced_until",
        "created_at",
        "updated_at",
    ],
};

/// The providers that are part of the server, switched off: a full run makes a to-do of each pending
/// request for its owner and for all staff, and that is not what is measured. They still hear of what
/// happens.
pub(super) fn providers(now: i64) -> Filled {
    let columns = &[
        "id",
        "action_type",
        "display_name",
        "schedule",
        "enabled",
        "timeout_seconds",
        "leased_until",
        "last_status",
        "created_at",
        "updated_at",
    ];
    let rows = BUILT_IN.iter().zip(1..).map(|(name, number)| {
        let id = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0004_0000 + number);
        row![id, *name, *name, "0 */6 * * *", false, 30, 0, "", now, now]
    });
    (Table { name: "provider", columns }, rows.collect())
}

/// The token of a user, found by its hash as API keys are. Nobody will be told it again, so that
/// what is sealed does not matter.
pub(super) fn token(community: &Community, number: u64) -> Vec<Row> {
    let row = |token: String| {
        let hash = Sha256::digest(token.as_bytes()).to_vec();
        row![community.person(number).id, hash, Vec::new(), community.now]
    };
    community.token(number).map(row).into_iter().collect()
}

/// What a user has to do.
pub(super) fn todos(community: &Community, number: u64) -> Vec<Row> {
    let todos = community.todos_of(number);
    if todos.is_empty() {
        return Vec::new();
    }
    let user = community.person(number).id;
    todos
        .iter()
        .map(|todo| {
            let ToBeDone { matter, object, .. } = todo;
            let route_params = json!({"uuid": todo.object_id.simple().to_string()}).to_string();
            row![
                user,
                matter.action_type,
                object.as_str(),
                todo.id,
                format!("{} {object}", matter.verb),
                "Somebody waits for this; what there is to know about it stands where it leads.",
                todo.urgency,
                todo.due_at.unwrap_or(NEVER),
                object.as_str(),
                matter.object_type,
                matter.route,
                route_params,
                surroundings(todo),
                corrective_actions(todo),
                false,
                0,
                todo.asked_at,
                todo.asked_at
            ]
        })
        .collect()
}

fn surroundings(todo: &ToBeDone) -> String {
    json!({
        "project": {"name": "Simulations", "id": todo.object_id},
        "organization": {"name": "Institute of Benchmarks", "id": todo.id},
    })
    .to_string()
}

/// Somewhere to go, and something to be done by whoever pushed it.
fn corrective_actions(todo: &ToBeDone) -> String {
    let params = json!({"uuid": todo.object_id.simple().to_string()});
    json!([
        {
            "label": format!("View {}", todo.matter.object_type), "category": "view",
            "severity": "safe", "method": "GET", "api": false, "confirm": false, "metadata": {},
            "route": todo.matter.route, "params": params,
        },
        {
            "label": "Approve", "category": "approve", "severity": "low", "method": "POST",
            "api": true, "confirm": true, "metadata": {}, "params": {},
            "callback": "https://office.example.com/todos/approve",
        },
    ])
    .to_string()
}
