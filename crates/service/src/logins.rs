//! Logins: who gets in with which password, and pings of those who are in (`fusionauth.md` §4.4).

use std::sync::Arc;

use docket_domain::access::{Principal, TenantScope};
use docket_domain::action::Block;
use docket_domain::directory::login::{Attempt, Verdict, is_shut, judge};
use docket_domain::directory::user::LoginIdKind;
use docket_domain::directory::{Account, Application, Tenant, User};
use docket_domain::event::Happening;
use docket_domain::id::{ApplicationId, UserId};
use docket_domain::json::Json;
use docket_domain::mail::Secret;
use docket_domain::time::Instant;
use docket_domain::violation::{Rule, Violation, Violations};
use docket_store::user::KeptUser;
use docket_store::{Conn, action, application, failed_login, registration, tenant, user};
use serde_json::json;

use crate::actions::NewIds;
use crate::bootstrap::new_secret;
use crate::caller::Caller;
use crate::commit::{Answer, Change, Done, Render};
use crate::context::Context;
use crate::error::{Error, Refusal};
use crate::tokens::Subject;
use crate::{lockout, password, snapshot, tenants, users};

/// What somebody says to get in.
#[derive(Debug, Clone)]
pub struct Login {
    /// The address, name or number.
    pub login_id: String,
    /// What that may be.
    pub kinds: Vec<LoginIdKind>,
    /// The password.
    pub password: Secret,
    /// What the login is for.
    pub application_id: Option<ApplicationId>,
    /// Whether a token is wanted.
    pub wants_token: bool,
    /// What the caller tells of the request's origin.
    pub info: Option<Json>,
}

/// What comes of it.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// Nobody by that name, or the password is wrong: which of them is not told.
    Unknown,
    /// The account is closed.
    Closed,
    /// The account's time is over.
    Expired,
    /// These actions prevent the login, newest first.
    Blocked(Vec<Block>),
    /// A new password must be chosen first; the text names that need.
    PasswordChange(String),
    /// The user is in.
    Welcome(Box<Welcome>),
}

/// A user who is in.
#[derive(Debug, Clone)]
pub struct Welcome {
    /// The user.
    pub account: Account,
    /// Whether the user is registered for what the login is for.
    pub registered: bool,
    /// A token and the instant at which it ceases to be valid.
    pub token: Option<(Secret, Instant)>,
}

impl Login {
    fn check(&self) -> Result<(), Vec<Violation>> {
        let mut violations = Violations::new();
        for (field, text) in [("loginId", &*self.login_id), ("password", self.password.reveal())] {
            if text.trim().is_empty() {
                violations.push(Violation::body(field, Rule::Blank));
            }
        }
        violations.into_result()
    }
}

/// Lets a user in, or says why not. The password is checked once and outside the unit of work,
/// also where there is nobody to check it for. A wrong one is committed, for it counts; a name that
/// nobody has leaves nothing behind, or strangers could fill the database.
pub async fn log_in(
    ctx: &Context,
    caller: &Caller,
    login: Login,
    render: impl Render<Outcome>,
) -> Result<Answer, Error> {
    login.check()?;
    let now = ctx.now();
    let place = Place::find(ctx, caller, login.application_id).await?;
    let found = by_login(ctx, &place, &login).await?;
    if let Some(shut) = found.as_ref().and_then(|kept| is_shut(&kept.user, now)) {
        return Ok(render(&outcome_of_shut(&shut)));
    }
    let hash = found.as_ref().and_then(|kept| kept.password_hash.clone());
    let password_matches = password::matches(login.password.reveal().to_owned(), hash).await?;
    let Some(KeptUser { user: found, .. }) = found else {
        return Ok(render(&Outcome::Unknown));
    };
    let token = (password_matches && login.wants_token).then(|| sign(ctx, &place, &found, now));
    let token = token.flatten();
    let unit = Arc::new(UnitOfLogin {
        found,
        password_matches,
        token,
        change_id: new_secret(),
        ids: NewIds::make(ctx, now),
        now,
        place,
        info: login.info,
    });
    ctx.commit(
        caller,
        now,
        move |conn| {
            let unit = Arc::clone(&unit);
            Box::pin(async move { unit.run(conn).await })
        },
        render,
    )
    .await
}

