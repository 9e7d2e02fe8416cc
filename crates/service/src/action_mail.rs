//! The mail about an action: what it says, to whom, and what when its template is broken
//! (`fusionauth.md` §3.8).
//!
//! It is written twice at most: within the unit of work of the action, when the event shall hold it
//! ([`attach`]), else when the event is told to everybody ([`compose`]). A template that cannot be
//! filled costs the mail, never the action; the event log says why.

use docket_domain::action::Definition;
use docket_domain::directory::{MailSettings, User};
use docket_domain::id::{ApplicationId, EventId, TemplateId, UserId};
use docket_domain::journal::EventKind;
use docket_domain::json::Json;
use docket_domain::mail::{Address, Email, Flaw, TemplateDetails};
use docket_domain::time::Instant;
use docket_store::event_log as store_log;
use docket_store::{Batch, Conn, DbError, application, email_template, registration, tenant, user};
use serde_json::{Value, json};

use crate::actions::Told;
use crate::context::Context;
use crate::error::Error;
use crate::mails::{self, About, NewMail, variables};
use crate::snapshot::{self, EmailSnapshot};
use crate::{event_log, template};

/// What follows from an event: a mail to be sent, or a complaint for the event log, or neither.
#[derive(Debug, Clone, Default)]
pub struct Composed {
    /// The mail.
    pub mail: Option<NewMail>,
    /// Why there is none although there should be.
    pub complaint: Option<String>,
}

impl Composed {
    /// Whether nothing follows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.mail.is_none() && self.complaint.is_none()
    }
}

/// A `user.action` event, as the outbox has it.
#[derive(Debug, Clone, Copy)]
pub struct Happened<'e> {
    /// Its id.
    pub id: EventId,
    /// When it happened.
    pub at: Instant,
    /// What it says.
    pub payload: &'e Json,
}

/// Everything that a mail about an action is made of.
struct Draft {
    details: TemplateDetails,
    tenant: MailSettings,
    actionee: User,
    variables: Value,
}

/// The mail that follows from an event, if one does. Made outside of any unit of work, for a
/// template may ask for a lot of work before it is stopped; [`keep`] belongs into the unit that
/// notes that the event was told.
pub async fn compose(ctx: &Context, happened: Happened<'_>) -> Result<Composed, Error> {
    let payload: Value = serde_json::from_str(happened.payload.as_str()).unwrap_or(Value::Null);
    if *at(&payload, "/emailedUser") != true {
        return Ok(Composed::default());
    }
    let conn = &mut ctx.db.reader();
    let actionee = id(at(&payload, "/action/actioneeId"), UserId::from_uuid);
    let template_id = id(at(&payload, "/templateId"), TemplateId::from_uuid);
    let (Some(actionee), Some(template_id)) = (actionee, template_id) else {
        return Ok(Composed::default());
    };
    // Whoever is gone, or has no address any more, cannot be written to.
    let Some(actionee) = user::find(conn, actionee).await? else { return Ok(Composed::default()) };
    let (user_id, tenant_id) = (actionee.id, actionee.tenant_id);
    let now = ctx.now();
    let written = serde_json::from_value::<EmailSnapshot>(at(&payload, "/email").clone());
    let email = if let Ok(written) = written {
        Ok(written.into())
    } else {
        let draft = draft(conn, happened, &payload, template_id, actionee, now).await?;
        let Some(draft) = draft else { return Ok(Composed::default()) };
        let written = tokio::task::spawn_blocking(move || draft.write()).await;
        written.map_err(|error| Error::Unavailable(DbError::Unavailable(error.into())))?
    };
    let action_id = at(&payload, "/action/id").as_str().unwrap_or_default();
    Ok(match email {
        Ok(email) => {
            let about = About {
                event: Some(happened.id),
                tenant: tenant_id,
                template: template_id,
                user: Some(user_id),
            };
            let mail = NewMail::seal(ctx, now, about, &email);
            Composed { mail: Some(mail), complaint: None }
        }
        Err(flaw) => Composed { mail: None, complaint: Some(flaw.about(action_id)) },
    })
}

/// Keeps what follows from some events, within a unit of work. Whoever commits it nudges
/// [`ctx.nudge.mails`](crate::nudge::Nudge::mails).
pub async fn keep(conn: &mut Conn, now: Instant, composed: &[Composed]) -> Result<(), Error> {
    let mails: Vec<NewMail> = composed.iter().filter_map(|one| one.mail.clone()).collect();
    mails::keep(conn, &mails).await?;
    for complaint in composed.iter().filter_map(|one| one.complaint.as_deref()) {
        event_log::write(conn, now, EventKind::Error, complaint).await?;
    }
    Ok(())
}

