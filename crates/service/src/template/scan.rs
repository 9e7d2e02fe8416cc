//! The text of a template, cut into text, interpolations, tags and comments.

use super::SyntaxError;
use super::lex::{self, Closer, Word};
use super::source::{Cursor, Glyph, Position};

/// A stretch of a template.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) kind: Kind,
    pub(super) at: Position,
    /// The line on which it ends.
    pub(super) end: u32,
}

/// What a stretch of a template is.
#[derive(Debug)]
pub(super) enum Kind {
    /// Letters that mean themselves.
    Text(String),
    /// `${…}` or `[=…]`
    Print(Vec<Word>),
    /// `[#name …]` or `<#name …>`
    Open(Tag),
    /// `[/#name]` or `</#name>`
    Close(Tag),
    /// `[#-- … --]` or `<#-- … -->`
    Comment,
}

/// The inside of a tag.
#[derive(Debug)]
pub(super) struct Tag {
    pub(super) name: String,
    pub(super) words: Vec<Word>,
    /// Which brackets it is written with: an opening tag and its closing tag agree.
    pub(super) square: bool,
    /// Whether it ends in a slash.
    pub(super) self_closed: bool,
}

impl Tag {
    /// The tag as an error message quotes it.
    pub(super) fn quoted(&self, closing: bool) -> String {
        quoted(&self.name, self.square, closing)
    }
}

/// A tag with this name as an error message quotes it.
pub(super) fn quoted(name: &str, square: bool, closing: bool) -> String {
    let slash = if closing { "/" } else { "" };
    if square { format!("[{slash}#{name}]") } else { format!("<{slash}#{name}>") }
}

/// The pieces of the template that `glyphs` spell, in their order.
pub(super) fn pieces(glyphs: &[Glyph]) -> Result<Vec<Piece>, SyntaxError> {
    let mut scanner =
        Scanner { cursor: Cursor::new(glyphs, Position::START), pieces: Vec::new(), text: None };
    while scanner.step()? {}
    scanner.end_text(scanner.cursor.here());
    Ok(scanner.pieces)
}

struct Scanner<'a> {
    cursor: Cursor<'a>,
    pieces: Vec<Piece>,
    /// The text that has been read since the last other piece.
    text: Option<(Position, String)>,
}

impl Scanner<'_> {
    /// One piece, or one letter of text, is passed; false at the end.
    fn step(&mut self) -> Result<bool, SyntaxError> {
        let at = self.cursor.here();
        let Some(letter) = self.cursor.peek(0) else { return Ok(false) };
        match letter {
            '$' if self.cursor.take("${") => self.print(at, Closer::Brace, "${")?,
            '[' if self.cursor.take("[=") => self.print(at, Closer::Square, "[=")?,
            '#' if self.cursor.sees("#{") => return Err(lex::old_interpolation(at)),
            '[' | '<' if self.sees_comment() => self.comment(at)?,
            '[' | '<' => {
                let closing = self.cursor.peek(1) == Some('/');
                let sign = if closing { 2 } else { 1 };
                let named = self.cursor.sees_any(sign + 1, begins_directive);
                match self.cursor.peek(sign) {
                    Some('#') if named => self.tag(at, letter == '[', closing)?,
                    Some('@') if named => {
                        return Err(at.error("macros are not supported: [@… calls one"));
                    }
                    _ => self.letter(),
                }
            }
            _ => self.letter(),
        }
        Ok(true)
    }

    fn letter(&mut self) {
        if let Some(glyph) = self.cursor.next() {
            self.text.get_or_insert_with(|| (glyph.at, String::new())).1.push(glyph.letter);
        }
    }

    /// What was read since the last other piece is a piece of text that ends before `at`.
    fn end_text(&mut self, at: Position) {
        if let Some((start, text)) = self.text.take() {
            self.pieces.push(Piece { kind: Kind::Text(text), at: start, end: at.line });
        }
    }

    fn push(&mut self, kind: Kind, at: Position) {
        let end = self.cursor.behind().line;
        self.pieces.push(Piece { kind, at, end });
    }

    fn print(&mut self, at: Position, closer: Closer, name: &str) -> Result<(), SyntaxError> {
        self.end_text(at);
        let lexed = lex::words(&mut self.cursor, closer, at, name)?;
        if lexed.words.is_empty() {
            return Err(at.error(format!("{name} holds no expression")));
        }
        self.push(Kind::Print(lexed.words), at);
        Ok(())
    }

    fn sees_comment(&self) -> bool {
        self.cursor.sees("[#--") || self.cursor.sees("<#--")
    }

    fn comment(&mut self, at: Position) -> Result<(), SyntaxError> {
        self.end_text(at);
        let end = if self.cursor.sees("[") { "--]" } else { "-->" };
        let found = self.cursor.take_until(|cursor| cursor.sees(end).then_some(3));
        if found.is_none() {
            return Err(at.error("the comment is never closed"));
        }
        self.push(Kind::Comment, at);
        Ok(())
    }

    fn tag(&mut self, at: Position, square: bool, closing: bool) -> Result<(), SyntaxError> {
        self.end_text(at);
        self.cursor.skip(if closing { 3 } else { 2 });
        let mut name = String::new();
        while self.cursor.sees_any(0, begins_directive) {
            name.extend(self.cursor.next().map(|glyph| glyph.letter));
        }
        let closer = if square { Closer::Square } else { Closer::Angle };
        let lexed = lex::words(&mut self.cursor, closer, at, &quoted(&name, square, closing))?;
        let tag = Tag { name, words: lexed.words, square, self_closed: lexed.self_closed };
        if !closing && matches!(tag.name.as_str(), "noparse" | "comment") {
            return self.unparsed(at, &tag);
        }
        let kind = if closing {
            if let Some(word) = tag.words.first() {
                return Err(word.at.error(format!("{} takes nothing", tag.quoted(true))));
            }
            Kind::Close(tag)
        } else {
            Kind::Open(tag)
        };
        self.push(kind, at);
        Ok(())
    }

    /// What stands in `[#noparse]` means itself; what stands in `[#comment]` means nothing.
    fn unparsed(&mut self, at: Position, tag: &Tag) -> Result<(), SyntaxError> {
        self.push(Kind::Comment, at);
        let end = tag.quoted(true);
        let start = self.cursor.here();
        let text = self
            .cursor
            .take_until(|cursor| cursor.sees(&end).then(|| end.chars().count()))
            .ok_or_else(|| at.error(format!("{} is never closed", tag.quoted(false))))?;
        let line = self.cursor.behind().line;
        if tag.name == "noparse" && !text.is_empty() {
            self.pieces.push(Piece { kind: Kind::Text(text), at: start, end: line });
        }
        self.pieces.push(Piece {
            kind: Kind::Comment,
            at: Position { line, column: self.cursor.behind().column },
            end: line,
        });
        Ok(())
    }
}

/// What a directive's name consists of.
fn begins_directive(letter: char) -> bool {
    letter.is_ascii_alphabetic() || letter == '_'
}
