//! Group invitations (`waldur.md` §9).

use docket_domain::directory::scope::{Scope, ScopeKind};
use docket_domain::id::{CustomerId, ProjectId, RoleId};
use docket_domain::page::Order;
use docket_domain::permission::invitation::{
    LONGEST_TEXT, NamedScope, Said, SeenInvitation, Wanted,
};
use docket_domain::permission::template::LONGEST_TEMPLATE;
use docket_domain::permission::{Invitation, InvitationDetails};
use serde::Serialize;
use serde_json::Value;

use super::body::Body;
use super::origin::{self, Origin};
use super::problem::Mistakes;
use super::query::Filters;
use super::scalar::{Hex, Moment};

/// The collection in addresses.
pub const COLLECTION: &str = "user-group-invitations";
/// What a list can be ordered by.
const ORDERS: &[&str] = &["created"];
/// The most characters of an address, of a pattern and of an affiliation.
const LONGEST: usize = 2_000;

/// The address of a customer or a project.
pub(super) fn scope_url(scope: Scope, origin: &Origin) -> String {
    let collection = match scope {
        Scope::Customer(_) => "customers",
        Scope::Project(_) => "projects",
    };
    origin.url(collection, scope.uuid())
}

/// What an address names.
pub(super) fn named_scope(text: &str) -> NamedScope {
    let scope = origin::object(text).and_then(|(collection, id)| match collection {
        "customers" => Some(Scope::new(ScopeKind::Customer, id)),
        "projects" => Some(Scope::new(ScopeKind::Project, id)),
        _ => None,
    });
    NamedScope { text: text.to_owned(), scope }
}

/// An invitation, as answered. Texts that nobody gave are empty.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = waldur::GroupInvitation)]
pub struct GroupInvitation {
    url: String,
    uuid: Hex,
    scope_uuid: Hex,
    scope_name: String,
    scope_description: String,
    scope_type: &'static str,
    scope_image: Option<String>,
    customer_uuid: Hex,
    customer_name: String,
    role: Hex,
    role_name: String,
    role_description: String,
    created: Moment,
    /// `null` on a public invitation for those who may not manage it.
    created_by_full_name: Option<String>,
    created_by_username: Option<String>,
    created_by_image: Option<String>,
    is_active: bool,
    is_public: bool,
    auto_create_project: bool,
    auto_approve: bool,
    allow_multiple_requests: bool,
    allow_custom_project_details: bool,
    project_name_template: Option<String>,
    project_role: Option<Hex>,
    user_email_patterns: Vec<String>,
    user_affiliations: Vec<String>,
    user_identity_sources: Vec<String>,
    custom_text: String,
}

impl GroupInvitation {
    /// An invitation, with or without who made it.
    #[must_use]
    pub fn new(seen: &SeenInvitation, with_creator: bool, origin: &Origin) -> Self {
        let Invitation { id, customer_id, details, creator, active, created_at, .. } =
            &seen.invitation;
        let creator = creator.as_ref().filter(|_| with_creator);
        let image = seen.creator_image.as_ref().filter(|_| with_creator);
        Self {
            url: origin.url(COLLECTION, id.uuid()),
            uuid: Hex(id.uuid()),
            scope_uuid: Hex(details.scope.uuid()),
            scope_name: seen.scope_name.clone(),
            scope_description: seen.scope_description.clone(),
            scope_type: details.scope.kind().name(),
            scope_image: seen.scope_image.clone(),
            customer_uuid: Hex(customer_id.uuid()),
            customer_name: seen.customer_name.clone(),
            role: Hex(details.role_id.uuid()),
            role_name: seen.role_name.clone(),
            role_description: seen.role_description.clone(),
            created: Moment(*created_at),
            created_by_full_name: creator.map(|creator| creator.name.clone()),
            created_by_username: creator.map(|creator| creator.username.clone()),
            created_by_image: image.cloned(),
            is_active: *active,
            is_public: details.public,
            auto_create_project: details.creates_project,
            auto_approve: details.approves_at_once,
            allow_multiple_requests: details.allows_many_requests,
            allow_custom_project_details: details.allows_project_details,
            project_name_template: details.project_name_template.clone(),
            project_role: details.project_role_id.map(|id| Hex(id.uuid())),
            user_email_patterns: details.restriction.email_patterns.clone(),
            user_affiliations: details.restriction.affiliations.clone(),
            user_identity_sources: details.restriction.identity_sources.clone(),
            custom_text: details.custom_text.clone(),
        }
    }
}

/// What a changed invitation now says.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = waldur::GroupInvitationUpdate)]
pub struct Changed {
    is_public: bool,
    role: Hex,
    scope: String,
    auto_create_project: bool,
    auto_approve: bool,
    project_name_template: Option<String>,
    project_role: Option<Hex>,
    user_affiliations: Vec<String>,
    user_email_patterns: Vec<String>,
    user_identity_sources: Vec<String>,
    custom_text: String,
    allow_multiple_requests: bool,
    allow_custom_project_details: bool,
}

