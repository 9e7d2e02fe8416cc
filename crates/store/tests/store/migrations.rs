//! The schema is brought up to date, once, by one, and alike.
