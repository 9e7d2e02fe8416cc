//! Directives, from pieces to a tree: what opens is closed, by its own name and brackets.

use super::SyntaxError;
use super::builtin;
use super::expression::Parser as Words;
use super::scan::{Kind, Piece, Tag};
use super::source::Position;
use super::syntax::{BLOCK_LIMIT, Expression, Kind as Value, List, Node, too_deep};

/// The tree that `pieces` make.
pub(super) fn nodes(pieces: &[Piece]) -> Result<Vec<Node>, SyntaxError> {
    let mut parser = Parser { pieces, depth: 0 };
    let nodes = parser.block()?;
    let Some((tag, piece)) = parser.next() else { return Ok(nodes) };
    let closing = matches!(piece.kind, Kind::Close(_));
    let quoted = tag.map_or_else(String::new, |tag| tag.quoted(closing));
    let problem = if closing { "closes nothing" } else { "stands outside of a directive" };
    Err(piece.at.error(format!("{quoted} {problem}")))
}

struct Parser<'a> {
    pieces: &'a [Piece],
    depth: usize,
}

/// The directive that a block belongs to.
#[derive(Clone, Copy)]
struct Opened<'a> {
    tag: &'a Tag,
    at: Position,
}

impl<'a> Parser<'a> {
    fn next(&self) -> Option<(Option<&'a Tag>, &'a Piece)> {
        let piece = self.pieces.first()?;
        let tag = match &piece.kind {
            Kind::Open(tag) | Kind::Close(tag) => Some(tag),
            _ => None,
        };
        Some((tag, piece))
    }

    fn advance(&mut self) {
        self.pieces = self.pieces.get(1..).unwrap_or_default();
    }

    /// The nodes up to the next closing tag, `[#else]` or `[#elseif]`, which is left.
    fn block(&mut self) -> Result<Vec<Node>, SyntaxError> {
        let mut nodes = Vec::new();
        while let Some((_, piece)) = self.next() {
            match &piece.kind {
                Kind::Close(_) => break,
                Kind::Open(tag) if matches!(tag.name.as_str(), "else" | "elseif" | "elseIf") => {
                    break;
                }
                Kind::Comment => self.advance(),
                Kind::Text(text) => {
                    self.advance();
                    if !text.is_empty() {
                        nodes.push(Node::Text(text.clone(), piece.at.line));
                    }
                }
                Kind::Print(words) => {
                    self.advance();
                    nodes.push(Node::Print(Words::whole(words, piece.at)?));
                }
                Kind::Open(tag) => {
                    self.advance();
                    self.directive(Opened { tag, at: piece.at }, &mut nodes)?;
                }
            }
        }
        Ok(nodes)
    }

    /// The nodes of a block one level further down.
    fn inner(&mut self, at: Position) -> Result<Vec<Node>, SyntaxError> {
        self.depth += 1;
        if self.depth > BLOCK_LIMIT {
            return Err(too_deep(at));
        }
        let nodes = self.block();
        self.depth -= 1;
        nodes
    }

    fn directive(&mut self, opened: Opened<'a>, nodes: &mut Vec<Node>) -> Result<(), SyntaxError> {
        let Opened { tag, at } = opened;
        if tag.self_closed && !matches!(tag.name.as_str(), "assign" | "global" | "setting" | "ftl")
        {
            return Err(at.error(format!("{} cannot end in a slash", tag.quoted(false))));
        }
        match tag.name.as_str() {
            "if" => nodes.push(self.condition(opened)?),
            "list" => nodes.push(self.list(opened)?),
            "sep" => nodes.push(self.separator(opened)?),
            "assign" | "global" => assignments(opened, nodes)?,
            "setting" => settings(opened)?,
            "ftl" => header(opened)?,
            "escape" => nodes.push(self.escape(opened)?),
            "noescape" | "noEscape" => {
                let body = self.inner(at)?;
                self.close(opened)?;
                nodes.push(Node::NoEscape(body, at));
            }
            name => return Err(at.error(unsupported(name, &tag.quoted(false)))),
        }
        Ok(())
    }

