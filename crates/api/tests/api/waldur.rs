//! The Waldur surface (`waldur.md`), asked as its clients ask.

mod conventions;
mod logins;
mod world;
