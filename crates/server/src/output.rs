//! What commands say on the standard output. Everything else is a log line, and goes elsewhere.
//!
//! A reader that goes away early (`docket config | head`) is no reason to fail.

use std::fmt::Display;
use std::io::Write;

/// Says a line.
pub(crate) fn say(line: impl Display) {
    drop(writeln!(std::io::stdout().lock(), "{line}"));
}

/// Says why a command failed, with all causes on one line.
pub(crate) fn complain(error: &anyhow::Error) {
    drop(writeln!(std::io::stderr().lock(), "docket: {error:#}"));
}
