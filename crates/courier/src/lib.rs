//! What happens after the commit: others are told.
//!
//! Nothing here knows a database. The use cases say what is due and note what became of it; the
//! courier does the part that takes time and may fail.

pub mod guard;
