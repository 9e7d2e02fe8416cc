//! What only one of the engines can get wrong.
