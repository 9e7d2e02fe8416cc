//! Customers, projects, roles, and who holds which. Addresses of people stay out of the log.

use docket_domain::directory::grant::NamedGrant;
use docket_domain::directory::scope::Scope;
use docket_domain::directory::{Affiliation, Customer, Person, Project, Role};
use docket_domain::id::RoleId;
use docket_domain::json::Json;
use docket_domain::permission::{Named, Restriction};
use docket_domain::time::Instant;
use serde_json::{Value, json};

use super::{document, expiry};

/// A role that was given.
#[derive(Debug, Clone)]
pub(crate) struct Granted {
    /// Which.
    pub(crate) role_id: RoleId,
    /// What it is called.
    pub(crate) role_name: String,
    /// Where.
    pub(crate) scope: Scope,
    /// What that is called.
    pub(crate) scope_name: String,
}

/// A customer.
pub(crate) fn customer(customer: &Customer) -> Json {
    let details = &customer.details;
    document(&json!({
        "id": customer.id.to_string(),
        "name": details.name,
        "nativeName": details.native_name,
        "abbreviation": details.abbreviation,
        "description": details.description,
        "email": details.email,
        "notificationEmails": details.notification_emails,
        "phoneNumber": details.phone_number,
        "slug": details.slug,
        "blocked": details.blocked,
        "archived": details.archived,
        "image": details.image,
        "restriction": restriction(&details.restriction),
        "createdAt": customer.created_at.millis(),
        "updatedAt": customer.updated_at.millis(),
    }))
}

/// A project.
pub(crate) fn project(project: &Project) -> Json {
    let details = &project.details;
    document(&json!({
        "id": project.id.to_string(),
        "customerId": project.customer_id.to_string(),
        "name": details.name,
        "description": details.description,
        "slug": details.slug,
        "image": details.image,
        "startDate": details.start_date,
        "endDate": details.end_date,
        "restriction": restriction(&details.restriction),
        "removedAt": project.removed_at.map(Instant::millis),
        "createdAt": project.created_at.millis(),
        "updatedAt": project.updated_at.millis(),
    }))
}

/// A role.
pub(crate) fn role(role: &Role) -> Json {
    let details = &role.details;
    document(&json!({
        "id": role.id.to_string(),
        "name": details.name,
        "description": details.description,
        "kind": details.kind.name(),
        "permissions": details.permissions,
        "active": role.active,
        "system": role.system,
        "createdAt": role.created_at.millis(),
        "updatedAt": role.updated_at.millis(),
    }))
}

/// A user with what they are to organisations.
pub(crate) fn person(person: &Person) -> Json {
    let Affiliation {
        support,
        native_name,
        organization,
        job_title,
        affiliations,
        identity_source,
        notifies,
        token_lifetime_seconds,
    } = &person.affiliation;
    let user: Value = serde_json::from_str(super::user(&person.user).as_str()).unwrap_or_default();
    let mut told = user.as_object().cloned().unwrap_or_default();
    let affiliation = json!({
        "support": support,
        "nativeName": native_name,
        "organization": organization,
        "jobTitle": job_title,
        "affiliations": affiliations,
        "identitySource": identity_source,
        "notifies": notifies,
        "tokenLifetimeSeconds": token_lifetime_seconds,
    });
    told.insert("affiliation".to_owned(), affiliation);
    document(&Value::Object(told))
}

/// A grant, with the names of all that it ties.
pub(crate) fn grant(named: &NamedGrant, holder: &Named) -> Json {
    let NamedGrant { grant, role_name, scope_name, customer_name } = named;
    let giver =
        grant.granted_by.map(|id| json!({"id": id.to_string(), "name": grant.granted_by_name}));
    document(&json!({
        "id": grant.id.to_string(),
        "user": {"id": holder.id.to_string(), "name": holder.name, "username": holder.username},
        "role": {"id": grant.role_id.to_string(), "name": role_name},
        "scope": {
            "kind": grant.scope.kind().name(),
            "id": grant.scope.uuid().to_string(),
            "name": scope_name,
        },
        "customer": {"id": grant.customer_id.to_string(), "name": customer_name},
        "expiresAt": expiry(grant.expiry),
        "grantedBy": giver,
        "createdAt": grant.created_at.millis(),
    }))
}

/// Whom something lets in.
pub(super) fn restriction(restriction: &Restriction) -> Value {
    json!({
        "emailPatterns": restriction.email_patterns,
        "affiliations": restriction.affiliations,
        "identitySources": restriction.identity_sources,
    })
}
