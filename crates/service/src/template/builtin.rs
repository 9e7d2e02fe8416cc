//! The built-ins, `value?name(…)`: which there are, how many arguments they take, what they do.
//!
//! The parser looks names up here, so that an unknown one is an error when a template is saved;
//! the renderer makes a filter of each.

use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicU64, Ordering};

use minijinja::{Error, ErrorKind, Value};

use super::{collection, moment, number, text, value};

/// How many bytes and items all built-ins of one rendering may make together.
const WORK_LIMIT: u64 = 16 * 1024 * 1024;

/// One built-in.
#[derive(Debug)]
pub(super) struct BuiltIn {
    pub(super) name: &'static str,
    /// How many arguments it takes beside the value before the question mark.
    pub(super) arguments: RangeInclusive<usize>,
    /// Whether the result may be missing although the value is there.
    pub(super) may_be_missing: bool,
    pub(super) apply: Apply,
}

/// What a built-in does with its value and, behind it, its arguments.
pub(super) type Apply = fn(&Budget, &[Value]) -> Result<Value, Error>;

/// What one rendering may still spend.
#[derive(Debug)]
pub(super) struct Budget(AtomicU64);

impl Budget {
    pub(super) fn new() -> Self {
        Self(AtomicU64::new(WORK_LIMIT))
    }

    /// Fails if making `amount` bytes or items more is too much.
    pub(super) fn charge(&self, amount: usize) -> Result<(), Error> {
        let amount = u64::try_from(amount).unwrap_or(u64::MAX);
        let spend = |left: u64| left.checked_sub(amount);
        if amount > super::SIZE_LIMIT.try_into().unwrap_or(u64::MAX)
            || self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, spend).is_err()
        {
            return Err(failure("the template makes too much text"));
        }
        Ok(())
    }
}

/// A failure while rendering, in a clause without a full stop.
pub(super) fn failure(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidOperation, message.into())
}

const fn entry(name: &'static str, most: usize, apply: Apply) -> BuiltIn {
    BuiltIn { name, arguments: 0..=most, may_be_missing: false, apply }
}

const fn exact(name: &'static str, count: usize, apply: Apply) -> BuiltIn {
    BuiltIn { name, arguments: count..=count, may_be_missing: false, apply }
}

const fn maybe(name: &'static str, apply: Apply) -> BuiltIn {
    BuiltIn { name, arguments: 0..=0, may_be_missing: true, apply }
}

/// All built-ins but those that the translation itself understands (`?then`, `?index`, …).
pub(super) static ALL: [BuiltIn; 61] = [
    entry("html", 0, text::html),
    entry("xml", 0, text::html),
    entry("xhtml", 0, text::html),
    entry("url", 1, text::url),
    entry("url_path", 1, text::url_path),
    entry("js_string", 0, text::js_string),
    entry("json_string", 0, text::json_string),
    entry("upper_case", 0, text::upper_case),
    entry("lower_case", 0, text::lower_case),
    entry("cap_first", 0, text::cap_first),
    entry("uncap_first", 0, text::uncap_first),
    entry("capitalize", 0, text::capitalize),
    entry("trim", 0, text::trim),
    entry("length", 0, text::length),
    exact("replace", 2, text::replace),
    exact("contains", 1, text::contains),
    exact("starts_with", 1, text::starts_with),
    exact("ends_with", 1, text::ends_with),
    exact("index_of", 1, text::index_of),
    exact("remove_beginning", 1, text::remove_beginning),
    exact("remove_ending", 1, text::remove_ending),
    exact("keep_before", 1, text::keep_before),
    exact("keep_after", 1, text::keep_after),
    exact("split", 1, text::split),
    BuiltIn { name: "truncate", arguments: 1..=2, may_be_missing: false, apply: text::truncate },
    entry("number", 0, number::parse),
    entry("abs", 0, number::abs),
    entry("floor", 0, number::floor),
    entry("ceiling", 0, number::ceiling),
    entry("round", 0, number::round),
    entry("int", 0, number::int),
    entry("long", 0, moment::long),
    entry("string", 2, value::string),
    entry("c", 0, value::computer),
    entry("cn", 0, value::computer),
    entry("number_to_datetime", 0, moment::number_to_datetime),
    entry("number_to_date", 0, moment::number_to_date),
    entry("number_to_time", 0, moment::number_to_time),
    entry("datetime", 1, moment::datetime),
    entry("date", 1, moment::date),
    entry("time", 1, moment::time),
    entry("iso_utc", 0, moment::iso_utc),
    entry("has_content", 0, collection::has_content),
    entry("size", 0, collection::size),
    maybe("first", collection::first),
    maybe("last", collection::last),
    BuiltIn { name: "join", arguments: 1..=3, may_be_missing: false, apply: collection::join },
    entry("reverse", 0, collection::reverse),
    entry("sort", 0, collection::sort),
    entry("keys", 0, collection::keys),
    entry("values", 0, collection::values),
    exact("seq_contains", 1, collection::seq_contains),
    entry("is_string", 0, value::is_string),
    entry("is_number", 0, value::is_number),
    entry("is_boolean", 0, value::is_boolean),
    entry("is_date", 0, value::is_date),
    entry("is_date_like", 0, value::is_date),
    entry("is_sequence", 0, value::is_sequence),
    entry("is_enumerable", 0, value::is_sequence),
    entry("is_hash", 0, value::is_hash),
    entry("is_hash_ex", 0, value::is_hash),
];

/// The built-in of this name, in either of `FreeMarker`'s spellings (`upperCase`, `upper_case`).
pub(super) fn named(name: &str) -> Option<&'static BuiltIn> {
    ALL.iter().find(|builtin| builtin.name == name)
}

/// A name in the spelling of this table.
pub(super) fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
            snake.push(letter.to_ascii_lowercase());
        } else {
            snake.push(letter);
        }
    }
    snake
}