async fn by_login(ctx: &Context, place: &Place, login: &Login) -> Result<Option<KeptUser>, Error> {
    let conn = &mut ctx.db.reader();
    let tenant = Some(place.tenant.id);
    let found = user::find_by_login(conn, tenant, &login.login_id, &login.kinds).await?;
    Ok(found.into_iter().next())
}

fn sign(ctx: &Context, place: &Place, user: &User, now: Instant) -> Option<(Secret, Instant)> {
    let subject = Subject {
        user_id: user.id,
        tenant_id: user.tenant_id,
        issuer: &place.tenant.details.issuer,
        application_id: place.application_id,
    };
    ctx.tokens.sign(subject, now).map(|(token, expires)| (Secret::new(token), expires))
}

/// Where a login happens.
struct Place {
    tenant: Tenant,
    application_id: Option<ApplicationId>,
}

impl Place {
    /// Finds the place, if the caller may ask for logins there: strangers where it says so, keys
    /// everywhere in their tenant. A stranger learns nothing else of it.
    async fn find(
        ctx: &Context,
        caller: &Caller,
        application_id: Option<ApplicationId>,
    ) -> Result<Self, Error> {
        let mut conn = ctx.db.reader();
        let found = Self::look_up(&mut conn, caller.scope, application_id).await;
        if caller.principal != Principal::Anonymous {
            return found.map(|(place, _)| place);
        }
        match found {
            Ok((place, false)) => Ok(place),
            Err(error @ (Error::Unavailable(_) | Error::Overtaken)) => Err(error),
            Ok((_, true)) | Err(Error::Refused(_)) => Err(Refusal::Forbidden.into()),
        }
    }

    /// The place, and whether only keys may ask for logins there.
    async fn look_up(
        conn: &mut Conn,
        scope: TenantScope,
        application_id: Option<ApplicationId>,
    ) -> Result<(Self, bool), Error> {
        let application = match application_id {
            Some(id) => Some(open_application(conn, scope, id).await?),
            None => None,
        };
        let tenant_id = match &application {
            Some(application) => application.tenant_id,
            None => tenants::meant(conn, scope).await?,
        };
        let kept = tenant::find(conn, tenant_id).await?;
        let tenant =
            kept.ok_or_else(|| Error::from(Violation::whole(Rule::TenantRequired)))?.tenant;
        let for_keys = match &application {
            Some(application) => application.details.requires_authentication,
            None => tenant.details.requires_authentication,
        };
        Ok((Self { tenant, application_id }, for_keys))
    }
}

/// An application that somebody names to log in to: it must be open and in the caller's sight.
async fn open_application(
    conn: &mut Conn,
    scope: TenantScope,
    id: ApplicationId,
) -> Result<Application, Error> {
    let found = application::find(conn, id).await?;
    found
        .filter(|application| application.active && scope.sees(application.tenant_id))
        .ok_or_else(|| Violation::body("applicationId", Rule::Invalid).into())
}

/// What the unit of work of a login needs; all of it was made or found outside.
struct UnitOfLogin {
    found: User,
    password_matches: bool,
    token: Option<(Secret, Instant)>,
    change_id: String,
    ids: NewIds,
    now: Instant,
    place: Place,
    info: Option<Json>,
}

