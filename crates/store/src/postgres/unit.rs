//! One unit of work on `PostgreSQL`: a pooled connection and its transaction, or a part in one.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use deadpool_postgres::{ClientWrapper, Object};
use futures_util::future::{BoxFuture, join, join_all};
use futures_util::{FutureExt, TryFutureExt};
use tokio_postgres::{Error, Statement};

use super::failure;
use super::lent::Lent;
use super::parcel::{self, Parcel};
use super::query::{self, Failed};
use crate::batch::Batch;
use crate::conn::Query;
use crate::error::{DbError, Fault};
use crate::row::FromRow;

/// The isolation is named, for the server's default is the operator's to change.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";

/// The same for several units, of which one that waits for a lock must not hold up the others for
/// long: after a fifth of a second the engine gives up, and with it the transaction.
const BEGIN_GROUP: &str =
    "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL lock_timeout = '200ms'";

/// A statement, sent at the first poll and answered at the last.
type Sent<'c> = BoxFuture<'c, Result<(), Failed>>;

/// A transaction in the making; it begins with its first statement.
#[derive(Debug)]
pub(crate) struct Unit {
    client: Arc<Lent>,
    begun: bool,
    spoiled: Option<Spoiled>,
    /// What travels with `COMMIT`.
    rest: Batch,
}

/// How the first failing statement failed; the engine refuses all that follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spoiled {
    ForGood,
    MayRepeat,
}

impl Spoiled {
    const fn or_repeat(may_repeat: bool) -> Self {
        if may_repeat { Self::MayRepeat } else { Self::ForGood }
    }
}

/// How a unit ended.
pub(crate) enum Ended<T, E> {
    /// As it said.
    Done(Result<T, E>),
    /// The engine gave it up, and nothing happened; the outcome if it is not tried again.
    GivenUp(Result<T, E>),
}

impl Unit {
    pub(crate) fn new(client: Object) -> Self {
        Self {
            client: Arc::new(Lent::new(client)),
            begun: false,
            spoiled: None,
            rest: Batch::default(),
        }
    }

    /// A part in this transaction, which this one begins and ends.
    pub(super) fn member(&self) -> Self {
        Self {
            client: Arc::clone(&self.client),
            begun: true,
            spoiled: None,
            rest: Batch::default(),
        }
    }

    /// Begins the transaction of a group.
    pub(super) async fn begin_group(&mut self) -> Result<(), DbError> {
        self.begins();
        let begun = self.client()?.batch_execute(BEGIN_GROUP).await;
        begun.map_err(|error| self.spoil(error))
    }

    /// Whether a statement failed; nothing can come of the transaction then.
    pub(super) const fn is_spoiled(&self) -> bool {
        self.spoiled.is_some()
    }

    /// What was left to the end.
    pub(super) fn left(self) -> Batch {
        self.rest
    }

    pub(crate) async fn one<T: FromRow>(&mut self, ask: Query<'_>) -> Result<Option<T>, DbError> {
        let statement = self.prepare(ask.text).await?;
        let begins = self.begins();
        let client = self.client()?;
        let done = riding(begins, client, query::first(client, &statement, ask)).await;
        self.settled(done)
    }

    pub(crate) async fn all<T: FromRow>(&mut self, ask: Query<'_>) -> Result<Vec<T>, DbError> {
        let statement = self.prepare(ask.text).await?;
        let begins = self.begins();
        let client = self.client()?;
        let done = riding(begins, client, query::every(client, &statement, ask)).await;
        self.settled(done)
    }

    pub(crate) async fn run(&mut self, ask: Query<'_>) -> Result<u64, DbError> {
        let statement = self.prepare(ask.text).await?;
        let begins = self.begins();
        let client = self.client()?;
        let done = riding(begins, client, query::effect(client, &statement, ask)).await;
        self.settled(done)
    }

