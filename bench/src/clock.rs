//! The instant that it is now.

/// Milliseconds since the Unix epoch.
#[expect(clippy::disallowed_methods, reason = "this program is the clock of its own data")]
pub(crate) fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    i64::try_from(since.unwrap_or_default().as_millis()).unwrap_or(i64::MAX)
}
