//! Reads the settings file, and says of a mistake where it is and what was probably meant.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::{Config, DEFAULT_FILE};

/// Further apart than this, and two keys are not mistaken for each other.
const LIKENESS: f64 = 0.6;

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error("the settings file {} cannot be read", path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{}:{line}: there is no setting `{key}`{}", path.display(), suggestion(nearest.as_deref()))]
    UnknownKey { path: PathBuf, line: usize, key: String, nearest: Option<String> },
    #[error("{}:{line}: {message}", path.display())]
    Malformed { path: PathBuf, line: usize, message: String },
    #[error("{}: {key} {message}", path.display())]
    Nonsense { path: PathBuf, key: &'static str, message: String },
}

fn suggestion(nearest: Option<&str>) -> String {
    nearest.map_or_else(
        || "; `docket config` prints them all".to_owned(),
        |nearest| format!(", did you mean `{nearest}`?"),
    )
}

/// The settings in a file; what it leaves out is as by default.
pub(super) fn read(path: &Path) -> Result<Config, ConfigError> {
    let text = fs::read_to_string(path)
        .map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
    parse(path, &text)
}

pub(super) fn parse(path: &Path, text: &str) -> Result<Config, ConfigError> {
    let malformed = |error: &toml::de::Error| ConfigError::Malformed {
        path: path.to_owned(),
        line: line_of(text, error.span()),
        message: error.message().to_owned(),
    };
    let table = DeTable::parse(text).map_err(|error| malformed(&error))?;
    let known = known_keys();
    for (key, span) in keys_of(table.get_ref(), "") {
        // A table in the place of a setting is a matter of types, which serde tells better.
        let is_known = known.iter().any(|known| {
            *known == key
                || known.starts_with(&format!("{key}."))
                || key.starts_with(&format!("{known}."))
        });
        if !is_known {
            return Err(ConfigError::UnknownKey {
                path: path.to_owned(),
                line: line_of(text, Some(span)),
                nearest: nearest(&known, &key),
                key,
            });
        }
    }
    let config: Config = toml::from_str(text).map_err(|error| malformed(&error))?;
    config.check().map_err(|(key, message)| ConfigError::Nonsense {
        path: path.to_owned(),
        key,
        message,
    })?;
    Ok(config)
}

/// Every setting, by its dotted key, as the default file lists them.
pub(super) fn known_keys() -> Vec<String> {
    let Ok(table) = DeTable::parse(DEFAULT_FILE) else { return Vec::new() };
    keys_of(table.get_ref(), "").into_iter().map(|(key, _)| key).collect()
}

/// The dotted keys of a table's leaves, and where each is. An empty table is a leaf too, so that a
/// mistyped heading is found even when nothing is below it.
fn keys_of(table: &DeTable<'_>, above: &str) -> Vec<(String, Range<usize>)> {
    let mut keys = Vec::new();
    for (name, value) in table {
        let key = format!("{above}{}", name.get_ref());
        match value.get_ref() {
            DeValue::Table(below) if !below.is_empty() => {
                keys.extend(keys_of(below, &format!("{key}.")));
            }
            _ => keys.push((key, name.span())),
        }
    }
    keys
}

/// The key or heading that was probably meant: the most alike, its own heading included or not.
fn nearest(known: &[String], key: &str) -> Option<String> {
    let last = |key: &str| key.rsplit('.').next().unwrap_or_default().to_owned();
    let likeness = |candidate: &str| {
        let whole = strsim::normalized_damerau_levenshtein(candidate, key);
        // The right name below a wrong heading, or below none, is a likely mistake.
        let name = strsim::normalized_damerau_levenshtein(&last(candidate), &last(key));
        whole.max(name * 0.99)
    };
    let headings = known.iter().filter_map(|key| key.split_once('.').map(|(heading, _)| heading));
    let (likeness, nearest) = headings
        .chain(known.iter().map(String::as_str))
        .map(|candidate| (likeness(candidate), candidate))
        .max_by(|(one, _), (other, _)| one.total_cmp(other))?;
    (likeness >= LIKENESS).then(|| nearest.to_owned())
}

fn line_of(text: &str, span: Option<Range<usize>>) -> usize {
    let before = text.get(..span.map_or(0, |span| span.start)).unwrap_or(text);
    before.matches('\n').count() + 1
}
