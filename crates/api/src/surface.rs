//! Which surface a path belongs to, for what is answered before or instead of a handler.

/// One of the three.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Surface {
    /// The one of `FusionAuth`, and whatever belongs to nobody.
    FusionAuth,
    /// The one of Waldur.
    Waldur,
    /// Docket's own, `/api/v1`.
    Native,
}

/// How the paths of the Waldur surface begin; none of the others begins so.
const WALDUR: &[&str] = &[
    "/api-auth",
    "/api/customers",
    "/api/projects",
    "/api/roles",
    "/api/user-action-executions",
    "/api/user-action-providers",
    "/api/user-actions",
    "/api/user-group-invitations",
    "/api/user-permission-requests",
    "/api/users",
    "/api/version",
];

impl Surface {
    /// The surface of a path.
    pub(crate) fn of(path: &str) -> Self {
        if path.starts_with("/api/v1/") {
            return Self::Native;
        }
        let is_of = |prefix: &&str| {
            path.strip_prefix(*prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if WALDUR.iter().any(is_of) { Self::Waldur } else { Self::FusionAuth }
    }
}

#[cfg(test)]
mod tests {
    use super::Surface;

    #[test]
    fn near_names_belong_to_different_surfaces() {
        for (path, surface) in [
            ("/api/user-action", Surface::FusionAuth),
            ("/api/user-action/1", Surface::FusionAuth),
            ("/api/user-actions", Surface::Waldur),
            ("/api/user-actions/1/silence", Surface::Waldur),
            ("/api/user/1", Surface::FusionAuth),
            ("/api/users/me", Surface::Waldur),
            ("/api-auth/password", Surface::Waldur),
            ("/api/v1/users/1/standing", Surface::Native),
            ("/", Surface::FusionAuth),
        ] {
            assert_eq!(Surface::of(path), surface, "{path}");
        }
    }
}
