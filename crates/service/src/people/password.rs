//! A new password: chosen by the user, who knows the old one, or set by staff (`waldur.md` §10.2).

use std::sync::Arc;

use docket_domain::directory::user::check_password;
use docket_domain::event::{Happening, Noun};
use docket_domain::id::{EventId, UserId};
use docket_domain::mail::Secret;
use docket_store::user;

use crate::caller::Caller;
use crate::commit::{Answer, Done, Render};
use crate::context::Context;
use crate::error::{Error, Refusal};
use crate::{lockout, password, user_tokens, users, viewers};

/// A password that is to be changed.
#[derive(Debug, Clone)]
pub struct NewPassword {
    /// The present one, where the caller says it.
    pub old: Option<Secret>,
    /// The next one.
    pub new: Secret,
}

/// Why a password is not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordRefusal {
    /// The present one must be said.
    OldMissing,
    /// The present one is another.
    OldWrong,
}

impl From<PasswordRefusal> for Error {
    fn from(refusal: PasswordRefusal) -> Self {
        Self::Refused(Refusal::Password(refusal))
    }
}

/// Changes a password. Passwords are checked and hashed outside the unit of work. One that staff has
/// set ends the user's token: whoever had it may not be who should have it.
pub async fn change_password(
    ctx: &Context,
    caller: &Caller,
    id: UserId,
    wanted: NewPassword,
    render: impl Render<()>,
) -> Result<Answer, Error> {
    let now = ctx.now();
    let conn = &mut ctx.db.reader();
    let viewer = viewers::of(conn, caller, now).await?;
    super::find(ctx, caller, id).await?;
    if !viewer.active || !(viewer.staff || viewer.id == id) {
        return Err(Refusal::Forbidden.into());
    }
    // Of a request that comes again the old password is no longer the present one.
    if viewer.id == id && !ctx.is_remembered(caller).await? {
        check_old(ctx, id, wanted.old).await?;
    }
    check_password(wanted.new.reveal()).map_err(|violation| {
        Error::from(docket_domain::violation::Violation::body("newPassword", violation.rule))
    })?;
    let hash: Arc<str> = password::hash(wanted.new.reveal().to_owned()).await?.into();
    let event_id = ctx.id(now, EventId::from_uuid);
    let is_own = viewer.id == id;
    ctx.commit(
        caller,
        now,
        move |conn| {
            let hash = Arc::clone(&hash);
            Box::pin(async move {
                let before = user::find_locked(conn, id).await?;
                let before = before.ok_or(Error::not_found(Noun::User))?;
                let mut after = before.clone();
                (after.updated_at, after.password_updated_at) = (now, Some(now));
                after.details.password_change_required = false;
                user::update(conn, &before, &after).await?;
                user::set_password(conn, id, &hash, now).await?;
                let happening = Happening::Updated(Noun::User);
                let mut changes = vec![users::change(happening, Some(&before), Some(&after))];
                changes.extend(lockout::password_was_reset(conn, event_id, now, &after).await?);
                if !is_own {
                    changes.extend(user_tokens::take_away(conn, &after).await?);
                }
                Ok(Done::many((), changes))
            })
        },
        render,
    )
    .await
}

/// Whoever changes the own password must know it.
async fn check_old(ctx: &Context, id: UserId, old: Option<Secret>) -> Result<(), Error> {
    let old = old.ok_or(PasswordRefusal::OldMissing)?;
    let hash = user::password_hash(&mut ctx.db.reader(), id).await?;
    if password::matches(old.reveal().to_owned(), hash).await? {
        Ok(())
    } else {
        Err(PasswordRefusal::OldWrong.into())
    }
}