    /// The line of the closing tag of `opened`, which must come next.
    fn close(&mut self, opened: Opened<'_>) -> Result<u32, SyntaxError> {
        let expected = opened.tag.quoted(true);
        match self.next() {
            Some((_, Piece { kind: Kind::Close(tag), at, .. })) => {
                if tag.name.eq_ignore_ascii_case(&opened.tag.name)
                    && tag.square == opened.tag.square
                {
                    self.advance();
                    return Ok(at.line);
                }
                Err(at.error(format!(
                    "{} does not close the {} of line {}: {expected} was expected",
                    tag.quoted(true),
                    opened.tag.quoted(false),
                    opened.at.line
                )))
            }
            Some((Some(tag), piece)) => Err(piece.at.error(format!(
                "{} cannot stand here: {expected} was expected",
                tag.quoted(false)
            ))),
            _ => Err(opened.at.error(format!("{} is never closed", opened.tag.quoted(false)))),
        }
    }

    /// The place of a tag with this name, passed, if it comes next.
    fn take(&mut self, names: &[&str]) -> Option<Opened<'a>> {
        match self.next() {
            Some((_, Piece { kind: Kind::Open(tag), at, .. }))
                if names.contains(&tag.name.as_str()) =>
            {
                self.advance();
                Some(Opened { tag, at: *at })
            }
            _ => None,
        }
    }

    fn condition(&mut self, opened: Opened<'a>) -> Result<Node, SyntaxError> {
        let depth = self.depth;
        let mut arms = Vec::new();
        let mut arm = Some(opened);
        while let Some(Opened { tag, at }) = arm {
            let condition = Words::whole(&tag.words, at)?;
            let body = self.inner(at)?;
            arms.push((condition, body));
            // An `[#elseif]` is translated into an `{% if %}` inside the `{% else %}`.
            self.depth += 1;
            arm = self.take(&["elseif", "elseIf"]);
        }
        let otherwise = self.otherwise()?;
        self.depth = depth;
        let end = self.close(opened)?;
        Ok(Node::If { arms, otherwise, end })
    }

    /// What stands behind `[#else]`, if it comes next.
    fn otherwise(&mut self) -> Result<Vec<Node>, SyntaxError> {
        match self.take(&["else"]) {
            None => Ok(Vec::new()),
            Some(Opened { tag, at }) => match tag.words.first() {
                None => self.inner(at),
                Some(word) => Err(word.at.error("[#else] takes nothing; use [#elseif …]")),
            },
        }
    }

    fn list(&mut self, opened: Opened<'a>) -> Result<Node, SyntaxError> {
        let mut words = Words::new(&opened.tag.words, opened.at);
        let subject = words.expression()?;
        if !words.take("as") {
            return Err(words.here().error("[#list … as item] is the only form that is supported"));
        }
        let item = words.name("the name of the item")?;
        let value = if words.take(",") { Some(words.name("the name of the value")?) } else { None };
        words.end()?;
        let body = self.inner(opened.at)?;
        let otherwise = self.otherwise()?;
        let end = self.close(opened)?;
        Ok(Node::List(Box::new(List { subject, item, value, body, otherwise, end })))
    }

    /// `[#sep]` reaches to `[/#sep]` or, without one, as far as the list's body.
    fn separator(&mut self, opened: Opened<'a>) -> Result<Node, SyntaxError> {
        let body = self.inner(opened.at)?;
        if let Some((_, Piece { kind: Kind::Close(tag), .. })) = self.next()
            && tag.name == "sep"
        {
            self.close(opened)?;
        }
        Ok(Node::Separator(body, opened.at))
    }

    fn escape(&mut self, opened: Opened<'a>) -> Result<Node, SyntaxError> {
        let mut words = Words::new(&opened.tag.words, opened.at);
        let name = words.name("the name behind [#escape")?;
        if !words.take("as") {
            return Err(words.here().error("[#escape x as …] needs its as"));
        }
        let through = words.expression()?;
        words.end()?;
        let body = self.inner(opened.at)?;
        self.close(opened)?;
        Ok(Node::Escape { name, through, body })
    }
}

