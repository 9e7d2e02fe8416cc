//! Asks providers what users have to do, when their time has come (`native.md` §5).

use std::time::Duration;

use docket_service::todos::pull::{Ask, Formats, Heard};
use docket_service::todos::push::{Audience, Push};
use docket_service::todos::run;
use docket_service::{Context, Error};
use docket_wire::native::provider::{question, read_page};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::stop::Stop;

/// How often is looked for what another node has been asked for.
const POLL: Duration = Duration::from_secs(1);
/// The longest time without a look at the clock.
const GLANCE: Duration = Duration::from_millis(200);

/// How providers are asked, and how they answer.
pub const FORMATS: Formats = Formats { say, hear };

/// Asks providers until the server ends.
pub(crate) async fn run(ctx: Context, mut stop: Stop) {
    while let Err(error) = run::introduce(&ctx).await {
        tracing::warn!(?error, "the providers could not be introduced yet");
        tokio::select! {
            () = stop.asked() => return,
            () = sleep(POLL) => {}
        }
    }
    // One that takes its time keeps nobody else waiting.
    let mut runs = JoinSet::new();
    loop {
        let claimed = tokio::select! {
            () = stop.asked() => return,
            claimed = claim(&ctx, &mut runs) => claimed,
        };
        if let Err(error) = claimed {
            tracing::warn!(?error, "providers could not be asked; it will be tried again");
        }
        let next = run::next(&ctx).await.ok().flatten();
        let wait = async {
            let mut waited = Duration::ZERO;
            while waited < POLL && next.is_none_or(|next| ctx.now() < next) {
                sleep(GLANCE).await;
                waited += GLANCE;
            }
            // What is due may be another node's; it is not asked for again and again.
            sleep(GLANCE).await;
        };
        tokio::select! {
            () = stop.asked() => return,
            () = ctx.nudge.of_providers() => {}
            Some(_) = runs.join_next() => {}
            () = wait => {}
        }
    }
}

/// Begins to ask those that are due.
async fn claim(ctx: &Context, runs: &mut JoinSet<()>) -> Result<(), Error> {
    while let Some(due) = run::claim(ctx).await? {
        let ctx = ctx.clone();
        runs.spawn(async move {
            if let Err(error) = run::perform(&ctx, &due, FORMATS).await {
                tracing::warn!(?error, "how a provider's run went could not be kept");
            }
        });
    }
    Ok(())
}

fn say(ask: &Ask<'_>) -> Vec<u8> {
    question(ask.action_type, ask.users, ask.cursor)
}

fn hear(
    action_type: &str,
    now: docket_domain::time::Instant,
    body: &[u8],
) -> Result<Heard, String> {
    let page = read_page(body, now)?;
    let items = page.items.into_iter().map(|item| {
        item.map(|(object_id, said)| Push {
            action_type: action_type.to_owned(),
            object_id,
            audience: Audience { users: said.users, emails: said.emails },
            matter: said.matter,
        })
    });
    Ok(Heard { items: items.collect(), next: page.next })
}
