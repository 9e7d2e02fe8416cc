//! Makes a part of the to-dos what somebody says that it should be: what is new is made, what is
//! said otherwise is refreshed, what is no longer said is resolved, and nothing else is touched.
//!
//! A to-do that is refreshed keeps its id and its silence; one that comes back has the silence that it
//! had (`native.md` §7, 4).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use docket_domain::access::TenantScope;
use docket_domain::event::{Happening, Noun};
use docket_domain::id::{TenantId, TodoId, UserId};
use docket_domain::time::Instant;
use docket_domain::todo::{Matter, Silence, Todo};
use docket_store::todo::{self, Part};
use docket_store::{Batch, Conn, audience, silence};

use crate::commit::Change;
use crate::context::Context;
use crate::error::Error;
use crate::providers::Asked;
use crate::snapshot;

/// What is to become of a part of the to-dos of one type.
#[derive(Debug)]
pub(crate) struct Target<'a> {
    /// The type.
    pub(crate) action_type: &'a str,
    /// Which part.
    pub(crate) part: &'a Part,
    /// All that should be in it.
    pub(crate) asked: Vec<Asked>,
    /// Whose to-dos may be touched.
    pub(crate) scope: TenantScope,
    /// What was made or changed after that stays, whatever is asked.
    pub(crate) unless_since: Option<Instant>,
}

/// What has become of it.
#[derive(Debug, Default)]
pub(crate) struct Reconciled {
    /// The to-dos that there are now, by object and user.
    pub(crate) todos: Vec<Todo>,
    /// Which of them are new.
    pub(crate) new: BTreeSet<TodoId>,
    /// What changed.
    pub(crate) changes: Vec<Change>,
}

/// The rows that there are, and the tenants of everybody concerned.
struct Standing {
    rows: BTreeMap<(String, UserId), Todo>,
    tenants: HashMap<UserId, TenantId>,
}

impl Target<'_> {
    /// Whether everything is as it should be. Asked by a reader, so that nothing is locked or written
    /// in vain.
    pub(crate) fn is_met(&self, rows: &[Todo]) -> bool {
        let wanted: HashMap<(&str, UserId), &Matter> = self
            .asked
            .iter()
            .map(|asked| ((asked.object_id.as_str(), asked.user_id), &asked.matter))
            .collect();
        let is_wanted = |row: &Todo| {
            let wanted = wanted.get(&(row.object_id.as_str(), row.user_id));
            wanted.is_some_and(|matter| **matter == row.matter)
        };
        rows.len() == wanted.len() && rows.iter().all(is_wanted)
    }

    /// Makes it so, within a unit of work.
    pub(crate) async fn reach(
        self,
        ctx: &Context,
        conn: &mut Conn,
        now: Instant,
        writes: &mut Batch,
    ) -> Result<Reconciled, Error> {
        let Standing { mut rows, tenants } = self.standing(conn).await?;
        let silences = self.silences(conn, &rows).await?;
        let mut done = Reconciled::default();
        let mut wanted: BTreeMap<(String, UserId), Asked> = BTreeMap::new();
        for asked in self.asked {
            // Whoever is gone has nothing to do any more.
            if tenants.contains_key(&asked.user_id) {
                wanted.insert((asked.object_id.clone(), asked.user_id), asked);
            }
        }
        for (key, Asked { user_id, object_id, matter }) in wanted {
            let tenant = tenants.get(&user_id).copied();
            let Some(before) = rows.remove(&key) else {
                let todo = Todo {
                    id: ctx.id(now, TodoId::from_uuid),
                    user_id,
                    action_type: self.action_type.to_owned(),
                    object_id,
                    matter,
                    silence: silences.get(&key).copied().unwrap_or_default(),
                    created_at: now,
                    updated_at: now,
                };
                todo::insert(&todo, writes);
                done.new.insert(todo.id);
                done.changes.push(change(
                    Happening::Created(Noun::Todo),
                    tenant,
                    None,
                    Some(&todo),
                ));
                done.todos.push(todo);
                continue;
            };
            if before.matter == matter {
                done.todos.push(before);
                continue;
            }
            let todo = Todo { matter, updated_at: now, ..before.clone() };
            todo::update(&todo, writes);
            let happening = Happening::Updated(Noun::Todo);
            done.changes.push(change(happening, tenant, Some(&before), Some(&todo)));
            done.todos.push(todo);
        }
        for before in rows.into_values() {
            if self.unless_since.is_some_and(|since| before.updated_at >= since) {
                continue;
            }
            let tenant = tenants.get(&before.user_id).copied();
            todo::delete(&before, writes);
            done.changes.push(change(Happening::TodoResolved, tenant, Some(&before), None));
        }
        Ok(done)
    }

    async fn standing(&self, conn: &mut Conn) -> Result<Standing, Error> {
        let rows = todo::part_locked(conn, self.action_type, self.part).await?;
        let asked = self.asked.iter().map(|asked| asked.user_id);
        let mut users: Vec<UserId> = asked.chain(rows.iter().map(|row| row.user_id)).collect();
        users.sort_unstable();
        users.dedup();
        let tenants = audience::tenants_of(conn, &users).await?;
        let tenants: HashMap<UserId, TenantId> =
            tenants.into_iter().filter(|(_, tenant)| self.scope.sees(*tenant)).collect();
        let seen = rows.into_iter().filter(|row| {
            // Those of users who are gone are seen by whoever sees every tenant.
            tenants.contains_key(&row.user_id) || self.scope == TenantScope::All
        });
        let rows = seen.map(|row| ((row.object_id.clone(), row.user_id), row)).collect();
        Ok(Standing { rows, tenants })
    }

    /// The silences of what will be new.
    async fn silences(
        &self,
        conn: &mut Conn,
        rows: &BTreeMap<(String, UserId), Todo>,
    ) -> Result<HashMap<(String, UserId), Silence>, Error> {
        let key = |asked: &Asked| (asked.object_id.clone(), asked.user_id);
        let new: Vec<&Asked> =
            self.asked.iter().filter(|asked| !rows.contains_key(&key(asked))).collect();
        if new.is_empty() {
            return Ok(HashMap::new());
        }
        let mut users: Vec<UserId> = new.iter().map(|asked| asked.user_id).collect();
        let mut objects: Vec<String> = new.iter().map(|asked| asked.object_id.clone()).collect();
        users.sort_unstable();
        users.dedup();
        objects.sort_unstable();
        objects.dedup();
        let laid = silence::of(conn, &users, self.action_type, &objects).await?;
        Ok(laid.into_iter().map(|laid| ((laid.object_id, laid.user_id), laid.silence)).collect())
    }
}

/// The change of a to-do.
pub(crate) fn change(
    happening: Happening,
    tenant: Option<TenantId>,
    before: Option<&Todo>,
    after: Option<&Todo>,
) -> Change {
    Change {
        happening,
        subject: after.or(before).map(|todo| todo.id.uuid()).unwrap_or_default(),
        tenant,
        before: before.map(snapshot::todo),
        after: after.map(snapshot::todo),
        event: None,
        event_id: None,
    }
}
