//! The Waldur surface: `snake_case`, bare hexadecimal ids, and complaints in the words of the
//! framework that the original is built on, because its clients show them to people.

pub mod body;
pub mod customer;
pub mod execution;
pub mod invitation;
pub mod login;
pub mod origin;
pub mod page;
pub mod pending_action;
pub mod permission_request;
pub mod problem;
pub mod project;
pub mod provider;
pub mod query;
pub mod refusal;
pub mod restriction;
pub mod role;
pub mod scalar;
pub mod team;
pub mod todo;
pub mod user;
pub mod version;
