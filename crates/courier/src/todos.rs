//! Keeps to-dos up to date: follows the log for what it changes about them, and the clock, and looks
//! anew at those of users who ask for it.
//!
//! Clocks may be set, so no sleep is long: what the clock shows is looked at again and again, which
//! costs nothing.

use std::time::Duration;

use docket_domain::time::Instant;
use docket_service::todos::follow::{Follower, Reached};
use docket_service::todos::{pull, refresh, upkeep};
use docket_service::{Context, Error};
use tokio::time::sleep;

use crate::provider::FORMATS;
use crate::stop::Stop;

/// The longest time without a look at the clock.
const GLANCE: Duration = Duration::from_millis(200);
/// The pause before another try.
const PAUSE: Duration = Duration::from_millis(500);

/// Keeps to-dos up to date until the server ends.
pub(crate) async fn run(ctx: Context, mut stop: Stop) {
    let mut follower = Follower::new(&ctx);
    let mut grown = ctx.log.stable();
    let mut upkeep_at = None;
    while !stop.is_asked() {
        grown.mark_unchanged();
        // A long log is left in the middle: what was seen to is kept, the rest waits for the next turn.
        let seen_to = tokio::select! {
            biased;
            () = stop.asked() => break,
            seen_to = see_to(&ctx, &mut follower, &mut upkeep_at) => seen_to,
        };
        let wake = match seen_to {
            Ok(wake) => wake,
            Err(error) => {
                tracing::warn!(?error, "to-dos could not be looked at; it will be tried again");
                sleep(PAUSE).await;
                continue;
            }
        };
        let wait = async {
            while wake.is_none_or(|wake| ctx.now() < wake) {
                sleep(GLANCE).await;
            }
        };
        tokio::select! {
            () = stop.asked() => {}
            _ = grown.changed() => {}
            () = wait => {}
        }
    }
    if let Err(error) = follower.leave(&ctx).await {
        tracing::debug!(?error, "the turn at to-dos is over when its lease ends");
    }
}

/// Sees to what there is; says when there will be more even if nothing happens.
async fn see_to(
    ctx: &Context,
    follower: &mut Follower,
    upkeep_at: &mut Option<Instant>,
) -> Result<Option<Instant>, Error> {
    let reached = follower.catch_up(ctx).await?;
    let is_due = upkeep_at.is_none_or(|at| at <= ctx.now());
    if is_due {
        *upkeep_at = upkeep::see_to(ctx).await?;
    }
    let wake = match reached {
        // How far this has got is kept a second later at the latest.
        Reached::End(next) => next.into_iter().chain(Some(ctx.now().plus_millis(1_000))).min(),
        Reached::Others(until) => Some(until),
    };
    Ok(wake.into_iter().chain(*upkeep_at).min())
}

/// Looks anew at the to-dos of users who ask for it, until the server ends.
pub(crate) async fn grant_wishes(ctx: Context, mut stop: Stop) {
    loop {
        while let Some((user, action_type)) = ctx.wishes.take() {
            let granted = async {
                refresh::user(&ctx, user, action_type.as_deref()).await?;
                for outside in pull::types_outside(&ctx, action_type.as_deref()).await? {
                    pull::some_users(&ctx, &outside, &[user], FORMATS).await?;
                }
                Ok::<_, Error>(())
            };
            if let Err(error) = granted.await {
                tracing::warn!(?error, %user, "what a user has to do could not be looked at");
            }
            if stop.is_asked() {
                return;
            }
        }
        tokio::select! {
            () = stop.asked() => return,
            () = ctx.wishes.made() => {}
        }
    }
}
