//! Values in expressions and what is written directly behind them: steps, built-ins, defaults.

use super::SyntaxError;
use super::builtin;
use super::expression::{Next, Parser, deepest, wide};
use super::lex::{Kind as WordKind, Part};
use super::number::Decimal;
use super::source::Position;
use super::syntax::{Expression, Kind, Round, WIDTH_LIMIT};

impl Parser<'_> {
    /// A value and everything that is written directly behind it.
    pub(super) fn postfixed(&mut self) -> Result<Expression, SyntaxError> {
        let mut value = self.atom()?;
        loop {
            let at = self.here();
            let depth = value.depth;
            match self.next() {
                Next::Symbol(".") => {
                    self.advance();
                    let key = self.name("the name behind the dot")?;
                    value = step(value, Expression::leaf(Kind::Text(key), at))?;
                }
                Next::Symbol("[") => {
                    self.advance();
                    let key = self.expression()?;
                    self.expect("]")?;
                    value = step(value, key)?;
                }
                Next::Symbol("?") => {
                    self.advance();
                    value = self.built_in(value)?;
                }
                Next::Symbol("??") => {
                    self.advance();
                    value = Expression::over(Kind::Exists(Box::new(value)), at, depth)?;
                }
                Next::Symbol("!") => {
                    self.advance();
                    value = self.default(value, at)?;
                }
                Next::Symbol("(") => {
                    return Err(at.error("methods and functions cannot be called"));
                }
                _ => return Ok(value),
            }
        }
    }

    /// `value!` has been passed.
    fn default(&mut self, value: Expression, at: Position) -> Result<Expression, SyntaxError> {
        let otherwise = match self.next() {
            Next::Symbol("+" | "-") => {
                return Err(
                    at.error("a default before + or - belongs in parentheses: (value!) + …")
                );
            }
            Next::Name("as" | "in" | "using" | "lt" | "lte" | "gt" | "gte") | Next::End => None,
            Next::Name(_) | Next::Literal | Next::Symbol("(" | "[" | "{" | "!") => {
                Some(self.expression()?)
            }
            Next::Symbol(".") if matches!(self.ahead(1), Next::Name(_)) => Some(self.expression()?),
            Next::Symbol(_) => None,
        };
        let depth = otherwise.as_ref().map_or(0, |otherwise| otherwise.depth).max(value.depth);
        Expression::over(Kind::Default(Box::new(value), otherwise.map(Box::new)), at, depth)
    }

    /// `value?` has been passed.
    fn built_in(&mut self, target: Expression) -> Result<Expression, SyntaxError> {
        let at = self.here();
        let written = self.name("the name of a built-in")?;
        let name = builtin::snake_case(&written);
        if let Some(round) = Round::named(&name) {
            let Kind::Variable(item) = target.kind else {
                return Err(at.error(format!("?{written} needs the name of a list's item")));
            };
            return Ok(Expression::leaf(Kind::Round(item, round), at));
        }
        let mut arguments = Vec::new();
        if matches!(name.as_str(), "string" | "date" | "datetime" | "time") {
            // `?string.short` and `?string["short"]` mean `?string("short")`.
            if self.take(".") {
                let format = self.name("the name of a format")?;
                arguments.push(Expression::leaf(Kind::Text(format), at));
            } else if self.take("[") {
                arguments.push(self.expression()?);
                self.expect("]")?;
            }
        }
        if arguments.is_empty() && self.take("(") {
            arguments = self.arguments(")")?;
        }
        let depth = deepest(&arguments).max(target.depth);
        if name == "then" {
            let [yes, no] = <[Expression; 2]>::try_from(arguments)
                .map_err(|_| at.error("?then takes two arguments: ?then(yes, no)"))?;
            return Expression::over(Kind::Choice(Box::new([target, yes, no])), at, depth);
        }
        let known = builtin::named(&name)
            .ok_or_else(|| at.error(format!("?{written} is not supported")))?;
        if !known.arguments.contains(&arguments.len()) {
            return Err(at.error(format!("?{written} does not take {}", count(arguments.len()))));
        }
        let target = Box::new(target);
        Expression::over(Kind::BuiltIn { target, name: known, arguments }, at, depth)
    }

    /// Expressions between commas up to `closer`, which is passed.
    fn arguments(&mut self, closer: &'static str) -> Result<Vec<Expression>, SyntaxError> {
        let mut arguments = Vec::new();
        while !self.take(closer) {
            if !arguments.is_empty() {
                self.expect(",")?;
            }
            arguments.push(self.expression()?);
            if arguments.len() > WIDTH_LIMIT {
                return Err(self.here().error("this list is too long"));
            }
        }
        Ok(arguments)
    }

    fn atom(&mut self) -> Result<Expression, SyntaxError> {
        let Some((word, rest)) = self.words.split_first() else {
            return Err(self.unexpected());
        };
        let at = word.at;
        let kind = match &word.kind {
            WordKind::Number(digits) => Kind::Number(number(digits, at)?),
            WordKind::Text(parts) => {
                let joined = self.joined(parts, at)?;
                self.words = rest;
                return Ok(joined);
            }
            WordKind::Name(name) => match name.as_str() {
                "true" => Kind::Truth(true),
                "false" => Kind::Truth(false),
                "as" | "in" | "using" => return Err(self.unexpected()),
                _ => Kind::Variable(name.clone()),
            },
            WordKind::Symbol(symbol) => {
                let Some(bracket) = ["(", "[", "{", "."].iter().find(|one| *one == symbol) else {
                    return Err(self.unexpected());
                };
                self.words = rest;
                return self.bracketed(bracket, at);
            }
        };
        self.words = rest;
        Ok(Expression::leaf(kind, at))
    }

    /// What begins with a bracket or a dot, which has been passed.
    fn bracketed(&mut self, bracket: &str, at: Position) -> Result<Expression, SyntaxError> {
        match bracket {
            "(" => {
                let inner = self.expression()?;
                self.expect(")")?;
                let depth = inner.depth;
                Expression::over(Kind::Parenthesis(Box::new(inner)), at, depth)
            }
            "[" => {
                let items = self.arguments("]")?;
                wide(Kind::List, items, at)
            }
            "{" => self.hash(at),
            _ => match self.name("the name of a special variable")?.as_str() {
                "now" => Ok(Expression::leaf(Kind::Now, at)),
                other => Err(at.error(format!(".{other} is not supported"))),
            },
        }
    }

    fn hash(&mut self, at: Position) -> Result<Expression, SyntaxError> {
        let mut pairs = Vec::new();
        while !self.take("}") {
            if !pairs.is_empty() {
                self.expect(",")?;
            }
            pairs.push(self.expression()?);
            self.expect(":")?;
            pairs.push(self.expression()?);
        }
        wide(Kind::Hash, pairs, at)
    }

    fn joined(&self, parts: &[Part], at: Position) -> Result<Expression, SyntaxError> {
        if let [Part::Literal(text)] = parts {
            return Ok(Expression::leaf(Kind::Text(text.clone()), at));
        }
        let mut pieces = Vec::with_capacity(parts.len());
        for part in parts {
            pieces.push(match part {
                Part::Literal(text) => Expression::leaf(Kind::Text(text.clone()), at),
                Part::Code(words) => {
                    let mut parser = Parser { words, opened: at, depth: self.depth };
                    let expression = parser.expression()?;
                    parser.end()?;
                    expression
                }
            });
        }
        wide(Kind::Joined, pieces, at)
    }
}

/// The path that goes on from `value` with `key`: one level however many steps it has.
fn step(value: Expression, key: Expression) -> Result<Expression, SyntaxError> {
    let Expression { kind, at, depth } = value;
    let key_depth = key.depth;
    match kind {
        Kind::Path(base, mut steps) if steps.len() < WIDTH_LIMIT => {
            steps.push(key);
            Expression::over(Kind::Path(base, steps), at, key_depth.max(depth - 1))
        }
        kind => {
            let base = Box::new(Expression { kind, at, depth });
            Expression::over(Kind::Path(base, vec![key]), at, depth.max(key_depth))
        }
    }
}

/// A number as `MiniJinja` reads it, if it is one that arithmetic can hold.
fn number(digits: &str, at: Position) -> Result<String, SyntaxError> {
    Decimal::parse(digits)
        .map(|number| number.to_string())
        .ok_or_else(|| at.error(format!("{digits} is too large a number")))
}

fn count(arguments: usize) -> String {
    match arguments {
        0 => "no arguments; it needs some".to_owned(),
        1 => "an argument".to_owned(),
        many => format!("{many} arguments"),
    }
}
