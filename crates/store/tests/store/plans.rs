//! Every statement is prepared by both engines, and none reads a whole table that grows or sorts
//! what an index could have given in order.
//!
//! The tables are empty, so the plans are those of the rules that engines follow without knowing
//! what is in a table. On `PostgreSQL` scans are made dear: one that stays cannot be replaced.

use std::collections::BTreeSet;

use docket_domain::access::Sight;
use docket_domain::access::viewer::{SeenInvitations, SeenRequests};
use docket_domain::action::taken::State;
use docket_domain::attempt::WebhookEventSearch;
use docket_domain::id::{
    ActionId, ApplicationId, CustomerId, DefinitionId, ReasonId, TenantId, UserId,
};
use docket_domain::page::{Order, Paging};
use docket_domain::permission::{RequestState, invitation, request};
use docket_domain::time::Instant;
use docket_domain::todo::TodoFilter;
use docket_store::action_search::{After, Search, Sort, Way, select};
use docket_store::migrate::MIGRATIONS;
use docket_store::outbox::{self, Wanted};
use docket_store::plan::Planned;
use docket_store::todo::list;
use docket_store::{execution, invitation as kept_invitation, permission_request, webhook_event};
use uuid::Uuid;

use crate::support::on_both_engines;

/// Tables that people fill by hand, a row at a time: reading all of one costs next to nothing.
const SMALL: &[&str] = &[
    "api_key",
    "application",
    "definition",
    "email_template",
    "provider",
    "reason",
    "relay",
    "role",
    "setting",
    "signing_key",
    "task",
    "tenant",
    "webhook",
    "webhook_key",
];

/// The statements that may sort, and what little it is that they sort.
const MAY_SORT: &[(&str, &str)] = &[
    ("FIND_GATE", "the blocks of one user, two at most as a rule"),
    ("FIND_GATES", "the users named and their blocks"),
    ("FIND_USERS", "the users named"),
    ("INSERT_DELIVERY", "the rows of one statement"),
    ("HOLDERS_WITH_PERMISSION", "those who hold roles on one scope"),
    ("LIST_DEFINITIONS", "a small table"),
    ("CLAIM_PROVIDER", "a small table"),
    ("LIST_PROVIDERS", "a small table"),
    ("LIST_REASONS", "a small table"),
    ("LIST_TEMPLATES", "a small table"),
    ("LIST_TENANTS", "a small table"),
    ("LOCK_REQUESTS_FOR", "the requests for one invitation"),
    ("LOCK_TODOS_OF_OBJECTS", "the objects named"),
    ("LOCK_TODOS_OF_USER", "what one user has to do of one type"),
    ("LOCK_USERS", "the users named"),
    ("SETTLE_DELIVERY", "the rows of one statement"),
    ("CLAIM_MAILS", "the mails claimed at once"),
    ("REGISTRATIONS_OF", "the registrations of the users named"),
    ("SHARE_USERS", "the users named"),
];

/// The statements that read an index from its end, and how little of it.
const MAY_WALK: &[(&str, &str)] = &[
    ("NEXT_END", "the first of the ends that are pending"),
    ("NEXT_GRANT_END", "the first of the roles that end"),
    ("LIST_STAFF", "an index of the staff alone"),
    ("STAFF", "the few who run the server"),
];

/// What is wrong with a plan. A list that `walks` reads an index in its order until its page is
/// full, so that it may begin at the index's end.
fn faults(steps: &[String], walks: bool) -> Vec<String> {
    let steps: Vec<&str> = steps.iter().map(|step| step.trim_start()).collect();
    let mut faults = Vec::new();
    for (place, step) in steps.iter().enumerate() {
        let node = step.trim_start_matches("->").trim_start();
        let wrong = match node.split_once(' ').unwrap_or((node, "")) {
            ("SCAN", what) => scans(what, walks),
            ("Seq", what) => !is_small(what.trim_start_matches("Scan on ")),
            ("USE", what) => what.starts_with("TEMP B-TREE"),
            ("Sort", what) => !what.starts_with("Key:") && !what.starts_with("Method:"),
            ("Incremental", _) => true,
            ("Index" | "Bitmap", what) if what.contains("Scan") && !what.contains("Heap") => {
                let table = node.rsplit_once(" on ").map_or("", |(_, table)| table);
                !walks
                    && !is_small(table)
                    && !is_bounded(steps.get(place + 1..).unwrap_or_default())
            }
            _ => false,
        };
        if wrong {
            faults.push(node.to_owned());
        }
    }
    faults
}

