//! Permission requests (`waldur.md` §8, §9.6).

use docket_domain::directory::scope::Scope;
use docket_domain::id::{CustomerId, InvitationId, PermissionRequestId, ProjectId, UserId};
use docket_domain::page::Order;
use docket_domain::permission::invitation::NamedScope;
use docket_domain::permission::request::{LONGEST_DESCRIPTION, SeenRequest, Wanted, Wishes};
use docket_domain::permission::template::LONGEST_PROJECT_NAME;
use docket_domain::permission::{Request, RequestState};
use docket_domain::text::LONGEST_COMMENT;
use serde::Serialize;
use serde_json::Value;

use super::body::Body;
use super::invitation;
use super::origin::Origin;
use super::problem::Mistakes;
use super::query::Filters;
use super::scalar::{Hex, Moment};

/// The collection in addresses.
pub const COLLECTION: &str = "user-permission-requests";
/// What a list can be ordered by.
const ORDERS: &[&str] = &["created", "state"];

/// A request, as answered. What was not decided yet is `null`.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = waldur::PermissionRequest)]
pub struct PermissionRequest {
    url: String,
    uuid: Hex,
    invitation: String,
    /// `draft`, `pending`, `approved`, `rejected` or `canceled`.
    state: &'static str,
    created: Moment,
    created_by_full_name: String,
    created_by_username: String,
    created_by_email: String,
    reviewed_by_full_name: Option<String>,
    reviewed_by_username: Option<String>,
    reviewed_at: Option<Moment>,
    review_comment: Option<String>,
    scope_uuid: Hex,
    scope_name: String,
    customer_uuid: Hex,
    customer_name: String,
    role_name: String,
    role_description: String,
    project_name_template: Option<String>,
    project_name: String,
    project_description: String,
}

impl PermissionRequest {
    /// A request.
    #[must_use]
    pub fn new(seen: &SeenRequest, origin: &Origin) -> Self {
        let Request { id, invitation_id, requester, review, .. } = &seen.request;
        let review = review.as_ref();
        Self {
            url: origin.url(COLLECTION, id.uuid()),
            uuid: Hex(id.uuid()),
            invitation: origin.url(invitation::COLLECTION, invitation_id.uuid()),
            state: seen.request.state.name(),
            created: Moment(seen.request.created_at),
            created_by_full_name: requester.name.clone(),
            created_by_username: requester.username.clone(),
            created_by_email: seen.request.requester_email.clone(),
            reviewed_by_full_name: review.map(|review| review.reviewer.name.clone()),
            reviewed_by_username: review.map(|review| review.reviewer.username.clone()),
            reviewed_at: review.map(|review| Moment(review.at)),
            review_comment: review.and_then(|review| review.comment.clone()),
            scope_uuid: Hex(seen.request.scope.uuid()),
            scope_name: seen.scope_name.clone(),
            customer_uuid: Hex(seen.request.customer_id.uuid()),
            customer_name: seen.customer_name.clone(),
            role_name: seen.role_name.clone(),
            role_description: seen.role_description.clone(),
            project_name_template: seen.project_name_template.clone(),
            project_name: seen.request.project_name.clone(),
            project_description: seen.request.project_description.clone(),
        }
    }
}

/// What is answered about a request that was called off.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = waldur::CanceledRequest)]
pub struct Cancelled {
    uuid: Hex,
    scope_name: String,
    scope_uuid: Hex,
}

impl From<&SeenRequest> for Cancelled {
    fn from(seen: &SeenRequest) -> Self {
        Self {
            uuid: Hex(seen.request.id.uuid()),
            scope_name: seen.scope_name.clone(),
            scope_uuid: Hex(seen.request.scope.uuid()),
        }
    }
}

/// What is answered about a request that was handed in.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = waldur::SubmittedRequest)]
pub struct Submitted {
    uuid: Hex,
    scope_name: String,
    scope_uuid: Hex,
    scope_type: &'static str,
    auto_approved: bool,
    /// The project that the role is on, when one was needed.
    project_uuid: Option<Hex>,
    /// Whether it was made for this; `null` when none was needed.
    project_created: Option<bool>,
}

impl Submitted {
    /// A request; `project` is given with whether it is new.
    #[must_use]
    pub fn new(
        id: PermissionRequestId,
        (scope, scope_name): (Scope, &str),
        auto_approved: bool,
        project: Option<(ProjectId, bool)>,
    ) -> Self {
        Self {
            uuid: Hex(id.uuid()),
            scope_name: scope_name.to_owned(),
            scope_uuid: Hex(scope.uuid()),
            scope_type: scope.kind().name(),
            auto_approved,
            project_uuid: project.map(|(id, _)| Hex(id.uuid())),
            project_created: project.map(|(_, created)| created),
        }
    }
}

/// How much there is to do for somebody who decides on requests.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = waldur::DashboardGeneralStats)]
pub struct GeneralStats {
    /// The pending requests that they may decide on.
    pub pending_permission_requests: usize,
    /// Always 0: this server knows no invitations of single users.
    pub active_invitations: usize,
    /// Always 0: this server knows no onboarding.
    pub pending_onboarding_applications: usize,
}

/// Reads what a reviewer says.
pub fn comment(value: &Value) -> Result<Option<String>, Mistakes> {
    let mut body = Body::new(value);
    let comment = body.text("comment", LONGEST_COMMENT);
    body.finish()?;
    Ok(comment)
}

/// Reads what a requester says of the project.
pub fn wishes(value: &Value) -> Result<Wishes, Mistakes> {
    let mut body = Body::new(value);
    let project_name = body.blank_text("project_name", LONGEST_PROJECT_NAME);
    let project_description = body.blank_text("project_description", LONGEST_DESCRIPTION);
    body.finish()?;
    Ok(Wishes {
        project_name: project_name.unwrap_or_default(),
        project_description: project_description.unwrap_or_default(),
    })
}

/// Reads the filters of a list, the scope that it is limited to, and the order.
pub fn wanted(filters: &mut Filters<'_>) -> (Wanted, Option<NamedScope>, Vec<Order>) {
    let wanted = Wanted {
        states: filters.choices("state", RequestState::from_name),
        customer: filters.uuid("customer_uuid").map(CustomerId::from_uuid),
        invitation: filters.uuid("invitation").map(InvitationId::from_uuid),
        requester: filters.uuid("created_by").map(UserId::from_uuid),
        scope: None,
    };
    (wanted, filters.text("scope").map(invitation::named_scope), filters.order(ORDERS))
}
