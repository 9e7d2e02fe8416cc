//! The standing of a user: everything in force on one page (`native.md` §2).

use std::collections::BTreeMap;

use docket_domain::directory::grant::NamedGrant;
use docket_domain::directory::scope::Scope;
use docket_domain::id::CustomerId;
use docket_domain::permission::request::SeenRequest;
use docket_domain::todo::{Tally, Todo, Urgency};
use serde::Serialize;
use uuid::Uuid;

use super::action::ActionItem;
use super::gate::GateBlock;
use super::scalar;

/// Everything in force for one user.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StandingAnswer<'a> {
    /// The actions in force, newest first.
    pub active_actions: Vec<ActionItem<'a>>,
    /// How many actions are over, cancelled or only happened.
    pub past_action_count: i64,
    /// What prevents logins, newest first.
    pub blocks: Vec<GateBlock<'a>>,
    /// The roles that the user holds.
    pub grants: Vec<StandingGrant<'a>>,
    /// The requests that nobody has decided on, newest first.
    pub open_requests: Vec<OpenRequest<'a>>,
    /// What the user has to do.
    pub todos: StandingTodos<'a>,
    /// How many comments there are about the user.
    pub comments: i64,
}

/// A customer or a project.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StandingScope<'a> {
    /// `customer` or `project`.
    pub kind: &'static str,
    /// Its id.
    pub id: Uuid,
    /// What it is called.
    pub name: &'a str,
    /// The customer that it is, or belongs to.
    pub customer_id: Uuid,
    /// What that is called.
    pub customer_name: &'a str,
}

/// A role that the user holds.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StandingGrant<'a> {
    /// Its id.
    pub id: Uuid,
    /// The name of the role.
    pub role: &'a str,
    /// The role.
    pub role_id: Uuid,
    /// Where.
    pub scope: StandingScope<'a>,
    /// Until when; `null` is until it is taken back.
    pub expires_at: Option<String>,
    /// Since when.
    pub granted_at: String,
    /// Who gave it, if that is known.
    pub granted_by: Option<Granter<'a>>,
}

/// Who gave a role, and what they were called then.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Granter<'a> {
    /// Their id.
    pub id: Uuid,
    /// Their name.
    pub name: Option<&'a str>,
}

/// A request that nobody has decided on.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OpenRequest<'a> {
    /// Its id.
    pub id: Uuid,
    /// The name of the role that is asked for.
    pub role: &'a str,
    /// Where.
    pub scope: StandingScope<'a>,
    /// The invitation that offers it.
    pub invitation_id: Uuid,
    /// Since when.
    pub requested_at: String,
}

/// To-dos in numbers, and the most urgent ones.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StandingTodos<'a> {
    /// How many are in sight.
    pub total: i64,
    /// By urgency: `low`, `medium`, `high`.
    pub by_urgency: BTreeMap<&'static str, i64>,
    /// By action type.
    pub by_type: &'a BTreeMap<String, i64>,
    /// Those whose time has passed.
    pub overdue: i64,
    /// The five that come first.
    pub most_urgent: Vec<UrgentTodo<'a>>,
}

/// One of the most urgent to-dos.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UrgentTodo<'a> {
    /// Its id.
    pub id: Uuid,
    /// What kind of thing it is.
    pub action_type: &'a str,
    /// What is to be done.
    pub title: &'a str,
    /// `low`, `medium` or `high`.
    pub urgency: &'static str,
    /// Until when.
    pub due_at: Option<String>,
    /// What it is about.
    pub related_object_name: &'a str,
}

impl<'a> StandingScope<'a> {
    fn new(scope: (Scope, &'a str), customer: (CustomerId, &'a str)) -> Self {
        Self {
            kind: scope.0.kind().name(),
            id: scope.0.uuid(),
            name: scope.1,
            customer_id: customer.0.uuid(),
            customer_name: customer.1,
        }
    }
}

impl<'a> From<&'a NamedGrant> for StandingGrant<'a> {
    fn from(named: &'a NamedGrant) -> Self {
        let grant = &named.grant;
        Self {
            id: grant.id.uuid(),
            role: &named.role_name,
            role_id: grant.role_id.uuid(),
            scope: StandingScope::new(
                (grant.scope, &named.scope_name),
                (grant.customer_id, &named.customer_name),
            ),
            expires_at: scalar::expiry(grant.expiry),
            granted_at: scalar::instant(grant.created_at),
            granted_by: grant.granted_by.map(|id| Granter {
                id: id.uuid(),
                name: grant.granted_by_name.as_deref().filter(|name| !name.is_empty()),
            }),
        }
    }
}

impl<'a> From<&'a SeenRequest> for OpenRequest<'a> {
    fn from(seen: &'a SeenRequest) -> Self {
        let request = &seen.request;
        Self {
            id: request.id.uuid(),
            role: &seen.role_name,
            scope: StandingScope::new(
                (request.scope, &seen.scope_name),
                (request.customer_id, &seen.customer_name),
            ),
            invitation_id: request.invitation_id.uuid(),
            requested_at: scalar::instant(request.created_at),
        }
    }
}

impl<'a> StandingTodos<'a> {
    /// The numbers, and those that come first.
    #[must_use]
    pub fn new(tally: &'a Tally, most_urgent: &'a [Todo]) -> Self {
        Self {
            total: tally.total,
            by_urgency: Urgency::ALL.map(|(urgency, name)| (name, tally.of(urgency))).into(),
            by_type: &tally.by_type,
            overdue: tally.overdue,
            most_urgent: most_urgent.iter().map(UrgentTodo::from).collect(),
        }
    }
}

impl<'a> From<&'a Todo> for UrgentTodo<'a> {
    fn from(todo: &'a Todo) -> Self {
        Self {
            id: todo.id.uuid(),
            action_type: &todo.action_type,
            title: &todo.matter.title,
            urgency: todo.matter.urgency.name(),
            due_at: todo.matter.due_at.map(scalar::instant),
            related_object_name: &todo.matter.object_name,
        }
    }
}
