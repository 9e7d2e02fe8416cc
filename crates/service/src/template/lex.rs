//! Expressions as words: what stands between `${` and `}` or behind the name of a directive.
//!
//! Where an expression ends depends on what began it (`>` ends a `<#if` and compares in a
//! `[#if`), so the reader of the text asks for the words of one expression up to its closer.

use super::SyntaxError;
use super::source::{Cursor, Glyph, Position};

/// How deep string literals may nest by interpolation, `"${'${…}'}"`.
const NESTING_LIMIT: usize = 8;

/// One word of an expression and its place.
#[derive(Clone, Debug)]
pub(super) struct Word {
    pub(super) kind: Kind,
    pub(super) at: Position,
}

/// What one word of an expression is.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// A name or a keyword.
    Name(String),
    /// Digits, perhaps with a fraction.
    Number(String),
    /// A string literal.
    Text(Vec<Part>),
    /// An operator or a bracket, in the spelling that `SYMBOLS` gives it.
    Symbol(&'static str),
}

/// A stretch of a string literal.
#[derive(Clone, Debug)]
pub(super) enum Part {
    /// Letters that mean themselves.
    Literal(String),
    /// The words of an interpolation.
    Code(Vec<Word>),
}

/// The words of one expression.
#[derive(Debug)]
pub(super) struct Lexed {
    pub(super) words: Vec<Word>,
    /// Whether the closer was preceded by a slash, `[#assign a = 1 /]`.
    pub(super) self_closed: bool,
}

/// What ends an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Closer {
    /// `}`
    Brace,
    /// `]`
    Square,
    /// `>`
    Angle,
}

impl Closer {
    fn letter(self) -> char {
        match self {
            Self::Brace => '}',
            Self::Square => ']',
            Self::Angle => '>',
        }
    }
}

/// Longest first: the first that fits is taken. The second of a pair is what it means; a lone `=`
/// compares in a condition and assigns in `[#assign`, and both read it as `==`.
const SYMBOLS: [(&str, &str); 42] = [
    ("&amp;&amp;", "&&"),
    ("&lt;=", "<="),
    ("&gt;=", ">="),
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("..<", "..<"),
    ("..!", "..<"),
    ("..*", "..*"),
    ("..", ".."),
    ("??", "??"),
    ("!=", "!="),
    ("==", "=="),
    ("+=", "+="),
    ("-=", "-="),
    ("*=", "*="),
    ("/=", "/="),
    ("%=", "%="),
    ("++", "++"),
    ("--", "--"),
    ("&&", "&&"),
    ("||", "||"),
    ("<=", "<="),
    (">=", ">="),
    ("&", "&&"),
    ("|", "||"),
    ("<", "<"),
    (">", ">"),
    ("?", "?"),
    ("!", "!"),
    ("=", "=="),
    (".", "."),
    (",", ","),
    (":", ":"),
    (";", ";"),
    ("+", "+"),
    ("-", "-"),
    ("*", "*"),
    ("/", "/"),
    ("%", "%"),
    ("(", "("),
    ("[", "["),
    ("{", "{"),
];

/// The words up to `closer`, which is passed. `opened` says where the construct `name` began.
pub(super) fn words(
    cursor: &mut Cursor<'_>,
    closer: Closer,
    opened: Position,
    name: &str,
) -> Result<Lexed, SyntaxError> {
    Lexer { cursor, closer, opened, name, nesting: 0 }.words()
}

struct Lexer<'c, 'g> {
    cursor: &'c mut Cursor<'g>,
    closer: Closer,
    opened: Position,
    name: &'c str,
    nesting: usize,
}

