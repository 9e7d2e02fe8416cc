//! Expressions, from words to a tree, with `FreeMarker`'s precedence.
//!
//! One peculiarity is `FreeMarker`'s own: behind `!` stands a whole expression, so that
//! `a!1 + b` means `a!(1 + b)`.

use super::SyntaxError;
use super::lex::{Kind as WordKind, Word};
use super::source::Position;
use super::syntax::{DEPTH_LIMIT, Expression, Kind, WIDTH_LIMIT, too_deep};

/// A reader of the words of one interpolation or tag.
pub(super) struct Parser<'a> {
    pub(super) words: &'a [Word],
    /// Where the interpolation or tag begins: the place of what is missing at its end.
    pub(super) opened: Position,
    pub(super) depth: usize,
}

/// What comes next, as far as the grammar cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next<'a> {
    Name(&'a str),
    Symbol(&'static str),
    Literal,
    End,
}

impl<'a> Parser<'a> {
    pub(super) fn new(words: &'a [Word], opened: Position) -> Self {
        Self { words, opened, depth: 0 }
    }

    /// The one expression that all words make.
    pub(super) fn whole(words: &'a [Word], opened: Position) -> Result<Expression, SyntaxError> {
        let mut parser = Self::new(words, opened);
        let expression = parser.expression()?;
        parser.end()?;
        Ok(expression)
    }

    /// Fails if words are left.
    pub(super) fn end(&self) -> Result<(), SyntaxError> {
        if self.is_done() { Ok(()) } else { Err(self.unexpected()) }
    }

    pub(super) fn is_done(&self) -> bool {
        self.words.is_empty()
    }

    pub(super) fn here(&self) -> Position {
        self.words.first().map_or(self.opened, |word| word.at)
    }

    /// Passes the keyword or symbol if it comes next.
    pub(super) fn take(&mut self, word: &'static str) -> bool {
        let next = self.next();
        let seen = next == Next::Symbol(word) || next == Next::Name(word);
        if seen {
            self.advance();
        }
        seen
    }

    /// Passes the name that must come next.
    pub(super) fn name(&mut self, what: &str) -> Result<String, SyntaxError> {
        let Next::Name(name) = self.next() else {
            return Err(self.here().error(format!("{what} is missing")));
        };
        let name = name.to_owned();
        self.advance();
        Ok(name)
    }

    /// Passes one of `symbols` if it comes next.
    pub(super) fn take_any(&mut self, symbols: &[&'static str]) -> Option<&'static str> {
        let Next::Symbol(symbol) = self.next() else { return None };
        let found = symbols.iter().copied().find(|&one| one == symbol)?;
        self.advance();
        Some(found)
    }

    /// One expression, as much as belongs to it.
    pub(super) fn expression(&mut self) -> Result<Expression, SyntaxError> {
        self.depth += 1;
        if self.depth > DEPTH_LIMIT {
            return Err(too_deep(self.here()));
        }
        let expression =
            self.chain("||", Kind::Any, |this| this.chain("&&", Kind::All, Self::equality));
        self.depth -= 1;
        expression
    }

    pub(super) fn next(&self) -> Next<'a> {
        self.ahead(0)
    }

    pub(super) fn ahead(&self, count: usize) -> Next<'a> {
        match self.words.get(count).map(|word| &word.kind) {
            None => Next::End,
            Some(WordKind::Name(name)) => Next::Name(name),
            Some(WordKind::Symbol(symbol)) => Next::Symbol(symbol),
            Some(WordKind::Number(_) | WordKind::Text(_)) => Next::Literal,
        }
    }

    pub(super) fn advance(&mut self) {
        self.words = self.words.get(1..).unwrap_or_default();
    }

    pub(super) fn unexpected(&self) -> SyntaxError {
        let at = self.here();
        match self.next() {
            Next::Name(name) => at.error(format!("{name} is not expected here")),
            Next::Symbol(symbol) => at.error(format!("{symbol} is not expected here")),
            Next::Literal => at.error("this value is not expected here"),
            Next::End => at.error("an expression is missing or cut off"),
        }
    }

    pub(super) fn expect(&mut self, symbol: &'static str) -> Result<(), SyntaxError> {
        if self.take(symbol) { Ok(()) } else { Err(self.unexpected()) }
    }

    /// Operands joined by `symbol`; a single one stands for itself.
    fn chain(
        &mut self,
        symbol: &'static str,
        kind: fn(Vec<Expression>) -> Kind,
        operand: fn(&mut Self) -> Result<Expression, SyntaxError>,
    ) -> Result<Expression, SyntaxError> {
        let first = operand(self)?;
        if self.next() != Next::Symbol(symbol) {
            return Ok(first);
        }
        let at = first.at;
        let mut operands = vec![first];
        while self.take(symbol) {
            operands.push(operand(self)?);
        }
        // The translation nests a chain four operands to a level.
        let depth = deepest(&operands) + operands.len() / 4;
        Expression::over(kind(operands), at, depth)
    }

    fn equality(&mut self) -> Result<Expression, SyntaxError> {
        let left = self.comparison()?;
        let filter = match self.take_any(&["==", "!="]) {
            Some("==") => "same",
            Some(_) => "differs",
            None => return Ok(left),
        };
        let right = self.comparison()?;
        binary(filter, left, right)
    }

    fn comparison(&mut self) -> Result<Expression, SyntaxError> {
        let left = self.range()?;
        let filter = match self.next() {
            Next::Symbol("<") | Next::Name("lt") => "below",
            Next::Symbol("<=") | Next::Name("lte") => "at_most",
            Next::Symbol(">") | Next::Name("gt") => "above",
            Next::Symbol(">=") | Next::Name("gte") => "at_least",
            _ => return Ok(left),
        };
        self.advance();
        let right = self.range()?;
        binary(filter, left, right)
    }

    fn range(&mut self) -> Result<Expression, SyntaxError> {
        let left = self.sum()?;
        let at = self.here();
        let inclusive = match self.take_any(&["..", "..<", "..*"]) {
            Some("..") => true,
            Some("..<") => false,
            Some(_) => return Err(at.error("..* is not supported: write the last number")),
            None => return Ok(left),
        };
        let right = self.sum()?;
        let depth = left.depth.max(right.depth);
        let bounds = Box::new([left, right]);
        Expression::over(Kind::Range { bounds, inclusive }, at, depth)
    }

    fn sum(&mut self) -> Result<Expression, SyntaxError> {
        let mut left = self.product()?;
        loop {
            let at = left.at;
            match self.next() {
                Next::Symbol("+") => {
                    let mut operands = vec![left];
                    while self.take("+") {
                        operands.push(self.product()?);
                    }
                    left = wide(Kind::Sum, operands, at)?;
                }
                Next::Symbol("-") => {
                    self.advance();
                    let right = self.product()?;
                    left = binary("minus", left, right)?;
                }
                _ => return Ok(left),
            }
        }
    }

    fn product(&mut self) -> Result<Expression, SyntaxError> {
        let mut left = self.prefixed()?;
        loop {
            let filter = match self.take_any(&["*", "/", "%"]) {
                Some("*") => "times",
                Some("/") => "over",
                Some(_) => "modulo",
                None => return Ok(left),
            };
            let right = self.prefixed()?;
            left = binary(filter, left, right)?;
        }
    }

    fn prefixed(&mut self) -> Result<Expression, SyntaxError> {
        let at = self.here();
        match self.take_any(&["!", "-", "+"]) {
            None => self.postfixed(),
            Some("!") => {
                let mut negations = 1;
                while self.take("!") {
                    negations += 1;
                }
                let inner = self.postfixed()?;
                let depth = inner.depth;
                // Two negations only ask that the value be a truth value, like one does.
                let once = Expression::over(Kind::Not(Box::new(inner)), at, depth)?;
                if negations % 2 == 1 {
                    return Ok(once);
                }
                let depth = once.depth;
                Expression::over(Kind::Not(Box::new(once)), at, depth)
            }
            Some(sign) => {
                let inner = self.postfixed()?;
                let depth = inner.depth;
                let negative = Expression::over(Kind::Negative(Box::new(inner)), at, depth)?;
                if sign == "-" {
                    return Ok(negative);
                }
                let depth = negative.depth;
                Expression::over(Kind::Negative(Box::new(negative)), at, depth)
            }
        }
    }
}

fn binary(
    filter: &'static str,
    left: Expression,
    right: Expression,
) -> Result<Expression, SyntaxError> {
    let at = left.at;
    let depth = left.depth.max(right.depth);
    Expression::over(Kind::Binary(filter, Box::new([left, right])), at, depth)
}

pub(super) fn wide(
    kind: fn(Vec<Expression>) -> Kind,
    parts: Vec<Expression>,
    at: Position,
) -> Result<Expression, SyntaxError> {
    if parts.len() > WIDTH_LIMIT {
        return Err(at.error("this has too many parts"));
    }
    let depth = deepest(&parts);
    Expression::over(kind(parts), at, depth)
}

pub(super) fn deepest(expressions: &[Expression]) -> usize {
    expressions.iter().map(|expression| expression.depth).max().unwrap_or(0)
}
