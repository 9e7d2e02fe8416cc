//! The gate: may this user act now, and if not, what stops them? (`native.md` §2)

mod cache;

use std::collections::HashMap;
use std::sync::Arc;

use docket_domain::access;
use docket_domain::action::Block;
use docket_domain::event::Noun;
use docket_domain::id::{ApplicationId, UserId};
use docket_domain::time::Instant;
use docket_store::gate::{self, Gate};

pub use cache::GateCache;

use crate::caller::Caller;
use crate::context::Context;
use crate::error::{Error, Refusal};

/// One question to the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Check {
    /// Who wants to act.
    pub user_id: UserId,
    /// Where; a block that is limited to applications counts only there.
    pub application_id: Option<ApplicationId>,
}

/// The gate's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// What stops the user, newest first.
    pub stops: Vec<Stop>,
    /// When the gate looked.
    pub checked_at: Instant,
}

/// Something that stops a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// The account is closed.
    Deactivated,
    /// The account's time is over, since then.
    Expired(Instant),
    /// An action.
    Block(Box<Block>),
}

impl Verdict {
    /// Whether nothing stops the user.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        self.stops.is_empty()
    }
}

/// Asks the gate about one user.
pub async fn check(ctx: &Context, caller: &Caller, check: Check) -> Result<Verdict, Error> {
    if !access::may_see_standing(&caller.principal, check.user_id) {
        return Err(Refusal::Forbidden.into());
    }
    let now = ctx.now();
    let mark = ctx.marks.of(check.user_id);
    let remembered = ctx.log.is_followed(now).then(|| ctx.gate.get(check.user_id, mark)).flatten();
    let gate = if let Some(gate) = remembered {
        gate
    } else {
        let found = gate::find(&mut ctx.db.reader(), check.user_id, now).await?;
        ctx.gate.put(mark, found.ok_or(Error::not_found(Noun::User))?)
    };
    if !caller.scope.sees(gate.tenant_id) {
        return Err(Error::not_found(Noun::User));
    }
    Ok(verdict(&gate, check.application_id, now))
}

/// Asks about many users in one go; the answers come in the order of the questions, with nothing
/// for a user who does not exist or is not for the caller to see.
pub async fn check_many(
    ctx: &Context,
    caller: &Caller,
    checks: &[Check],
) -> Result<Vec<Option<Verdict>>, Error> {
    let now = ctx.now();
    let mut ids: Vec<UserId> = checks
        .iter()
        .map(|check| check.user_id)
        .filter(|id| access::may_see_standing(&caller.principal, *id))
        .collect();
    ids.sort_unstable();
    ids.dedup();
    let mut gates: HashMap<UserId, Arc<Gate>> = HashMap::with_capacity(ids.len());
    if ctx.log.is_followed(now) {
        ids.retain(|id| match ctx.gate.get(*id, ctx.marks.of(*id)) {
            Some(gate) => {
                gates.insert(*id, gate);
                false
            }
            None => true,
        });
    }
    if !ids.is_empty() {
        let marks: HashMap<UserId, _> = ids.iter().map(|id| (*id, ctx.marks.of(*id))).collect();
        for gate in gate::find_many(&mut ctx.db.reader(), &ids, now).await? {
            if let Some(mark) = marks.get(&gate.user_id) {
                gates.insert(gate.user_id, ctx.gate.put(*mark, gate));
            }
        }
    }
    gates.retain(|_, gate| caller.scope.sees(gate.tenant_id));
    let answers = checks.iter().map(|check| {
        gates.get(&check.user_id).map(|gate| verdict(gate, check.application_id, now))
    });
    Ok(answers.collect())
}

fn verdict(gate: &Gate, application: Option<ApplicationId>, now: Instant) -> Verdict {
    let deactivated = (!gate.active).then_some(Stop::Deactivated);
    let expired = gate.expiry.instant().filter(|end| *end <= now).map(Stop::Expired);
    let blocks = gate
        .blocks
        .iter()
        .filter(|block| block.stops(application) && !block.expiry.is_past(now))
        .map(|block| Stop::Block(Box::new(block.clone())));
    Verdict {
        stops: deactivated.into_iter().chain(expired).chain(blocks).collect(),
        checked_at: now,
    }
}
