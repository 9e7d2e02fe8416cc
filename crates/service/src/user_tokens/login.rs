//! Logins for tokens (`waldur.md` §10.1): by user name, else by e-mail address, in every tenant.

use std::sync::Arc;

use docket_domain::action::Block;
use docket_domain::directory::User;
use docket_domain::directory::login::{Attempt, Verdict, judge};
use docket_domain::directory::user::LoginIdKind;
use docket_domain::event::Happening;
use docket_domain::mail::Secret;
use docket_domain::time::Instant;
use docket_store::token_attempt::{self, Trier};
use docket_store::user::KeptUser;
use docket_store::{Conn, action, failed_login, tenant, user, user_token};

use super::{NewToken, PURPOSE};
use crate::actions::NewIds;
use crate::caller::Caller;
use crate::commit::{Answer, Done, Render};
use crate::context::Context;
use crate::error::Error;
use crate::logins::moment;
use crate::vault::{hash, hexadecimal};
use crate::{lockout, password};

/// After so many wrong passwords the name is locked for its address.
const MOST_FAILURES: i64 = 4;
/// For so long after the last of them.
pub(crate) const LOCKED_MILLIS: i64 = 10 * 60 * 1_000;
/// So many users of one name, in tenants of their own, are asked whether the password is theirs.
const MOST_NAMESAKES: usize = 5;

/// What somebody says to get a token.
#[derive(Debug, Clone)]
pub struct Login {
    /// The name.
    pub username: String,
    /// The password.
    pub password: Secret,
    /// Where the caller is; empty when nobody knows.
    pub address: String,
}

/// What comes of it.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// The user's token.
    Token(Secret),
    /// Nobody by that name, or the password is wrong: which of them is not told.
    Wrong,
    /// The account is closed, or its time is over.
    Closed,
    /// These actions prevent the login, newest first.
    Blocked(Vec<Block>),
    /// A new password must be chosen first.
    PasswordChange,
    /// There were too many wrong passwords.
    LockedOut,
}

/// Gives a user the token, or says why not. Passwords are checked outside the unit of work, also
/// where there is nobody to check one for. Wrong ones are counted for names that nobody has as well,
/// or the lock would tell which there are; that they are not many the hashing sees to.
pub async fn log_in(
    ctx: &Context,
    caller: &Caller,
    login: Login,
    render: impl Render<Outcome>,
) -> Result<Answer, Error> {
    let now = ctx.now();
    let trier = Trier {
        username_key: hexadecimal(&hash(login.username.trim().to_lowercase().as_bytes())),
        address: login.address.clone(),
    };
    let conn = &mut ctx.db.reader();
    if is_locked(conn, &trier, now).await? {
        return Ok(render(&Outcome::LockedOut));
    }
    let (found, password_matches) = who(ctx, &login).await?;
    let unit = Arc::new(UnitOfLogin {
        trier,
        found,
        password_matches,
        token: NewToken::make(&ctx.vault),
        ids: NewIds::make(ctx, now),
        now,
        ctx: ctx.clone(),
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

async fn is_locked(conn: &mut Conn, trier: &Trier, now: Instant) -> Result<bool, Error> {
    let since = now.plus_millis(-LOCKED_MILLIS);
    Ok(token_attempt::count(conn, trier, since).await? >= MOST_FAILURES)
}

/// Whose password it is: else the first of those by that name, if there are any.
async fn who(ctx: &Context, login: &Login) -> Result<(Option<User>, bool), Error> {
    let mut found = Vec::new();
    for kind in [LoginIdKind::Username, LoginIdKind::Email] {
        if found.is_empty() {
            let conn = &mut ctx.db.reader();
            found = user::find_by_login(conn, None, &login.username, &[kind]).await?;
        }
    }
    found.truncate(MOST_NAMESAKES);
    let first = found.first().map(|kept| kept.user.clone());
    if found.is_empty() {
        password::matches(login.password.reveal().to_owned(), None).await?;
    }
    for KeptUser { user, password_hash } in found {
        if password::matches(login.password.reveal().to_owned(), password_hash).await? {
            return Ok((Some(user), true));
        }
    }
    Ok((first, false))
}

/// What the unit of work of a login needs; all of it was made or found outside.
struct UnitOfLogin {
    trier: Trier,
    found: Option<User>,
    password_matches: bool,
    token: NewToken,
    ids: NewIds,
    now: Instant,
    ctx: Context,
}

impl UnitOfLogin {
    async fn run(&self, conn: &mut Conn) -> Result<Done<Outcome>, Error> {
        let user = match &self.found {
            Some(found) => user::find_locked(conn, found.id).await?,
            None => None,
        };
        let Some(user) = user else {
            self.count(conn).await?;
            return Ok(Done::unchanged(Outcome::Wrong));
        };
        // Others may have tried while the password was checked; of many at once few are heard.
        if is_locked(conn, &self.trier, self.now).await? {
            return Ok(Done::unchanged(Outcome::LockedOut));
        }
        let is_same = |found: &User| found.password_updated_at == user.password_updated_at;
        let attempt = Attempt {
            password_matches: self.password_matches && self.found.as_ref().is_some_and(is_same),
            application_id: None,
            blocks: action::blocks_of(conn, user.id, self.now).await?,
            user: &user,
        };
        // That an account is closed is told to those who know its password.
        if !attempt.password_matches {
            return self.refuse(conn, &user).await;
        }
        match judge(attempt, self.now) {
            Verdict::Welcome => self.let_in(conn, user).await,
            Verdict::WrongPassword => self.refuse(conn, &user).await,
            Verdict::Blocked(blocks) => Ok(Done::unchanged(Outcome::Blocked(blocks))),
            Verdict::PasswordChange => Ok(Done::unchanged(Outcome::PasswordChange)),
            Verdict::Closed | Verdict::Expired => Ok(Done::unchanged(Outcome::Closed)),
        }
    }

    async fn count(&self, conn: &mut Conn) -> Result<(), Error> {
        let since = self.now.plus_millis(-LOCKED_MILLIS);
        Ok(token_attempt::add(conn, &self.trier, self.now, since).await?)
    }

    async fn refuse(&self, conn: &mut Conn, user: &User) -> Result<Done<Outcome>, Error> {
        self.count(conn).await?;
        let mut changes = vec![moment(Happening::LoginFailed, user, None)];
        if let Some(kept) = tenant::find(conn, user.tenant_id).await? {
            let lockout = &kept.tenant.details.lockout;
            let (ids, now) = (self.ids, self.now);
            changes.extend(lockout::password_was_wrong(conn, ids, now, user, lockout, None).await?);
        }
        Ok(Done::many(Outcome::Wrong, changes))
    }

    async fn let_in(&self, conn: &mut Conn, user: User) -> Result<Done<Outcome>, Error> {
        token_attempt::forget(conn, &self.trier).await?;
        failed_login::forget(conn, user.id).await?;
        user::logged_in(conn, user.id, self.now).await?;
        let kept = user_token::find(conn, user.id).await?;
        // A token sealed by a lost master key cannot be told again; there will be another.
        let kept = kept.and_then(|kept| self.ctx.vault.open_text(PURPOSE, &kept.sealed_key).ok());
        let key = if let Some(key) = kept {
            user_token::renew(conn, user.id, self.now).await?;
            Secret::new(key)
        } else {
            self.token.keep(conn, user.id, self.now).await?;
            self.token.key.clone()
        };
        // The change has what is remembered of the token forgotten, which says that it is older.
        let change = moment(Happening::LoggedIn, &user, None);
        Ok(Done::one(Outcome::Token(key), change))
    }
}
