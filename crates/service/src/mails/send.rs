//! Mails that a caller sends: a template, filled for each reader (`fusionauth.md` §4.8).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use docket_domain::access::TenantScope;
use docket_domain::directory::user::is_email;
use docket_domain::directory::{Application, Registration, Tenant, User};
use docket_domain::event::{Happening, Noun};
use docket_domain::id::{ApplicationId, TemplateId, TenantId, UserId};
use docket_domain::json::Json;
use docket_domain::mail::{Address, Email, Flaw, Template};
use docket_domain::text::Locale;
use docket_domain::time::Instant;
use docket_domain::violation::{Rule, Violation, Violations};
use docket_store::{Conn, DbError, application, email_template, registration, tenant, user};
use serde_json::{Value, json};

use super::{About, NewMail, keep, variables, write};
use crate::caller::Caller;
use crate::commit::{Answer, Change, Done, Render};
use crate::context::Context;
use crate::error::Error;
use crate::{snapshot, template, tenants};

/// The most readers of one request, each of whom gets a mail of their own.
pub const MOST_READERS: usize = 1_000;
/// The most who read along.
const MOST_COPIES: usize = 100;
/// The most bytes of all mails of one request together, for they are in memory at once.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// What a caller says when sending mails.
#[derive(Debug, Clone)]
pub struct Send {
    /// To these users, in their languages.
    pub user_ids: Vec<UserId>,
    /// And to these addresses, which may be nobody's.
    pub to: Vec<Address>,
    /// Who reads each of them along.
    pub cc: Vec<Address>,
    /// Who does so without being named.
    pub bcc: Vec<Address>,
    /// The languages of those who have chosen none.
    pub languages: Vec<Locale>,
    /// The application that it is about.
    pub application_id: Option<ApplicationId>,
    /// The variable `requestData`.
    pub request_data: Json,
}

/// What could not be filled, by reader.
#[derive(Debug, Clone, Default)]
pub struct Results {
    /// For users.
    pub users: BTreeMap<UserId, Vec<Flaw>>,
    /// For addresses.
    pub anonymous: BTreeMap<String, Vec<Flaw>>,
}

/// Everything that the mails are filled from.
struct Prepared {
    template: Template,
    tenants: BTreeMap<TenantId, Tenant>,
    application: Option<Application>,
    users: Vec<User>,
    registrations: Vec<Registration>,
    /// The tenant of those readers who are nobody.
    tenant_id: Option<TenantId>,
    command: Send,
    now: Instant,
}

/// Fills a template for each reader and sends what came of it; who could not be written to is in
/// the results. All mails are kept together, or none.
pub async fn send(
    ctx: &Context,
    caller: &Caller,
    id: TemplateId,
    command: Send,
    render: impl Render<Results>,
) -> Result<Answer, Error> {
    let now = ctx.now();
    let prepared = prepare(ctx, caller.scope, id, command, now).await?;
    let inner = ctx.clone();
    let filled = tokio::task::spawn_blocking(move || prepared.fill(&inner)).await;
    let filled = filled.map_err(|error| Error::Unavailable(DbError::Unavailable(error.into())))?;
    let filled = Arc::new(filled);
    let answer = ctx
        .commit(
            caller,
            now,
            move |conn| {
                let filled = Arc::clone(&filled);
                Box::pin(async move {
                    let (mails, results) = &*filled;
                    keep(conn, mails).await?;
                    Ok(Done::one(results.clone(), change(id, mails)))
                })
            },
            render,
        )
        .await?;
    ctx.nudge.mails();
    Ok(answer)
}

async fn prepare(
    ctx: &Context,
    scope: TenantScope,
    id: TemplateId,
    command: Send,
    now: Instant,
) -> Result<Prepared, Error> {
    let conn = &mut ctx.db.reader();
    let template = email_template::find(conn, id).await?;
    let template = template.ok_or(Error::not_found(Noun::Template))?;
    let mut violations = broken_rules(&command);
    let users = user::find_all(conn, &command.user_ids).await?;
    let users: Vec<User> = users.into_iter().filter(|user| scope.sees(user.tenant_id)).collect();
    let known: BTreeSet<UserId> = users.iter().map(|user| user.id).collect();
    if !command.user_ids.iter().all(|id| known.contains(id)) {
        violations.push(Violation::body("userIds", Rule::Invalid));
    }
    let application = match command.application_id {
        Some(id) => application::find(conn, id).await?,
        None => None,
    };
    let application = application.filter(|found| scope.sees(found.tenant_id));
    if command.application_id.is_some() && application.is_none() {
        violations.push(Violation::body("applicationId", Rule::Invalid));
    }
    violations.into_result()?;
    let tenant_id = match &application {
        _ if command.to.is_empty() => None,
        Some(application) => Some(application.tenant_id),
        None => Some(tenants::meant(conn, scope).await?),
    };
    let registrations = registration::list_of(conn, &known.into_iter().collect::<Vec<_>>()).await?;
    let needed = users.iter().map(|user| user.tenant_id).chain(tenant_id);
    let tenants = find_tenants(conn, needed.collect()).await?;
    Ok(Prepared { template, tenants, application, users, registrations, tenant_id, command, now })
}

async fn find_tenants(
    conn: &mut Conn,
    ids: BTreeSet<TenantId>,
) -> Result<BTreeMap<TenantId, Tenant>, Error> {
    let mut found = BTreeMap::new();
    for id in ids {
        if let Some(kept) = tenant::find(conn, id).await? {
            found.insert(id, kept.tenant);
        }
    }
    Ok(found)
}

