//! What happens after the commit: events are signed and sent, and what became of them is recorded.
//!
//! The courier calls use cases and the outside world; it never sees a table or a route.

pub mod sign;
