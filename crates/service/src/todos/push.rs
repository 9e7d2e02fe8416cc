//! To-dos that other systems push (`native.md` §4).

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use docket_domain::access::{TenantScope, may_push_todos};
use docket_domain::id::{TenantId, UserId};
use docket_domain::todo::asked::{check_action_type, check_object_id};
use docket_domain::todo::{Matter, Todo};
use docket_domain::violation::{Field, Rule, Violation};
use docket_store::todo::Part;
use docket_store::{Batch, Conn, audience};

use super::reconcile::Target;
use crate::caller::Caller;
use crate::commit::{Answer, Done, Render};
use crate::context::Context;
use crate::error::{Error, Refusal};
use crate::providers::{self, Asked};

/// The most errands that are run in one unit of work.
pub const MOST_ERRANDS: usize = 1_000;
/// The most people who have to do one thing.
pub const MOST_PEOPLE: usize = 10_000;
/// How often errands are run that others run at the same instant.
const TRIES: u32 = 5;

/// Something that some users have to do, as another system says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// What kind of thing.
    pub action_type: String,
    /// About what, in the words of that system.
    pub object_id: String,
    /// Who.
    pub audience: Audience,
    /// What.
    pub matter: Matter,
}

/// People, by what they are known by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Audience {
    /// Their ids.
    pub users: Vec<UserId>,
    /// Their addresses.
    pub emails: Vec<String>,
}

/// What is to be done about one matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Errand {
    /// It is asked of exactly these.
    Put(Box<Push>),
    /// It is settled.
    Delete {
        /// What kind of thing it was.
        action_type: String,
        /// What it was about.
        object_id: String,
    },
}

/// What has become of one errand.
#[derive(Debug, Clone)]
pub struct Ran {
    /// The to-dos that there are now.
    pub todos: Vec<Todo>,
    /// Whether any of them is new.
    pub is_new: bool,
}

/// People who were looked up.
#[derive(Debug, Clone, Default)]
pub(crate) struct People {
    /// Those who are there.
    pub(crate) users: BTreeSet<UserId>,
    /// Who is not: the member that names them, and the place in it.
    pub(crate) unknown: Vec<(&'static str, usize)>,
}

impl Errand {
    fn key(&self) -> (&str, &str) {
        match self {
            Self::Put(push) => (&push.action_type, &push.object_id),
            Self::Delete { action_type, object_id } => (action_type, object_id),
        }
    }

    /// What is wrong with it as it stands.
    fn check(&self) -> Vec<Violation> {
        let (action_type, object_id) = self.key();
        let mut violations = Vec::new();
        let built_in = providers::is_built_in(action_type).then_some(Rule::InUse);
        if let Some(rule) = check_action_type(action_type).or(built_in) {
            violations.push(Violation::named("actionType", rule));
        }
        if let Some(rule) = check_object_id(object_id) {
            violations.push(Violation::named("externalId", rule));
        }
        if let Self::Put(push) = self {
            violations.extend(push.matter.check().err().unwrap_or_default());
            let Audience { users, emails } = &push.audience;
            if users.len() + emails.len() > MOST_PEOPLE {
                let name = if users.is_empty() { "emails" } else { "userIds" };
                violations.push(Violation::body(name, Rule::TooMany(MOST_PEOPLE)));
            }
        }
        violations
    }
}

/// Asks something of some users, or settles it.
pub async fn one(
    ctx: &Context,
    caller: &Caller,
    errand: Errand,
    render: impl Render<Vec<Ran>>,
) -> Result<Answer, Error> {
    run(ctx, caller, vec![errand], false, render).await
}

/// Runs many errands, all of them or none. Of several about one matter the last one counts.
pub async fn many(
    ctx: &Context,
    caller: &Caller,
    errands: Vec<Errand>,
    render: impl Render<Vec<Ran>>,
) -> Result<Answer, Error> {
    run(ctx, caller, errands, true, render).await
}

async fn run(
    ctx: &Context,
    caller: &Caller,
    errands: Vec<Errand>,
    numbered: bool,
    render: impl Render<Vec<Ran>>,
) -> Result<Answer, Error> {
    if !may_push_todos(&caller.principal) {
        return Err(Refusal::Forbidden.into());
    }
    let place = |index: usize, violation: Violation| {
        if numbered { within(index, violation) } else { violation }
    };
    let wrong = errands.iter().enumerate().flat_map(|(index, errand)| {
        errand.check().into_iter().map(move |violation| place(index, violation))
    });
    let wrong: Vec<Violation> = wrong.collect();
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let scope = caller.scope;
    let (errands, render) = (Arc::new(errands), Arc::new(render));
    let mut tries = 1;
    loop {
        let (now, making) = (ctx.now(), ctx.clone());
        let (errands, render) = (Arc::clone(&errands), Arc::clone(&render));
        let answer = ctx
            .commit(
                caller,
                now,
                move |conn| {
                    let (ctx, errands) = (making.clone(), Arc::clone(&errands));
                    Box::pin(async move {
                        let run = Running { ctx: &ctx, scope, numbered, now };
                        run.all(conn, &errands).await
                    })
                },
                move |ran: &Vec<Ran>| (*render)(ran),
            )
            .await;
        match answer {
            Err(Error::Unavailable(error))
                if error.is_conflict_with(super::KEY) && tries < TRIES => {}
            answer => return answer,
        }
        tries += 1;
    }
}

/// Errands on their way.
struct Running<'a> {
    ctx: &'a Context,
    scope: TenantScope,
    numbered: bool,
    now: docket_domain::time::Instant,
}

