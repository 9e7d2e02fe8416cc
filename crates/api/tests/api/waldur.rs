//! The Waldur surface (`waldur.md`), asked as its clients ask.

mod conventions;
mod customers;
mod digest;
mod first_page;
mod inbox;
mod invitations;
mod logins;
mod organisation;
mod people;
mod projects;
mod request_mails;
mod request_races;
mod requests;
mod roles;
mod sight;
mod submissions;
mod teams;
mod user_action_executions;
mod user_action_providers;
mod user_actions;
mod world;
