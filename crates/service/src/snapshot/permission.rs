//! Invitations and requests. People are named as they were called; addresses stay out of the log.

use docket_domain::directory::scope::Scope;
use docket_domain::id::ProjectId;
use docket_domain::json::Json;
use docket_domain::permission::invitation::SeenInvitation;
use docket_domain::permission::request::SeenRequest;
use docket_domain::permission::{Invitation, Named, Request};
use serde_json::{Value, json};

use super::document;
use super::organisation::{Granted, restriction};

/// What followed from a request that was approved.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outcome {
    /// The role that was given, unless the requester held it already.
    pub(crate) granted: Option<Granted>,
    /// The project that it is on, when one was needed: its id, its name, whether it is new.
    pub(crate) project: Option<(ProjectId, String, bool)>,
}

/// A request, as it is kept.
pub(crate) fn request(request: &Request) -> Json {
    document(&bare_request(request))
}

/// What is told of a request: with names, and with what followed.
pub(crate) fn seen_request(seen: &SeenRequest, outcome: &Outcome) -> Json {
    let Request { scope, customer_id, role_id, .. } = seen.request;
    let project = outcome
        .project
        .as_ref()
        .map(|(id, name, created)| json!({"id": id.to_string(), "name": name, "created": created}));
    let granted = outcome.granted.as_ref().map(|granted| {
        json!({
            "role": {"id": granted.role_id.to_string(), "name": granted.role_name},
            "scope": named_scope(granted.scope, &granted.scope_name),
        })
    });
    let named = json!({
        "scope": named_scope(scope, &seen.scope_name),
        "customer": {"id": customer_id.to_string(), "name": seen.customer_name},
        "role": {"id": role_id.to_string(), "name": seen.role_name},
        "createsProject": seen.creates_project,
        "project": project,
        "granted": granted,
    });
    document(&with(bare_request(&seen.request), named))
}

/// The members of one object over those of another.
fn with(mut base: Value, more: Value) -> Value {
    if let (Value::Object(base), Value::Object(more)) = (&mut base, more) {
        base.extend(more);
    }
    base
}

fn bare_request(request: &Request) -> Value {
    let review = request.review.as_ref();
    json!({
        "id": request.id.to_string(),
        "invitationId": request.invitation_id.to_string(),
        "state": request.state.name(),
        "scope": scope(request.scope),
        "customer": {"id": request.customer_id.to_string()},
        "role": {"id": request.role_id.to_string()},
        "requester": person(&request.requester),
        "projectName": request.project_name,
        "projectDescription": request.project_description,
        "reviewer": review.map(|review| person(&review.reviewer)),
        "reviewedAt": review.map(|review| review.at.millis()),
        "comment": review.and_then(|review| review.comment.as_deref()),
        "createdAt": request.created_at.millis(),
        "updatedAt": request.updated_at.millis(),
    })
}

/// An invitation, as it is kept.
pub(crate) fn invitation(invitation: &Invitation) -> Json {
    document(&bare_invitation(invitation))
}

/// What is told of an invitation: with names.
pub(crate) fn seen_invitation(seen: &SeenInvitation) -> Json {
    let Invitation { customer_id, details, .. } = &seen.invitation;
    let named = json!({
        "scope": named_scope(details.scope, &seen.scope_name),
        "customer": {"id": customer_id.to_string(), "name": seen.customer_name},
        "role": {"id": details.role_id.to_string(), "name": seen.role_name},
    });
    document(&with(bare_invitation(&seen.invitation), named))
}

fn bare_invitation(invitation: &Invitation) -> Value {
    let details = &invitation.details;
    json!({
        "id": invitation.id.to_string(),
        "active": invitation.active,
        "scope": scope(details.scope),
        "customer": {"id": invitation.customer_id.to_string()},
        "role": {"id": details.role_id.to_string()},
        "projectRoleId": details.project_role_id.map(|id| id.to_string()),
        "public": details.public,
        "createsProject": details.creates_project,
        "approvesAtOnce": details.approves_at_once,
        "allowsManyRequests": details.allows_many_requests,
        "allowsProjectDetails": details.allows_project_details,
        "projectNameTemplate": details.project_name_template,
        "restriction": restriction(&details.restriction),
        "customText": details.custom_text,
        "creator": invitation.creator.as_ref().map(person),
        "createdAt": invitation.created_at.millis(),
        "updatedAt": invitation.updated_at.millis(),
    })
}

fn person(named: &Named) -> Value {
    json!({"id": named.id.to_string(), "name": named.name, "username": named.username})
}

fn scope(scope: Scope) -> Value {
    json!({"kind": scope.kind().name(), "id": scope.uuid().to_string()})
}

fn named_scope(scope: Scope, name: &str) -> Value {
    json!({"kind": scope.kind().name(), "id": scope.uuid().to_string(), "name": name})
}
