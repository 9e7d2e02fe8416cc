//! Mail templates: `FusionAuth`'s subset of `FreeMarker`, translated once into `MiniJinja`.
//!
//! A template is text with holes, written by an operator and filled for a reader. Whoever moves
//! from `FusionAuth` brings such texts along, so the language is theirs; the engine is `MiniJinja`,
//! which knows how to stop a template that runs away. Between the two lies a translation:
//!
//! ```text
//! source ──scan──▶ pieces ──whitespace──▶ pieces ──parse──▶ nodes ──translate──▶ MiniJinja text
//! ```
//!
//! Invariants: nothing in a template can panic, loop for ever or fill the memory; a variable
//! that is missing is an error that names it, never an empty hole; every error names a line of the
//! source as the operator wrote it. Values are not escaped unless the template says `?html`, which
//! is what `FreeMarker` does.

mod builtin;
mod collection;
mod emit;
mod expression;
mod lex;
mod mode;
mod moment;
mod names;
mod number;
mod parse;
mod pattern;
mod primary;
mod render;
mod scan;
mod source;
mod syntax;
#[cfg(test)]
mod tests;
mod text;
mod translate;
mod value;
mod whitespace;

use std::fmt;

use serde_json::Value;

/// The key under which the caller puts the present instant, in milliseconds since 1970, for
/// templates that say `.now`. A path cannot spell it, so it never clashes with a variable.
pub const NOW: &str = ".now";

/// The longest template and the longest mail, in bytes: both are mistakes long before.
pub const SIZE_LIMIT: usize = 1024 * 1024;

/// One template, translated and known to compile: what remains is to fill it.
#[derive(Clone, Debug)]
pub struct Template {
    translated: String,
}

impl Template {
    /// The template that `source` describes.
    pub fn new(source: &str) -> Result<Self, SyntaxError> {
        let translated = translate(source)?;
        render::compile(&translated)?;
        Ok(Self { translated })
    }

    /// The text that results from filling the template with `variables`, an object.
    pub fn render(&self, variables: &Value) -> Result<String, RenderError> {
        render::render(&self.translated, variables)
    }
}

/// The `MiniJinja` text that means what the `FreeMarker` text `source` means, line for line.
pub fn translate(source: &str) -> Result<String, SyntaxError> {
    if source.len() > SIZE_LIMIT {
        return Err(SyntaxError::new(source::Position::START, "the template is longer than 1 MiB"));
    }
    let glyphs = source::glyphs(source);
    let mut pieces = scan::pieces(&glyphs)?;
    whitespace::strip(&mut pieces);
    let nodes = parse::nodes(&pieces)?;
    translate::text(&nodes, source.len())
}

/// Whether `source` is a template at all; what is wrong with it if not.
pub fn check(source: &str) -> Result<(), SyntaxError> {
    Template::new(source).map(|_| ())
}

/// The text that results from filling the template `source` with `variables`, an object.
pub fn render(source: &str, variables: &Value) -> Result<String, RenderError> {
    Template::new(source)?.render(variables)
}

/// What is wrong with a template before anybody fills it, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// The line, from 1.
    pub line: u32,
    /// The character in the line, from 1.
    pub column: u32,
    /// What is wrong, in a clause without a full stop.
    pub message: String,
}

impl SyntaxError {
    fn new(at: source::Position, message: impl Into<String>) -> Self {
        Self { line: at.line, column: at.column, message: message.into() }
    }
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "line {}, column {}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for SyntaxError {}

/// Why a template could not be filled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// It is not a template.
    #[error(transparent)]
    Syntax(#[from] SyntaxError),
    /// It names a variable that is missing, and no default.
    #[error("{}{name} is missing: give a default, (…)!'…', or test it, (…)??", place(*line))]
    Undefined {
        /// The variable or path, as far as the first missing step.
        name: String,
        /// The line of the source, from 1, where it is known.
        line: Option<u32>,
    },
    /// A value was not of the kind that the template needs, or a limit was passed.
    #[error("{}{message}", place(*line))]
    Failed {
        /// The line of the source, from 1, where it is known.
        line: Option<u32>,
        /// What went wrong, in a clause without a full stop.
        message: String,
    },
}

/// The beginning of an error message: the line, where it is known.
fn place(line: Option<u32>) -> String {
    line.map(|line| format!("line {line}: ")).unwrap_or_default()
}
