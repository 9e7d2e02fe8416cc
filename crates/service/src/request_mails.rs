//! The mails about requests (`waldur.md` §11.2): to those who may decide on one, and to the requester.
//!
//! They follow from the event of the change, after its commit, so they never delay or fail it, and
//! are kept in the unit of work that notes that the event was told: once on any number of nodes.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use docket_domain::directory::role::{PROJECT_CREATE_PERMISSION, create_permission};
use docket_domain::directory::scope::{Scope, ScopeKind};
use docket_domain::directory::user::is_email;
use docket_domain::directory::{MailSettings, Person};
use docket_domain::id::{CustomerId, TenantId, UserId};
use docket_domain::mail::Address;
use docket_domain::text::Locale;
use docket_store::outbox::KeptEvent;
use docket_store::{Conn, affiliation, approver, customer, tenant, user};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::action_mail::Composed;
use crate::context::Context;
use crate::error::Error;
use crate::mails::{self, About, NewMail};

pub(crate) mod texts;

use texts::Text;

/// Somebody a mail goes to.
struct Reader {
    to: Address,
    user: Option<UserId>,
    tenant: TenantId,
    languages: Vec<Locale>,
}

/// Whether mails may follow from events of this type.
pub(crate) fn follow_from(event_type: &str) -> bool {
    matches!(
        event_type,
        "permission_request.created"
            | "permission_request.approved"
            | "permission_request.rejected"
    )
}

/// The mails that follow from an event.
pub(crate) async fn compose(ctx: &Context, event: &KeptEvent) -> Result<Vec<Composed>, Error> {
    let told: Value = serde_json::from_str(event.payload.as_str()).unwrap_or(Value::Null);
    let wanted = &ctx.settings.notifications;
    let conn = &mut ctx.db.reader();
    let requester = id(&told, "/requester/id").map(UserId::from_uuid);
    let Some(requester) = requester else { return Ok(Vec::new()) };
    // Whoever is gone has nothing decided for them any more.
    let Some(requester) = affiliation::person(conn, requester).await? else {
        return Ok(Vec::new());
    };
    let (text, readers) = match event.event_type.as_str() {
        "permission_request.created" if wanted.permission_request_submitted => {
            (texts::SUBMITTED, reviewers(ctx, conn, &told, &requester).await?)
        }
        "permission_request.rejected" if wanted.permission_request_rejected => {
            (texts::REJECTED, Vec::from_iter(reader(&requester)))
        }
        "permission_request.approved"
            if wanted.role_granted
                && requester.affiliation.notifies
                && told.pointer("/granted/role").is_some() =>
        {
            (texts::GRANTED, Vec::from_iter(reader(&requester)))
        }
        _ => return Ok(Vec::new()),
    };
    if readers.is_empty() && text.key == texts::SUBMITTED.key {
        let request = at(&told, "/id");
        tracing::warn!(request, "nobody can be told by mail that there is a request to decide on");
    }
    write(ctx, conn, event, text, &variables(ctx, &told, &requester), readers).await
}

/// One mail for each reader.
async fn write(
    ctx: &Context,
    conn: &mut Conn,
    event: &KeptEvent,
    text: Text,
    variables: &Value,
    readers: Vec<Reader>,
) -> Result<Vec<Composed>, Error> {
    let (template, now) = (text.template(), ctx.now());
    let mut senders: BTreeMap<TenantId, MailSettings> = BTreeMap::new();
    let mut composed = Vec::with_capacity(readers.len());
    for Reader { to, user, tenant, languages } in readers {
        let sender = match senders.entry(tenant) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                let kept = tenant::find(conn, tenant).await?;
                // A tenant that goes at this moment takes its mails along.
                unknown.insert(kept.map(|kept| kept.tenant.details.mail).unwrap_or_default())
            }
        };
        composed.push(match mails::write(&template, sender, &languages, variables, to) {
            Ok(email) => {
                let about = About { event: Some(event.id), tenant, template: text.id(), user };
                let mail = NewMail::seal(ctx, now, about, &email);
                Composed { mail: Some(mail), complaint: None }
            }
            Err(flaws) => {
                let complaint = format!("The mail {} could not be written: {flaws:?}", text.key);
                Composed { mail: None, complaint: Some(complaint) }
            }
        });
    }
    Ok(composed)
}

