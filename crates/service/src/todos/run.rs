//! Full runs of providers, on schedule or because somebody wants one (`waldur.md` §6.4). Whichever
//! node comes first does it; its claim is a lease, so a node that dies is followed by another.

use std::collections::BTreeSet;
use std::sync::Arc;

use docket_domain::id::{ProviderId, UserId};
use docket_domain::time::Instant;
use docket_domain::todo::provider::{completed, failed};
use docket_domain::todo::{Provider as Kept, ProviderDetails, schedule};
use docket_store::todo::{self, Part};
use docket_store::{DbError, provider};

use super::{pull, refresh};
use crate::context::Context;
use crate::error::Error;
use crate::providers::{self, Provider, kept};

/// How long a claim lasts from when the node was last heard of, in milliseconds.
const LEASE: i64 = 60_000;
/// How many users are seen to between two signs of life.
const USERS: usize = 100;

/// A run that this node has claimed.
#[derive(Debug, Clone)]
pub struct Run {
    /// The provider.
    pub provider: Kept,
    began_at: Instant,
}

/// Makes sure that every provider that is part of Docket is known; they are asked at once.
pub async fn introduce(ctx: &Context) -> Result<(), Error> {
    let now = ctx.now();
    let known = provider::list(&mut ctx.db.reader()).await?;
    for built_in in providers::built_in() {
        let action_type = built_in.action_type();
        if known.iter().any(|kept| kept.details.action_type == action_type) {
            continue;
        }
        let new = Arc::new(Kept {
            id: ctx.id(now, ProviderId::from_uuid),
            number: 0,
            details: ProviderDetails {
                action_type: action_type.to_owned(),
                display_name: built_in.display_name().to_owned(),
                url: None,
                schedule: schedule::EVERY_SIX_HOURS.to_owned(),
                enabled: true,
                timeout_seconds: docket_domain::todo::provider::USUAL_TIMEOUT,
            },
            next_run_at: Some(now),
            last_run_at: None,
            last_status: String::new(),
            created_at: now,
            updated_at: now,
        });
        let inserted = ctx.db.write(move |conn| {
            let new = Arc::clone(&new);
            Box::pin(async move { provider::insert(conn, &new, None).await })
        });
        match inserted.await {
            // Another node was a moment earlier.
            Err(DbError::Conflict(_)) | Ok(()) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// When the next run is due, whether that has passed or not.
pub async fn next(ctx: &Context) -> Result<Option<Instant>, Error> {
    Ok(provider::next_run(&mut ctx.db.reader()).await?)
}

/// Claims a run that is due.
pub async fn claim(ctx: &Context) -> Result<Option<Run>, Error> {
    let now = ctx.now();
    let until = now.plus_millis(LEASE);
    let claimed = ctx.db.write(move |conn| {
        Box::pin(async move { Ok::<_, Error>(provider::claim(conn, now, until).await?) })
    });
    Ok(claimed.await?.map(|provider| Run { provider, began_at: now }))
}

/// Does it, and keeps how it went.
pub async fn perform(ctx: &Context, run: &Run, formats: pull::Formats) -> Result<(), Error> {
    let details = &run.provider.details;
    let outcome = if !ctx.settings.todos.enabled {
        Ok(failed("to-dos are switched off"))
    } else if details.is_built_in() {
        built_in(ctx, run).await
    } else {
        pull::everybody(ctx, run, formats).await
    };
    let status = outcome.unwrap_or_else(|error| {
        tracing::warn!(?error, action_type = details.action_type, "a provider's run failed");
        failed("the store did not answer")
    });
    let (id, began_at) = (run.provider.id, run.began_at);
    let next = details.next_after(ctx.now());
    ctx.db
        .write(move |conn| {
            let status = status.clone();
            Box::pin(async move {
                Ok::<_, Error>(provider::finish(conn, id, began_at, &status, next).await?)
            })
        })
        .await
}

impl Run {
    /// When it began.
    #[must_use]
    pub fn began_at(&self) -> Instant {
        self.began_at
    }

    /// Tells the other nodes that this one still works on it; false when it is no longer its.
    pub(crate) async fn goes_on(&self, ctx: &Context, millis: i64) -> Result<bool, Error> {
        let (id, began_at) = (self.provider.id, self.began_at);
        let until = ctx.now().plus_millis(millis.max(LEASE));
        ctx.db
            .write(move |conn| {
                Box::pin(async move {
                    Ok::<_, Error>(provider::extend(conn, id, began_at, until).await?)
                })
            })
            .await
    }
}

/// Sees to everybody who may have something to do of a type, and to everybody who has.
async fn built_in(ctx: &Context, run: &Run) -> Result<String, Error> {
    let action_type = &run.provider.details.action_type;
    let Some(provider) = providers::of_type(action_type) else {
        return Ok(failed("this version knows no such provider"));
    };
    let users = audience(ctx, &provider).await?;
    let mut errors = 0;
    for (index, user) in users.iter().enumerate() {
        if index % USERS == USERS - 1 && !run.goes_on(ctx, LEASE).await? {
            return Ok(failed("another node has taken over"));
        }
        if let Err(error) = refresh::part(ctx, &provider, Part::User(*user)).await {
            tracing::warn!(?error, action_type, %user, "what a user has to do could not be seen");
            errors += 1;
        }
    }
    Ok(completed(users.len(), errors))
}

async fn audience(ctx: &Context, provider: &Arc<dyn Provider>) -> Result<BTreeSet<UserId>, Error> {
    let (look, provider) = (ctx.look(), Arc::clone(provider));
    ctx.db
        .report(move |conn| {
            Box::pin(async move {
                let affected = provider.affected_users(conn, &look).await?;
                let have = todo::users_of_type(conn, provider.action_type()).await?;
                Ok::<_, Error>(affected.into_iter().chain(have).collect())
            })
        })
        .await
}

/// Has the provider of a type, or every one, asked now.
pub(crate) async fn want(ctx: &Context, action_type: Option<String>) -> Result<(), Error> {
    introduce(ctx).await?;
    let now = ctx.now();
    ctx.db
        .write(move |conn| {
            let action_type = action_type.clone();
            Box::pin(async move {
                Ok::<_, Error>(provider::want(conn, now, action_type.as_deref()).await?)
            })
        })
        .await?;
    ctx.nudge.providers();
    Ok(())
}

/// The secrets of a provider, for what it is asked.
pub(crate) async fn secrets(
    ctx: &Context,
    run: &Run,
) -> Result<Vec<docket_domain::mail::Secret>, Error> {
    kept::secrets(ctx, run.provider.id).await
}
