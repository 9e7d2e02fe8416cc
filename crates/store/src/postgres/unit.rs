//! One unit of work on `PostgreSQL`: a pooled connection and its transaction.
//!
//! Invariant: a connection goes back to the pool only after its transaction is known to have ended.
//! Whatever else happens (the caller goes away, the unit panics, a rollback fails), it is thrown
//! away; the next borrower would otherwise commit the abandoned half.

use std::time::Duration;

use deadpool_postgres::{ClientWrapper, Object};
use futures_util::FutureExt;
use futures_util::future::{join, join_all, join5};
use tokio_postgres::{Error, Statement};

use super::failure;
use super::query::{self, Failed};
use crate::conn::{Four, Query};
use crate::error::{DbError, Fault};
use crate::row::FromRow;

/// The isolation is named, for the server's default is the operator's to change.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";

/// A transaction in the making; it begins with its first statement.
#[derive(Debug)]
pub(crate) struct Unit {
    /// Gone only while this is being ended.
    client: Option<Object>,
    begun: bool,
    spoiled: Option<Spoiled>,
}

/// How the first failing statement failed; the engine refuses all that follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spoiled {
    ForGood,
    MayRepeat,
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
        Self { client: Some(client), begun: false, spoiled: None }
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

    /// Sends all five before the first is answered.
    pub(crate) async fn four_after<A: FromRow, B: FromRow, C: FromRow, D: FromRow>(
        &mut self,
        before: Query<'_>,
        asks: [Query<'_>; 4],
    ) -> Result<Four<A, B, C, D>, DbError> {
        let [a, b, c, d] = asks;
        let of_before = self.prepare(before.text).await?;
        let (of_a, of_b) = (self.prepare(a.text).await?, self.prepare(b.text).await?);
        let (of_c, of_d) = (self.prepare(c.text).await?, self.prepare(d.text).await?);
        let begins = self.begins();
        let client = self.client()?;
        let all = join5(
            query::effect(client, &of_before, before),
            query::first(client, &of_a, a),
            query::first(client, &of_b, b),
            query::first(client, &of_c, c),
            query::first(client, &of_d, d),
        )
        .map(|(before, a, b, c, d)| before.and_then(|_| Ok((a?, b?, c?, d?))));
        let done = riding(begins, client, all).await;
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
        !std::mem::replace(&mut self.begun, true)
    }

    fn settled<T>(&mut self, done: Result<T, Failed>) -> Result<T, DbError> {
        match done {
            Err(Failed::Engine(error)) => Err(self.spoil(error)),
            done => Ok(done?),
        }
    }

    /// Ends the transaction as the outcome wants it.
    pub(crate) async fn end<T, E: From<DbError>>(mut self, outcome: Result<T, E>) -> Ended<T, E> {
        // Until this is done the guard holds the connection: to be dropped here is to be abandoned.
        let mut guard = Abandoned(if self.is_clean() { None } else { self.client.take() });
        let outcome = match (outcome, self.spoiled) {
            (Ok(value), None) => match guard.say("COMMIT").await {
                Ok(()) => return Ended::Done(Ok(value)),
                Err(error) => {
                    let may_repeat = failure::may_repeat(&error);
                    let outcome = Err(failure::tell(error).into());
                    return if may_repeat { Ended::GivenUp(outcome) } else { Ended::Done(outcome) };
                }
            },
            (Ok(_), Some(_)) => Err(DbError::from(Fault::Spoiled).into()),
            (Err(error), _) => Err(error),
        };
        if let Err(error) = guard.say("ROLLBACK").await {
            tracing::debug!(error = %error, "a rollback failed; the connection is thrown away");
        }
        match self.spoiled {
            Some(Spoiled::MayRepeat) => Ended::GivenUp(outcome),
            _ => Ended::Done(outcome),
        }
    }

    /// Whether the connection is as it was got.
    fn is_clean(&self) -> bool {
        !self.begun && self.spoiled.is_none()
    }

    fn client(&self) -> Result<&ClientWrapper, DbError> {
        Ok(self.client.as_deref().ok_or(Fault::Closed)?)
    }

    fn spoil(&mut self, error: Error) -> DbError {
        // Nothing can have been committed before the end, so a lost connection may be replaced.
        let may_repeat = failure::may_repeat(&error) || failure::is_lost(&error);
        self.spoiled = Some(if may_repeat { Spoiled::MayRepeat } else { Spoiled::ForGood });
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

/// Throws the connection away when the unit was not ended.
impl Drop for Unit {
    fn drop(&mut self) {
        if !self.is_clean() {
            drop(Abandoned(self.client.take()));
        }
    }
}

/// A connection with an open transaction, thrown away unless that ends well.
struct Abandoned(Option<Object>);

impl Abandoned {
    /// Ends the transaction; when the server agrees, the connection goes back to the pool.
    async fn say(&mut self, end: &'static str) -> Result<(), Error> {
        if let Some(client) = &self.0 {
            client.batch_execute(end).await?;
            self.0 = None;
        }
        Ok(())
    }
}

impl Drop for Abandoned {
    fn drop(&mut self) {
        if let Some(client) = self.0.take() {
            drop(Object::take(client));
        }
    }
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