impl Changed {
    /// What an invitation now says.
    #[must_use]
    pub fn new(details: &InvitationDetails, origin: &Origin) -> Self {
        Self {
            is_public: details.public,
            role: Hex(details.role_id.uuid()),
            scope: scope_url(details.scope, origin),
            auto_create_project: details.creates_project,
            auto_approve: details.approves_at_once,
            project_name_template: details.project_name_template.clone(),
            project_role: details.project_role_id.map(|id| Hex(id.uuid())),
            user_affiliations: details.restriction.affiliations.clone(),
            user_email_patterns: details.restriction.email_patterns.clone(),
            user_identity_sources: details.restriction.identity_sources.clone(),
            custom_text: details.custom_text.clone(),
            allow_multiple_requests: details.allows_many_requests,
            allow_custom_project_details: details.allows_project_details,
        }
    }
}

/// A project of the customer that an invitation is for.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = waldur::GroupInvitationProject)]
pub struct OfferedProject {
    uuid: Hex,
    url: String,
}

impl OfferedProject {
    /// A project by its id.
    #[must_use]
    pub fn new(id: ProjectId, origin: &Origin) -> Self {
        Self { uuid: Hex(id.uuid()), url: scope_url(Scope::Project(id), origin) }
    }
}

/// Reads a new invitation.
pub fn new(value: &Value) -> Result<Said, Mistakes> {
    let mut body = Body::new(value);
    body.require(&["role", "scope"]);
    said(body)
}

/// Reads what is to be changed of an invitation.
pub fn change(value: &Value) -> Result<Said, Mistakes> {
    said(Body::new(value))
}

fn said(mut body: Body<'_>) -> Result<Said, Mistakes> {
    let said = Said {
        scope: body.text("scope", LONGEST).map(|text| named_scope(&text)),
        role_id: body.uuid("role").map(RoleId::from_uuid),
        project_role_id: body
            .nullable_uuid("project_role")
            .said()
            .map(|id| id.map(RoleId::from_uuid)),
        public: body.boolean("is_public"),
        creates_project: body.boolean("auto_create_project"),
        approves_at_once: body.boolean("auto_approve"),
        allows_many_requests: body.boolean("allow_multiple_requests"),
        allows_project_details: body.boolean("allow_custom_project_details"),
        project_name_template: body.nullable_text("project_name_template", LONGEST_TEMPLATE).said(),
        email_patterns: body.texts("user_email_patterns", LONGEST),
        affiliations: body.texts("user_affiliations", LONGEST),
        identity_sources: body.texts("user_identity_sources", LONGEST),
        custom_text: body.blank_text("custom_text", LONGEST_TEXT),
    };
    body.finish()?;
    Ok(said)
}

/// Reads the filters of a list, the scope that it is limited to, and the order.
pub fn wanted(filters: &mut Filters<'_>) -> (Wanted, Option<NamedScope>, Vec<Order>) {
    let wanted = Wanted {
        customer: filters.uuid("customer_uuid").map(CustomerId::from_uuid),
        role: filters.uuid("role_uuid").map(RoleId::from_uuid),
        role_name: filters.text("role_name").map(str::to_owned),
        scope: None,
        kind: filters.text("scope_type").map(ScopeKind::from_name),
        active: filters.boolean("is_active"),
        public: filters.boolean("is_public"),
    };
    (wanted, filters.text("scope").map(named_scope), filters.order(ORDERS))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn what_is_left_out_is_nothing_new() {
        let said = change(&json!({})).unwrap();
        assert!(said.scope.is_none() && said.project_role_id.is_none() && said.public.is_none());
        let said = change(&json!({"project_role": null, "project_name_template": null})).unwrap();
        assert_eq!((said.project_role_id, said.project_name_template), (Some(None), Some(None)));
        let wrong = serde_json::to_value(new(&json!({"is_public": null})).unwrap_err()).unwrap();
        assert_eq!(wrong["role"], json!(["This field is required."]));
        assert_eq!(wrong["scope"], json!(["This field is required."]));
        assert_eq!(wrong["is_public"], json!(["This field may not be null."]));
    }

    #[test]
    fn a_scope_is_named_by_its_address() {
        let id = Uuid::from_u128(7);
        let origin = Origin::new("https", "docket.example");
        for scope in [ScopeKind::Customer, ScopeKind::Project].map(|kind| Scope::new(kind, id)) {
            assert_eq!(named_scope(&scope_url(scope, &origin)).scope, Some(scope));
        }
        let user = origin.url("users", id);
        assert_eq!(named_scope(&user), NamedScope { text: user, scope: None });
    }
}