/// Puts the mail of the phase into the event where the definition wants it so, whether it is sent
/// or not: a receiver may send it. Filling it is bounded work, and few definitions ask for it.
pub(crate) async fn attach(
    conn: &mut Conn,
    told: &mut Told,
    definition: &Definition,
    actionee: &User,
    writes: &mut Batch,
) -> Result<(), Error> {
    let Some(template_id) = told.event.template_id else { return Ok(()) };
    if !definition.details.event_includes_email || actionee.details.email.is_none() {
        return Ok(());
    }
    let (event_id, now, action_id) = (told.event.id, told.event.at, told.action.id);
    let payload = snapshot::action_event(told);
    let happened = Happened { id: event_id, at: now, payload: &payload };
    let payload: Value = serde_json::from_str(payload.as_str()).unwrap_or(Value::Null);
    let draft = draft(conn, happened, &payload, template_id, actionee.clone(), now).await?;
    match draft.map(Draft::write) {
        Some(Ok(email)) => told.event.email = Some(email),
        Some(Err(flaw)) => {
            told.event.emailed_user = false;
            let complaint = flaw.about(&action_id.to_string());
            store_log::insert_at_end(EventKind::Error, complaint, now, writes);
        }
        None => told.event.emailed_user = false,
    }
    Ok(())
}

/// Gathers what the mail is made of; nothing when there is nobody to write to, or nothing to write.
async fn draft(
    conn: &mut Conn,
    happened: Happened<'_>,
    payload: &Value,
    template_id: TemplateId,
    actionee: User,
    now: Instant,
) -> Result<Option<Draft>, Error> {
    let template = email_template::find(conn, template_id).await?;
    let tenant = tenant::find(conn, actionee.tenant_id).await?;
    let (Some(template), Some(kept)) = (template, tenant) else { return Ok(None) };
    if actionee.details.email.is_none() {
        return Ok(None);
    }
    let registrations = registration::list_of(conn, &[actionee.id]).await?;
    let actioner = match id(at(payload, "/action/actionerId"), UserId::from_uuid) {
        Some(id) => user::find(conn, id).await?,
        None => None,
    };
    // With several applications none of them is the one that the action is about.
    let only = match at(payload, "/action/applicationIds").as_array().map(Vec::as_slice) {
        Some([only]) => id(only, ApplicationId::from_uuid),
        _ => None,
    };
    let application = match only {
        Some(id) => application::find(conn, id).await?,
        None => None,
    };
    let variables = json!({
        "user": variables::user(&actionee, &registrations),
        "tenant": variables::tenant(&kept.tenant),
        "application": application.as_ref().map(variables::application),
        "event": variables::event(happened.id, happened.at, payload),
        "actioner": actioner.map(|actioner| variables::user(&actioner, &[])),
        template::NOW: now.millis(),
    });
    let (details, tenant) = (template.details, kept.tenant.details.mail);
    Ok(Some(Draft { details, tenant, actionee, variables }))
}

impl Draft {
    fn write(self) -> Result<Email, Unfilled> {
        let details = &self.actionee.details;
        let to = Address {
            email: details.email.clone().unwrap_or_default(),
            name: details.profile.full_name.clone(),
        };
        let languages = &details.preferred_languages;
        mails::write(&self.details, &self.tenant, languages, &self.variables, to)
            .map_err(|flaws| Unfilled { template: self.details.name, flaws })
    }
}

/// A template that could not be filled.
struct Unfilled {
    template: String,
    flaws: Vec<Flaw>,
}

impl Unfilled {
    /// The complaint for the event log.
    fn about(&self, action_id: &str) -> String {
        let flaw = |flaw: &Flaw| format!("{}: {}", flaw.part, flaw.message);
        let flaws: Vec<String> = self.flaws.iter().map(flaw).collect();
        format!(
            "The e-mail template [{}] could not be filled, so nobody was written to about the \
             action {action_id}. {}.",
            self.template,
            flaws.join("; ")
        )
    }
}

/// The place of a document that a pointer names; `null` when there is none.
fn at<'v>(document: &'v Value, pointer: &str) -> &'v Value {
    document.pointer(pointer).unwrap_or(&Value::Null)
}

/// The id in a place of a document.
fn id<T>(value: &Value, kind: impl FnOnce(uuid::Uuid) -> T) -> Option<T> {
    value.as_str().and_then(|text| text.parse().ok()).map(kind)
}
