//! Who may be told what: the webhooks that may be called, and what the tenants have switched on.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use docket_domain::action::definition::Transaction;
use docket_domain::directory::tenant::EventSetting;
use docket_domain::event::EventType;
use docket_domain::id::{TenantId, WebhookId};
use docket_domain::webhook::Webhook;
use docket_store::{tenant, webhook};

use crate::context::Context;
use crate::error::Error;
use crate::webhook_signing::{self, Signing};
use crate::webhooks;

/// A webhook that may be called, and what signs what it is sent.
#[derive(Debug)]
pub struct Hook {
    /// The webhook.
    pub webhook: Webhook,
    /// What signs.
    pub signing: Signing,
}

/// Who may be told what.
#[derive(Debug)]
pub struct Directory {
    hooks: HashMap<WebhookId, Arc<Hook>>,
    events: HashMap<TenantId, BTreeMap<EventType, EventSetting>>,
}

impl Directory {
    /// Reads it.
    pub(crate) async fn read(ctx: &Context) -> Result<Self, Error> {
        let conn = &mut ctx.db.reader();
        let kept = webhook::list(conn, None).await?;
        let mut signings = webhook_signing::signings(&ctx.vault, conn).await?;
        let may_be_called = kept.into_iter().filter(|kept| kept.webhook.disabled_at.is_none());
        let hooks = may_be_called.filter_map(|kept| {
            let id = kept.webhook.id;
            let opened = webhooks::open(&ctx.vault, kept);
            // One that cannot be opened must not keep the others from being told.
            let opened = opened.inspect_err(|error| tracing::error!(%id, ?error, "unreadable"));
            let hook = Hook { webhook: opened.ok()?, signing: signings.remove(&id)? };
            Some((id, Arc::new(hook)))
        });
        let tenants = tenant::list(conn).await?;
        let events = tenants.into_iter().map(|kept| (kept.tenant.id, kept.tenant.details.events));
        Ok(Self { hooks: hooks.collect(), events: events.collect() })
    }

    /// Whether an event of this type may have changed it.
    pub(crate) fn is_about(event_type: &str) -> bool {
        event_type.starts_with("webhook") || event_type.starts_with("tenant.")
    }

    /// The webhook, if it may be called.
    #[must_use]
    pub fn hook(&self, id: WebhookId) -> Option<&Arc<Hook>> {
        self.hooks.get(&id)
    }

    /// The webhooks that hear of an event (`fusionauth.md` §4.9, selection).
    pub(crate) fn hearing(
        &self,
        event: EventType,
        tenant: TenantId,
    ) -> impl Iterator<Item = &Arc<Hook>> {
        let on = self.setting(event, tenant).enabled;
        self.hooks.values().filter(move |hook| on && hook.webhook.hears(event, tenant))
    }

    /// How many of them must agree before the commit.
    pub(crate) fn transaction(&self, event: EventType, tenant: TenantId) -> Transaction {
        let setting = self.setting(event, tenant);
        if setting.enabled { setting.transaction } else { Transaction::None }
    }

    /// Whether webhooks must agree to such an event in any tenant.
    pub(crate) fn asks(&self, event: EventType) -> bool {
        let mut tenants = self.events.keys();
        tenants.any(|tenant| self.transaction(event, *tenant) != Transaction::None)
    }

    fn setting(&self, event: EventType, tenant: TenantId) -> EventSetting {
        let setting = self.events.get(&tenant).and_then(|events| events.get(&event));
        setting.copied().unwrap_or_default()
    }
}

/// The directory as it was read last, as long as nothing was committed that could change it.
#[derive(Debug, Default)]
pub struct DirectoryCache {
    changes: AtomicU64,
    read: Mutex<Option<(u64, Arc<Directory>)>>,
}

impl DirectoryCache {
    /// Something was committed that could change it.
    pub(crate) fn forget(&self) {
        self.changes.fetch_add(1, Ordering::AcqRel);
    }
}

impl Context {
    /// Who may be told what. What this node committed counts at once, what others did within a
    /// second.
    pub(crate) async fn directory(&self) -> Result<Arc<Directory>, Error> {
        let changes = self.directory.changes.load(Ordering::Acquire);
        if self.log.is_followed(self.now()) {
            let read = self.directory.read.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((_, directory)) = read.as_ref().filter(|(at, _)| *at == changes) {
                return Ok(Arc::clone(directory));
            }
        }
        let directory = Arc::new(Directory::read(self).await?);
        let mut read = self.directory.read.lock().unwrap_or_else(PoisonError::into_inner);
        *read = Some((changes, Arc::clone(&directory)));
        Ok(directory)
    }
}
