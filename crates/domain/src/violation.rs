//! What a check says when something asked for cannot be: a field and the rule it breaks.

use std::borrow::Cow;
use std::fmt;

/// One thing wrong with a request, in nobody's format; each surface has its own words for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Where.
    pub field: Field,
    /// What.
    pub rule: Rule,
}

/// The place of a [`Violation`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// A member of the object that the request carries, by its path in it: `options[0].name`.
    Body(Cow<'static, str>),
    /// The id by which the request names its object.
    Id,
    /// Something beside the object, by its full name: a query parameter, a header, a member of
    /// the envelope.
    Named(Cow<'static, str>),
    /// The request as a whole.
    Whole,
}

/// The rule that a [`Violation`] breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Text that must say something is empty or white space.
    Blank,
    /// A value that must be given is absent.
    Missing,
    /// Somebody else has this value already.
    Duplicate,
    /// The value is of the right kind, but not one that can be used here.
    Invalid,
    /// The value is not of the kind that this place takes.
    CouldNotConvert,
    /// The value asks for something that Docket does not do.
    Unsupported,
    /// The object is still used by another.
    InUse,
    /// Not an e-mail address.
    NotEmail,
    /// More than this many characters.
    TooLong(usize),
    /// Fewer than this many characters.
    TooShort(usize),
    /// More than this many elements.
    TooMany(usize),
    /// The tenant cannot be told from the request and must be named.
    TenantRequired,
    /// The body is not the JSON that this endpoint takes.
    InvalidJson,
}

impl Violation {
    /// Of a member of the body.
    pub fn body(field: impl Into<Cow<'static, str>>, rule: Rule) -> Self {
        Self { field: Field::Body(field.into()), rule }
    }

    /// Of something named in full.
    pub fn named(name: impl Into<Cow<'static, str>>, rule: Rule) -> Self {
        Self { field: Field::Named(name.into()), rule }
    }

    /// Of the id in the request's path.
    #[must_use]
    pub fn id(rule: Rule) -> Self {
        Self { field: Field::Id, rule }
    }

    /// The same of a member of an object that is itself the member `envelope` of the request.
    #[must_use]
    pub fn under(self, envelope: &str) -> Self {
        let field = match self.field {
            Field::Body(path) => Field::Named(format!("{envelope}.{path}").into()),
            other => other,
        };
        Self { field, ..self }
    }

    /// Of the request as a whole.
    #[must_use]
    pub fn whole(rule: Rule) -> Self {
        Self { field: Field::Whole, rule }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blank => f.write_str("must not be blank"),
            Self::Missing => f.write_str("must be given"),
            Self::Duplicate => f.write_str("is already taken"),
            Self::Invalid => f.write_str("is not a value that can be used here"),
            Self::CouldNotConvert => f.write_str("has the wrong type or syntax"),
            Self::Unsupported => f.write_str("asks for something that this server does not do"),
            Self::InUse => f.write_str("is still in use"),
            Self::NotEmail => f.write_str("is not an e-mail address"),
            Self::TooLong(most) => write!(f, "must have at most {most} characters"),
            Self::TooShort(least) => write!(f, "must have at least {least} characters"),
            Self::TooMany(most) => write!(f, "must have at most {most} elements"),
            Self::TenantRequired => {
                f.write_str("there are several tenants: name one in X-FusionAuth-TenantId")
            }
            Self::InvalidJson => f.write_str("the body is not the JSON that this endpoint takes"),
        }
    }
}

/// Gathers violations, so that a caller hears of all of them at once.
#[derive(Debug, Default)]
pub struct Violations(Vec<Violation>);

impl Violations {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// One more.
    pub fn push(&mut self, violation: Violation) {
        self.0.push(violation);
    }

    /// Adds `Blank` for `field` unless the text says something, and `TooLong` beyond `most`
    /// characters.
    pub fn require_text(&mut self, field: &'static str, text: &str, most: usize) {
        if text.is_empty() {
            self.push(Violation::body(field, Rule::Blank));
        } else if text.chars().count() > most {
            self.push(Violation::body(field, Rule::TooLong(most)));
        }
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `Ok` when nothing is wrong, else everything that is.
    pub fn into_result(self) -> Result<(), Vec<Violation>> {
        if self.0.is_empty() { Ok(()) } else { Err(self.0) }
    }
}

impl Extend<Violation> for Violations {
    fn extend<I: IntoIterator<Item = Violation>>(&mut self, violations: I) {
        self.0.extend(violations);
    }
}
