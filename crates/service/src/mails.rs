//! Mails on their way: written, kept with the change that they tell of, claimed, settled.
//!
//! A mail is filled from its template before it is kept, so that it says what was so at the time,
//! and kept sealed, for it is about somebody. A claim is a lease: the mail of a node that dies is
//! due again when the lease ends. So a mail may be sent twice, and never not at all; its id is in
//! its `Message-ID`, by which mail servers know the second one.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use docket_domain::directory::MailSettings;
use docket_domain::id::{EventId, MailId, TemplateId, TenantId, UserId};
use docket_domain::journal::EventKind;
use docket_domain::mail::{
    Address, Email, Flaw, Secret, SendOutcome, TemplateDetails, next_attempt,
};
use docket_domain::text::Locale;
use docket_domain::time::Instant;
use docket_store::mail::{KeptMail, MailRow};
use docket_store::{Conn, mail, tenant, user};
use serde_json::Value;

use crate::context::Context;
use crate::error::Error;
use crate::snapshot::EmailSnapshot;
use crate::{event_log, message, tenants};

mod send;
pub(crate) mod variables;

pub use send::{MOST_READERS, Results, Send, send};

/// What the vault is told that it seals.
const PURPOSE: &str = "mail.message";

/// The most characters that a mail server's complaint takes in the event log.
const LONGEST_COMPLAINT: usize = 500;

/// A mail about to be kept, sealed already: a unit of work has better things to do.
#[derive(Debug, Clone)]
pub struct NewMail {
    id: MailId,
    about: About,
    created_at: Instant,
    sealed_message: Vec<u8>,
}

/// What a mail is about, and to whom it goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct About {
    /// The event that it tells of.
    pub(crate) event: Option<EventId>,
    /// Whose mail it is.
    pub(crate) tenant: TenantId,
    /// What it was filled from.
    pub(crate) template: TemplateId,
    /// To whom, unless to an address that is nobody's.
    pub(crate) user: Option<UserId>,
}

impl NewMail {
    /// Seals a mail.
    pub(crate) fn seal(ctx: &Context, now: Instant, about: About, email: &Email) -> Self {
        // Texts always have a JSON form.
        let plain = serde_json::to_vec(&EmailSnapshot::from(email)).unwrap_or_default();
        let sealed_message = ctx.vault.seal(PURPOSE, &plain);
        Self { id: ctx.id(now, MailId::from_uuid), about, created_at: now, sealed_message }
    }

    fn row(&self) -> MailRow<'_> {
        MailRow {
            id: self.id,
            event_id: self.about.event,
            tenant_id: self.about.tenant,
            template_id: self.about.template,
            user_id: self.about.user,
            sealed_message: &self.sealed_message,
            created_at: self.created_at,
        }
    }
}

/// This node's right to settle a mail, until the lease ends.
#[derive(Debug, Clone, Copy)]
pub struct Claim {
    /// The mail.
    pub id: MailId,
    /// What it was filled from.
    pub template_id: TemplateId,
    /// How often it was claimed, this time included.
    pub attempts: i64,
}

/// A mail to be sent now.
#[derive(Debug, Clone)]
pub struct ClaimedMail {
    /// What its outcome is recorded by.
    pub claim: Claim,
    /// When it was made.
    pub created_at: Instant,
    /// What it says; its sender is there.
    pub email: Email,
    /// The mail server that takes it.
    pub server: Arc<MailSettings>,
}

/// The mail that results from filling a template for somebody, or everything wrong with it.
pub(crate) fn write(
    details: &TemplateDetails,
    tenant: &MailSettings,
    languages: &[Locale],
    variables: &Value,
    to: Address,
) -> Result<Email, Vec<Flaw>> {
    let (mut message, flaws) = message::fill(details, languages, variables);
    if !flaws.is_empty() {
        return Err(flaws);
    }
    let chosen = || tenant.chosen_sender().map(str::to_owned);
    message.from_email = message.from_email.or_else(chosen);
    message.from_name = message.from_name.or_else(|| tenant.from_name.clone());
    Ok(Email { message, to: vec![to], cc: Vec::new(), bcc: Vec::new() })
}

/// Keeps mails within a unit of work, due at once. Whoever commits it nudges.
///
/// Mails to users who are gone by now are dropped, and those of tenants that are.
pub async fn keep(conn: &mut Conn, mails: &[NewMail]) -> Result<(), Error> {
    if mails.is_empty() {
        return Ok(());
    }
    let tenants: Vec<TenantId> = mails.iter().map(|mail| mail.about.tenant).collect();
    let users: Vec<UserId> = mails.iter().filter_map(|mail| mail.about.user).collect();
    let tenants = tenant::share(conn, &tenants).await?;
    let users = user::share(conn, &users).await?;
    let is_there = |mail: &&NewMail| {
        let About { tenant, user, .. } = mail.about;
        tenants.contains(&tenant) && user.is_none_or(|user| users.contains(&user))
    };
    let rows: Vec<MailRow<'_>> = mails.iter().filter(is_there).map(NewMail::row).collect();
    Ok(mail::insert_all(conn, &rows).await?)
}