impl Lexer<'_, '_> {
    fn words(&mut self) -> Result<Lexed, SyntaxError> {
        let mut words = Vec::new();
        let mut open: Vec<(char, Position)> = Vec::new();
        loop {
            self.skip_blanks()?;
            let at = self.cursor.here();
            let Some(letter) = self.cursor.peek(0) else {
                return Err(self.unfinished(&open));
            };
            if open.is_empty() && self.closes(0) {
                self.cursor.skip(1);
                return Ok(Lexed { words, self_closed: false });
            }
            if open.is_empty() && self.closer != Closer::Brace && letter == '/' && self.closes(1) {
                self.cursor.skip(2);
                return Ok(Lexed { words, self_closed: true });
            }
            let kind = match letter {
                ')' | ']' | '}' => {
                    self.cursor.skip(1);
                    Kind::Symbol(close(&mut open, letter, at)?)
                }
                '"' | '\'' => self.string(false)?,
                'r' if self.cursor.sees_any(1, |next| matches!(next, '"' | '\'')) => {
                    self.cursor.skip(1);
                    self.string(true)?
                }
                '0'..='9' => self.number(),
                _ if begins_name(letter) || self.sees_escape(0) => self.name(),
                _ => {
                    let symbol = self.symbol().ok_or_else(|| unknown(letter, at))?;
                    if matches!(symbol, "(" | "[" | "{") {
                        open.push((letter, at));
                    }
                    Kind::Symbol(symbol)
                }
            };
            words.push(Word { kind, at });
        }
    }

    fn closes(&self, ahead: usize) -> bool {
        self.cursor.peek(ahead) == Some(self.closer.letter())
    }

    fn unfinished(&self, open: &[(char, Position)]) -> SyntaxError {
        match open.last() {
            Some((bracket, at)) => at.error(format!("{bracket} is never closed")),
            None => self.opened.error(format!("{} is never closed", self.name)),
        }
    }

    fn skip_blanks(&mut self) -> Result<(), SyntaxError> {
        loop {
            let at = self.cursor.here();
            if self.cursor.sees_any(0, char::is_whitespace) {
                self.cursor.skip(1);
            } else if self.cursor.sees("[#--") || self.cursor.sees("<#--") {
                let end =
                    |cursor: &Cursor<'_>| (cursor.sees("--]") || cursor.sees("-->")).then_some(3);
                if self.cursor.take_until(end).is_none() {
                    return Err(at.error("the comment is never closed"));
                }
            } else {
                return Ok(());
            }
        }
    }

