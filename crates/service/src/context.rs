//! All that a use case may touch: the store, the clock, chance, and the vault.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use docket_domain::directory::MailSettings;
use docket_domain::id;
use docket_domain::time::{Clock, Instant};
use docket_store::Db;
use ring::rand::{SecureRandom, SystemRandom};

use crate::chores::Chores;
use crate::nudge::Nudge;
use crate::settings::Settings;
use crate::vault::Vault;

/// The world of a use case. Cheap to clone.
#[derive(Clone)]
pub struct Context {
    /// The store.
    pub db: Db,
    /// What is kept sealed, and with which key.
    pub vault: Arc<Vault>,
    /// API keys seen of late.
    pub keys: Arc<crate::authentication::KeyCache>,
    /// Tokens of users seen of late.
    pub user_tokens: Arc<crate::user_tokens::TokenCache>,
    /// What of all that is remembered about users may have changed.
    pub(crate) marks: Arc<crate::marks::Marks>,
    /// What stops whom, as read of late.
    pub gate: Arc<crate::gate::GateCache>,
    /// Who may be told what, as read last.
    pub(crate) directory: Arc<crate::hooks::DirectoryCache>,
    /// The log of events, as this node follows it.
    pub log: Arc<crate::events::EventLog>,
    /// Signs the tokens of users who log in.
    pub tokens: Arc<crate::tokens::Tokens>,
    /// Who calls webhooks while somebody waits.
    pub(crate) consult: Arc<dyn crate::consult::Consult>,
    /// Who calls providers, and what is done outside about a to-do.
    pub(crate) messenger: Arc<dyn crate::messenger::Messenger>,
    /// Whose to-dos are to be looked at anew soon.
    pub wishes: Arc<crate::todos::Wishes>,
    /// Tells those who wait for work that there is some.
    pub nudge: Arc<Nudge>,
    /// Whose turn it is at what follows from changes.
    pub(crate) chores: Arc<Chores>,
    /// How the mail of tenants goes out that say nothing of it themselves.
    pub mail_server: Option<Arc<MailSettings>>,
    /// What the operator decides.
    pub settings: Arc<Settings>,
    clock: Arc<dyn Clock>,
    places: Arc<AtomicU64>,
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Context")
    }
}

impl Context {
    /// A context over a migrated store. Reads (or, on the first start, makes) the key that signs
    /// tokens, and checks that the store was sealed by the same master key.
    pub async fn open(db: Db, vault: Vault, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let vault = Arc::new(vault);
        vault.check(&db).await?;
        let tokens = Arc::new(crate::tokens::Tokens::open(&db, &vault, clock.now()).await?);
        let keys = Arc::new(crate::authentication::KeyCache::default());
        Ok(Self {
            db,
            vault,
            keys,
            user_tokens: Arc::default(),
            marks: Arc::default(),
            gate: Arc::default(),
            directory: Arc::default(),
            log: Arc::default(),
            tokens,
            consult: Arc::new(crate::consult::Nobody),
            messenger: Arc::new(crate::messenger::Nobody),
            wishes: Arc::default(),
            nudge: Arc::default(),
            chores: Arc::default(),
            mail_server: None,
            settings: Arc::default(),
            clock,
            places: Arc::default(),
        })
    }

    /// The same context with a mail server for everybody.
    #[must_use]
    pub fn with_mail_server(self, server: MailSettings) -> Self {
        Self { mail_server: Some(Arc::new(server)), ..self }
    }

    /// The same context with other decisions of the operator.
    #[must_use]
    pub fn with_settings(self, settings: Settings) -> Self {
        Self { settings: Arc::new(settings), ..self }
    }

    /// The instant that it is now.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// A new id of the instant `now`: `ctx.id(now, ActionId::from_uuid)`. Ids that this node makes
    /// for one millisecond sort in the order in which it made them. They are no secrets: what tells
    /// them apart comes from a generator that asks the machine for chance now and then, and not each
    /// time.
    pub fn id<T>(&self, now: Instant, kind: impl FnOnce(uuid::Uuid) -> T) -> T {
        kind(id::at_place(now, self.place(now), rand::random()))
    }

    /// The next place among the ids of this millisecond. Kept in one number: the millisecond, and
    /// behind it the place that was given last.
    fn place(&self, now: Instant) -> u32 {
        let millis = u64::try_from(now.millis()).unwrap_or_default() << id::PLACE_BITS;
        let next = |last: u64| {
            let same = last >> id::PLACE_BITS == millis >> id::PLACE_BITS;
            Some(if same { last.wrapping_add(1) } else { millis })
        };
        let order = Ordering::Relaxed;
        let last = self.places.fetch_update(order, order, next).unwrap_or_else(|last| last);
        let given = next(last).unwrap_or_default() & ((1 << id::PLACE_BITS) - 1);
        u32::try_from(given).unwrap_or_default()
    }
}

/// Why a context could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The store did not answer.
    #[error("the store is unavailable")]
    Unavailable(#[from] docket_store::DbError),
    /// The store was sealed by another master key.
    #[error(
        "this database was sealed with another master key: start with the DOCKET_MASTER_KEY (or \
         the key file) that it was made with"
    )]
    OtherMasterKey,
    /// The token key of the store cannot be read.
    #[error("the key that signs tokens cannot be read")]
    TokenKey,
}

/// Bytes that nobody can guess. Where the machine has none to give the process cannot go on safely,
/// so a failing source is asked again.
pub(crate) fn chance<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    while SystemRandom::new().fill(&mut bytes).is_err() {
        std::thread::yield_now();
    }
    bytes
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one home of the machine's clock")]
    fn now(&self) -> Instant {
        let since_epoch =
            std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Instant::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    }
}

/// A new id for a request that came without one: the process, drawn once, and the request's number
/// in it. Chance for each of them would be a system call a request.
#[must_use]
pub fn request_id() -> String {
    static PROCESS: LazyLock<u64> = LazyLock::new(|| u64::from_ne_bytes(chance()));
    static NUMBER: AtomicU64 = AtomicU64::new(1);
    format!("{:016x}-{:x}", *PROCESS, NUMBER.fetch_add(1, Ordering::Relaxed))
}
