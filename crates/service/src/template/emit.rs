//! Expressions as `MiniJinja` text.
//!
//! `MiniJinja` and `FreeMarker` disagree on almost every operator (what `+` joins, what a missing
//! value is, what may be compared), so what is emitted is filters of our own over the data, and of
//! `MiniJinja`'s expressions only those that decide what is evaluated at all: `and`, `or`,
//! `… if … else …`. Every emitted expression can be followed by `|filter` without parentheses.

use std::fmt::Write as _;

use super::mode::{Escape, Missing, Mode, Substitution};
use super::names::{Names, Place};
use super::syntax::{DEPTH_LIMIT, Expression, Kind, Round, too_deep};
use super::{NOW, SIZE_LIMIT, SyntaxError};

/// How many times as large as its source a translation may become: defaults repeat their value,
/// and nested ones do so often.
const EXPANSION: usize = 64;

/// How large a translation may become in any case, in bytes.
const LARGEST: usize = 16 * SIZE_LIMIT;

/// The translation so far, and what is known where it goes on.
#[derive(Debug)]
pub(super) struct Emitter<'a> {
    pub(super) out: String,
    pub(super) names: Names<'a>,
    limit: usize,
}

impl<'a> Emitter<'a> {
    /// An emitter for a template of `size` bytes.
    pub(super) fn new(size: usize, names: Names<'a>) -> Self {
        let limit = size.saturating_mul(EXPANSION).saturating_add(64 * 1024).min(LARGEST);
        Self { out: String::with_capacity(size * 2), names, limit }
    }

    /// The expression where a missing variable is an error.
    pub(super) fn expression(&mut self, expression: &Expression) -> Result<(), SyntaxError> {
        self.emit(expression, Mode { missing: Missing::Fails, bound: None })
    }

