//! The tables: two engines behind one face.
//!
//! [`Db`] is opened by a URL and never says which engine it is. Reads go through
//! [`Db::reader`], changes through a unit of work in [`Db::write`]: all of it happens or nothing.
//! Statements are declared once for both engines by [`statements!`], values go in by [`params!`],
//! rows come out by [`FromRow`], and lists with the caller's conditions are a
//! [`filter::Select`]. One table, one file: its statements on top, its functions below.
//!
//! Invariant: nobody outside this crate names an engine or sees SQL.

// The face.
mod batch;
mod conn;
mod db;
pub mod error;
pub mod filter;
pub mod migrate;
#[doc(hidden)]
pub mod plan;
mod postgres;
pub mod row;
mod sqlite;
pub mod stmt;
pub mod value;

pub use batch::Batch;
pub use conn::Conn;
pub use db::{BoxFuture, Db, Options};
pub use error::DbError;
pub use filter::Select;
pub use row::{FromRow, Row};
pub use stmt::Stmt;
pub use value::Value;

// The tables.
pub mod action;
pub mod action_end;
pub mod action_search;
pub mod affiliation;
pub mod api_key;
pub mod application;
pub mod approver;
pub mod attempt;
pub mod audience;
pub mod audit_log;
pub mod audit_record;
mod codec;
pub mod comment;
pub mod customer;
pub mod definition;
pub mod delivery;
pub mod email_template;
pub mod event_log;
pub mod execution;
pub mod failed_login;
pub mod gate;
pub mod grant;
pub mod idempotency;
pub mod invitation;
pub mod mail;
pub mod order;
pub mod outbox;
pub mod permission_request;
pub mod project;
pub mod provider;
pub mod reason;
pub mod registration;
pub mod relay;
pub mod resource;
pub mod role;
pub mod setting;
pub mod signing_key;
pub mod silence;
pub mod take;
pub mod task;
pub mod team;
pub mod tenant;
pub mod todo;
pub mod token_attempt;
pub mod user;
pub mod user_term;
pub mod user_token;
pub mod viewer;
pub mod webhook;
pub mod webhook_event;
pub mod webhook_key;

/// Every statement of every table, for the tests that plan them.
#[doc(hidden)]
#[must_use]
pub fn statements() -> Vec<&'static Stmt> {
    [
        action::STATEMENTS,
        action_end::STATEMENTS,
        affiliation::STATEMENTS,
        api_key::STATEMENTS,
        application::STATEMENTS,
        approver::STATEMENTS,
        attempt::STATEMENTS,
        audience::STATEMENTS,
        audit_log::STATEMENTS,
        audit_record::STATEMENTS,
        comment::STATEMENTS,
        customer::STATEMENTS,
        definition::STATEMENTS,
        delivery::STATEMENTS,
        email_template::STATEMENTS,
        event_log::STATEMENTS,
        execution::STATEMENTS,
        failed_login::STATEMENTS,
        gate::STATEMENTS,
        grant::STATEMENTS,
        idempotency::STATEMENTS,
        invitation::STATEMENTS,
        mail::STATEMENTS,
        order::STATEMENTS,
        outbox::STATEMENTS,
        permission_request::STATEMENTS,
        project::STATEMENTS,
        provider::STATEMENTS,
        reason::STATEMENTS,
        registration::STATEMENTS,
        relay::STATEMENTS,
        resource::STATEMENTS,
        role::STATEMENTS,
        setting::STATEMENTS,
        signing_key::STATEMENTS,
        silence::STATEMENTS,
        take::STATEMENTS,
        task::STATEMENTS,
        tenant::STATEMENTS,
        tenant::removal::STATEMENTS,
        token_attempt::STATEMENTS,
        todo::STATEMENTS,
        todo::list::STATEMENTS,
        user::STATEMENTS,
        user_term::STATEMENTS,
        user_token::STATEMENTS,
        viewer::STATEMENTS,
        webhook::STATEMENTS,
        webhook_event::STATEMENTS,
        webhook_key::STATEMENTS,
    ]
    .concat()
}
