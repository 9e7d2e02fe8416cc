//! Providers: who knows what users have to do (`waldur.md` §6, `native.md` §5).
//!
//! The engine (`todos`) knows of providers what [`Provider`] says, and nothing of what they are
//! about. Those that are part of Docket have a file each; the others are systems that are asked over
//! HTTP, and are kept by [`kept`].

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use docket_domain::access::Viewer;
use docket_domain::id::UserId;
use docket_domain::time::Instant;
use docket_domain::todo::execution::Outcome;
use docket_domain::todo::{CorrectiveAction, Matter, Need, Todo};
use docket_store::Conn;
use docket_store::outbox::KeptEvent;
use futures_util::future::{BoxFuture, FutureExt, ready};

use crate::caller::Caller;
use crate::commit::Done;
use crate::context::Context;
use crate::error::Error;
use crate::settings::Settings;

mod disabled_webhook;
mod expiring_action;
mod expiring_resource;
pub mod kept;
pub(crate) mod marketplace;
mod pending_order;
mod permission_request;
mod roles;

/// The instant of a look, and what the operator has decided.
#[derive(Debug, Clone)]
pub struct Look {
    /// When is looked.
    pub now: Instant,
    /// What the operator has decided.
    pub settings: Arc<Settings>,
}

/// Something that a user has to do, as its provider says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Who.
    pub user_id: UserId,
    /// About what.
    pub object_id: String,
    /// What.
    pub matter: Matter,
}

/// What may have to be asked of whom anew.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touched {
    /// All that these users have to do.
    pub users: BTreeSet<UserId>,
    /// What anybody has to do about these objects.
    pub objects: BTreeSet<String>,
    /// The same of objects that are over: they are looked at only if somebody still has something to
    /// do about them.
    pub over: BTreeSet<String>,
}

/// What a user does about a to-do.
#[derive(Debug, Clone, Copy)]
pub struct Deed<'a> {
    /// The world.
    pub ctx: &'a Context,
    /// By whom.
    pub caller: &'a Caller,
    /// The same, with all that they hold.
    pub viewer: &'a Viewer,
    /// When.
    pub now: Instant,
    /// About what.
    pub todo: &'a Todo,
    /// What.
    pub action: &'a CorrectiveAction,
}

/// What follows in the unit of work in which the execution is kept. It may run twice.
pub type Within =
    Arc<dyn for<'c> Fn(&'c mut Conn) -> BoxFuture<'c, Result<Done<Applied>, Error>> + Send + Sync>;

/// What came of something that is done within a unit of work.
#[derive(Debug, Clone)]
pub struct Applied {
    /// What the user is told.
    pub outcome: Outcome,
    /// Whether the user need not see the to-do any more.
    pub silences: bool,
    /// Why it was not done after all.
    pub(crate) failure: Option<String>,
}

impl Applied {
    /// It was done.
    #[must_use]
    pub fn new(outcome: Outcome) -> Self {
        Self { outcome, silences: false, failure: None }
    }

    /// The same, and the user need not see the to-do any more.
    #[must_use]
    pub fn silencing(self) -> Self {
        Self { silences: true, ..self }
    }
}

/// How something is done about a to-do.
pub enum Effect {
    /// Not at all: nobody knows how.
    Declined,
    /// It was done, or failed for this reason.
    Did(Result<Outcome, String>),
    /// In the unit of work in which the execution is kept.
    Within(Within),
}

/// The future of a look.
pub type Looking<'a, T> = BoxFuture<'a, Result<T, Error>>;

/// Who knows what users have to do.
pub trait Provider: Send + Sync {
    /// What kind of to-dos it knows of.
    fn action_type(&self) -> &'static str;

    /// What people call it.
    fn display_name(&self) -> &'static str;

    /// All that a user has to do.
    fn of_user<'a>(
        &'a self,
        conn: &'a mut Conn,
        look: &'a Look,
        viewer: &'a Viewer,
    ) -> Looking<'a, Vec<Asked>>;

    /// All that anybody has to do about some objects. It agrees with [`Provider::of_user`].
    fn of_objects<'a>(
        &'a self,
        conn: &'a mut Conn,
        look: &'a Look,
        objects: &'a [String],
    ) -> Looking<'a, Vec<Asked>>;

    /// Who may have something to do; some of them may come several times.
    fn affected_users<'a>(&'a self, conn: &'a mut Conn, look: &'a Look)
    -> Looking<'a, Vec<UserId>>;

    /// For whom and what an event may have changed something.
    fn touched_by<'a>(
        &'a self,
        conn: &'a mut Conn,
        look: &'a Look,
        event: &'a KeptEvent,
    ) -> Looking<'a, Touched>;

    /// What has changed by the course of time alone after an instant and until now, and when
    /// something will next.
    fn turned<'a>(
        &'a self,
        _: &'a mut Conn,
        _: &'a Look,
        _: Instant,
    ) -> Looking<'a, (Touched, Option<Instant>)> {
        ready(Ok((Touched::default(), None))).boxed()
    }

    /// What it takes to do this about a to-do.
    fn needs<'a>(&self, todo: &Todo, action: &'a CorrectiveAction) -> Need<'a> {
        action.needs(todo)
    }

    /// How something is done that the server does.
    fn effect<'a>(&'a self, _: Deed<'a>) -> Looking<'a, Effect> {
        ready(Ok(Effect::Declined)).boxed()
    }
}

/// Those that are part of Docket.
static BUILT_IN: LazyLock<Vec<Arc<dyn Provider>>> = LazyLock::new(|| {
    vec![
        Arc::new(permission_request::PermissionRequests),
        Arc::new(pending_order::PendingOrders),
        Arc::new(expiring_resource::ExpiringResources),
        Arc::new(expiring_action::ExpiringActions),
        Arc::new(disabled_webhook::DisabledWebhooks),
    ]
});

/// Every provider that is part of Docket.
pub(crate) fn built_in() -> &'static [Arc<dyn Provider>] {
    &BUILT_IN
}

/// The one of this type.
pub(crate) fn of_type(action_type: &str) -> Option<Arc<dyn Provider>> {
    BUILT_IN.iter().find(|provider| provider.action_type() == action_type).map(Arc::clone)
}

/// Whether to-dos of this type are those of a provider that is part of Docket.
#[must_use]
pub fn is_built_in(action_type: &str) -> bool {
    of_type(action_type).is_some()
}

impl Touched {
    /// Nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.users.is_empty() && self.objects.is_empty() && self.over.is_empty()
    }

    /// One object.
    #[must_use]
    pub fn object(id: &uuid::Uuid) -> Self {
        Self { objects: BTreeSet::from([id.to_string()]), ..Self::default() }
    }

    /// Some users.
    #[must_use]
    pub fn users(ids: impl IntoIterator<Item = UserId>) -> Self {
        Self { users: ids.into_iter().collect(), ..Self::default() }
    }

    /// All of both.
    pub fn add(&mut self, other: Self) {
        self.users.extend(other.users);
        self.objects.extend(other.objects);
        self.over.extend(other.over);
    }
}

impl Context {
    /// A look now.
    pub(crate) fn look(&self) -> Look {
        Look { now: self.now(), settings: Arc::clone(&self.settings) }
    }
}
