//! A connection of the pool while a transaction runs on it.
//!
//! Invariant: a connection goes back to the pool only after its transaction is known to have ended.
//! Whatever else happens (the caller goes away, the unit panics, a rollback fails), it is thrown
//! away; the next borrower would otherwise commit the abandoned half.

use std::sync::atomic::{AtomicBool, Ordering};

use deadpool_postgres::{ClientWrapper, Object};

use crate::error::{DbError, Fault};

/// The connection; the last who has it gives it back.
#[derive(Debug)]
pub(super) struct Lent {
    /// Gone only when this is.
    client: Option<Object>,
    clean: AtomicBool,
}

impl Lent {
    pub(super) const fn new(client: Object) -> Self {
        Self { client: Some(client), clean: AtomicBool::new(true) }
    }

    pub(super) fn client(&self) -> Result<&ClientWrapper, DbError> {
        Ok(self.client.as_deref().ok_or(Fault::Closed)?)
    }

    /// A transaction is about to begin.
    pub(super) fn soil(&self) {
        self.clean.store(false, Ordering::Release);
    }

    /// It has ended.
    pub(super) fn clean(&self) {
        self.clean.store(true, Ordering::Release);
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if !self.clean.load(Ordering::Acquire)
            && let Some(client) = self.client.take()
        {
            drop(Object::take(client));
        }
    }
}
