//! The rows of customers, of who holds which role there, and of what is asked for.

use uuid::Uuid;

use super::rows::{Filled, Row, Table, row};
use crate::chance::Chance;
use crate::community::Community;
use crate::community::organisations::{Customer, MEMBER, MEMBERS, OWNER, PROJECTS};

/// A restriction that lets everybody in.
const OPEN: &str = "{}";
/// The state of a request on which nobody has decided.
const PENDING: i64 = 2;

pub(super) const REQUESTS: Table = Table {
    name: "permission_request",
    columns: &[
        "id",
        "invitation_id",
        "customer_id",
        "scope_id",
        "scope_kind",
        "role_id",
        "state",
        "requester_id",
        "requester_name",
        "requester_username",
        "requester_email",
        "project_name",
        "project_description",
        "created_at",
        "updated_at",
    ],
};

/// All but the requests.
pub(super) fn tables(community: &Community) -> Vec<Filled> {
    let customers: Vec<Customer> =
        (0..community.customers()).map(|number| community.customer(number)).collect();
    vec![
        roles(community.now),
        rows_of(&customers, CUSTOMERS, |customer| vec![customer_row(customer)]),
        rows_of(&customers, PROJECTS_TABLE, projects),
        rows_of(&customers, GRANTS, |customer| grants(community, customer)),
        rows_of(&customers, INVITATIONS, |customer| vec![invitation(community, customer)]),
    ]
}

fn rows_of(customers: &[Customer], table: Table, rows: impl Fn(&Customer) -> Vec<Row>) -> Filled {
    (table, customers.iter().flat_map(rows).collect())
}

/// What a user asks for.
pub(super) fn request(community: &Community, number: u64) -> Vec<Row> {
    let Some(asked) = community.request_of(number) else { return Vec::new() };
    let (customer, person) = (community.customer(asked.customer), community.person(number));
    vec![row![
        asked.id,
        customer.invitation,
        customer.id,
        customer.id,
        "customer",
        MEMBER,
        PENDING,
        person.id,
        format!("{} {}", person.first_name, person.last_name),
        person.username,
        person.email,
        "",
        "",
        asked.at,
        asked.at
    ]]
}

fn roles(now: i64) -> Filled {
    let columns = &[
        "id",
        "name",
        "description",
        "scope_kind",
        "permissions",
        "active",
        "system",
        "created_at",
        "updated_at",
    ];
    let row = |id: Uuid, name: &str, description: &str, permissions: &str| {
        row![id, name, description, "customer", permissions, true, false, now, now]
    };
    let owner = r#"["CUSTOMER.CREATE_PERMISSION","CUSTOMER.UPDATE_PERMISSION","CUSTOMER.DELETE_PERMISSION","CUSTOMER.UPDATE","PROJECT.CREATE_PERMISSION","PROJECT.CREATE","INVITATION.LIST"]"#;
    let rows = vec![
        row(OWNER, "Bench owner", "Decides who belongs to it", owner),
        row(MEMBER, "Bench member", "Belongs to it", "[]"),
    ];
    (Table { name: "role", columns }, rows)
}

const CUSTOMERS: Table = Table {
    name: "customer",
    columns: &[
        "id",
        "name",
        "name_key",
        "native_name",
        "abbreviation",
        "description",
        "email",
        "notification_emails",
        "phone_number",
        "slug",
        "blocked",
        "archived",
        "restriction",
        "created_at",
        "updated_at",
    ],
};

fn customer_row(customer: &Customer) -> Row {
    let Customer { id, name, since, .. } = customer;
    let (name, key) = (name.as_str(), name.to_lowercase());
    let slug = key.replace(' ', "-");
    row![*id, name, key, "", "", "", "", "", "", slug, false, false, OPEN, *since, *since]
}

const PROJECTS_TABLE: Table = Table {
    name: "project",
    columns: &[
        "id",
        "customer_id",
        "name",
        "name_key",
        "description",
        "slug",
        "restriction",
        "created_at",
        "updated_at",
    ],
};

fn projects(customer: &Customer) -> Vec<Row> {
    let row = |nth: u64| {
        let name = format!("Project {nth} of {}", customer.name);
        let key = name.to_lowercase();
        let slug = key.replace(' ', "-");
        let id = derived(customer, nth);
        row![id, customer.id, name, key, "", slug, OPEN, customer.since, customer.since]
    };
    (0..PROJECTS).map(row).collect()
}

const GRANTS: Table = Table {
    name: "role_grant",
    columns: &[
        "user_id",
        "scope_id",
        "role_id",
        "id",
        "scope_kind",
        "customer_id",
        "expires_at",
        "created_at",
    ],
};

/// The owner and the members. Nobody gave them what they hold: what an approval gave is told apart
/// by that.
fn grants(community: &Community, customer: &Customer) -> Vec<Row> {
    let row = |nth: u64| {
        let role = if nth == 0 { OWNER } else { MEMBER };
        let user = community.person(customer.owner + nth).id;
        let id = derived(customer, 1_000 + nth);
        row![user, customer.id, role, id, "customer", customer.id, i64::MAX, customer.since]
    };
    (0..=MEMBERS).map(row).collect()
}

const INVITATIONS: Table = Table {
    name: "invitation",
    columns: &[
        "id",
        "customer_id",
        "scope_id",
        "scope_kind",
        "role_id",
        "creator_id",
        "creator_name",
        "creator_username",
        "active",
        "is_public",
        "creates_project",
        "approves_at_once",
        "allows_many_requests",
        "allows_project_details",
        "restriction",
        "custom_text",
        "created_at",
        "updated_at",
    ],
};

fn invitation(community: &Community, customer: &Customer) -> Row {
    let owner = community.person(customer.owner);
    row![
        customer.invitation,
        customer.id,
        customer.id,
        "customer",
        MEMBER,
        owner.id,
        format!("{} {}", owner.first_name, owner.last_name),
        owner.username,
        true,
        true,
        false,
        false,
        false,
        false,
        OPEN,
        "",
        customer.since,
        customer.since
    ]
}

/// An id that belongs to a customer.
fn derived(customer: &Customer, nth: u64) -> Uuid {
    let mut chance = Chance::of(9, customer.owner * 10_000 + nth);
    docket_domain::id::at(docket_domain::time::Instant::from_millis(customer.since), chance.ten())
}
