//! What a list shows is what can be read alone, for everybody in random worlds.

use std::collections::BTreeSet;

use docket_testkit::{Answered, Server, on_both_engines};
use serde_json::json;

use super::organisation::{INVITATIONS, Organisation, REQUESTS, act, made, submit, texts};
use super::world::{Somebody, somebody};

const CUSTOMERS: &str = "/api/customers/";
const PROJECTS: &str = "/api/projects/";
const USERS: &str = "/api/users/";
const PEOPLE: usize = 4;

/// Numbers that look like chance and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.roll(from.len())]
    }
}

/// All there is, and everybody who may look.
struct World {
    people: Vec<Somebody>,
    customers: Vec<String>,
    projects: Vec<String>,
    invitations: Vec<String>,
    requests: Vec<String>,
}

impl World {
    async fn make(server: &Server, it: &Organisation, dice: &mut Dice) -> Self {
        let mut world = Self {
            people: Vec::new(),
            customers: vec![it.customer.clone()],
            projects: vec![it.project.clone()],
            invitations: Vec::new(),
            requests: Vec::new(),
        };
        for number in 0..PEOPLE {
            world.people.push(somebody(server, &format!("p{number}")).await);
        }
        for name in ["D", "E"] {
            world.customers.push(made(&it.staff, server, CUSTOMERS, json!({"name": name})).await);
        }
        for number in 0..4 {
            let customer = format!("{CUSTOMERS}{}/", dice.pick(&world.customers));
            let body = json!({"name": format!("P{number}"), "customer": customer});
            world.projects.push(made(&it.staff, server, PROJECTS, body).await);
        }
        for _ in 0..10 {
            let (role, scope) = world.offer(dice);
            let who = dice.pick(&world.people);
            let body = json!({"user": who.id, "role": role});
            let given = it.staff.post(server, &format!("{scope}add_user/"), body).await.status;
            assert!([201, 400].contains(&given), "given or held already");
        }
        for _ in 0..8 {
            let (role, scope) = world.offer(dice);
            let more = if dice.roll(3) == 0 && scope.starts_with(CUSTOMERS) {
                json!({"is_public": true, "auto_create_project": true})
            } else {
                json!({"allow_multiple_requests": true})
            };
            let role = if more.get("is_public").is_some() { "PROJECT.ADMIN" } else { role };
            world.invitations.push(it.invitation(server, (role, &scope), more).await);
        }
        for _ in 0..16 {
            let (who, invitation) = (dice.pick(&world.people), dice.pick(&world.invitations));
            let submitted = submit(server, who, invitation).await;
            if submitted.status != 200 {
                continue;
            }
            let request = submitted.json["uuid"].as_str().unwrap().to_owned();
            let what = *dice.pick(&["approve", "reject", "cancel_request", "nothing"]);
            if what != "nothing" {
                let done = act(server, &it.staff, &request, what, json!({})).await.status;
                assert!([200, 400].contains(&done));
            }
            world.requests.push(request);
        }
        let cancel = format!("{INVITATIONS}{}/cancel/", dice.pick(&world.invitations));
        it.staff.post(server, &cancel, json!({})).await;
        world
            .people
            .extend([&it.staff, &it.owner, &it.manager, &it.admin, &it.user].map(Clone::clone));
        world
    }

    /// A role and a scope that suits it.
    fn offer(&self, dice: &mut Dice) -> (&'static str, String) {
        if dice.roll(2) == 0 {
            let role = *dice.pick(&["CUSTOMER.OWNER", "CUSTOMER.SUPPORT", "CUSTOMER.MANAGER"]);
            (role, format!("{CUSTOMERS}{}/", dice.pick(&self.customers)))
        } else {
            let role = *dice.pick(&["PROJECT.ADMIN", "PROJECT.MANAGER", "PROJECT.MEMBER"]);
            (role, format!("{PROJECTS}{}/", dice.pick(&self.projects)))
        }
    }
}

/// The ids that a list shows, all on one page.
fn listed(answered: &Answered) -> BTreeSet<String> {
    assert_eq!(answered.status, 200, "{}", answered.text);
    let ids: BTreeSet<String> = texts(&answered.json, "uuid").into_iter().collect();
    assert_eq!(answered.headers["x-result-count"], ids.len().to_string().as_str());
    ids
}

async fn look(server: &Server, who: Option<&Somebody>, path: &str) -> Answered {
    match who {
        Some(who) => who.get(server, path).await,
        None => server.call("GET", path, &[("Authorization", "")], None).await,
    }
}

/// Of everything that there is, the list shows those that can be read alone.
async fn agree(server: &Server, who: Option<&Somebody>, collection: &str, all: &[String]) {
    let list = listed(&look(server, who, &format!("{collection}?page_size=300")).await);
    for id in all {
        let alone = look(server, who, &format!("{collection}{id}/")).await.status;
        let expected = if list.contains(id) { 200 } else { 404 };
        assert_eq!(alone, expected, "{collection}{id}/ as {who:?}");
    }
    assert!(list.iter().all(|id| all.contains(id)), "{list:?}");
}

on_both_engines! {
    async fn what_a_list_shows_can_be_read_alone_and_nothing_else(server: Server) {
        let it = Organisation::new(&server).await;
        let mut dice = Dice(20_261_122);
        let world = World::make(&server, &it, &mut dice).await;
        assert!(world.requests.len() > 4, "there is something to see");
        let everybody = it.staff.get(&server, &format!("{USERS}?page_size=300")).await;
        let everybody: Vec<String> = listed(&everybody).into_iter().collect();
        for who in &world.people {
            agree(&server, Some(who), REQUESTS, &world.requests).await;
            agree(&server, Some(who), CUSTOMERS, &world.customers).await;
            agree(&server, Some(who), PROJECTS, &world.projects).await;
            agree(&server, Some(who), USERS, &everybody).await;

            // Each request is in one state, of one customer.
            let all = listed(&look(&server, Some(who), &format!("{REQUESTS}?page_size=300")).await);
            let mut parts = BTreeSet::new();
            for state in ["pending", "approved", "rejected", "canceled"] {
                let path = format!("{REQUESTS}?page_size=300&state={state}");
                parts.extend(listed(&look(&server, Some(who), &path).await));
            }
            assert_eq!(parts, all);

            // An invitation can be read by whoever has its id; the list is for those who manage.
            let list = listed(&look(&server, Some(who), &format!("{INVITATIONS}?page_size=300")).await);
            let public = listed(&look(&server, None, &format!("{INVITATIONS}?page_size=300")).await);
            assert!(list.is_superset(&public));
            for id in &world.invitations {
                let alone = look(&server, Some(who), &format!("{INVITATIONS}{id}/")).await;
                assert_eq!(alone.status, 200);
                let customer = alone.json["customer_uuid"].as_str().unwrap();
                let path = format!("{CUSTOMERS}{customer}/list_users/?page_size=300&role=CUSTOMER.OWNER");
                let owners = it.staff.get(&server, &path).await;
                let owns = texts(&owners.json, "user_uuid").contains(&who.id);
                let expected = owns || who.id == it.staff.id || public.contains(id);
                assert_eq!(list.contains(id), expected, "{id} as {who:?}");
            }
        }
        agree(&server, None, INVITATIONS, &world.invitations).await;
    }
}
