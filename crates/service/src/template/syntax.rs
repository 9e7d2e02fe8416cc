//! What a template says, as a tree: nodes are what is printed, expressions are what is computed.

use super::SyntaxError;
use super::builtin::BuiltIn;
use super::source::Position;

/// How deep expressions may nest. `MiniJinja` reads at most 150 levels, and one of ours becomes
/// up to four of theirs below the directives around it.
pub(super) const DEPTH_LIMIT: usize = 20;

/// How deep directives may nest, each `[#elseif]` counting as one more.
pub(super) const BLOCK_LIMIT: usize = 60;

/// How many parts a sum, a string or a list may have: `MiniJinja` takes 2,000 arguments.
pub(super) const WIDTH_LIMIT: usize = 1000;

/// One thing a template does.
#[derive(Debug)]
pub(super) enum Node {
    /// Letters that mean themselves, from the line on which they begin.
    Text(String, u32),
    /// The value is printed.
    Print(Expression),
    /// The first arm whose condition holds.
    If { arms: Vec<(Expression, Vec<Node>)>, otherwise: Vec<Node>, end: u32 },
    /// The body once for each item.
    List(Box<List>),
    /// The body unless this is the last round of the innermost list.
    Separator(Vec<Node>, Position),
    /// The name means the value from now on.
    Assign(String, Expression),
    /// Every value printed in the body goes through the expression in place of the name.
    Escape { name: String, through: Expression, body: Vec<Node> },
    /// The innermost `Escape` does not concern the body.
    NoEscape(Vec<Node>, Position),
}

/// `[#list subject as item]` or, over the pairs of a hash, `[#list subject as item, value]`.
#[derive(Debug)]
pub(super) struct List {
    pub(super) subject: Expression,
    pub(super) item: String,
    pub(super) value: Option<String>,
    pub(super) body: Vec<Node>,
    pub(super) otherwise: Vec<Node>,
    pub(super) end: u32,
}

/// One thing a template computes.
#[derive(Clone, Debug)]
pub(super) struct Expression {
    pub(super) kind: Kind,
    pub(super) at: Position,
    pub(super) depth: usize,
}

/// How a value is computed.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    Text(String),
    Number(String),
    Truth(bool),
    /// A string literal with interpolations: its parts, one behind the other.
    Joined(Vec<Expression>),
    List(Vec<Expression>),
    Hash(Vec<Expression>),
    Range {
        bounds: Box<[Expression; 2]>,
        inclusive: bool,
    },
    Variable(String),
    /// The present instant, `.now`.
    Now,
    /// `a.b["c"]`: a value and the steps from there.
    Path(Box<Expression>, Vec<Expression>),
    /// Parentheses matter: `(a.b)!` forgives a missing `a`, `a.b!` does not.
    Parenthesis(Box<Expression>),
    /// `value!otherwise`; the empty string if nothing is given.
    Default(Box<Expression>, Option<Box<Expression>>),
    /// `value??`
    Exists(Box<Expression>),
    BuiltIn {
        target: Box<Expression>,
        name: &'static BuiltIn,
        arguments: Vec<Expression>,
    },
    /// `name?index` and the like, about the round of the list whose item has that name.
    Round(String, Round),
    /// `condition?then(yes, no)`
    Choice(Box<[Expression; 3]>),
    Not(Box<Expression>),
    Negative(Box<Expression>),
    Sum(Vec<Expression>),
    /// A filter of the rendering environment over two operands.
    Binary(&'static str, Box<[Expression; 2]>),
    /// All of them hold.
    All(Vec<Expression>),
    /// One of them holds.
    Any(Vec<Expression>),
}

/// What may be asked about a round of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Round {
    Index,
    Counter,
    HasNext,
    IsFirst,
    IsLast,
    Parity,
}

impl Round {
    /// The question that a built-in of this name asks.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "index" => Self::Index,
            "counter" => Self::Counter,
            "has_next" => Self::HasNext,
            "is_first" => Self::IsFirst,
            "is_last" => Self::IsLast,
            "item_parity" => Self::Parity,
            _ => return None,
        })
    }
}

impl Expression {
    /// An expression that depends on nothing.
    pub(super) fn leaf(kind: Kind, at: Position) -> Self {
        Self { kind, at, depth: 1 }
    }

    /// An expression over others that are `depth` deep.
    pub(super) fn over(kind: Kind, at: Position, depth: usize) -> Result<Self, SyntaxError> {
        if depth >= DEPTH_LIMIT {
            return Err(too_deep(at));
        }
        Ok(Self { kind, at, depth: depth + 1 })
    }

    /// The expression as an error message names it.
    pub(super) fn name(&self) -> String {
        match &self.kind {
            Kind::Variable(name) => name.clone(),
            Kind::Now => ".now".to_owned(),
            Kind::Path(base, steps) => {
                let mut name = base.name();
                for step in steps {
                    name.push_str(&step.as_step());
                }
                name
            }
            Kind::Parenthesis(inner) => format!("({})", inner.name()),
            Kind::BuiltIn { target, name, .. } => format!("{}?{}", target.name(), name.name),
            _ => "…".to_owned(),
        }
    }

    fn as_step(&self) -> String {
        match &self.kind {
            Kind::Text(key) => step_name(key),
            Kind::Number(number) => format!("[{number}]"),
            _ => format!("[{}]", self.name()),
        }
    }
}

/// How a path goes on with the key `key`.
pub(super) fn step_name(key: &str) -> String {
    let plain = |letter: char| letter.is_alphanumeric() || letter == '_';
    if key.chars().all(plain) && !key.is_empty() { format!(".{key}") } else { format!("[{key:?}]") }
}

/// The error that the template asks for more nesting than there is.
pub(super) fn too_deep(at: Position) -> SyntaxError {
    at.error("this is nested too deeply")
}
