//! Nodes as `MiniJinja` text, line for line.
//!
//! A line break that the mail does not want is kept inside a comment, so that the line of an error
//! in the translation is the line in the operator's source.

use super::SyntaxError;
use super::emit::{Emitter, push_string};
use super::mode::Escape;
use super::names::Names;
use super::syntax::{Expression, List, Node};

/// How many `[#escape]` may be around each other.
const ESCAPE_LIMIT: usize = 4;

/// The translation of `nodes`, which come from a source of `size` bytes.
pub(super) fn text(nodes: &[Node], size: usize) -> Result<String, SyntaxError> {
    let mut names = Vec::new();
    assigned(nodes, &mut names);
    let mut translator = Translator {
        emitter: Emitter::new(size, Names::new(names.iter().copied())),
        escapes: Vec::new(),
        line: 1,
        loops: 0,
    };
    if !names.is_empty() {
        translator.push("{% set v = namespace() %}");
    }
    translator.nodes(nodes)?;
    if translator.emitter.out.ends_with(['\n', '\r']) {
        // MiniJinja drops a line break at the very end; an empty comment makes it another place.
        translator.push("{##}");
    }
    Ok(translator.emitter.out)
}

/// Collects the names that are assigned in `nodes`.
fn assigned<'a>(nodes: &'a [Node], names: &mut Vec<&'a str>) {
    for node in nodes {
        match node {
            Node::Text(..) | Node::Print(_) => {}
            Node::Assign(name, _) => names.push(name),
            Node::If { arms, otherwise, .. } => {
                for (_, body) in arms {
                    assigned(body, names);
                }
                assigned(otherwise, names);
            }
            Node::List(list) => {
                assigned(&list.body, names);
                assigned(&list.otherwise, names);
            }
            Node::Separator(body, _) | Node::Escape { body, .. } | Node::NoEscape(body, _) => {
                assigned(body, names);
            }
        }
    }
}

struct Translator<'a> {
    emitter: Emitter<'a>,
    /// The `[#escape]`s around, the innermost last.
    escapes: Vec<Escape<'a>>,
    /// The line on which the translation ends so far.
    line: u32,
    /// How many loops there were.
    loops: usize,
}

impl<'a> Translator<'a> {
    fn push(&mut self, text: &str) {
        self.emitter.out.push_str(text);
    }

    /// The translation goes on at the line `line` of the source.
    fn reach(&mut self, line: u32) {
        if self.line < line {
            self.push("{#");
            while self.line < line {
                self.emitter.out.push('\n');
                self.line = self.line.saturating_add(1);
            }
            self.push("#}");
        }
    }

    fn nodes(&mut self, nodes: &'a [Node]) -> Result<(), SyntaxError> {
        nodes.iter().try_for_each(|node| self.node(node))
    }

    fn node(&mut self, node: &'a Node) -> Result<(), SyntaxError> {
        match node {
            Node::Text(text, line) => {
                self.reach(*line);
                self.text(text);
            }
            Node::Print(expression) => {
                self.reach(expression.at.line);
                self.push("{{ ");
                self.emitter.escaped(expression, &self.escapes)?;
                self.push("|print }}");
            }
            Node::Assign(name, value) => {
                self.reach(value.at.line);
                let key = self.emitter.names.key(name).to_owned();
                self.push("{% set v.");
                self.push(&key);
                self.push(" = ");
                self.emitter.expression(value)?;
                self.push(" %}");
            }
            Node::If { arms, otherwise, end } => self.condition(arms, otherwise, *end)?,
            Node::List(list) => self.list(list)?,
            Node::Separator(body, at) => {
                self.reach(at.line);
                let number = self
                    .emitter
                    .names
                    .innermost()
                    .ok_or_else(|| at.error("[#sep] stands outside of a list"))?;
                self.push(&format!("{{% if not loop_{number}.last %}}"));
                self.nodes(body)?;
                self.push("{% endif %}");
            }
            Node::Escape { name, through, body } => {
                if self.escapes.len() >= ESCAPE_LIMIT {
                    return Err(through.at.error("[#escape] is nested too deeply"));
                }
                self.escapes.push(Escape { name, through });
                self.nodes(body)?;
                self.escapes.pop();
            }
            Node::NoEscape(body, at) => {
                let innermost = self
                    .escapes
                    .pop()
                    .ok_or_else(|| at.error("[#noescape] stands outside of [#escape]"))?;
                self.nodes(body)?;
                self.escapes.push(innermost);
            }
        }
        Ok(())
    }

    /// Letters that mean themselves, also where they look like `MiniJinja`.
    fn text(&mut self, text: &str) {
        let mut letters = text.chars().peekable();
        while let Some(letter) = letters.next() {
            // A brace at the end may meet the brace of what follows.
            let opens = letter == '{' && letters.peek().is_none_or(|next| "{%#".contains(*next));
            if opens {
                self.push("{{ ");
                push_string(&mut self.emitter.out, "{");
                self.push(" }}");
                continue;
            }
            if letter == '\n' {
                self.line = self.line.saturating_add(1);
            }
            self.emitter.out.push(letter);
        }
    }

    fn condition(
        &mut self,
        arms: &'a [(Expression, Vec<Node>)],
        otherwise: &'a [Node],
        end: u32,
    ) -> Result<(), SyntaxError> {
        for (index, (condition, body)) in arms.iter().enumerate() {
            self.reach(condition.at.line);
            self.push(if index == 0 { "{% if " } else { "{% elif " });
            self.emitter.expression(condition)?;
            self.push("|truth %}");
            self.nodes(body)?;
        }
        if !otherwise.is_empty() {
            self.push("{% else %}");
            self.nodes(otherwise)?;
        }
        self.reach(end);
        self.push("{% endif %}");
        Ok(())
    }

    fn list(&mut self, list: &'a List) -> Result<(), SyntaxError> {
        self.loops += 1;
        let number = self.loops;
        let item = format!("item_{number}");
        let value = format!("value_{number}");
        self.reach(list.subject.at.line);
        self.push(&format!("{{% for {item}"));
        if list.value.is_some() {
            self.push(&format!(", {value}"));
        }
        self.push(" in ");
        self.emitter.expression(&list.subject)?;
        self.push(if list.value.is_some() { "|pairs %}" } else { "|items %}" });
        // A loop within this one hides what MiniJinja calls `loop`.
        self.push(&format!("{{% set loop_{number} = loop %}}"));
        self.emitter.names.enter(&list.item, item, number);
        let mut names = 1;
        if let Some(name) = &list.value {
            self.emitter.names.enter(name, value, number);
            names = 2;
        }
        self.nodes(&list.body)?;
        self.emitter.names.leave(names);
        if !list.otherwise.is_empty() {
            self.push("{% else %}");
            self.nodes(&list.otherwise)?;
        }
        self.reach(list.end);
        self.push("{% endfor %}");
        Ok(())
    }
}
