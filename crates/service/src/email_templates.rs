//! E-mail templates: made, read, changed, deleted, tried out (`fusionauth.md` §4.8).

use std::borrow::Cow;
use std::sync::Arc;

use docket_domain::directory::MailSettings;
use docket_domain::event::{Happening, Noun};
use docket_domain::id::TemplateId;
use docket_domain::mail::{Flaw, Message, Template, TemplateDetails};
use docket_domain::page::{Page, Paging};
use docket_domain::text::Locale;
use docket_domain::violation::{Field, Rule, Violation};
use docket_store::{Conn, DbError, email_template};

use crate::caller::Caller;
use crate::commit::{Answer, Change, Done, Render};
use crate::context::Context;
use crate::error::Error;
use crate::{message, snapshot};

mod sample;

/// The unique indexes, for two callers who choose one name at the same instant.
const UNIQUE: &[(&str, Field)] = &[
    ("email_template_name", Field::Body(Cow::Borrowed("name"))),
    ("email_template_pkey", Field::Id),
];

/// A message as it would be sent, and what could not be filled.
#[derive(Debug, Clone)]
pub struct Preview {
    /// The message; its sender's address is always there.
    pub message: Message,
    /// What is wrong with the parts that are missing.
    pub flaws: Vec<Flaw>,
}

/// Makes a template.
pub async fn create(
    ctx: &Context,
    caller: &Caller,
    id: Option<TemplateId>,
    details: TemplateDetails,
    render: impl Render<Template>,
) -> Result<Answer, Error> {
    let now = ctx.now();
    let id = id.unwrap_or_else(|| ctx.id(now, TemplateId::from_uuid));
    let new = Arc::new(Template { id, details, created_at: now, updated_at: now });
    ctx.commit(
        caller,
        now,
        move |conn| {
            let new = Arc::clone(&new);
            Box::pin(async move {
                let mut violations = broken_rules(conn, &new).await?;
                if email_template::find(conn, new.id).await?.is_some() {
                    violations.push(Violation::id(Rule::Duplicate));
                }
                refuse(violations)?;
                email_template::insert(conn, &new).await?;
                let change = change(Happening::Created(Noun::Template), None, Some(&new));
                Ok(Done::one((*new).clone(), change))
            })
        },
        render,
    )
    .await
    .map_err(|error| error.duplicate_of(UNIQUE))
}

/// A template.
pub async fn find(ctx: &Context, id: TemplateId) -> Result<Template, Error> {
    let found = email_template::find(&mut ctx.db.reader(), id).await?;
    found.ok_or(Error::not_found(Noun::Template))
}

/// Every template, by name.
pub async fn list(ctx: &Context) -> Result<Vec<Template>, Error> {
    Ok(email_template::list(&mut ctx.db.reader()).await?)
}

/// A page of the templates whose name matches.
pub async fn search(
    ctx: &Context,
    name: Option<&str>,
    paging: &Paging,
) -> Result<Page<Template>, Error> {
    Ok(email_template::search(&mut ctx.db.reader(), name, paging).await?)
}

/// Changes a template: `revise` makes the new details of the present ones, inside the unit of work.
pub async fn update(
    ctx: &Context,
    caller: &Caller,
    id: TemplateId,
    revise: impl Fn(&Template) -> Result<TemplateDetails, Error> + Send + Sync + 'static,
    render: impl Render<Template>,
) -> Result<Answer, Error> {
    let now = ctx.now();
    let revise = Arc::new(revise);
    ctx.commit(
        caller,
        now,
        move |conn| {
            let revise = Arc::clone(&revise);
            Box::pin(async move {
                let before = email_template::find_locked(conn, id).await?;
                let before = before.ok_or(Error::not_found(Noun::Template))?;
                let after =
                    Template { details: revise(&before)?, updated_at: now, ..before.clone() };
                refuse(broken_rules(conn, &after).await?)?;
                email_template::update(conn, &after).await?;
                let change =
                    change(Happening::Updated(Noun::Template), Some(&before), Some(&after));
                Ok(Done::one(after, change))
            })
        },
        render,
    )
    .await
    .map_err(|error| error.duplicate_of(UNIQUE))
}

/// Deletes a template for good, unless a definition still sends it.
pub async fn delete(
    ctx: &Context,
    caller: &Caller,
    id: TemplateId,
    render: impl Render<()>,
) -> Result<Answer, Error> {
    ctx.commit(
        caller,
        ctx.now(),
        move |conn| {
            Box::pin(async move {
                let before = email_template::find_locked(conn, id).await?;
                let before = before.ok_or(Error::not_found(Noun::Template))?;
                if email_template::in_use(conn, id).await? {
                    return Err(Violation::id(Rule::InUse).into());
                }
                email_template::delete(conn, id).await?;
                Ok(Done::one((), change(Happening::Deleted(Noun::Template), Some(&before), None)))
            })
        },
        render,
    )
    .await
}

/// What a template that need not be kept yet would look like to a reader of `locale`.
pub async fn preview(
    ctx: &Context,
    details: TemplateDetails,
    locale: Option<Locale>,
) -> Result<Preview, Error> {
    let variables = sample::variables(ctx.now(), locale.as_ref());
    // A template may ask for a lot of work before it is stopped.
    let filled =
        tokio::task::spawn_blocking(move || message::fill(&details, locale.as_slice(), &variables));
    let (mut message, flaws) =
        filled.await.map_err(|error| Error::Unavailable(DbError::Unavailable(error.into())))?;
    message.from_email.get_or_insert_with(|| MailSettings::default().from_email);
    Ok(Preview { message, flaws })
}

/// Everything wrong with a template that can be kept or not.
async fn broken_rules(conn: &mut Conn, template: &Template) -> Result<Vec<Violation>, Error> {
    let details = &template.details;
    let mut violations = details.check().err().unwrap_or_default();
    violations.extend(message::check(details));
    if email_template::name_taken(conn, template.id, &details.name).await? {
        violations.push(Violation::body("name", Rule::Duplicate));
    }
    Ok(violations)
}

fn refuse(violations: Vec<Violation>) -> Result<(), Error> {
    if violations.is_empty() { Ok(()) } else { Err(violations.into()) }
}

fn change(happening: Happening, before: Option<&Template>, after: Option<&Template>) -> Change {
    Change {
        happening,
        subject: after.or(before).map(|template| template.id.uuid()).unwrap_or_default(),
        tenant: None,
        before: before.map(snapshot::template),
        after: after.map(snapshot::template),
        event: None,
        event_id: None,
    }
}
