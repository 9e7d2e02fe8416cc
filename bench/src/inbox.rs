//! The questions that users ask about what they have to do and what they may decide on, each with a
//! token of their own.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use hyper::Method;
use hyper::header::HeaderValue;
use uuid::Uuid;

use crate::chance::Chance;
use crate::community::Community;
use crate::community::todos::{LARGE, USUAL};
use crate::engine;
use crate::load::Ask;
use crate::question::{self, BATCH};
use crate::raw::About;

/// How many users look at their to-dos, and how many lay some aside.
const HOLDERS: u64 = 500;

/// How many ask where as few ask as in the small table.
const FEW: u64 = 5;

/// A page of requests.
const REQUESTS: &str = "/api/user-permission-requests/?page=1&page_size=10";

/// Nobody has decided on anything, and nobody was given a role by a decision.
const REOPEN: &str = "BEGIN;
    UPDATE permission_request
    SET state = 2, reviewer_id = NULL, reviewer_name = NULL, reviewer_username = NULL,
        reviewed_at = NULL, review_comment = NULL
    WHERE state = 3;
    DELETE FROM role_grant WHERE granted_by IS NOT NULL;
    COMMIT";

/// Who asks. Some users look, others lay aside what they have to do, so that what is written does
/// not change what is read.
#[derive(Debug, Clone)]
pub(crate) struct Inbox {
    community: Community,
    lookers: Arc<[Holder]>,
    silencers: Arc<[Holder]>,
    /// The user of the large inbox.
    busy: Holder,
    owners: Arc<[Holder]>,
    /// How many requests were decided on since all were open.
    decided: Arc<AtomicU64>,
    /// How many batches were pushed.
    pushed: Arc<AtomicU64>,
}

/// A user with a token.
#[derive(Debug, Clone)]
struct Holder {
    number: u64,
    token: HeaderValue,
}

impl Inbox {
    /// Chooses users.
    pub(crate) fn choose(community: Community) -> Self {
        let holder = |number: u64| {
            let token = format!("Token {}", community.token(number).unwrap_or_default());
            let token = HeaderValue::from_str(&token);
            Holder { number, token: token.unwrap_or(HeaderValue::from_static("Token")) }
        };
        let inboxes = community.inboxes();
        let some = HOLDERS.min(inboxes / 2);
        // Of all inboxes in turn, so that they lie everywhere in the table.
        let spread = |from: u64| {
            let inbox = move |nth: u64| (2 * nth + from) * (inboxes / (2 * some.max(1)));
            (0..some).map(|nth| holder(community.holder(inbox(nth)))).collect()
        };
        Self {
            lookers: spread(0),
            silencers: spread(1),
            busy: holder(community.holder(inboxes)),
            owners: (0..community.customers())
                .map(|number| holder(community.customer(number).owner))
                .collect(),
            community,
            decided: Arc::default(),
            pushed: Arc::default(),
        }
    }

    /// The first ten of the hundred things that a user has to do.
    pub(crate) fn todos(&self, chance: &mut Chance) -> Option<Ask> {
        Some(one_of(&self.lookers, chance)?.get("?page=1&page_size=10"))
    }

    /// The last ten of them.
    pub(crate) fn last_todos(&self, chance: &mut Chance) -> Option<Ask> {
        let page = USUAL / 10;
        Some(one_of(&self.lookers, chance)?.get(&format!("?page={page}&page_size=10")))
    }

    /// The first ten of very many things.
    pub(crate) fn todos_of_large(&self, _: &mut Chance) -> Ask {
        self.busy.get("?page=1&page_size=10")
    }

    /// The same, asked by no more users than there are in a small table.
    pub(crate) fn todos_of_few(&self, chance: &mut Chance) -> Option<Ask> {
        Some(one_of_few(&self.lookers, chance)?.get("?page=1&page_size=10"))
    }

    /// One thing that a user has to do.
    pub(crate) fn todo(&self, chance: &mut Chance) -> Option<Ask> {
        let holder = one_of(&self.lookers, chance)?;
        let todo = self.community.todo(holder.number, chance.below(USUAL));
        Some(holder.get(&format!("{}/", todo.id.simple())))
    }

    /// How many things a user has to do.
    pub(crate) fn summary(&self, chance: &mut Chance) -> Option<Ask> {
        Some(one_of(&self.lookers, chance)?.get("summary/"))
    }

    /// The same of very many things.
    pub(crate) fn summary_of_large(&self, _: &mut Chance) -> Ask {
        self.busy.get("summary/")
    }

