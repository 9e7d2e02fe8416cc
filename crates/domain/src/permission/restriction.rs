//! Who is let in: by e-mail address, affiliation, or where the account comes from (`waldur.md` §2.3).

use regex::{Regex, RegexBuilder};

/// The most characters of a pattern.
pub const LONGEST_PATTERN: usize = 200;
/// The most bytes that a pattern may need when it is compiled.
const LARGEST_PROGRAM: usize = 256 * 1024;

/// Whom a customer, a project or an invitation lets in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Restriction {
    /// Regular expressions, one of which an address must begin with.
    pub email_patterns: Vec<String>,
    /// Affiliations, one of which is enough.
    pub affiliations: Vec<String>,
    /// Identity sources, one of which the account must come from.
    pub identity_sources: Vec<String>,
}

/// What counts about somebody who wants to be let in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Applicant {
    /// Their address; empty when there is none.
    pub email: String,
    /// What they belong to.
    pub affiliations: Vec<String>,
    /// Where their account comes from; empty when it is our own.
    pub identity_source: String,
}

/// The pattern is none, or one that is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a pattern that can be used")]
pub struct BadPattern;

impl Restriction {
    /// Whether everybody is let in.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.email_patterns.is_empty()
            && self.affiliations.is_empty()
            && self.identity_sources.is_empty()
    }

    /// Whether they are let in: by any one of what is asked for, and by nothing when nothing is.
    #[must_use]
    pub fn admits(&self, applicant: &Applicant) -> bool {
        self.is_open()
            || self.admits_email(&applicant.email)
            || self.affiliations.iter().any(|wanted| applicant.affiliations.contains(wanted))
            || self.identity_sources.contains(&applicant.identity_source)
    }

    /// A bad pattern lets nobody in, and so does an address that is not there.
    fn admits_email(&self, email: &str) -> bool {
        !email.is_empty()
            && self
                .email_patterns
                .iter()
                .any(|pattern| compile(pattern).is_ok_and(|pattern| pattern.is_match(email)))
    }
}

/// Reads a pattern as the original does: from the start of the address, not to its end, with regard
/// to case. What only other engines understand (looking around, back references) is no pattern here.
pub fn compile(pattern: &str) -> Result<Regex, BadPattern> {
    if is_dangerous(pattern) {
        return Err(BadPattern);
    }
    // Compiled by itself first, or `a)|(?:b` would end the group that is put around it.
    let bounded = |text: &str| {
        RegexBuilder::new(text).size_limit(LARGEST_PROGRAM).build().map_err(|_| BadPattern)
    };
    bounded(pattern)?;
    bounded(&format!(r"\A(?:{pattern})"))
}

/// Whether the original refuses the pattern because it could run for ever there: too long, a
/// repeated named group with a repetition in it, a repeated group of alternatives, or repetitions on
/// top of each other.
#[must_use]
pub fn is_dangerous(pattern: &str) -> bool {
    pattern.chars().count() > LONGEST_PATTERN
        || has_stacked_repetitions(pattern)
        || groups(pattern).any(|(inside, behind)| {
            let repeated = behind.starts_with(['+', '*']);
            let twice = behind.chars().take_while(|c| matches!(c, '+' | '*' | '?')).count() >= 2;
            (inside.starts_with("?P<") && inside.contains(['+', '*']) && repeated)
                || (inside.contains('|') && twice)
        })
}

/// Repetitions directly behind each other, such as `+?+` and `*+`.
fn has_stacked_repetitions(pattern: &str) -> bool {
    let bytes = pattern.as_bytes();
    let is = |at: usize, set: &[u8]| bytes.get(at).is_some_and(|byte| set.contains(byte));
    let is_escaped =
        |at: usize| bytes.iter().take(at).rev().take_while(|byte| **byte == b'\\').count() % 2 == 1;
    (0..bytes.len()).any(|at| {
        is(at, b"+*") && !is_escaped(at) && {
            let next = if is(at + 1, b"?") { at + 2 } else { at + 1 };
            is(next, b"+*")
        }
    })
}

/// Each innermost group of the pattern, and what stands behind it.
fn groups(pattern: &str) -> impl Iterator<Item = (&str, &str)> {
    pattern.match_indices(')').filter_map(|(end, _)| {
        let (before, behind) = pattern.split_at(end);
        let (_, inside) = before.rsplit_once('(')?;
        Some((inside, behind.strip_prefix(')').unwrap_or_default()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applicant(email: &str, affiliations: &[&str]) -> Applicant {
        Applicant {
            email: email.to_owned(),
            affiliations: affiliations.iter().map(|&text| text.to_owned()).collect(),
            identity_source: "eduGAIN".to_owned(),
        }
    }

    fn patterns(patterns: &[&str]) -> Restriction {
        let email_patterns = patterns.iter().map(|&text| text.to_owned()).collect();
        Restriction { email_patterns, ..Restriction::default() }
    }

    #[test]
    fn patterns_match_from_the_start_only() {
        let restriction = patterns(&[".*@example.com"]);
        assert!(restriction.admits(&applicant("a@example.com", &[])));
        assert!(restriction.admits(&applicant("a@example.com.evil", &[])));
        assert!(!restriction.admits(&applicant("a@example.org", &[])));
        assert!(!patterns(&["example"]).admits(&applicant("a@example.com", &[])));
        assert!(!patterns(&["A@"]).admits(&applicant("a@example.com", &[])));
    }

    #[test]
    fn alternatives_do_not_escape_the_start() {
        assert!(!patterns(&["x@|example"]).admits(&applicant("a@example.com", &[])));
        assert!(compile("a)|(?:b").is_err());
    }

    #[test]
    fn any_one_of_what_is_asked_for_is_enough() {
        let both = Restriction {
            affiliations: vec!["staff".to_owned(), "student".to_owned()],
            ..patterns(&[".*@example.com"])
        };
        assert!(both.admits(&applicant("a@example.com", &[])));
        assert!(both.admits(&applicant("a@other.org", &["student"])));
        assert!(!both.admits(&applicant("a@other.org", &["alumni"])));
        assert!(Restriction::default().admits(&applicant("", &[])));
        let source =
            Restriction { identity_sources: vec!["eduGAIN".to_owned()], ..Restriction::default() };
        assert!(source.admits(&applicant("", &[])));
    }

    #[test]
    fn nobody_comes_in_by_a_bad_pattern_or_an_empty_address() {
        assert!(!patterns(&["("]).admits(&applicant("(", &[])));
        assert!(!patterns(&[".*"]).admits(&applicant("", &[])));
        assert!(!patterns(&["(?=a)a"]).admits(&applicant("a", &[])));
        for pattern in ["(?P<n>a+)+", "(a|b)++", "a+?+", "a**", &"a".repeat(201)] {
            assert!(is_dangerous(pattern), "{pattern}");
        }
        for pattern in [r".*@example\.com", "(a|b)+@x", r"a\++", "[a-z]+@x"] {
            assert!(!is_dangerous(pattern), "{pattern}");
        }
    }
}