    /// Sends both before the first is answered.
    pub(crate) async fn one_after<T: FromRow>(
        &mut self,
        before: Query<'_>,
        ask: Query<'_>,
    ) -> Result<Option<T>, DbError> {
        let of_before = self.prepare(before.text).await?;
        let statement = self.prepare(ask.text).await?;
        let begins = self.begins();
        let client = self.client()?;
        let both =
            join(query::effect(client, &of_before, before), query::first(client, &statement, ask))
                .map(|(before, first)| before.and(first));
        let done = riding(begins, client, both).await;
        self.settled(done)
    }

    pub(crate) async fn page<T: FromRow>(
        &mut self,
        rows: Query<'_>,
        count: Query<'_>,
    ) -> Result<(Vec<T>, i64), DbError> {
        let found = self.all(rows).await?;
        Ok((found, self.one(count).await?.unwrap_or(0)))
    }

    /// Sends all statements before the first is answered.
    pub(crate) async fn run_all(&mut self, asks: &[Query<'_>]) -> Result<(), DbError> {
        let mut statements = Vec::with_capacity(asks.len());
        for ask in asks {
            statements.push(self.prepare(ask.text).await?);
        }
        if statements.is_empty() {
            return Ok(());
        }
        let begins = self.begins();
        let client = self.client()?;
        let mut effects = Vec::with_capacity(asks.len());
        for (statement, ask) in statements.iter().zip(asks) {
            effects.push(query::effect(client, statement, *ask));
        }
        let all = join_all(effects)
            .map(|effects| effects.into_iter().try_for_each(|effect| effect.map(drop)));
        let done = riding(begins, client, all).await;
        self.settled(done)
    }

    /// The statement, prepared before the transaction begins if it is the first.
    async fn prepare(&mut self, text: &str) -> Result<Statement, DbError> {
        if self.spoiled.is_some() {
            return Err(Fault::Spoiled.into());
        }
        let statement = query::prepare(self.client()?, text).await;
        statement.map_err(|error| self.spoil(error))
    }

    /// Whether `BEGIN` is still to be sent; asked when it will be. From then on the connection is
    /// not clean.
    fn begins(&mut self) -> bool {
        self.client.soil();
        !std::mem::replace(&mut self.begun, true)
    }

    fn settled<T>(&mut self, done: Result<T, Failed>) -> Result<T, DbError> {
        match done {
            Err(Failed::Engine(error)) => Err(self.spoil(error)),
            done => Ok(done?),
        }
    }

    /// Leaves statements to the end.
    pub(crate) fn at_end(&mut self, batch: Batch) {
        self.rest.asks.extend(batch.asks);
    }

    /// Ends the transaction as the outcome wants it. Until the server has said that it ended, to be
    /// dropped here is to be abandoned.
    pub(crate) async fn end<T, E: From<DbError>>(mut self, outcome: Result<T, E>) -> Ended<T, E> {
        let outcome = match outcome {
            Ok(value) => match self.commit().await {
                Ok(()) => return Ended::Done(Ok(value)),
                Err(error) => Err(error.into()),
            },
            Err(error) => Err(error),
        };
        let may_repeat = self.spoiled == Some(Spoiled::MayRepeat);
        self.roll_back().await;
        if may_repeat { Ended::GivenUp(outcome) } else { Ended::Done(outcome) }
    }

    /// Runs all of a long batch but its last part, part by part.
    async fn run_in_parts(&mut self, parcels: &mut Vec<Parcel>) -> Result<(), DbError> {
        let began = Instant::now();
        loop {
            let part = parcel::part(parcels, began.elapsed());
            if part == parcels.len() {
                return Ok(());
            }
            let last = parcels.split_off(part);
            let first: Vec<Query<'_>> = parcels.iter().map(Parcel::query).collect();
            self.run_all(&first).await?;
            *parcels = last;
        }
    }

    /// Runs what was left to the end, and commits: the last of it is sent with `COMMIT` before the
    /// first is answered.
    pub(super) async fn commit(&mut self) -> Result<(), DbError> {
        if self.spoiled.is_some() {
            return Err(Fault::Spoiled.into());
        }
        let mut parcels = parcel::pack(std::mem::take(&mut self.rest));
        if parcel::is_long(&parcels) {
            self.run_in_parts(&mut parcels).await?;
        }
        let mut statements = Vec::with_capacity(parcels.len());
        for parcel in &parcels {
            statements.push(self.prepare(parcel.query().text).await?);
        }
        if self.is_clean() && statements.is_empty() {
            return Ok(());
        }
        let begins = self.begins();
        let client = self.client()?;
        let effects = statements.iter().zip(&parcels).map(|(statement, parcel)| {
            query::effect(client, statement, parcel.query()).map_ok(drop).boxed()
        });
        let begin = begins.then(|| control(client, BEGIN));
        match all_or_none(begin.into_iter().chain(effects), || control(client, "COMMIT")).await {
            Ok(()) => {
                self.begun = false;
                self.client.clean();
                Ok(())
            }
            Err(Failed::Engine(error)) => {
                // With the connection the answer to COMMIT is lost, so nobody knows.
                let may_repeat = failure::may_repeat(&error);
                self.spoiled = Some(Spoiled::or_repeat(may_repeat));
                Err(failure::tell(error))
            }
            Err(failed) => Err(failed.into()),
        }
    }

    /// Undoes what was done, if anything was; whether nothing is left of it. A connection that does
    /// not say so is thrown away.
    pub(super) async fn roll_back(&mut self) -> bool {
        if self.is_clean() {
            return true;
        }
        let Ok(client) = self.client() else { return false };
        match client.batch_execute("ROLLBACK").await {
            Ok(()) => {
                (self.begun, self.spoiled) = (false, None);
                self.client.clean();
            }
            Err(error) => {
                tracing::debug!(error = %error, "a rollback failed; the connection is thrown away");
            }
        }
        self.is_clean()
    }

    /// Whether the connection is as it was got.
    fn is_clean(&self) -> bool {
        !self.begun && self.spoiled.is_none()
    }

    fn client(&self) -> Result<&ClientWrapper, DbError> {
        self.client.client()
    }

    fn spoil(&mut self, error: Error) -> DbError {
        // Nothing can have been committed before the end, so a lost connection may be replaced.
        let may_repeat = failure::may_repeat(&error) || failure::is_lost(&error);
        self.spoiled = Some(Spoiled::or_repeat(may_repeat));
        self.client.soil();
        failure::tell(error)
    }
}

/// Runs what is prepared; `BEGIN` rides with it if the transaction is still to begin.
async fn riding<T>(
    begins: bool,
    client: &ClientWrapper,
    run: impl Future<Output = Result<T, Failed>>,
) -> Result<T, Failed> {
    if !begins {
        return run.await;
    }
    // What is polled first is sent first.
    let (begun, done) = join(client.batch_execute(BEGIN), run).await;
    begun.map_err(Failed::Engine).and(done)
}

/// A statement without values.
fn control<'c>(client: &'c ClientWrapper, text: &'static str) -> Sent<'c> {
    client.batch_execute(text).map_err(Failed::Engine).boxed()
}

/// Sends everything, and then what ends it, before the first is answered. The first error is the
/// one given. The server answers `COMMIT` with a rollback when something before it failed; what
/// could not even be sent (a value of the wrong kind) it does not know of, so no end is sent then.
async fn all_or_none<'c>(
    all: impl Iterator<Item = Sent<'c>>,
    end: impl FnOnce() -> Sent<'c>,
) -> Result<(), Failed> {
    let mut unanswered = Vec::new();
    for mut sent in all {
        // The first poll sends.
        match poll_fn(|task| Poll::Ready(sent.as_mut().poll(task))).await {
            Poll::Ready(answer) => answer?,
            Poll::Pending => unanswered.push(sent),
        }
    }
    unanswered.push(end());
    join_all(unanswered).await.into_iter().collect()
}

/// The pauses between tries of one unit.
pub(crate) struct Pause {
    tries: u32,
}

impl Pause {
    /// Tries of one unit at most.
    const TRIES: u32 = 5;

    pub(crate) const fn new() -> Self {
        Self { tries: 1 }
    }

    /// Waits a little longer each time; whether another try is left.
    pub(crate) async fn before_another(&mut self) -> bool {
        if self.tries >= Self::TRIES {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(1_u64 << self.tries)).await;
        self.tries += 1;
        true
    }
}