    /// A user lays something aside for a week, whether or not it is already.
    pub(crate) fn silence(&self, chance: &mut Chance) -> Option<Ask> {
        let holder = one_of(&self.silencers, chance)?;
        let todo = self.community.todo(holder.number, chance.below(USUAL)).id.simple();
        let path = format!("/api/user-actions/{todo}/silence/?include_silenced=true");
        Some(holder.post(&path, r#"{"duration_days":7}"#))
    }

    /// Another system pushes new things to be done, each by another user.
    pub(crate) fn push(&self, chance: &mut Chance) -> Ask {
        let batch = self.pushed.fetch_add(1, Ordering::Relaxed);
        let items: Vec<String> =
            (0..BATCH).map(|nth| self.put(chance, &format!("{batch}-{nth}"))).collect();
        question::post("/api/v1/todos/batch", format!(r#"{{"items":[{}]}}"#, items.join(",")))
    }

    /// The process makes it new in each run.
    fn put(&self, chance: &mut Chance, name: &str) -> String {
        let half = self.community.users / 2;
        let (user, run) = (self.community.person(half + chance.below(half)).id, std::process::id());
        format!(
            r#"{{"op":"put","actionType":"read_report","externalId":"{run}-{name}","userIds":["{user}"],"title":"Read report {name}","description":"It is as long as the last one.","dueAt":"2099-12-31T12:00:00Z","relatedObjectName":"Report {name}","relatedObjectType":"Report","routeName":"reports.details","routeParams":{{"name":"{name}"}},"correctiveActions":[{{"label":"View","category":"view","route_name":"reports.details"}}]}}"#
        )
    }

    /// The newest ten of the hundred requests for a customer, as its owner sees them.
    pub(crate) fn requests(&self, chance: &mut Chance) -> Option<Ask> {
        Some(one_of(&self.owners, chance)?.ask(Method::GET, REQUESTS, Bytes::new()))
    }

    /// The same, asked by no more owners than there are in a small table.
    pub(crate) fn requests_of_few(&self, chance: &mut Chance) -> Option<Ask> {
        Some(one_of_few(&self.owners, chance)?.ask(Method::GET, REQUESTS, Bytes::new()))
    }

    /// The owner of the customer approves the next request.
    pub(crate) fn approve(&self, _: &mut Chance) -> Option<Ask> {
        self.approve_one(self.next_request()?)
    }

    /// The owner approves the first of all requests; the request and the requester.
    pub(crate) fn approve_first(&self) -> Option<(Ask, Uuid, Uuid)> {
        let (first, requester) = self.about(0);
        Some((self.approve_one(0)?, first, requester))
    }

    fn approve_one(&self, number: u64) -> Option<Ask> {
        let asked = self.community.request(number);
        let owner = self.owners.get(usize::try_from(asked.customer).ok()?)?;
        let path = format!("/api/user-permission-requests/{}/approve/", asked.id.simple());
        Some(owner.post(&path, "{}"))
    }

    /// Requests and requesters for the rows of an approval.
    pub(crate) fn approvals(&self) -> About {
        let inbox = self.clone();
        Arc::new(move |_: &mut Chance| {
            let (request, requester) = inbox.about(inbox.next_request()?);
            Some(vec![request, requester])
        })
    }

    fn about(&self, number: u64) -> (Uuid, Uuid) {
        let asked = self.community.request(number);
        (asked.id, self.community.person(asked.requester).id)
    }

    /// The first request taught how approvals are written.
    fn next_request(&self) -> Option<u64> {
        let number = self.decided.fetch_add(1, Ordering::Relaxed);
        (number < self.community.requests).then_some(number)
    }

    /// Takes back all decisions, so that there is something to decide on. Nobody may be about to look
    /// at earlier ones: what is pending again is asked of those who may decide.
    pub(crate) async fn reopen(&self, url: &str) -> anyhow::Result<()> {
        engine::change(url, REOPEN).await?;
        self.decided.store(0, Ordering::Relaxed);
        Ok(())
    }

    /// Whether there is a large inbox.
    pub(crate) fn has_large(&self) -> bool {
        self.community.todo_count(self.busy.number) == LARGE
    }
}

fn one_of<'h>(holders: &'h [Holder], chance: &mut Chance) -> Option<&'h Holder> {
    let place = chance.below(u64::try_from(holders.len()).unwrap_or(0));
    holders.get(usize::try_from(place).unwrap_or(0))
}

/// One of a few who are as far from each other as can be.
fn one_of_few<'h>(holders: &'h [Holder], chance: &mut Chance) -> Option<&'h Holder> {
    let all = u64::try_from(holders.len()).unwrap_or(0);
    let few = FEW.min(all).max(1);
    holders.get(usize::try_from(chance.below(few) * (all / few)).unwrap_or(0))
}

impl Holder {
    /// Looks at what they have to do.
    fn get(&self, rest: &str) -> Ask {
        self.ask(Method::GET, &format!("/api/user-actions/{rest}"), Bytes::new())
    }

    fn post(&self, path: &str, body: &'static str) -> Ask {
        self.ask(Method::POST, path, Bytes::from_static(body.as_bytes()))
    }

    fn ask(&self, method: Method, path: &str, body: Bytes) -> Ask {
        question::asked_by(self.token.clone(), method, path, body)
    }
}