/// Those who may decide, then where the customer is reached; when there is nobody, staff. No address
/// comes twice.
async fn reviewers(
    ctx: &Context,
    conn: &mut Conn,
    told: &Value,
    requester: &Person,
) -> Result<Vec<Reader>, Error> {
    let kind = ScopeKind::from_name(at(told, "/scope/kind"));
    let (Some(kind), Some(scope), Some(customer)) =
        (kind, id(told, "/scope/id"), id(told, "/customer/id").map(CustomerId::from_uuid))
    else {
        return Ok(Vec::new());
    };
    let makes_project = told.pointer("/createsProject") == Some(&Value::Bool(true));
    let of_customer = Scope::Customer(customer);
    let (permission, scopes) = if makes_project {
        (PROJECT_CREATE_PERMISSION, BTreeSet::from([of_customer]))
    } else {
        // The scope of a customer is that customer: it is asked about once.
        (create_permission(kind), BTreeSet::from([Scope::new(kind, scope), of_customer]))
    };
    let mut approvers = Vec::new();
    for scope in scopes.into_iter().rev() {
        approvers.extend(approver::holders(conn, scope, permission, ctx.now()).await?);
    }
    let people = people(conn, approvers).await?;
    let hear = people.iter().filter(|person| person.affiliation.notifies && person.user.active);
    let mut readers: Vec<Reader> = hear.filter_map(reader).collect();
    readers.extend(contacts(conn, customer, requester.user.tenant_id).await?);
    let mut seen = BTreeSet::new();
    readers.retain(|reader| seen.insert(reader.to.email.to_lowercase()));
    if readers.is_empty() {
        let staff = approver::staff(conn).await?;
        readers.extend(self::people(conn, staff).await?.iter().filter_map(reader));
    }
    Ok(readers)
}

/// The users with these ids, in this order.
async fn people(conn: &mut Conn, ids: Vec<UserId>) -> Result<Vec<Person>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let users = user::find_all(conn, &ids).await?;
    let mut people = affiliation::of_users(conn, users).await?;
    people.sort_by_key(|person| ids.iter().position(|id| *id == person.user.id));
    Ok(people)
}

/// Where a customer is reached. Nobody's addresses are written to by the requester's tenant.
async fn contacts(
    conn: &mut Conn,
    customer: CustomerId,
    tenant: TenantId,
) -> Result<Vec<Reader>, Error> {
    let Some(customer) = customer::find(conn, customer).await? else { return Ok(Vec::new()) };
    let details = customer.details;
    let more = details.notification_emails.split(',');
    let addresses = std::iter::once(details.email.as_str()).chain(more).map(str::trim);
    let contacts = addresses.filter(|address| is_email(address)).map(|address| Reader {
        to: Address { email: address.to_owned(), name: None },
        user: None,
        tenant,
        languages: Vec::new(),
    });
    Ok(contacts.collect())
}

/// A user as a reader, if they have an address.
fn reader(person: &Person) -> Option<Reader> {
    let details = &person.user.details;
    let email = details.email.clone().filter(|email| !email.is_empty())?;
    Some(Reader {
        to: Address { email, name: Some(person.full_name()).filter(|name| !name.is_empty()) },
        user: Some(person.user.id),
        tenant: person.user.tenant_id,
        languages: details.preferred_languages.clone(),
    })
}

/// What the templates can name.
fn variables(ctx: &Context, told: &Value, requester: &Person) -> Value {
    let site = &ctx.settings.site;
    let label = |pointer: &str| {
        let name = at(told, &format!("{pointer}/name"));
        if name.is_empty() { at(told, &format!("{pointer}/username")) } else { name }
    };
    let customer = id(told, "/customer/id").map(|id| id.simple().to_string()).unwrap_or_default();
    let link = if site.homeport_url.is_empty() {
        String::new()
    } else {
        format!("{}/organizations/{customer}/group-invitations/", site.homeport_url)
    };
    // What was given, where that is something else than what was asked for.
    let given = |pointer: &str, asked: &str| {
        let given = at(told, pointer);
        if given.is_empty() { at(told, asked).to_owned() } else { given.to_owned() }
    };
    json!({
        "site": site.name,
        "home": site.homeport_url,
        "link": link,
        "requester": {
            "label": label("/requester"),
            "email": requester.user.details.email.as_deref().unwrap_or_default(),
        },
        "reviewer": label("/reviewer"),
        "role": given("/granted/role/name", "/role/name"),
        "scope": given("/granted/scope/name", "/scope/name"),
        "customer": at(told, "/customer/name"),
        "project": at(told, "/projectName"),
        "comment": at(told, "/comment"),
    })
}

/// The text in a place of a document; empty when there is none.
fn at<'v>(document: &'v Value, pointer: &str) -> &'v str {
    document.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The id in a place of a document.
fn id(document: &Value, pointer: &str) -> Option<Uuid> {
    at(document, pointer).parse().ok()
}
