//! Asking providers over HTTP what users have to do (`native.md` §5).
//!
//! All pages are read before anything is changed, and a pull that fails on its way changes nothing. So
//! what is removed is what the provider, asked for everything and heard to the end, did not name.

use std::collections::BTreeSet;
use std::sync::Arc;

use docket_domain::access::TenantScope;
use docket_domain::id::{EventId, UserId};
use docket_domain::mail::Secret;
use docket_domain::time::Instant;
use docket_domain::todo::Provider;
use docket_domain::todo::provider::{completed, failed};
use docket_store::todo::{self, Part};
use docket_store::{Batch, Conn, provider};

use super::push::{Audience, Push, asked, resolve};
use super::reconcile::{Reconciled, Target};
use super::run::{self, Run};
use crate::caller::Caller;
use crate::commit::Done;
use crate::context::{Context, request_id};
use crate::error::Error;
use crate::messenger::Message;
use crate::providers::{Asked, kept};

/// The most pages of one pull.
const MOST_PAGES: usize = 10_000;
/// The most items of one pull: more than that does not belong into memory at once.
const MOST_ITEMS: usize = 500_000;
/// The most bytes of one page.
const LARGEST_PAGE: usize = 4 * 1024 * 1024;
/// Items that are kept in one unit of work.
const BATCH: usize = 100;
/// How often items are kept that others change at the same instant.
const TRIES: u32 = 5;

/// What a provider is asked.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// Of which type.
    pub action_type: &'a str,
    /// For whom; for everybody when nobody is named.
    pub users: Option<&'a [UserId]>,
    /// Where to go on.
    pub cursor: Option<&'a str>,
}

/// A page of what a provider says.
#[derive(Debug, Default)]
pub struct Heard {
    /// What it says, item by item; of one that cannot be used, its key.
    pub items: Vec<Result<Push, Option<String>>>,
    /// Where to go on, when there is more.
    pub next: Option<String>,
}

/// Writes what is asked and reads what is answered.
#[derive(Debug, Clone, Copy)]
pub struct Formats {
    /// Writes what is asked.
    pub say: fn(&Ask<'_>) -> Vec<u8>,
    /// Reads the answer about to-dos of a type, given at an instant; or says why it is none.
    pub hear: fn(&str, Instant, &[u8]) -> Result<Heard, String>,
}

/// Everything that a provider said, heard to the end.
#[derive(Debug, Default)]
struct Whole {
    items: Vec<Push>,
    /// The keys of items that cannot be used; what is known of them stays.
    unusable: BTreeSet<String>,
    errors: usize,
}

/// What would change if a provider were asked in earnest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rehearsal {
    /// How many items it named.
    pub items: usize,
    /// How many of them cannot be used.
    pub unusable: usize,
    /// To-dos that would be new.
    pub created: Vec<Preview>,
    /// To-dos that would be refreshed.
    pub updated: Vec<Preview>,
    /// To-dos that would be resolved.
    pub resolved: Vec<Preview>,
    /// How many to-dos would stay as they are.
    pub unchanged: usize,
    /// Why nothing would change.
    pub error: Option<String>,
}

/// A to-do in a [`Rehearsal`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// Whose.
    pub user_id: UserId,
    /// About what.
    pub object_id: String,
    /// What.
    pub title: String,
}

/// Asks a provider for everything and replaces what is known. The answer is how it went.
pub(super) async fn everybody(ctx: &Context, run: &Run, formats: Formats) -> Result<String, Error> {
    let provider = &run.provider;
    let action_type = provider.details.action_type.as_str();
    let secrets = run::secrets(ctx, run).await?;
    let line = Line { ctx, provider, secrets, formats, run: Some(run) };
    let whole = match line.hear(None).await? {
        Ok(whole) => whole,
        Err(why) => {
            tracing::warn!(action_type, why, "a provider could not be asked");
            return Ok(failed(&why));
        }
    };
    if !is_current(ctx, provider).await? {
        return Ok(failed("the provider was changed meanwhile"));
    }
    let Whole { items, unusable, mut errors } = whole;
    let mut named: BTreeSet<String> = unusable;
    named.extend(items.iter().map(|item| item.object_id.clone()));
    let total = items.len();
    for some in items.chunks(BATCH) {
        errors += keep(ctx, action_type, some.to_vec(), run.began_at()).await?;
        if !run.goes_on(ctx, 0).await? {
            return Ok(failed("another node has taken over"));
        }
    }
    remove_others(ctx, action_type, &named, run.began_at()).await?;
    Ok(completed(total, errors))
}

/// The types of which providers outside know: this one, or all of them when none is named.
pub async fn types_outside(ctx: &Context, only: Option<&str>) -> Result<Vec<String>, Error> {
    let kept = provider::list(&mut ctx.db.reader()).await?;
    let types = kept.into_iter().map(|kept| kept.details).filter(|details| {
        details.enabled
            && !details.is_built_in()
            && only.is_none_or(|only| only == details.action_type)
    });
    Ok(types.map(|details| details.action_type).collect())
}

