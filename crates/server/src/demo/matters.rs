//! What the demo's people do together: organisations with projects, roles that are offered, asked for,
//! granted and refused, and what is still to be done.

use serde_json::{Value, json};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// Who leads the first organisation; the examples show her inbox.
pub(super) const OWNER: &str = "nora.lindqvist";
/// Who waits for an answer.
pub(super) const WAITING: &str = "greta.vogel";

/// Who does something.
#[derive(Debug, Clone, Copy)]
pub(super) enum By {
    /// Those who run the server.
    Staff,
    /// Somebody, by user name.
    Person(&'static str),
    /// Another system, with the API key.
    System,
}

/// One thing that somebody does through the API. Texts between `{` and `}` are what the story calls
/// something; the id of that is put there.
#[derive(Debug, Clone)]
pub(super) struct Matter {
    /// How long ago, in milliseconds.
    pub(super) ago: i64,
    /// Who does it.
    pub(super) by: By,
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    /// What is sent; `null` is nothing.
    pub(super) body: Value,
    /// What the story calls what is made by it.
    pub(super) called: Option<&'static str>,
}

const fn matter(ago: i64, by: By, method: &'static str, path: &'static str, body: Value) -> Matter {
    Matter { ago, by, method, path, body, called: None }
}

fn post(ago: i64, by: By, path: &'static str, body: Value) -> Matter {
    matter(ago, by, "POST", path, body)
}

fn made(called: &'static str, matter: Matter) -> Matter {
    Matter { called: Some(called), ..matter }
}

/// Everything, oldest first.
pub(super) fn tell() -> Vec<Matter> {
    let mut matters = found();
    matters.extend(teams());
    matters.extend(invitations());
    matters.extend(requests());
    matters.extend(marketplace());
    matters.extend(pushed());
    matters.sort_by_key(|matter| -matter.ago);
    matters
}

/// Three organisations and their projects.
fn found() -> Vec<Matter> {
    let customer = |called, ago, name: &str, short: &str, email: &str| {
        let body = json!({"name": name, "abbreviation": short, "email": email});
        made(called, post(ago, By::Staff, "/api/customers/", body))
    };
    let project = |called, ago, of: &str, name: &str, description: &str| {
        let customer = format!("/api/customers/{{{of}}}/");
        let body = json!({"name": name, "customer": customer, "description": description});
        made(called, post(ago, By::Staff, "/api/projects/", body))
    };
    vec![
        customer(
            "institute",
            80 * DAY,
            "Institute for Sound Archives",
            "ISA",
            "office@isa.example",
        ),
        customer("radio", 79 * DAY, "Radio Collectors' Guild", "RCG", "guild@radio.example"),
        customer("school", 78 * DAY, "Night School of Electronics", "NSE", "hello@school.example"),
        project("tapes", 77 * DAY, "institute", "Tape rescue", "Reels from 1950 to 1985"),
        project("voices", 76 * DAY, "institute", "Voices of the valley", "Interviews, 1,200 hours"),
        project("valves", 75 * DAY, "radio", "Valve library", "Measured curves of old valves"),
        project("bench", 74 * DAY, "school", "Workbench", "Devices for the evening courses"),
    ]
}

/// Who has which role where.
fn teams() -> Vec<Matter> {
    let role = |ago, path, person: &str, role: &str| {
        let body = json!({"user": format!("{{@{person}}}"), "role": role});
        post(ago, By::Staff, path, body)
    };
    let until = json!({
        "user": "{@noah.bakker}", "role": "PROJECT.MEMBER", "expiration_time": "{in 20 days}",
    });
    vec![
        role(73 * DAY, "/api/customers/{institute}/add_user/", OWNER, "CUSTOMER.OWNER"),
        role(73 * DAY, "/api/customers/{radio}/add_user/", "t.okafor", "CUSTOMER.OWNER"),
        role(73 * DAY, "/api/customers/{school}/add_user/", "camille.moreau", "CUSTOMER.OWNER"),
        role(72 * DAY, "/api/projects/{tapes}/add_user/", OWNER, "PROJECT.MANAGER"),
        role(71 * DAY, "/api/projects/{tapes}/add_user/", "felix.baumann", "PROJECT.ADMIN"),
        role(70 * DAY, "/api/projects/{voices}/add_user/", "chloe.martin", "PROJECT.MANAGER"),
        role(70 * DAY, "/api/projects/{valves}/add_user/", "dmitri.v", "PROJECT.MANAGER"),
        post(69 * DAY, By::Staff, "/api/projects/{tapes}/add_user/", until),
    ]
}

/// What is offered.
fn invitations() -> Vec<Matter> {
    let offer =
        |called, ago, by, body| made(called, post(ago, by, "/api/user-group-invitations/", body));
    vec![
        offer(
            "join tapes",
            60 * DAY,
            By::Person(OWNER),
            json!({
                "role": "{role PROJECT.MEMBER}", "scope": "/api/projects/{tapes}/",
                "custom_text": "We digitise on Thursdays. Tell us which machines you know.",
            }),
        ),
        offer(
            "lead institute",
            59 * DAY,
            By::Person(OWNER),
            json!({
                "role": "{role CUSTOMER.MANAGER}", "scope": "/api/customers/{institute}/",
            }),
        ),
        offer(
            "valve curves",
            58 * DAY,
            By::Person("t.okafor"),
            json!({
                "role": "{role PROJECT.MEMBER}", "scope": "/api/projects/{valves}/",
                "allow_multiple_requests": true,
            }),
        ),
        offer(
            "own bench",
            57 * DAY,
            By::Staff,
            json!({
                "role": "{role PROJECT.MANAGER}", "scope": "/api/customers/{school}/",
                "is_public": true, "auto_create_project": true, "auto_approve": true,
                "project_name_template": "Workbench of {username}",
                "custom_text": "Everybody gets a bench of their own.",
            }),
        ),
    ]
}

/// What was asked for, in every state.
fn requests() -> Vec<Matter> {
    let ask =
        |called, ago, person, path| made(called, post(ago, By::Person(person), path, Value::Null));
    let answer = |ago, person, path, comment: &str| {
        post(ago, By::Person(person), path, json!({"comment": comment}))
    };
    let (tapes, lead, curves, bench) = (
        "/api/user-group-invitations/{join tapes}/submit_request/",
        "/api/user-group-invitations/{lead institute}/submit_request/",
        "/api/user-group-invitations/{valve curves}/submit_request/",
        "/api/user-group-invitations/{own bench}/submit_request/",
    );
    let approve = "/api/user-permission-requests/{of greta}/approve/";
    vec![
        ask("of anders", 40 * DAY, "anders.nygaard", tapes),
        answer(
            39 * DAY,
            OWNER,
            "/api/user-permission-requests/{of anders}/approve/",
            "Welcome! Bring headphones.",
        ),
        ask("of arjun", 30 * DAY, "arjun.mehta", curves),
        answer(
            29 * DAY,
            "t.okafor",
            "/api/user-permission-requests/{of arjun}/reject/",
            "The curves are for members who measure, too.",
        ),
        ask("of hana", 20 * DAY, "hana.suzuki", tapes),
        post(
            19 * DAY,
            By::Person("hana.suzuki"),
            "/api/user-permission-requests/{of hana}/cancel_request/",
            Value::Null,
        ),
        ask("of emma", 12 * DAY, "emma.virtanen", bench),
        ask("of greta", 9 * DAY, WAITING, curves),
        answer(8 * DAY, "t.okafor", approve, "Glad to have you."),
        ask("of eszter", 2 * DAY, "eszter.nagy", tapes),
        ask("of greta again", 5 * HOUR, WAITING, tapes),
        ask("of mathilde", 3 * HOUR, "mathilde.roux", lead),
    ]
}

/// What the marketplace says of orders and resources.
fn marketplace() -> Vec<Matter> {
    let order = "/api/v1/orders/0190aaaa-0000-7000-8000-00000000000a";
    let resource = "/api/v1/resources/0190aaaa-0000-7000-8000-0000000000b1";
    let offering = |name: &str, kind: &str| json!({"name": name, "uuid": "0190aaaa-0000-7000-8000-0000000000c1", "type": kind});
    vec![
        matter(
            31 * HOUR,
            By::System,
            "PUT",
            order,
            json!({
                "state": "pending-consumer", "type": "Create", "projectId": "{tapes}",
                "offering": offering("Cold storage", "Storage"),
                "resource": {"name": "Reels 1950-1964", "uuid": "0190aaaa-0000-7000-8000-0000000000b2"},
                "estimatedCost": "84.00", "orderedAt": "{31 hours ago}",
            }),
        ),
        matter(
            50 * DAY,
            By::System,
            "PUT",
            resource,
            json!({
                "name": "Transcoding, 4 cores", "state": "OK", "projectId": "{tapes}",
                "offering": offering("Transcoding", "Compute"),
                "prepaid": true, "endDate": "{day in 5 days}",
            }),
        ),
    ]
}

/// What other systems want done.
fn pushed() -> Vec<Matter> {
    let push = |ago, path, body| matter(ago, By::System, "PUT", path, body);
    vec![
        push(
            6 * DAY,
            "/api/v1/todos/licence_renewal/nse-2041",
            json!({
                "userIds": ["{@camille.moreau}", "{@nora.lindqvist}"], "title": "Renew the licence of the editor",
                "description": "Five seats run out. Without them nobody can cut.",
                "dueAt": "{in 10 days}", "relatedObjectName": "Sound editor, 5 seats",
                "relatedObjectType": "licence",
                "correctiveActions": [
                    {"label": "Open the order form", "category": "extend", "severity": "low"},
                ],
            }),
        ),
        push(
            4 * DAY,
            "/api/v1/todos/address_check/nora",
            json!({
                "userIds": ["{@nora.lindqvist}"], "title": "Check the postal address",
                "description": "A letter came back.", "urgency": "low",
                "relatedObjectName": "Institute for Sound Archives", "relatedObjectType": "customer",
            }),
        ),
        push(
            2 * DAY,
            "/api/v1/todos/invoice/rcg-118",
            json!({
                "userIds": ["{@t.okafor}"], "title": "Invoice 118 is due", "urgency": "high",
                "dueAt": "{in 1 days}", "relatedObjectName": "Invoice 118",
                "relatedObjectType": "invoice",
            }),
        ),
    ]
}
