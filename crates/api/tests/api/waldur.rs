//! The Waldur surface (`waldur.md`), asked as its clients ask.

mod conventions;
mod customers;
mod logins;
mod people;
mod projects;
mod roles;
mod teams;
mod world;