/// `SQLite` reads all of something: of a table, along an index, or of a list of values.
fn scans(what: &str, walks: bool) -> bool {
    // Or the one row of `(SELECT 1) AS one`.
    let values =
        what.contains("VIRTUAL TABLE") || what.starts_with("CONSTANT ROW") || what == "one";
    !(values || is_small(what) || (walks && what.contains(" USING ")))
}

fn is_small(table: &str) -> bool {
    let name = table.split(' ').next().unwrap_or_default();
    SMALL.contains(&name)
}

fn is_sort(fault: &str) -> bool {
    ["Sort", "Incremental Sort", "USE TEMP B-TREE FOR ORDER BY"].contains(&fault)
}

/// Whether what follows a step of `PostgreSQL`, before the next one, says where in the index.
fn is_bounded(following: &[&str]) -> bool {
    following
        .iter()
        .take_while(|line| !line.starts_with("->") && !line.contains("Plan "))
        .any(|line| line.starts_with("Index Cond:"))
}

/// Whether a search has to sort what it finds, because no index has both its condition and its
/// order. It sorts no more than the condition leaves.
fn must_sort(search: &Search, way: &Way, sort: Sort) -> bool {
    let by_end = matches!(sort, Sort::EndsFirst | Sort::EndsLast);
    if by_end {
        search.actionee_id.is_some()
            || way.actionee_id.is_some()
            || search.actioner_id.is_some()
            || search.definition_id.is_some()
            || search.reason_id.is_some()
            || search.tenant_id.is_some()
            || search.application_id.is_some()
            || search.taken_after.is_some()
            || way.word.is_some()
    } else {
        search.ends_after.is_some()
    }
}

/// A search for one thing, with a name for messages.
fn searches() -> Vec<(&'static str, Search)> {
    let id = Uuid::from_u128(7);
    let at = Some(Instant::from_millis(1_700_000_000_000));
    let all = Search::default;
    vec![
        ("everything", all()),
        ("actionee", Search { actionee_id: Some(UserId::from_uuid(id)), ..all() }),
        ("actioner", Search { actioner_id: Some(UserId::from_uuid(id)), ..all() }),
        ("definition", Search { definition_id: Some(DefinitionId::from_uuid(id)), ..all() }),
        ("reason", Search { reason_id: Some(ReasonId::from_uuid(id)), ..all() }),
        ("application", Search { application_id: Some(ApplicationId::from_uuid(id)), ..all() }),
        ("tenant", Search { tenant_id: Some(TenantId::from_uuid(id)), ..all() }),
        ("state", Search { states: vec![State::Active, State::Instant], ..all() }),
        ("prevents login", Search { prevents_login: Some(true), ..all() }),
        ("taken", Search { taken_after: at, taken_before: at, ..all() }),
        ("ends", Search { ends_after: at, ends_before: at, ..all() }),
        (
            "definition, tenant and state",
            Search {
                definition_id: Some(DefinitionId::from_uuid(id)),
                tenant_id: Some(TenantId::from_uuid(id)),
                states: vec![State::Active],
                ..all()
            },
        ),
    ]
}

/// The ways of a search that has a text.
fn ways() -> Vec<(&'static str, Way)> {
    let actionee = UserId::from_uuid(Uuid::from_u128(7));
    let spam = Some("spam".to_owned());
    let others = vec![("again".to_owned(), vec![actionee])];
    vec![
        ("word", Way { word: spam.clone(), ..Way::default() }),
        ("words", Way { word: spam, others: others.clone(), ..Way::default() }),
        ("name", Way { actionee_id: Some(actionee), ..Way::default() }),
        ("name and word", Way { actionee_id: Some(actionee), others, ..Way::default() }),
    ]
}

