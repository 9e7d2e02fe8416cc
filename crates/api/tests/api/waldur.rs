//! The Waldur surface (`waldur.md`), asked as its clients ask.

mod conventions;
mod invitations;
mod logins;
mod organisation;
mod request_mails;
mod requests;
mod sight;
mod world;