/// Everything wrong with a request that can be seen without looking at other objects.
fn broken_rules(command: &Send) -> Violations {
    let mut violations = Violations::new();
    if command.user_ids.is_empty() && command.to.is_empty() {
        violations.push(Violation::body("userIds", Rule::Missing));
        violations.push(Violation::body("toAddresses", Rule::Missing));
    }
    if command.user_ids.len() + command.to.len() > MOST_READERS {
        let field = if command.user_ids.len() > MOST_READERS { "userIds" } else { "toAddresses" };
        violations.push(Violation::body(field, Rule::TooMany(MOST_READERS)));
    }
    for (name, addresses, most) in [
        ("toAddresses", &command.to, usize::MAX),
        ("ccAddresses", &command.cc, MOST_COPIES),
        ("bccAddresses", &command.bcc, MOST_COPIES),
    ] {
        if addresses.len() > most {
            violations.push(Violation::body(name, Rule::TooMany(most)));
        }
        for (index, _) in addresses.iter().enumerate().filter(|(_, one)| !is_email(&one.email)) {
            violations.push(Violation::body(format!("{name}[{index}].address"), Rule::NotEmail));
        }
    }
    violations
}

impl Prepared {
    fn fill(self, ctx: &Context) -> (Vec<NewMail>, Results) {
        let (mut mails, mut results, mut bytes) = (Vec::new(), Results::default(), 0);
        for user in &self.users {
            let flaws = match self.fill_for_user(user) {
                Ok(email) if fits(&email, &mut bytes) => {
                    mails.push(self.mail(ctx, user.tenant_id, Some(user.id), email));
                    continue;
                }
                Ok(_) => too_large(),
                Err(flaws) => flaws,
            };
            results.users.insert(user.id, flaws);
        }
        for to in &self.command.to {
            let Some(tenant_id) = self.tenant_id else { break };
            let languages = &self.command.languages;
            let flaws = match self.fill_for(tenant_id, &Value::Null, languages, to.clone()) {
                Ok(email) if fits(&email, &mut bytes) => {
                    mails.push(self.mail(ctx, tenant_id, None, email));
                    continue;
                }
                Ok(_) => too_large(),
                Err(flaws) => flaws,
            };
            results.anonymous.insert(to.email.clone(), flaws);
        }
        (mails, results)
    }

    fn mail(
        &self,
        ctx: &Context,
        tenant_id: TenantId,
        user_id: Option<UserId>,
        email: Email,
    ) -> NewMail {
        let (template, tenant, user) = (self.template.id, tenant_id, user_id);
        let about = About { event: None, tenant, template, user };
        let email = Email { cc: self.command.cc.clone(), bcc: self.command.bcc.clone(), ..email };
        NewMail::seal(ctx, self.now, about, &email)
    }

    fn fill_for_user(&self, user: &User) -> Result<Email, Vec<Flaw>> {
        let details = &user.details;
        let Some(email) = details.email.clone() else {
            return Err(flaw("to", "the user has no e-mail address"));
        };
        let of_user = |registration: &&Registration| registration.user_id == user.id;
        let registrations: Vec<Registration> =
            self.registrations.iter().filter(of_user).cloned().collect();
        let languages = match details.preferred_languages.as_slice() {
            [] => &self.command.languages,
            chosen => chosen,
        };
        let to = Address { email, name: details.profile.full_name.clone() };
        self.fill_for(user.tenant_id, &variables::user(user, &registrations), languages, to)
    }

    fn fill_for(
        &self,
        tenant_id: TenantId,
        user: &Value,
        languages: &[Locale],
        to: Address,
    ) -> Result<Email, Vec<Flaw>> {
        let Some(tenant) = self.tenants.get(&tenant_id) else {
            return Err(flaw("to", "the tenant is gone"));
        };
        let variables = json!({
            "user": user,
            "tenant": variables::tenant(tenant),
            "application": self.application.as_ref().map(variables::application),
            "requestData": variables::data(&self.command.request_data),
            template::NOW: self.now.millis(),
        });
        write(&self.template.details, &tenant.details.mail, languages, &variables, to)
    }
}

/// Whether a mail still fits beside those before it.
fn fits(email: &Email, bytes: &mut usize) -> bool {
    let message = &email.message;
    let parts = [&message.subject, &message.html, &message.text];
    *bytes += parts.into_iter().flatten().map(String::len).sum::<usize>();
    *bytes <= MOST_BYTES
}

fn too_large() -> Vec<Flaw> {
    flaw("to", "the mails of this request are too large together: send it in parts")
}

fn flaw(part: &str, message: &str) -> Vec<Flaw> {
    vec![Flaw { part: part.to_owned(), message: message.to_owned() }]
}

/// What the audit trail and the event say: who was written to, and not what.
fn change(id: TemplateId, mails: &[NewMail]) -> Change {
    let users = mails.iter().filter_map(|mail| mail.about.user);
    let users: Vec<String> = users.map(|id| id.to_string()).collect();
    let mut tenants: Vec<TenantId> = mails.iter().map(|mail| mail.about.tenant).collect();
    tenants.dedup();
    let after = json!({
        "templateId": id.to_string(),
        "userIds": users,
        "addresses": mails.iter().filter(|mail| mail.about.user.is_none()).count(),
    });
    Change {
        happening: Happening::Created(Noun::Mail),
        subject: id.uuid(),
        tenant: if let [only] = tenants.as_slice() { Some(*only) } else { None },
        before: None,
        after: Some(snapshot::document(&after)),
        event: None,
        event_id: None,
    }
}
