//! The names of projects that requests make: a template with the requester in it (`waldur.md` §8.5).

use std::collections::BTreeSet;

/// The most characters of a project's name.
pub const LONGEST_PROJECT_NAME: usize = 500;
/// The most characters of a template.
pub const LONGEST_TEMPLATE: usize = 255;
/// What may stand between braces.
pub const PLACEHOLDERS: [&str; 3] = ["email", "full_name", "username"];

/// Who a project is named after.
#[derive(Debug, Clone, Copy)]
pub struct Namesake<'a> {
    /// What they log in with.
    pub username: &'a str,
    /// Their address; empty when there is none.
    pub email: &'a str,
    /// Their whole name; empty when there is none.
    pub full_name: &'a str,
}

/// What stands between braces and may not, each once.
#[must_use]
pub fn unknown_placeholders(template: &str) -> BTreeSet<&str> {
    let behind_braces = template.split('{').skip(1);
    let inside = behind_braces.filter_map(|rest| Some(rest.split_once('}')?.0));
    inside.filter(|name| !name.is_empty() && !PLACEHOLDERS.contains(name)).collect()
}

/// The name of the project that a request makes: the one that was asked for, else the one of the
/// template, else what the requester logs in with.
#[must_use]
pub fn project_name(wanted: &str, template: Option<&str>, namesake: Namesake<'_>) -> String {
    let filled = || template.and_then(|template| fill(template, namesake));
    let said = |name: &String| !name.trim().is_empty();
    let name = Some(wanted.to_owned()).filter(said).or_else(|| filled().filter(said));
    let name = name.unwrap_or_else(|| namesake.username.to_owned());
    name.trim().chars().take(LONGEST_PROJECT_NAME).collect()
}

/// The template with its places filled, read as the original does: a brace that is doubled stands
/// for itself. Nothing when it is no template.
fn fill(template: &str, namesake: Namesake<'_>) -> Option<String> {
    let full_name =
        if namesake.full_name.is_empty() { namesake.username } else { namesake.full_name };
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        let (plain, from) = rest.split_at(at);
        filled.push_str(plain);
        if let Some(behind) = from.strip_prefix("{{") {
            filled.push('{');
            rest = behind;
        } else if let Some(behind) = from.strip_prefix("}}") {
            filled.push('}');
            rest = behind;
        } else {
            let (name, behind) = from.strip_prefix('{')?.split_once('}')?;
            filled.push_str(match name {
                "username" => namesake.username,
                "email" => namesake.email,
                "full_name" => full_name,
                _ => return None,
            });
            rest = behind;
        }
    }
    filled.push_str(rest);
    Some(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADA: Namesake<'_> =
        Namesake { username: "ada", email: "ada@example.com", full_name: "Ada Lovelace" };

    #[test]
    fn only_three_words_may_stand_between_braces() {
        assert!(unknown_placeholders("{username} {email} {full_name} }{ {}").is_empty());
        let wrong = unknown_placeholders("{user}_project {user.username} {user}");
        assert_eq!(wrong.into_iter().collect::<Vec<_>>(), ["user", "user.username"]);
    }

    #[test]
    fn a_project_is_named_as_wanted_or_by_the_template_or_after_the_requester() {
        let name = |wanted, template| project_name(wanted, template, ADA);
        assert_eq!(name("", Some("{username}_custom_project")), "ada_custom_project");
        assert_eq!(name("Mine", Some("{username}")), "Mine");
        assert_eq!(name(" ", Some("{full_name} <{email}>")), "Ada Lovelace <ada@example.com>");
        assert_eq!(name("", Some("{{{username}}}")), "{ada}");
        for none in [None, Some(""), Some("  "), Some("{user}"), Some("{username"), Some("a}")] {
            assert_eq!(name("", none), "ada", "{none:?}");
        }
        let nameless = Namesake { full_name: "", ..ADA };
        assert_eq!(project_name("", Some("{full_name}"), nameless), "ada");
        assert_eq!(name(&"x".repeat(900), None).len(), LONGEST_PROJECT_NAME);
    }
}