/// Claims mails that are due, `most` at most, for so long.
pub async fn claim(
    ctx: &Context,
    most: usize,
    lease_millis: i64,
) -> Result<Vec<ClaimedMail>, Error> {
    let now = ctx.now();
    if !mail::is_due(&mut ctx.db.reader(), now).await? {
        return Ok(Vec::new());
    }
    let (until, most) = (now.plus_millis(lease_millis), i64::try_from(most).unwrap_or(i64::MAX));
    let kept: Vec<KeptMail> = ctx
        .db
        .write(move |conn| {
            Box::pin(async move { Ok::<_, Error>(mail::claim(conn, now, until, most).await?) })
        })
        .await?;
    let mut servers: BTreeMap<TenantId, Option<Arc<MailSettings>>> = BTreeMap::new();
    let mut claimed = Vec::with_capacity(kept.len());
    for kept in kept {
        let claim = Claim { id: kept.id, template_id: kept.template_id, attempts: kept.attempts };
        let server = match servers.entry(kept.tenant_id) {
            Entry::Occupied(known) => known.get().clone(),
            Entry::Vacant(unknown) => unknown.insert(server(ctx, kept.tenant_id).await?).clone(),
        };
        match (open(ctx, &kept), server) {
            (Some(email), Some(server)) => {
                let (created_at, email) = (kept.created_at, with_sender(email, &server));
                claimed.push(ClaimedMail { claim, created_at, email, server });
            }
            (None, _) => {
                let why = "what it says was sealed with another master key".to_owned();
                record(ctx, claim, SendOutcome::Bounced(why)).await?;
            }
            // The tenant goes at this moment, and the mail with it.
            (_, None) => {}
        }
    }
    Ok(claimed)
}

/// Records what came of an attempt. A claim whose lease has ended meanwhile changes nothing, unless
/// the mail was sent: that is so whoever did it.
pub async fn record(ctx: &Context, claim: Claim, outcome: SendOutcome) -> Result<(), Error> {
    let now = ctx.now();
    let outcome = Arc::new(outcome);
    ctx.db
        .write(move |conn| {
            let outcome = Arc::clone(&outcome);
            Box::pin(async move { record_in(conn, now, claim, &outcome).await })
        })
        .await
}

async fn record_in(
    conn: &mut Conn,
    now: Instant,
    claim: Claim,
    outcome: &SendOutcome,
) -> Result<(), Error> {
    let Claim { id, template_id, attempts } = claim;
    let (why, next) = match outcome {
        SendOutcome::Sent => return Ok(mail::sent(conn, id, now).await?),
        SendOutcome::Later(why) => (why, next_attempt(attempts, now)),
        SendOutcome::Bounced(why) => (why, None),
    };
    let (counts, follows) = match next {
        Some(due_at) => {
            let counts = mail::later(conn, id, attempts, now, due_at).await?;
            // Once is enough: a mail server that is down would fill the log otherwise.
            (counts && attempts == 1, "was not sent and is tried again")
        }
        None => (mail::failed(conn, id, attempts, now).await?, "was not sent and is given up"),
    };
    if counts {
        let why: String = why.chars().take(LONGEST_COMPLAINT).collect();
        let entry = format!("The e-mail {id} of the template {template_id} {follows}: {why}");
        event_log::write(conn, now, EventKind::Error, &entry).await?;
    }
    Ok(())
}

/// The mail server of a tenant, with its password.
async fn server(ctx: &Context, id: TenantId) -> Result<Option<Arc<MailSettings>>, Error> {
    let Some(kept) = tenant::find(&mut ctx.db.reader(), id).await? else { return Ok(None) };
    let sealed = kept.sealed_mail_password;
    let password = sealed.and_then(|sealed| tenants::mail_password(&ctx.vault, &sealed));
    let own = MailSettings { password: password.map(Secret::new), ..kept.tenant.details.mail };
    Ok(Some(Arc::new(own.or_of_server(ctx.mail_server.as_deref()))))
}

fn with_sender(mut email: Email, server: &MailSettings) -> Email {
    let message = &mut email.message;
    message.from_email.get_or_insert_with(|| server.from_email.clone());
    message.from_name = message.from_name.take().or_else(|| server.from_name.clone());
    email
}

fn open(ctx: &Context, kept: &KeptMail) -> Option<Email> {
    let plain = ctx.vault.open(PURPOSE, kept.sealed_message.as_deref()?).ok()?;
    serde_json::from_slice::<EmailSnapshot>(&plain).ok().map(Into::into)
}