/// `[#assign a = 1 b = 2]`, each a node.
fn assignments(opened: Opened<'_>, nodes: &mut Vec<Node>) -> Result<(), SyntaxError> {
    let Opened { tag, at } = opened;
    let mut words = Words::new(&tag.words, at);
    if words.is_done() {
        return Err(at.error(format!("{} assigns nothing", tag.quoted(false))));
    }
    while !words.is_done() {
        let target = words.here();
        let name = words.name("the name that is assigned")?;
        let operator =
            words.take_any(&["==", "+=", "-=", "*=", "/=", "%=", "++", "--"]).ok_or_else(|| {
                words.here().error("[#assign name = value] is the only form that is supported")
            })?;
        let own = || Expression::leaf(Value::Variable(name.clone()), target);
        let value = match operator {
            "==" => words.expression()?,
            "++" | "--" => {
                let one = Expression::leaf(Value::Number("1".to_owned()), target);
                change(operator, own(), one)?
            }
            _ => change(operator, own(), words.expression()?)?,
        };
        words.take(",");
        nodes.push(Node::Assign(name, value));
    }
    Ok(())
}

/// What `name += operand` and the like assign.
fn change(operator: &str, own: Expression, operand: Expression) -> Result<Expression, SyntaxError> {
    let at = own.at;
    let depth = own.depth.max(operand.depth);
    let kind = match operator {
        "+=" | "++" => Value::Sum(vec![own, operand]),
        "-=" | "--" => Value::Binary("minus", Box::new([own, operand])),
        "*=" => Value::Binary("times", Box::new([own, operand])),
        "/=" => Value::Binary("over", Box::new([own, operand])),
        _ => Value::Binary("modulo", Box::new([own, operand])),
    };
    Expression::over(kind, at, depth)
}

/// `[#setting name = value]` is read and changes nothing: mails are in UTF-8, times in UTC.
fn settings(opened: Opened<'_>) -> Result<(), SyntaxError> {
    pairs(opened, |_, _| Ok(()))
}

/// `[#ftl …]` changes nothing either, unless it would switch escaping on: then the mail would
/// go out unescaped although the operator relies on it.
fn header(opened: Opened<'_>) -> Result<(), SyntaxError> {
    pairs(opened, |name, value| {
        let harmless = match builtin::snake_case(name).as_str() {
            "auto_esc" => matches!(value.kind, Value::Truth(false)),
            "output_format" => {
                matches!(&value.kind, Value::Text(format) if format == "plainText")
            }
            _ => true,
        };
        if harmless {
            return Ok(());
        }
        Err(value.at.error(format!("{name} is not supported: escape values with ?html")))
    })
}

fn pairs(
    opened: Opened<'_>,
    check: impl Fn(&str, &Expression) -> Result<(), SyntaxError>,
) -> Result<(), SyntaxError> {
    let mut words = Words::new(&opened.tag.words, opened.at);
    while !words.is_done() {
        let name = words.name("the name of a setting")?;
        if !words.take("==") {
            return Err(words.here().error(format!("= is missing behind {name}")));
        }
        check(&name, &words.expression()?)?;
    }
    Ok(())
}

/// What to say about a directive that `FreeMarker` or nobody knows.
fn unsupported(name: &str, quoted: &str) -> String {
    let hint = match name {
        "include" | "import" | "macro" | "function" | "nested" | "return" | "local" => {
            ": a mail template stands alone"
        }
        "switch" | "case" | "default" => ": use [#if] and [#elseif]",
        "items" => ": use [#list … as item]",
        "else_if" | "elif" => ": use [#elseif …]",
        "autoesc" | "outputformat" | "noautoesc" => ": escape values with ?html",
        "attempt" | "recover" => ": use a default, (value)!'…'",
        _ => "",
    };
    format!("{quoted} is not supported{hint}")
}
