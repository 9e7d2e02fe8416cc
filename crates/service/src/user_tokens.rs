//! The tokens of users: one each, told again at every login, good until it is taken away or too old
//! (`waldur.md` §1.2, §10.1).

use docket_domain::access::{Principal, UserPrincipal};
use docket_domain::event::{Happening, Noun};
use docket_domain::id::UserId;
use docket_domain::mail::Secret;
use docket_domain::time::{Expiry, Instant};
use docket_store::user_token::{self, Holder};
use docket_store::{Conn, affiliation, user};
use serde_json::json;
use subtle::ConstantTimeEq;

use crate::caller::Caller;
use crate::commit::{Answer, Change, Done, Render};
use crate::context::{Context, chance};
use crate::error::{Error, Refusal};
use crate::marks::Mark;
use crate::snapshot;
use crate::vault::{Vault, hash, hexadecimal};

mod login;

pub(crate) use login::LOCKED_MILLIS;
pub use login::{Login, Outcome, log_in};

/// What the vault is told that it seals.
const PURPOSE: &str = "user_token";
/// More tokens than this in memory and the cache starts afresh: some 20 MB.
const MOST_TOKENS: usize = 100_000;
/// The digits of a token.
const DIGITS: usize = 40;

/// Tokens seen of late, by their hash.
#[derive(Debug, Default)]
pub struct TokenCache(papaya::HashMap<[u8; 32], Seen>);

#[derive(Debug, Clone)]
struct Seen {
    mark: Mark,
    holder: Holder,
}

/// A user whose token was presented.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    /// The user.
    pub user: UserPrincipal,
    /// Whether the user sees everything and manages nothing.
    pub support: bool,
}

/// Why a token is not good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bad {
    /// Nobody has it.
    Unknown,
    /// The account is closed.
    Closed,
    /// It is too old.
    TooOld,
}

/// Whose token this is.
pub async fn bearer(ctx: &Context, token: &str) -> Result<Result<Bearer, Bad>, Error> {
    if !is_token(token) {
        return Ok(Err(Bad::Unknown));
    }
    let now = ctx.now();
    let hash = hash(token.as_bytes());
    let remembered = ctx.log.is_followed(now).then(|| remembered(ctx, &hash)).flatten();
    let holder = match remembered {
        Some(holder) => holder,
        None => match look_up(ctx, hash).await? {
            Some(holder) => holder,
            None => return Ok(Err(Bad::Unknown)),
        },
    };
    Ok(judge(&holder, now))
}

/// The principal behind a token, if it is good.
pub(crate) async fn principal(ctx: &Context, token: &str) -> Result<Option<Principal>, Error> {
    Ok(bearer(ctx, token).await?.ok().map(|bearer| Principal::User(bearer.user)))
}

fn is_token(text: &str) -> bool {
    text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whose token has this hash, if that was read and nothing has changed it since.
fn remembered(ctx: &Context, hash: &[u8; 32]) -> Option<Holder> {
    let tokens = ctx.user_tokens.0.pin();
    let Seen { mark, holder } = tokens.get(hash)?;
    (*mark == ctx.marks.of(holder.user_id)).then(|| holder.clone())
}

async fn look_up(ctx: &Context, hash: [u8; 32]) -> Result<Option<Holder>, Error> {
    let moves = ctx.marks.moves();
    let found = user_token::find_holder(&mut ctx.db.reader(), &hash).await?;
    // The index found it by comparing bytes as fast as it could; what decides takes its time.
    let Some(holder) = found.filter(|holder| bool::from(holder.hash.as_slice().ct_eq(&hash)))
    else {
        return Ok(None);
    };
    // Whose it is was known only afterwards; whatever was committed meanwhile may be about them.
    let mark = ctx.marks.of(holder.user_id);
    if ctx.marks.moves() == moves {
        let tokens = ctx.user_tokens.0.pin();
        if tokens.len() >= MOST_TOKENS {
            tokens.clear();
        }
        tokens.insert(hash, Seen { mark, holder: holder.clone() });
    }
    Ok(Some(holder))
}

fn judge(holder: &Holder, now: Instant) -> Result<Bearer, Bad> {
    let end = holder.lifetime_seconds.map_or(Expiry::Never, |seconds| {
        Expiry::At(holder.created_at.plus_millis(seconds.saturating_mul(1_000)))
    });
    if !holder.active || holder.expiry.is_past(now) {
        Err(Bad::Closed)
    } else if end.is_past(now) {
        Err(Bad::TooOld)
    } else {
        let Holder { user_id: id, tenant_id, staff, support, .. } = *holder;
        Ok(Bearer { user: UserPrincipal { id, tenant_id, staff }, support })
    }
}

/// A token that nobody has yet, with what is kept of it.
#[derive(Clone)]
struct NewToken {
    key: Secret,
    hash: [u8; 32],
    sealed: Vec<u8>,
}

impl NewToken {
    fn make(vault: &Vault) -> Self {
        let key = hexadecimal(&chance::<{ DIGITS / 2 }>());
        let (hash, sealed) = (hash(key.as_bytes()), vault.seal(PURPOSE, key.as_bytes()));
        Self { key: Secret::new(key), hash, sealed }
    }

    async fn keep(&self, conn: &mut Conn, user: UserId, now: Instant) -> Result<(), Error> {
        Ok(user_token::keep(conn, user, &self.hash, &self.sealed, now).await?)
    }
}

/// The token of a user that may be told again, for the user.
pub async fn own(ctx: &Context, user: UserId) -> Result<Option<Secret>, Error> {
    let kept = user_token::find(&mut ctx.db.reader(), user).await?;
    let text = kept.and_then(|kept| ctx.vault.open_text(PURPOSE, &kept.sealed_key).ok());
    Ok(text.map(Secret::new))
}

/// What staff may know of a token: all but the token.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Whose it is.
    pub person: docket_domain::directory::Person,
    /// When it was given last.
    pub created_at: Instant,
}