/// Asks a provider about some users, and replaces what is known of those.
pub async fn some_users(
    ctx: &Context,
    action_type: &str,
    users: &[UserId],
    formats: Formats,
) -> Result<(), Error> {
    let found = provider::of_type(&mut ctx.db.reader(), action_type).await?;
    let usable = |provider: &Provider| provider.details.enabled && !provider.details.is_built_in();
    let Some(provider) = found.filter(usable) else { return Ok(()) };
    if !ctx.settings.todos.enabled {
        return Ok(());
    }
    let began_at = ctx.now();
    let secrets = kept::secrets(ctx, provider.id).await?;
    let line = Line { ctx, provider: &provider, secrets, formats, run: None };
    let whole = match line.hear(Some(users)).await? {
        Ok(whole) if whole.unusable.is_empty() => whole,
        Ok(_) => return Ok(()),
        Err(why) => {
            tracing::warn!(action_type, why, "a provider could not be asked about a user");
            return Ok(());
        }
    };
    let asked = all_asked(&mut ctx.db.reader(), &whole.items).await?.0;
    for user in users {
        let of_user = asked.iter().filter(|asked| asked.user_id == *user).cloned().collect();
        reach(ctx, action_type, Part::User(*user), of_user, began_at).await?;
    }
    Ok(())
}

/// Asks a provider for everything and says what would change; nothing does.
pub async fn rehearse(
    ctx: &Context,
    provider: &Provider,
    formats: Formats,
) -> Result<Rehearsal, Error> {
    let secrets = kept::secrets(ctx, provider.id).await?;
    let line = Line { ctx, provider, secrets, formats, run: None };
    let whole = match line.hear(None).await? {
        Ok(whole) => whole,
        Err(why) => return Ok(Rehearsal { error: Some(why), ..Rehearsal::default() }),
    };
    let action_type = provider.details.action_type.clone();
    ctx.db
        .report(move |conn| Box::pin(async move { compare(conn, &action_type, whole).await }))
        .await
}

async fn compare(conn: &mut Conn, action_type: &str, whole: Whole) -> Result<Rehearsal, Error> {
    let mut rehearsal = Rehearsal {
        items: whole.items.len() + whole.errors,
        unusable: whole.errors,
        ..Rehearsal::default()
    };
    let (asked, _) = all_asked(conn, &whole.items).await?;
    let mut wanted: std::collections::BTreeMap<(String, UserId), Asked> =
        asked.into_iter().map(|asked| ((asked.object_id.clone(), asked.user_id), asked)).collect();
    let mut after = String::new();
    loop {
        let objects = todo::objects_of_type(conn, action_type, &after, 500).await?;
        let Some(last) = objects.last() else { break };
        after.clone_from(last);
        for row in todo::part(conn, action_type, &Part::Objects(objects)).await? {
            let preview = |title: &str| Preview {
                user_id: row.user_id,
                object_id: row.object_id.clone(),
                title: title.to_owned(),
            };
            match wanted.remove(&(row.object_id.clone(), row.user_id)) {
                Some(asked) if asked.matter == row.matter => rehearsal.unchanged += 1,
                Some(asked) => rehearsal.updated.push(preview(&asked.matter.title)),
                None if whole.unusable.contains(&row.object_id) => rehearsal.unchanged += 1,
                None => rehearsal.resolved.push(preview(&row.matter.title)),
            }
        }
    }
    rehearsal.created = wanted
        .into_values()
        .map(|asked| Preview {
            user_id: asked.user_id,
            object_id: asked.object_id,
            title: asked.matter.title,
        })
        .collect();
    Ok(rehearsal)
}

/// The line to one provider.
struct Line<'a> {
    ctx: &'a Context,
    provider: &'a Provider,
    secrets: Vec<Secret>,
    formats: Formats,
    run: Option<&'a Run>,
}

