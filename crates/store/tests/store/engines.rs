//! What only one of the engines can get wrong.

mod postgres;
mod sqlite;