    /// The expression behind all `escapes`, of which the first is the outermost.
    pub(super) fn escaped<'e>(
        &mut self,
        value: &'e Expression,
        escapes: &'e [Escape<'e>],
    ) -> Result<(), SyntaxError> {
        let depth = escapes.iter().map(|escape| escape.through.depth).sum::<usize>();
        if depth + value.depth > DEPTH_LIMIT {
            return Err(too_deep(value.at));
        }
        self.through(value, escapes, Missing::Fails)
    }

    fn through<'e>(
        &mut self,
        value: &'e Expression,
        escapes: &'e [Escape<'e>],
        missing: Missing,
    ) -> Result<(), SyntaxError> {
        match escapes.split_first() {
            None => self.emit(value, Mode { missing, bound: None }),
            Some((outermost, escapes)) => {
                let bound = Some(Substitution { name: outermost.name, value, escapes });
                self.emit(outermost.through, Mode { missing, bound })
            }
        }
    }

    fn emit<'e>(&mut self, expression: &'e Expression, mode: Mode<'e>) -> Result<(), SyntaxError> {
        if self.out.len() > self.limit {
            return Err(expression.at.error("the expressions here multiply; simplify them"));
        }
        let within = mode.within();
        match &expression.kind {
            Kind::Text(text) => push_string(&mut self.out, text),
            Kind::Number(digits) => self.out.push_str(digits),
            Kind::Truth(truth) => self.push(format_args!("{truth}")),
            Kind::Joined(parts) => self.call("joined", parts, within)?,
            Kind::List(items) => self.call("list", items, within)?,
            Kind::Hash(pairs) => self.call("hash", pairs, within)?,
            Kind::Range { bounds, inclusive } => {
                let name = if *inclusive { "range" } else { "range_before" };
                self.operator(name, bounds.as_slice(), within)?;
            }
            Kind::Variable(name) => self.path(name, &[], mode)?,
            Kind::Path(base, steps) => {
                if let Kind::Variable(name) = &base.kind {
                    return self.path(name, steps, mode);
                }
                self.emit(base, within)?;
                self.steps_behind(&base.name(), steps, mode)?;
            }
            Kind::Now => {
                let read = if mode.missing == Missing::Fails { "path" } else { "get" };
                self.push(format_args!("data|{read}(\"{NOW}\")|number_to_datetime"));
            }
            Kind::Parenthesis(inner) => self.emit(inner, mode.in_parentheses())?,
            Kind::Default(value, otherwise) => self.default(value, otherwise.as_deref(), mode)?,
            Kind::Exists(value) => {
                self.out.push('(');
                self.emit(value, mode.asked())?;
                self.out.push_str(" is present)");
            }
            Kind::BuiltIn { target, name, arguments } => {
                // The one that looks at what is missing.
                let asks = name.name == "has_content";
                self.emit(target, if asks { mode.asked() } else { within })?;
                self.filter(name.name, arguments, within)?;
                if name.may_be_missing && mode.missing == Missing::Fails {
                    self.of(&expression.name());
                    self.out.push(')');
                }
            }
            Kind::Round(item, round) => {
                let unknown = || expression.at.error(format!("{item} is no item of a list here"));
                let list = self.names.list_of(item).ok_or_else(unknown)?;
                self.round(list, *round);
            }
            Kind::Choice(parts) => self.choice(parts, mode)?,
            Kind::Not(inner) => self.operator("negate", std::slice::from_ref(inner), within)?,
            Kind::Negative(inner) => {
                self.operator("negative", std::slice::from_ref(inner), within)?;
            }
            Kind::Sum(parts) => self.operator("plus", parts, within)?,
            Kind::Binary(name, operands) => self.operator(name, operands.as_slice(), within)?,
            Kind::All(operands) => self.chain(operands, "all", " and ", mode)?,
            Kind::Any(operands) => self.chain(operands, "any", " or ", mode)?,
        }
        Ok(())
    }

    /// The variable `name` and the steps from there.
    fn path<'e>(
        &mut self,
        name: &'e str,
        steps: &'e [Expression],
        mode: Mode<'e>,
    ) -> Result<(), SyntaxError> {
        let base = if steps.is_empty() { mode } else { mode.within() };
        if let Some(bound) = mode.bound.filter(|bound| bound.name == name) {
            self.through(bound.value, bound.escapes, base.missing)?;
            return self.steps_behind(name, steps, mode);
        }
        let present = base.missing == Missing::Fails;
        let (checked, loose) = split(steps, mode);
        match self.names.find(name) {
            Place::Item(translated) => self.out.push_str(translated),
            Place::Assigned(key) => {
                // Until it is assigned, the name means what the data say.
                self.out.push_str("v.");
                self.out.push_str(key);
                self.out.push_str("|default(data|get(");
                push_string(&mut self.out, name);
                self.out.push_str("))");
            }
            Place::Round(list, round) => self.round(list, round),
            Place::Data => {
                // In the data the name is a step like the others.
                let (filter, alike, rest) =
                    if present { ("path", checked, loose) } else { ("get", loose, checked) };
                self.push(format_args!("data|{filter}("));
                push_string(&mut self.out, name);
                self.arguments(alike, ", ", mode.within())?;
                self.out.push(')');
                return self.filter_if_any("get", rest, mode.within());
            }
        }
        if present {
            self.of(name);
            self.arguments(checked, ", ", mode.within())?;
            self.out.push(')');
        }
        self.filter_if_any("get", loose, mode.within())
    }

    /// The steps from the value called `name`, which has been emitted.
    fn steps_behind<'e>(
        &mut self,
        name: &str,
        steps: &'e [Expression],
        mode: Mode<'e>,
    ) -> Result<(), SyntaxError> {
        let (checked, loose) = split(steps, mode);
        if !checked.is_empty() {
            self.of(name);
            self.arguments(checked, ", ", mode.within())?;
            self.out.push(')');
        }
        self.filter_if_any("get", loose, mode.within())
    }

    /// What can be asked about the present round of a list.
    fn round(&mut self, list: usize, round: Round) {
        let question = match round {
            Round::Index => "index0",
            Round::Counter => "index",
            Round::HasNext => "last|negate",
            Round::IsFirst => "first",
            Round::IsLast => "last",
            Round::Parity => "index|parity",
        };
        self.push(format_args!("loop_{list}.{question}"));
    }

    fn default<'e>(
        &mut self,
        value: &'e Expression,
        otherwise: Option<&'e Expression>,
        mode: Mode<'e>,
    ) -> Result<(), SyntaxError> {
        let start = self.out.len();
        match otherwise {
            Some(otherwise) if !is_harmless(otherwise) => {
                // What is not needed is not evaluated: the value has to be asked for twice.
                self.out.push('(');
                self.emit(value, mode.asked())?;
                let value = self.out.get(start + 1..).unwrap_or_default().to_owned();
                self.push(format_args!(" if {value} is present else "));
                self.emit(otherwise, mode)?;
            }
            _ => {
                self.emit(value, mode.asked())?;
                self.out.push_str("|default(");
                match otherwise {
                    Some(otherwise) => self.emit(otherwise, mode)?,
                    None => self.out.push_str("\"\""),
                }
            }
        }
        self.out.push(')');
        Ok(())
    }

    /// `condition?then(yes, no)`
    fn choice<'e>(
        &mut self,
        [condition, yes, no]: &'e [Expression; 3],
        mode: Mode<'e>,
    ) -> Result<(), SyntaxError> {
        let forgiving = mode.missing == Missing::IsNothing;
        if forgiving {
            // There is no variable of this name: the result is missing like the condition.
            self.out.push_str("(nothing if ");
            self.emit(condition, mode)?;
            self.out.push_str(" is not present else ");
        }
        self.out.push('(');
        self.emit(yes, mode)?;
        self.out.push_str(" if ");
        self.emit(condition, mode.within())?;
        self.out.push_str("|truth else ");
        self.emit(no, mode)?;
        self.out.push_str(if forgiving { "))" } else { ")" });
        Ok(())
    }

    /// Conditions of which the later ones are evaluated only if the earlier ones do not decide.
    fn chain<'e>(
        &mut self,
        conditions: &'e [Expression],
        filter: &str,
        operator: &str,
        mode: Mode<'e>,
    ) -> Result<(), SyntaxError> {
        if mode.missing == Missing::IsNothing {
            // Here evaluating too much is harmless, since what is missing fails nowhere.
            return self.call(filter, conditions, mode);
        }
        for (index, condition) in conditions.iter().enumerate() {
            self.out.push_str(if index == 0 { "(" } else { operator });
            self.emit(condition, mode.within())?;
            self.out.push_str("|truth");
        }
        self.out.push(')');
        Ok(())
    }

    /// A filter that makes something of its arguments alone.
    fn call<'e>(
        &mut self,
        name: &str,
        arguments: &'e [Expression],
        mode: Mode<'e>,
    ) -> Result<(), SyntaxError> {
        self.out.push_str("none");
        self.filter(name, arguments, mode)
    }

    /// The first operand, put through a filter that takes the others.
    fn operator<'e>(
        &mut self,
        name: &str,
        operands: &'e [Expression],
        mode: Mode<'e>,
    ) -> Result<(), SyntaxError> {
        let Some((first, others)) = operands.split_first() else { return Ok(()) };
        self.emit(first, mode)?;
        self.filter(name, others, mode)
    }

    fn filter<'e>(
        &mut self,
        name: &str,
        arguments: &'e [Expression],
        mode: Mode<'e>,
    ) -> Result<(), SyntaxError> {
        self.push(format_args!("|{name}"));
        if !arguments.is_empty() {
            self.arguments(arguments, "(", mode)?;
            self.out.push(')');
        }
        Ok(())
    }

    fn filter_if_any<'e>(
        &mut self,
        name: &str,
        arguments: &'e [Expression],
        mode: Mode<'e>,
    ) -> Result<(), SyntaxError> {
        if arguments.is_empty() { Ok(()) } else { self.filter(name, arguments, mode) }
    }

    /// Arguments between commas, the first behind `first`.
    fn arguments<'e>(
        &mut self,
        arguments: &'e [Expression],
        first: &str,
        mode: Mode<'e>,
    ) -> Result<(), SyntaxError> {
        for (index, argument) in arguments.iter().enumerate() {
            self.out.push_str(if index == 0 { first } else { ", " });
            self.emit(argument, mode)?;
        }
        Ok(())
    }

    /// The beginning of `|of("name", steps…)`: the value called `name` and the steps from there,
    /// all present.
    fn of(&mut self, name: &str) {
        self.out.push_str("|of(");
        push_string(&mut self.out, name);
    }

    fn push(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing into a string cannot fail.
        let _ = self.out.write_fmt(text);
    }
}

/// The steps that must lead somewhere, and those that need not.
fn split<'e>(steps: &'e [Expression], mode: Mode<'_>) -> (&'e [Expression], &'e [Expression]) {
    steps.split_at(match mode.missing {
        Missing::Fails => steps.len(),
        Missing::EndsInNothing => steps.len().saturating_sub(1),
        Missing::IsNothing => 0,
    })
}

/// Whether evaluating the expression needlessly costs nothing and cannot fail.
fn is_harmless(expression: &Expression) -> bool {
    matches!(expression.kind, Kind::Text(_) | Kind::Number(_) | Kind::Truth(_))
}

/// `text` as a string literal of `MiniJinja`, on one line.
pub(super) fn push_string(out: &mut String, text: &str) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            _ => out.push(letter),
        }
    }
    out.push('"');
}