impl Line<'_> {
    /// Hears a provider out, page by page; or says why that could not be done.
    async fn hear(&self, users: Option<&[UserId]>) -> Result<Result<Whole, String>, Error> {
        let details = &self.provider.details;
        let Some(url) = details.url.clone() else { return Ok(Err("it has no address".to_owned())) };
        let within_millis = details.timeout_seconds.saturating_mul(1_000);
        let (mut whole, mut cursor) = (Whole::default(), None::<String>);
        for _ in 0..MOST_PAGES {
            if let Some(run) = self.run
                && !run.goes_on(self.ctx, within_millis.saturating_mul(2)).await?
            {
                return Ok(Err("another node has taken over".to_owned()));
            }
            let at = self.ctx.now();
            let ask = Ask { action_type: &details.action_type, users, cursor: cursor.as_deref() };
            let message = Message {
                url: url.clone(),
                id: self.ctx.id(at, EventId::from_uuid),
                at,
                secrets: self.secrets.clone(),
                body: (self.formats.say)(&ask),
                within_millis,
                longest_answer: LARGEST_PAGE,
            };
            let response = self.ctx.messenger.post(message).await;
            if let Some(why) = response.error {
                return Ok(Err(why));
            }
            let page = match (self.formats.hear)(&details.action_type, at, &response.body) {
                Ok(page) => page,
                Err(why) => return Ok(Err(why)),
            };
            for item in page.items {
                match item {
                    Ok(item) => whole.items.push(item),
                    Err(key) => {
                        whole.errors += 1;
                        whole.unusable.extend(key);
                    }
                }
            }
            if whole.items.len() > MOST_ITEMS {
                return Ok(Err("it says too much".to_owned()));
            }
            match page.next.filter(|next| !next.is_empty()) {
                None => return Ok(Ok(whole)),
                next if next == cursor => return Ok(Err("it goes around in circles".to_owned())),
                next => cursor = next,
            }
        }
        Ok(Err("it comes to no end".to_owned()))
    }
}

/// Whether the provider is still what it was when it was asked.
async fn is_current(ctx: &Context, asked: &Provider) -> Result<bool, Error> {
    let found = provider::find(&mut ctx.db.reader(), asked.id).await?;
    Ok(found.is_some_and(|found| found.details == asked.details))
}

/// What some items ask of whom, and how many people they name that nobody knows.
async fn all_asked(conn: &mut Conn, items: &[Push]) -> Result<(Vec<Asked>, usize), Error> {
    let audiences: Vec<&Audience> = items.iter().map(|item| &item.audience).collect();
    let resolved = resolve(conn, TenantScope::All, &audiences).await?;
    let (mut all, mut unknown) = (Vec::new(), 0);
    for (item, people) in items.iter().zip(resolved) {
        unknown += people.unknown.len();
        all.extend(asked(item, &people.users));
    }
    Ok((all, unknown))
}

/// Keeps what some items say; says how many people they name that nobody knows.
async fn keep(
    ctx: &Context,
    action_type: &str,
    items: Vec<Push>,
    began_at: Instant,
) -> Result<usize, Error> {
    let (asked, unknown) = all_asked(&mut ctx.db.reader(), &items).await?;
    let objects: BTreeSet<String> = items.into_iter().map(|item| item.object_id).collect();
    let part = Part::Objects(objects.into_iter().collect());
    reach(ctx, action_type, part, asked, began_at).await?;
    Ok(unknown)
}

/// Removes what is known of a type and was not named, unless it is newer than the question.
pub(crate) async fn remove_others(
    ctx: &Context,
    action_type: &str,
    named: &BTreeSet<String>,
    began_at: Instant,
) -> Result<(), Error> {
    let mut after = String::new();
    loop {
        let conn = &mut ctx.db.reader();
        let most = i64::try_from(BATCH).unwrap_or(i64::MAX);
        let objects = todo::objects_of_type(conn, action_type, &after, most).await?;
        let Some(last) = objects.last() else { return Ok(()) };
        after.clone_from(last);
        let others: Vec<String> =
            objects.into_iter().filter(|object| !named.contains(object)).collect();
        if !others.is_empty() {
            reach(ctx, action_type, Part::Objects(others), Vec::new(), began_at).await?;
        }
    }
}

async fn reach(
    ctx: &Context,
    action_type: &str,
    part: Part,
    asked: Vec<Asked>,
    began_at: Instant,
) -> Result<(), Error> {
    let rows = todo::part(&mut ctx.db.reader(), action_type, &part).await?;
    if target(action_type, &part, asked.clone(), began_at).is_met(&rows) {
        return Ok(());
    }
    let kept = Arc::new((action_type.to_owned(), part, asked));
    let mut tries = 1;
    loop {
        let (making, kept, now) = (ctx.clone(), Arc::clone(&kept), ctx.now());
        let done = ctx
            .commit_own(&Caller::system(&request_id()), now, move |conn| {
                let (ctx, kept) = (making.clone(), Arc::clone(&kept));
                Box::pin(async move {
                    let (action_type, part, asked) = &*kept;
                    let mut writes = Batch::default();
                    let target = target(action_type, part, asked.clone(), began_at);
                    let done: Reconciled = target.reach(&ctx, conn, now, &mut writes).await?;
                    Ok(Done { writes, ..Done::many((), done.changes) })
                })
            })
            .await;
        match done {
            Err(Error::Unavailable(error))
                if error.is_conflict_with(super::KEY) && tries < TRIES => {}
            done => return done,
        }
        tries += 1;
    }
}

/// What somebody has pushed since the question is newer than the answer, and stays.
fn target<'a>(
    action_type: &'a str,
    part: &'a Part,
    asked: Vec<Asked>,
    began_at: Instant,
) -> Target<'a> {
    let unless_since = Some(began_at.plus_millis(1));
    Target { action_type, part, asked, scope: TenantScope::All, unless_since }
}