impl UnitOfLogin {
    async fn run(&self, conn: &mut Conn) -> Result<Done<Outcome>, Error> {
        let Some(user) = user::find_locked(conn, self.found.id).await? else {
            return Ok(Done::unchanged(Outcome::Unknown));
        };
        let attempt = Attempt {
            password_matches: self.password_matches && self.password_is_the_same(&user),
            application_id: self.place.application_id,
            blocks: action::blocks_of(conn, user.id, self.now).await?,
            user: &user,
        };
        match judge(attempt, self.now) {
            Verdict::WrongPassword => self.refuse(conn, &user).await,
            Verdict::Welcome => self.let_in(conn, user).await,
            Verdict::Blocked(blocks) => Ok(Done::unchanged(Outcome::Blocked(blocks))),
            Verdict::PasswordChange => {
                Ok(Done::unchanged(Outcome::PasswordChange(self.change_id.clone())))
            }
            shut @ (Verdict::Closed | Verdict::Expired) => {
                Ok(Done::unchanged(outcome_of_shut(&shut)))
            }
        }
    }

    /// Whether the password that was checked is still the user's.
    fn password_is_the_same(&self, user: &User) -> bool {
        self.found.password_updated_at == user.password_updated_at
    }

    async fn refuse(&self, conn: &mut Conn, user: &User) -> Result<Done<Outcome>, Error> {
        let lockout = &self.place.tenant.details.lockout;
        let info = self.info.clone();
        let mut changes = vec![moment(Happening::LoginFailed, user, self.place.application_id)];
        let followed =
            lockout::password_was_wrong(conn, self.ids, self.now, user, lockout, info).await?;
        changes.extend(followed);
        Ok(Done::many(Outcome::Unknown, changes))
    }

    async fn let_in(&self, conn: &mut Conn, user: User) -> Result<Done<Outcome>, Error> {
        failed_login::forget(conn, user.id).await?;
        let (account, registered) = enter(conn, user, self.place.application_id, self.now).await?;
        let change = moment(Happening::LoggedIn, &account.user, self.place.application_id);
        let token = self.token.clone();
        Ok(Done::one(Outcome::Welcome(Box::new(Welcome { account, registered, token })), change))
    }
}

fn outcome_of_shut(shut: &Verdict) -> Outcome {
    if *shut == Verdict::Expired { Outcome::Expired } else { Outcome::Closed }
}

/// Somebody who is already logged in elsewhere shows up; whether they are registered for the
/// application is the answer. Blocks are not looked at.
pub async fn ping(
    ctx: &Context,
    caller: &Caller,
    user_id: UserId,
    application_id: Option<ApplicationId>,
    render: impl Render<bool>,
) -> Result<Answer, Error> {
    let (now, scope) = (ctx.now(), caller.scope);
    ctx.commit(
        caller,
        now,
        move |conn| {
            Box::pin(async move {
                let user = users::seen(scope, user::find_locked(conn, user_id).await?)?;
                if let Some(id) = application_id {
                    open_application(conn, TenantScope::One(user.tenant_id), id).await?;
                }
                let (account, registered) = enter(conn, user, application_id, now).await?;
                let change = moment(Happening::LoggedIn, &account.user, application_id);
                Ok(Done::one(registered, change))
            })
        },
        render,
    )
    .await
}

/// Keeps the instant of a login; whether the user is registered for the application.
async fn enter(
    conn: &mut Conn,
    user: User,
    application_id: Option<ApplicationId>,
    now: Instant,
) -> Result<(Account, bool), Error> {
    user::logged_in(conn, user.id, now).await?;
    let registered = match application_id {
        Some(id) => registration::logged_in(conn, user.id, id, now).await?,
        None => true,
    };
    let user = User { last_login_at: Some(now), ..user };
    Ok((users::account(conn, user).await?, registered))
}

/// What others are told of a login. The text that was tried is not kept: people type passwords into
/// the wrong field.
pub(crate) fn moment(
    happening: Happening,
    user: &User,
    application_id: Option<ApplicationId>,
) -> Change {
    let told = snapshot::document(&json!({
        "userId": user.id.to_string(),
        "applicationId": application_id.map(|id| id.to_string()),
    }));
    Change {
        happening,
        subject: user.id.uuid(),
        tenant: Some(user.tenant_id),
        before: None,
        after: None,
        event: Some(told),
        event_id: None,
    }
}
