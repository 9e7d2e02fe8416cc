//! How an expression is translated depends on where it stands: whether its variables may be
//! missing, and whether it is one that other values go through.

use super::syntax::Expression;

/// What a missing variable means where an expression stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// An error.
    Fails,
    /// The last step of a path may be missing, those before may not: `a.b!` and `a.b??`.
    EndsInNothing,
    /// Everything may be missing: within the parentheses of `(a.b)!`.
    IsNothing,
}

/// An `[#escape]` around an interpolation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Escape<'a> {
    pub(super) name: &'a str,
    pub(super) through: &'a Expression,
}

/// What a name stands for in an expression that other values go through.
#[derive(Clone, Copy, Debug)]
pub(super) struct Substitution<'e> {
    pub(super) name: &'e str,
    pub(super) value: &'e Expression,
    /// What the value goes through first, the outermost first.
    pub(super) escapes: &'e [Escape<'e>],
}

/// How an expression is emitted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mode<'e> {
    pub(super) missing: Missing,
    pub(super) bound: Option<Substitution<'e>>,
}

impl Mode<'_> {
    /// The mode for the operands of an expression.
    pub(super) fn within(self) -> Self {
        let forgiving = self.missing == Missing::IsNothing;
        Self { missing: if forgiving { Missing::IsNothing } else { Missing::Fails }, ..self }
    }

    /// The mode for a value that is asked whether it is there.
    pub(super) fn asked(self) -> Self {
        let forgiving = self.missing == Missing::IsNothing;
        Self {
            missing: if forgiving { Missing::IsNothing } else { Missing::EndsInNothing },
            ..self
        }
    }

    /// The mode for what stands in parentheses.
    pub(super) fn in_parentheses(self) -> Self {
        let strict = self.missing == Missing::Fails;
        Self { missing: if strict { Missing::Fails } else { Missing::IsNothing }, ..self }
    }
}
