//! The rules of Docket: pure functions over types that cannot hold nonsense.
//!
//! Nothing here knows a database, a protocol or a format, and nothing asks for the time or for
//! chance: both come in as arguments. The words, in short:
//!
//! - A **definition** is a kind of action, with its **options**; a **reason** says why.
//! - An **action** is one definition taken on one user: the *actioner* acts on the *actionee*.
//!   *Temporal* actions last until an [`Expiry`](time::Expiry); *instant* ones only happened.
//! - A **block** is an active action that prevents login; the **gate** answers whether a user may
//!   act now.
//! - A **grant** is a user's *role* on a *scope* (a customer or one of its projects), perhaps until an
//!   instant; an **invitation** offers one, a **request** asks for it, a **viewer** is a user with all
//!   that they hold.
//! - A **to-do** is something that a user has to do; its *corrective actions* do it.
//! - A **principal** is who calls: a key, a user, or the system itself.
//! - A **violation** is one thing wrong with what was asked for, in nobody's format.

pub mod access;
pub mod action;
pub mod attempt;
pub mod delivery;
pub mod directory;
pub mod event;
pub mod id;
pub mod journal;
pub mod json;
pub mod mail;
pub mod network;
pub mod page;
pub mod permission;
pub mod tail;
pub mod text;
pub mod time;
pub mod todo;
pub mod violation;
pub mod webhook;
pub mod webhook_key;