impl Running<'_> {
    async fn all(&self, conn: &mut Conn, errands: &[Errand]) -> Result<Done<Vec<Ran>>, Error> {
        let people = self.people(conn, errands).await?;
        // Of several about one matter the last one counts; by type, for each is one look.
        let mut last: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for (index, errand) in errands.iter().enumerate() {
            last.insert(errand.key(), index);
        }
        let mut types: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for ((action_type, _), index) in &last {
            types.entry(action_type).or_default().push(*index);
        }
        let mut writes = Batch::default();
        let (mut changes, mut todos) = (Vec::new(), Vec::new());
        let mut new: BTreeSet<docket_domain::id::TodoId> = BTreeSet::new();
        for (action_type, indexes) in types {
            let (mut objects, mut all) = (Vec::new(), Vec::new());
            for index in indexes {
                let Some(errand) = errands.get(index) else { continue };
                objects.push(errand.key().1.to_owned());
                if let (Errand::Put(push), Some(people)) = (errand, people.get(index)) {
                    all.extend(asked(push, &people.users));
                }
            }
            let part = Part::Objects(objects);
            let target = Target {
                action_type,
                part: &part,
                asked: all,
                scope: self.scope,
                unless_since: None,
            };
            let done = target.reach(self.ctx, conn, self.now, &mut writes).await?;
            new.extend(done.new);
            changes.extend(done.changes);
            todos.extend(done.todos);
        }
        let ran = errands.iter().map(|errand| {
            let (action_type, object_id) = errand.key();
            let of_errand = |todo: &&Todo| {
                matches!(errand, Errand::Put(_))
                    && todo.action_type == action_type
                    && todo.object_id == object_id
            };
            let todos: Vec<Todo> = todos.iter().filter(of_errand).cloned().collect();
            Ran { is_new: todos.iter().any(|todo| new.contains(&todo.id)), todos }
        });
        let ran = ran.collect();
        Ok(Done { writes, ..Done::many(ran, changes) })
    }

    /// Who is named; all of them must be there.
    async fn people(&self, conn: &mut Conn, errands: &[Errand]) -> Result<Vec<People>, Error> {
        let nobody = Audience::default();
        let audiences: Vec<&Audience> = errands
            .iter()
            .map(|errand| match errand {
                Errand::Put(push) => &push.audience,
                Errand::Delete { .. } => &nobody,
            })
            .collect();
        let people = resolve(conn, self.scope, &audiences).await?;
        let unknown = people.iter().enumerate().flat_map(|(index, people)| {
            people.unknown.iter().map(move |(name, place)| {
                let violation = Violation::body(format!("{name}[{place}]"), Rule::Invalid);
                if self.numbered { within(index, violation) } else { violation }
            })
        });
        let unknown: Vec<Violation> = unknown.collect();
        if unknown.is_empty() { Ok(people) } else { Err(unknown.into()) }
    }
}

/// The same complaint about one of many errands.
fn within(index: usize, Violation { field, rule }: Violation) -> Violation {
    let path = match field {
        Field::Body(path) | Field::Named(path) => path,
        Field::Id => "id".into(),
        Field::Whole => "".into(),
    };
    Violation::body(format!("items[{index}].{path}"), rule)
}

/// What a push asks of these users.
pub(super) fn asked<'a>(
    push: &'a Push,
    users: &'a BTreeSet<UserId>,
) -> impl Iterator<Item = Asked> + 'a {
    users.iter().map(|user| Asked {
        user_id: *user,
        object_id: push.object_id.clone(),
        matter: push.matter.clone(),
    })
}

/// Looks up everybody who is named, in two statements.
pub(super) async fn resolve(
    conn: &mut Conn,
    scope: TenantScope,
    audiences: &[&Audience],
) -> Result<Vec<People>, Error> {
    let mut ids: Vec<UserId> = audiences.iter().flat_map(|all| all.users.iter().copied()).collect();
    ids.sort_unstable();
    ids.dedup();
    let emails: BTreeSet<String> =
        audiences.iter().flat_map(|all| all.emails.iter().map(|email| key(email))).collect();
    let sees = |tenant: &TenantId| scope.sees(*tenant);
    let known: BTreeSet<UserId> = if ids.is_empty() {
        BTreeSet::new()
    } else {
        let found = audience::tenants_of(conn, &ids).await?;
        found.into_iter().filter(|(_, tenant)| sees(tenant)).map(|(id, _)| id).collect()
    };
    let mut by_email: HashMap<String, Vec<UserId>> = HashMap::new();
    if !emails.is_empty() {
        let found = audience::by_email(conn, emails.into_iter().collect()).await?;
        for (email, id, _) in found.into_iter().filter(|(_, _, tenant)| sees(tenant)) {
            by_email.entry(email).or_default().push(id);
        }
    }
    let people = audiences.iter().map(|all| {
        let mut people = People::default();
        for (place, id) in all.users.iter().enumerate() {
            if known.contains(id) {
                people.users.insert(*id);
            } else {
                people.unknown.push(("userIds", place));
            }
        }
        for (place, email) in all.emails.iter().enumerate() {
            match by_email.get(&key(email)) {
                Some(found) => people.users.extend(found),
                None => people.unknown.push(("emails", place)),
            }
        }
        people
    });
    Ok(people.collect())
}

/// An address as it is kept.
fn key(email: &str) -> String {
    email.trim().to_lowercase()
}
