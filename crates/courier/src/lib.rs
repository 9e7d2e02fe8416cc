//! What happens after the commit: mails are sent, others are told.
//!
//! The courier claims work that the use cases left behind, does what needs the network, and has the
//! outcome recorded. It sees no table: what is due and what follows from an outcome are use cases of
//! `docket-service`. A claim is a lease, so that the work of a node that dies is another's when the
//! lease ends.

pub mod mail;