    fn symbol(&mut self) -> Option<&'static str> {
        let found = SYMBOLS.iter().find(|(spelling, _)| self.cursor.sees(spelling))?;
        self.cursor.skip(found.0.chars().count());
        Some(found.1)
    }

    fn number(&mut self) -> Kind {
        let mut digits = String::new();
        let mut fraction = false;
        while let Some(letter) = self.cursor.peek(0) {
            let starts_fraction =
                letter == '.' && !fraction && self.cursor.sees_any(1, |next| next.is_ascii_digit());
            if !letter.is_ascii_digit() && !starts_fraction {
                break;
            }
            fraction |= starts_fraction;
            digits.push(letter);
            self.cursor.skip(1);
        }
        Kind::Number(digits)
    }

    /// Names may hold `-`, `.`, `:` and `#` behind a backslash.
    fn sees_escape(&self, ahead: usize) -> bool {
        self.cursor.peek(ahead) == Some('\\')
            && self.cursor.sees_any(ahead + 1, |next| matches!(next, '-' | '.' | ':' | '#'))
    }

    fn name(&mut self) -> Kind {
        let mut name = String::new();
        loop {
            if self.sees_escape(0) {
                self.cursor.skip(1);
            } else if !self.cursor.sees_any(0, continues_name) {
                return Kind::Name(name);
            }
            name.extend(self.cursor.next().map(|glyph| glyph.letter));
        }
    }

    fn string(&mut self, raw: bool) -> Result<Kind, SyntaxError> {
        let opened = self.cursor.here();
        let quote = self.cursor.next().map(|glyph| glyph.letter);
        let mut glyphs = Vec::new();
        loop {
            let Some(mut glyph) = self.cursor.next() else {
                return Err(opened.error("the string is never closed"));
            };
            if !glyph.escaped && Some(glyph.letter) == quote {
                break;
            }
            if !glyph.escaped && glyph.letter == '\\' && !raw {
                glyph = self.escape(glyph.at)?;
            } else {
                // What was escaped in the literal around this one has its meaning in here.
                glyph.escaped = false;
            }
            glyphs.push(glyph);
        }
        let parts = if raw {
            vec![Part::Literal(glyphs.iter().map(|glyph| glyph.letter).collect())]
        } else {
            self.parts(&glyphs, opened)?
        };
        Ok(Kind::Text(parts))
    }

    /// The character that a backslash, just passed at `at`, and what follows it stand for.
    fn escape(&mut self, at: Position) -> Result<Glyph, SyntaxError> {
        let unknown = || at.error("a backslash and this letter mean nothing; write \\\\ for one");
        let letter = match self.cursor.next().ok_or_else(unknown)?.letter {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'f' => '\u{c}',
            'b' => '\u{8}',
            'g' => '>',
            'l' => '<',
            'a' => '&',
            'x' => return self.code_point(at),
            letter @ ('\\' | '\'' | '"' | '{' | '=') => letter,
            _ => return Err(unknown()),
        };
        Ok(Glyph { letter, at, escaped: matches!(letter, '{' | '=') })
    }

    /// `\x` and up to four hexadecimal digits.
    fn code_point(&mut self, at: Position) -> Result<Glyph, SyntaxError> {
        let mut code = None;
        for _ in 0..4 {
            let Some(digit) = self.cursor.peek(0).and_then(|letter| letter.to_digit(16)) else {
                break;
            };
            self.cursor.skip(1);
            code = Some(code.unwrap_or(0) * 16 + digit);
        }
        let letter = code
            .and_then(char::from_u32)
            .ok_or_else(|| at.error("\\x needs the hexadecimal digits of a character"))?;
        Ok(Glyph { letter, at, escaped: true })
    }

    /// The content of a string literal, cut at its interpolations.
    fn parts(&self, glyphs: &[Glyph], opened: Position) -> Result<Vec<Part>, SyntaxError> {
        let mut cursor = Cursor::new(glyphs, opened);
        let mut parts = Vec::new();
        let mut literal = String::new();
        loop {
            let at = cursor.here();
            if cursor.sees("#{") {
                return Err(old_interpolation(at));
            }
            if cursor.take("${") {
                if self.nesting >= NESTING_LIMIT {
                    return Err(at.error("strings within strings are nested too deeply"));
                }
                if !literal.is_empty() {
                    parts.push(Part::Literal(std::mem::take(&mut literal)));
                }
                let mut inner = Lexer {
                    cursor: &mut cursor,
                    closer: Closer::Brace,
                    opened: at,
                    name: "${ in this string",
                    nesting: self.nesting + 1,
                };
                parts.push(Part::Code(inner.words()?.words));
            } else if let Some(glyph) = cursor.next() {
                literal.push(glyph.letter);
            } else {
                break;
            }
        }
        if !literal.is_empty() || parts.is_empty() {
            parts.push(Part::Literal(literal));
        }
        Ok(parts)
    }
}

/// The error about `#{…}`, which formats numbers in a way of its own in `FreeMarker`.
pub(super) fn old_interpolation(at: Position) -> SyntaxError {
    at.error("#{…} is not supported: write ${…}")
}

fn close(
    open: &mut Vec<(char, Position)>,
    letter: char,
    at: Position,
) -> Result<&'static str, SyntaxError> {
    let (expected, symbol) = match letter {
        ')' => ('(', ")"),
        ']' => ('[', "]"),
        _ => ('{', "}"),
    };
    match open.pop() {
        Some((bracket, _)) if bracket == expected => Ok(symbol),
        Some((bracket, opened)) => Err(at.error(format!(
            "{letter} does not close the {bracket} of line {}, column {}",
            opened.line, opened.column
        ))),
        None => Err(at.error(format!("{letter} closes nothing"))),
    }
}

fn unknown(letter: char, at: Position) -> SyntaxError {
    at.error(format!("{letter} has no meaning in an expression"))
}

/// Whether a name may begin with `letter`.
fn begins_name(letter: char) -> bool {
    letter.is_alphabetic() || matches!(letter, '$' | '@' | '_')
}

fn continues_name(letter: char) -> bool {
    begins_name(letter) || letter.is_ascii_digit()
}