/// What there is to know of a user's token.
pub async fn show(ctx: &Context, caller: &Caller, id: UserId) -> Result<Shown, Error> {
    staff_only(caller)?;
    let conn = &mut ctx.db.reader();
    let person = affiliation::person(conn, id).await?.ok_or(Error::not_found(Noun::User))?;
    let kept = user_token::find(conn, id).await?.ok_or(Error::not_found(Noun::UserToken))?;
    Ok(Shown { person, created_at: kept.created_at })
}

/// Gives a user another token.
pub async fn refresh(
    ctx: &Context,
    caller: &Caller,
    id: UserId,
    render: impl Render<Shown>,
) -> Result<Answer, Error> {
    staff_only(caller)?;
    let now = ctx.now();
    let token = std::sync::Arc::new(NewToken::make(&ctx.vault));
    ctx.commit(
        caller,
        now,
        move |conn| {
            let token = std::sync::Arc::clone(&token);
            Box::pin(async move {
                let user = user::find_locked(conn, id).await?;
                let user = user.ok_or(Error::not_found(Noun::User))?;
                token.keep(conn, id, now).await?;
                let affiliation = affiliation::find(conn, id).await?;
                let change = change(Happening::Updated(Noun::UserToken), &user);
                let person = docket_domain::directory::Person { user, affiliation };
                Ok(Done::one(Shown { person, created_at: now }, change))
            })
        },
        render,
    )
    .await
}

/// Takes the caller's token away.
pub async fn log_out(
    ctx: &Context,
    caller: &Caller,
    render: impl Render<()>,
) -> Result<Answer, Error> {
    let Principal::User(UserPrincipal { id, .. }) = caller.principal else {
        return Err(Refusal::Forbidden.into());
    };
    ctx.commit(
        caller,
        ctx.now(),
        move |conn| {
            Box::pin(async move {
                let Some(user) = user::find_locked(conn, id).await? else {
                    return Ok(Done::unchanged(()));
                };
                Ok(match take_away(conn, &user).await? {
                    Some(change) => Done::one((), change),
                    None => Done::unchanged(()),
                })
            })
        },
        render,
    )
    .await
}

/// Takes a user's token away, if there is one.
pub(crate) async fn take_away(
    conn: &mut Conn,
    user: &docket_domain::directory::User,
) -> Result<Option<Change>, Error> {
    let was = user_token::delete(conn, user.id).await?;
    Ok(was.then(|| change(Happening::Deleted(Noun::UserToken), user)))
}

fn staff_only(caller: &Caller) -> Result<(), Error> {
    match &caller.principal {
        Principal::User(user) if user.staff => Ok(()),
        _ => Err(Refusal::Forbidden.into()),
    }
}

fn change(happening: Happening, user: &docket_domain::directory::User) -> Change {
    let event = snapshot::document(&json!({"userId": user.id.to_string()}));
    Change {
        happening,
        subject: user.id.uuid(),
        tenant: Some(user.tenant_id),
        before: None,
        after: None,
        event: Some(event),
        event_id: None,
    }
}
