//! A JSON document that the rules carry but never look into.

/// The text of a JSON value, already known to be well-formed.
///
/// Callers' own data (`user.data`, for example) is stored and given back exactly as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Json(Box<str>);

impl Json {
    /// Takes text that a JSON parser has read or a JSON writer has written.
    #[must_use]
    pub fn from_trusted(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// `{}`.
    #[must_use]
    pub fn empty_object() -> Self {
        Self("{}".into())
    }

    /// The text, for good.
    #[must_use]
    pub fn into_text(self) -> String {
        self.0.into_string()
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