on_both_engines! {
    async fn every_statement_finds_its_rows_by_an_index(db) {
        let mut wrong = Vec::new();
        let each = docket_store::statements().into_iter();
        let texts = each.flat_map(|stmt| {
            let many = Planned::many_of(stmt);
            [Some(Planned::from(stmt)), many].into_iter().flatten().map(move |text| (stmt, text))
        });
        for (stmt, text) in texts {
            let steps = db.plan(text).await;
            let steps = steps.unwrap_or_else(|error| panic!("{}: {error:?}", stmt.name()));
            let may_walk = MAY_WALK.iter().any(|(name, _)| *name == stmt.name());
            for fault in faults(&steps, may_walk) {
                let may_sort = MAY_SORT.iter().any(|(name, _)| *name == stmt.name());
                if !(may_sort && is_sort(&fault)) {
                    wrong.push(format!("{}: {fault}", stmt.name()));
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    async fn ends_to_come_are_found_among_themselves(db) {
        // The actions' index for searches has all the ends that ever were.
        let of_ends = ["NEXT_END", "LOCK_DUE_ENDS"];
        let statements = docket_store::statements();
        for stmt in statements.into_iter().filter(|stmt| of_ends.contains(&stmt.name())) {
            let steps = db.plan(stmt).await.unwrap().join(" ");
            assert!(steps.contains("pending_end"), "{}: {steps}", stmt.name());
        }
    }

    async fn the_logs_are_read_along_their_indexes(db) {
        let at = Some(Instant::from_millis(1_700_000_000_000));
        let tenant_id = Some(TenantId::from_uuid(Uuid::from_u128(7)));
        let paging = Paging { start: 0, size: 25, order: Vec::new() };
        let search = WebhookEventSearch { start: at, end: at, ..WebhookEventSearch::default() };
        let wanted = Wanted { types: vec!["user.action".to_owned()], tenant_id, ..Wanted::default() };
        let mut wrong = Vec::new();
        for (name, list) in [
            ("told", webhook_event::select(&search, None, &paging)),
            ("told in a tenant", webhook_event::select(&search, tenant_id, &paging)),
            ("events", outbox::select(&Wanted::default(), 5, 9, 50)),
            ("events of a type in a tenant", outbox::select(&wanted, 5, 9, 50)),
        ] {
            let steps = db.plan(&list).await.unwrap();
            wrong.extend(faults(&steps, false).into_iter().map(|fault| format!("{name}: {fault}")));
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    async fn requests_and_invitations_are_read_along_their_indexes(db) {
        let id = Uuid::from_u128(7);
        let (user, customer) = (UserId::from_uuid(id), CustomerId::from_uuid(id));
        let customers = BTreeSet::from([customer]);
        let paging = |order| Paging { start: 0, size: 10, order };
        let newest = paging(Vec::new());
        let by_state = paging(vec![Order { field: "state", descending: false }]);
        let all = request::Wanted::default();
        let pending = request::Wanted { states: vec![RequestState::Pending], ..all.clone() };
        let own = request::Wanted { requester: Some(user), ..all.clone() };
        let of_customer = request::Wanted { customer: Some(customer), ..all.clone() };
        let seen = Sight::Of(SeenRequests { requester: user, customers: BTreeSet::new() });
        let some = Sight::Of(SeenRequests { requester: user, customers: customers.clone() });
        let offered = invitation::Wanted::default();
        let public = Sight::Of(SeenInvitations { customers: BTreeSet::new() });
        let listed = Sight::Of(SeenInvitations { customers });
        let mut wrong = Vec::new();
        for (name, list, sorts) in [
            ("requests", permission_request::select(&all, &Sight::All, &newest), false),
            ("requests by state", permission_request::select(&all, &Sight::All, &by_state), false),
            ("pending", permission_request::select(&pending, &Sight::All, &newest), false),
            ("by one", permission_request::select(&own, &Sight::All, &newest), false),
            ("of one", permission_request::select(&of_customer, &Sight::All, &newest), false),
            ("own", permission_request::select(&all, &seen, &newest), false),
            // Two indexes are read, so what they find is sorted.
            ("own and managed", permission_request::select(&all, &some, &newest), true),
            ("the same by state", permission_request::select(&all, &some, &by_state), true),
            ("the same, pending", permission_request::select(&pending, &some, &newest), true),
            ("invitations", kept_invitation::select(&offered, &Sight::All, &newest), false),
            ("public ones", kept_invitation::select(&offered, &public, &newest), false),
            ("public and managed", kept_invitation::select(&offered, &listed, &newest), true),
        ] {
            let steps = db.plan(&list).await.unwrap();
            let found = faults(&steps, true).into_iter().filter(|fault| !(sorts && is_sort(fault)));
            wrong.extend(found.map(|fault| format!("{name}: {fault}")));
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    async fn which_requests_somebody_sees_is_told_by_indexes_alone(db) {
        let id = Uuid::from_u128(7);
        let customers = BTreeSet::from([CustomerId::from_uuid(id)]);
        let seen = Sight::Of(SeenRequests { requester: UserId::from_uuid(id), customers });
        let paging = Paging { start: 0, size: 10, order: Vec::new() };
        let list = permission_request::select(&request::Wanted::default(), &seen, &paging);
        for planned in [Planned::from(&list), Planned::count_of(&list)] {
            let steps = db.plan(planned).await.unwrap();
            let reads: Vec<&String> =
                steps.iter().filter(|step| step.contains("permission_request_")).collect();
            let alone = |step: &&&String| {
                step.contains("COVERING INDEX") || step.contains("Index Only Scan")
            };
            assert_eq!(reads.iter().filter(alone).count(), 2, "{steps:#?}");
            assert_eq!(reads.len(), 2, "{steps:#?}");
        }
    }

    async fn the_to_dos_of_a_user_come_in_the_order_of_their_index(db) {
        let user = UserId::from_uuid(Uuid::from_u128(7));
        let now = Instant::from_millis(1_700_000_000_000);
        let paging = Paging { start: 20, size: 10, order: Vec::new() };
        let of_type = TodoFilter { action_type: Some("a".to_owned()), ..TodoFilter::default() };
        let mut wrong = Vec::new();
        for (name, list, may_sort) in [
            ("all", list::select(user, &TodoFilter::default(), &Vec::new(), now, &paging), false),
            // What one user has to do of one type is found by that, and sorted.
            ("of a type", list::select(user, &of_type, &Vec::new(), now, &paging), true),
            ("executions", execution::select(user, &paging), false),
        ] {
            let steps = db.plan(&list).await.unwrap();
            let faults = faults(&steps, false).into_iter().filter(|fault| !may_sort || !is_sort(fault));
            wrong.extend(faults.map(|fault| format!("{name}: {fault}: {steps:?}")));
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    async fn to_dos_are_counted_by_an_index_alone(db) {
        let user = UserId::from_uuid(Uuid::from_u128(7));
        let now = Instant::from_millis(1_700_000_000_000);
        let overdue = TodoFilter { overdue: Some(true), ..TodoFilter::default() };
        for filter in [TodoFilter::default(), overdue] {
            let steps = db.plan(&list::counts(user, &filter, now)).await.unwrap();
            let alone = |step: &String| {
                step.contains("COVERING INDEX todo_tally")
                    || step.contains("Index Only Scan using todo_tally")
            };
            assert!(steps.iter().any(alone), "{filter:?}: {steps:#?}");
        }
    }

    async fn a_search_over_actions_reads_no_more_than_it_must(db) {
        let now = Instant::from_millis(1_700_000_000_000);
        let after = After { ends_at: 1, id: ActionId::from_uuid(Uuid::from_u128(9)) };
        let mut wrong = Vec::new();
        let searches = searches().into_iter().map(|(name, search)| (name, search, Way::default()));
        let ways = ways().into_iter().map(|(name, way)| (name, Search::default(), way));
        for (name, search, way) in searches.chain(ways) {
            for sort in [Sort::NewestFirst, Sort::OldestFirst, Sort::EndsFirst, Sort::EndsLast] {
                for after in [None, Some(after)] {
                    let select = select(&search, &way, sort, after, 50, now);
                    let steps = db.plan(&select).await.unwrap();
                    let page = if after.is_some() { "later" } else { "first" };
                    for fault in faults(&steps, true) {
                        if !(must_sort(&search, &way, sort) && is_sort(&fault)) {
                            wrong.push(format!("{name}, {sort:?}, {page}: {fault}"));
                        }
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}

mod words {
    //! What the engines say, and what is made of it.

    use super::faults;

    fn of(steps: &[&str]) -> Vec<String> {
        faults(&steps.iter().map(|step| (*step).to_owned()).collect::<Vec<_>>(), false)
    }

    #[test]
    fn a_scan_and_a_sort_are_faults() {
        assert_eq!(of(&["SCAN users"]).len(), 1);
        assert_eq!(of(&["SCAN users USING COVERING INDEX users_login"]).len(), 1);
        assert_eq!(of(&["SEARCH users USING PRIMARY KEY (id=?)"]).len(), 0);
        assert_eq!(of(&["USE TEMP B-TREE FOR ORDER BY"]).len(), 1);
        assert_eq!(of(&["Sort", "  Sort Key: id", "  ->  Seq Scan on users u"]).len(), 2);
        assert_eq!(of(&["Index Scan using users_pkey on users", "  Filter: active"]).len(), 1);
    }

    #[test]
    fn a_small_table_a_list_and_a_bounded_part_are_none() {
        assert_eq!(of(&["SCAN tenant", "SCAN wanted VIRTUAL TABLE INDEX 1:"]).len(), 0);
        assert_eq!(of(&["Seq Scan on definition d", "  Filter: active"]).len(), 0);
        let bounded = ["Index Scan using users_pkey on users", "  Index Cond: (id = $1)"];
        assert_eq!(of(&bounded).len(), 0);
    }
}
