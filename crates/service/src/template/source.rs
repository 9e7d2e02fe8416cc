//! The source of a template as characters that know where they stand.
//!
//! Everything behind this file works on glyphs, so that an error inside an interpolation inside
//! a string literal still names the line and column in the operator's text.

use super::SyntaxError;

/// A place in a template, both counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) line: u32,
    pub(super) column: u32,
}

impl Position {
    pub(super) const START: Self = Self { line: 1, column: 1 };

    /// The error that `message` is wrong here.
    pub(super) fn error(self, message: impl Into<String>) -> SyntaxError {
        SyntaxError::new(self, message)
    }
}

/// One character of a template.
#[derive(Clone, Copy, Debug)]
pub(super) struct Glyph {
    pub(super) letter: char,
    pub(super) at: Position,
    /// Whether it was written with a backslash in a string literal, where it then means itself.
    pub(super) escaped: bool,
}

/// The characters of `source`, each with its place.
pub(super) fn glyphs(source: &str) -> Vec<Glyph> {
    let mut at = Position::START;
    let mut glyphs = Vec::with_capacity(source.len());
    for letter in source.chars() {
        glyphs.push(Glyph { letter, at, escaped: false });
        if letter == '\n' {
            at = Position { line: at.line.saturating_add(1), column: 1 };
        } else {
            at.column = at.column.saturating_add(1);
        }
    }
    glyphs
}

/// A reader of glyphs that looks ahead as far as it likes and never goes back.
#[derive(Clone)]
pub(super) struct Cursor<'a> {
    rest: &'a [Glyph],
    last: Position,
}

impl<'a> Cursor<'a> {
    /// A reader at the beginning of `glyphs`, which stand at or after `start`.
    pub(super) fn new(glyphs: &'a [Glyph], start: Position) -> Self {
        Self { rest: glyphs, last: start }
    }

    /// The place of the next glyph, or of the last one at the end.
    pub(super) fn here(&self) -> Position {
        self.rest.first().map_or(self.last, |glyph| glyph.at)
    }

    /// The place of the glyph read last.
    pub(super) fn behind(&self) -> Position {
        self.last
    }

    /// The character `ahead` places further on, unless a backslash robbed it of its meaning.
    pub(super) fn peek(&self, ahead: usize) -> Option<char> {
        self.rest.get(ahead).filter(|glyph| !glyph.escaped).map(|glyph| glyph.letter)
    }

    /// Whether `text` comes next.
    pub(super) fn sees(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(ahead, letter)| self.peek(ahead) == Some(letter))
    }

    /// Whether a character for which `test` holds is `ahead` places further on.
    pub(super) fn sees_any(&self, ahead: usize, test: impl Fn(char) -> bool) -> bool {
        self.peek(ahead).is_some_and(test)
    }

    /// The next glyph, passed.
    pub(super) fn next(&mut self) -> Option<Glyph> {
        let (glyph, rest) = self.rest.split_first()?;
        self.rest = rest;
        self.last = glyph.at;
        Some(*glyph)
    }

    /// The next `count` glyphs are passed.
    pub(super) fn skip(&mut self, count: usize) {
        for _ in 0..count {
            self.next();
        }
    }

    /// Passes `text` if it comes next.
    pub(super) fn take(&mut self, text: &str) -> bool {
        let seen = self.sees(text);
        if seen {
            self.skip(text.chars().count());
        }
        seen
    }

    /// Everything up to `end`, which is passed as well; `None` if it never comes.
    pub(super) fn take_until(&mut self, end: impl Fn(&Self) -> Option<usize>) -> Option<String> {
        let mut passed = String::new();
        loop {
            if let Some(length) = end(self) {
                self.skip(length);
                return Some(passed);
            }
            passed.push(self.next()?.letter);
        }
    }
}
