//! The mail that tells users once a day of what they have to do (`waldur.md` §6.6; `native.md` §7, 2):
//! to-dos are counted, and those out of sight are not among them.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use docket_domain::directory::{MailSettings, Person};
use docket_domain::event::Noun;
use docket_domain::id::{TenantId, UserId};
use docket_domain::mail::Address;
use docket_domain::time::Instant;
use docket_store::todo::list::{self, Load};
use docket_store::{Conn, affiliation, task, tenant, user};
use serde_json::json;

use crate::caller::Caller;
use crate::context::Context;
use crate::error::{Error, Refusal};
use crate::mails::{self, About, NewMail};
use crate::request_mails::texts::DIGEST;
use crate::todos::{upkeep, user_of};

const NAME: &str = "digest";
/// Every day at nine, in UTC.
const TIMES: &str = "0 9 * * *";
/// Users looked at in one go.
const USERS: i64 = 500;

/// Writes to everybody who has enough to do, when it is time. The answer is when it is next.
pub(crate) async fn see_to(ctx: &Context) -> Result<Option<Instant>, Error> {
    let now = ctx.now();
    let Some((due, next)) = upkeep::look(ctx, NAME, TIMES, now).await? else { return Ok(None) };
    if due > now {
        return Ok(Some(due));
    }
    // What is due for the first time was never missed.
    let is_first = due.millis() == 0;
    let is_on = ctx.settings.todos.enabled && ctx.settings.notifications.todo_digest;
    let mails = if is_first || !is_on { Vec::new() } else { write_all(ctx, now).await? };
    let mails = Arc::new(mails);
    // The claim and the mails are one unit of work: everybody is written to once.
    ctx.db
        .write(move |conn| {
            let mails = Arc::clone(&mails);
            Box::pin(async move {
                if task::claim(conn, NAME, due, next).await? {
                    mails::keep(conn, &mails).await?;
                }
                Ok::<_, Error>(())
            })
        })
        .await?;
    ctx.nudge.mails();
    Ok(Some(next))
}

/// Writes to one user, however little there is to do; for staff. The answer is what the user is
/// called; nothing when there is no address.
pub async fn write_to(ctx: &Context, caller: &Caller, id: UserId) -> Result<Option<String>, Error> {
    if !user_of(caller)?.staff {
        return Err(Refusal::Forbidden.into());
    }
    let now = ctx.now();
    let conn = &mut ctx.db.reader();
    let person = affiliation::person(conn, id).await?.ok_or(Error::not_found(Noun::User))?;
    if address(&person).is_none() {
        return Ok(None);
    }
    let username = person.username().to_owned();
    if let Some(load) = list::load(conn, id, now).await?
        && let Some(mail) = write(ctx, conn, &person, load, &mut Senders::new(), now).await?
    {
        let mails = Arc::new([mail]);
        ctx.db
            .write(move |conn| {
                let mails = Arc::clone(&mails);
                Box::pin(async move { mails::keep(conn, mails.as_slice()).await })
            })
            .await?;
        ctx.nudge.mails();
    }
    Ok(Some(username))
}

type Senders = BTreeMap<TenantId, MailSettings>;

async fn write_all(ctx: &Context, now: Instant) -> Result<Vec<NewMail>, Error> {
    let (mut mails, mut senders) = (Vec::new(), Senders::new());
    let mut last = UserId::from_uuid(uuid::Uuid::nil());
    loop {
        let conn = &mut ctx.db.reader();
        let loads = list::loads(conn, last, now, USERS).await?;
        let Some(end) = loads.last() else { return Ok(mails) };
        last = end.user_id;
        let enough: BTreeMap<UserId, Load> = loads
            .into_iter()
            .filter(|load| is_enough(ctx, *load))
            .map(|load| (load.user_id, load))
            .collect();
        let ids: Vec<UserId> = enough.keys().copied().collect();
        let users = user::find_all(conn, &ids).await?;
        for person in affiliation::of_users(conn, users).await? {
            let hears = person.affiliation.notifies
                && person.user.active
                && !person.user.details.expiry.is_past(now);
            let load = enough.get(&person.user.id).filter(|_| hears);
            if let Some(load) = load {
                mails.extend(write(ctx, conn, &person, *load, &mut senders, now).await?);
            }
        }
    }
}

/// Whether a user has enough to do to be written to.
fn is_enough(ctx: &Context, load: Load) -> bool {
    let settings = &ctx.settings.todos;
    (settings.high_urgency_notification && load.high > 0)
        || load.total > settings.notification_threshold
}

async fn write(
    ctx: &Context,
    conn: &mut Conn,
    person: &Person,
    load: Load,
    senders: &mut Senders,
    now: Instant,
) -> Result<Option<NewMail>, Error> {
    let Some(email) = address(person) else { return Ok(None) };
    let tenant_id = person.user.tenant_id;
    let sender = match senders.entry(tenant_id) {
        Entry::Occupied(known) => known.into_mut(),
        Entry::Vacant(unknown) => {
            let kept = tenant::find(conn, tenant_id).await?;
            unknown.insert(kept.map(|kept| kept.tenant.details.mail).unwrap_or_default())
        }
    };
    let name = Some(person.full_name()).filter(|name| !name.is_empty());
    let site = &ctx.settings.site;
    let home = &site.homeport_url;
    let link = if home.is_empty() { String::new() } else { format!("{home}/profile/") };
    let high = if load.high > 0 { load.high.to_string() } else { String::new() };
    let variables = json!({
        "site": site.name,
        "link": link,
        "reader": {"label": name.clone().unwrap_or_else(|| person.username().to_owned())},
        "count": load.total.to_string(),
        "high": high,
    });
    let languages = &person.user.details.preferred_languages;
    let to = Address { email, name };
    let written = mails::write(&DIGEST.template(), sender, languages, &variables, to);
    let about =
        About { event: None, tenant: tenant_id, template: DIGEST.id(), user: Some(person.user.id) };
    let flawed = |flaws| tracing::error!(?flaws, "the digest could not be written");
    Ok(written.map_err(flawed).ok().map(|email| NewMail::seal(ctx, now, about, &email)))
}

fn address(person: &Person) -> Option<String> {
    person.user.details.email.clone().filter(|email| !email.is_empty())
}
