//! What outsiders see: the shapes of requests and answers, and their way to and from the domain.
//!
//! No behaviour lives here. Requests are read by [`fields`], which finds everything that is wrong
//! at once; answers are plain structs that serialize. One room a surface; they share no struct,
//! because the originals differ in shape and not in spelling alone.

pub mod document;
pub mod fields;
pub mod fusionauth;
pub mod native;
pub mod waldur;
