//! The one place that prints.

use std::fmt::Display;
use std::io::Write;

/// A line for the reader.
pub(crate) fn say(line: impl Display) {
    // Nobody is left to be told that nobody listens.
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// A line about the progress.
pub(crate) fn note(line: impl Display) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
