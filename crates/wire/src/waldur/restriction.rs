//! Whom customers, projects and invitations let in: three lists beside their other members
//! (`waldur.md` §2.3).

use docket_domain::permission::Restriction;
use docket_domain::permission::restriction::LONGEST_PATTERN;
use serde::Serialize;

use super::body::Body;

/// The most characters of an affiliation or an identity source.
const LONGEST: usize = 255;

/// A restriction, as answered.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = waldur::Restriction)]
#[expect(clippy::struct_field_names, reason = "the contract names them so")]
pub struct RestrictionLists {
    user_email_patterns: Vec<String>,
    user_affiliations: Vec<String>,
    user_identity_sources: Vec<String>,
}

impl From<&Restriction> for RestrictionLists {
    fn from(restriction: &Restriction) -> Self {
        let Restriction { email_patterns, affiliations, identity_sources } = restriction.clone();
        Self {
            user_email_patterns: email_patterns,
            user_affiliations: affiliations,
            user_identity_sources: identity_sources,
        }
    }
}

/// What a body says of a restriction; lists that are not there stay as they are.
#[derive(Debug, Clone, Default)]
pub struct RestrictionSaid {
    email_patterns: Option<Vec<String>>,
    affiliations: Option<Vec<String>>,
    identity_sources: Option<Vec<String>>,
}

impl RestrictionSaid {
    /// Reads the three lists.
    pub fn read(body: &mut Body<'_>) -> Self {
        Self {
            email_patterns: body.texts("user_email_patterns", LONGEST_PATTERN),
            affiliations: body.texts("user_affiliations", LONGEST),
            identity_sources: body.texts("user_identity_sources", LONGEST),
        }
    }

    /// The restriction that there now is.
    #[must_use]
    pub fn over(&self, before: &Restriction) -> Restriction {
        let Self { email_patterns, affiliations, identity_sources } = self.clone();
        Restriction {
            email_patterns: email_patterns.unwrap_or_else(|| before.email_patterns.clone()),
            affiliations: affiliations.unwrap_or_else(|| before.affiliations.clone()),
            identity_sources: identity_sources.unwrap_or_else(|| before.identity_sources.clone()),
        }
    }
}
