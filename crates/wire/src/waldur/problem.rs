//! How this surface says what is wrong: four shapes of body, and the framework's words
//! (`waldur.md` §1.4).

use std::borrow::Cow;

use docket_domain::event::Noun;
use docket_domain::violation::{Field, Rule, Violation};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// The words that the framework has for common mistakes.
pub mod words {
    /// A member that must be there is not.
    pub const REQUIRED: &str = "This field is required.";
    /// A member is `null` that must not be.
    pub const NULL: &str = "This field may not be null.";
    /// A text is empty that must not be.
    pub const BLANK: &str = "This field may not be blank.";
    /// Not a text.
    pub const TEXT: &str = "Not a valid string.";
    /// A text with a NUL in it, which nobody can keep.
    pub const NUL: &str = "Null characters are not allowed.";
    /// Not a whole number.
    pub const INTEGER: &str = "A valid integer is required.";
    /// Neither true nor false.
    pub const BOOLEAN: &str = "Must be a valid boolean.";
    /// Not an id, in a body.
    pub const UUID: &str = "Must be a valid UUID.";
    /// Not an e-mail address.
    pub const EMAIL: &str = "Enter a valid email address.";
    /// Not an instant, in a body.
    pub const DATE_TIME: &str = "Datetime has wrong format. Use one of these formats instead: \
        YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].";
    /// Not a date, in a body.
    pub const DATE: &str = "Date has wrong format. Use one of these formats instead: YYYY-MM-DD.";
    /// Somebody else has this value.
    pub const UNIQUE: &str = "This field must be unique.";
    /// Not a number, in a query.
    pub const FILTER_NUMBER: &str = "Enter a number.";
    /// Not an instant, in a query.
    pub const FILTER_DATE_TIME: &str = "Enter a valid date/time.";
    /// Not an id, in a query.
    pub const FILTER_UUID: &str = "Enter a valid UUID.";
    /// The caller may not do this.
    pub const FORBIDDEN: &str = "You do not have permission to perform this action.";
    /// There is no such thing, or it is not the caller's to manage.
    pub const NOT_FOUND: &str = "Not found.";
    /// There is no such page.
    pub const NO_PAGE: &str = "Invalid page.";

    /// A text of more characters than this.
    #[must_use]
    pub fn too_long(most: usize) -> String {
        format!("Ensure this field has no more than {most} characters.")
    }

    /// A value that is none of a closed list, in a query.
    #[must_use]
    pub fn no_choice(value: &str) -> String {
        format!("Select a valid choice. {value} is not one of the available choices.")
    }

    /// A value that is none of a closed list, in a body.
    #[must_use]
    pub fn no_such_choice(value: &str) -> String {
        format!("\"{value}\" is not a valid choice.")
    }
}

/// The field under which stands what is wrong with an object as a whole.
pub const WHOLE: &str = "non_field_errors";

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Complaint {
    /// With the field itself.
    Messages(Vec<Cow<'static, str>>),
    /// With elements of the list that it is, by their index.
    Elements(Elements),
}

/// What is wrong with elements of a list, by their index.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Elements(pub Vec<(usize, Cow<'static, str>)>);

impl Serialize for Elements {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(elements) = self;
        let mut map = serializer.serialize_map(Some(elements.len()))?;
        for (index, message) in elements {
            map.serialize_entry(&index.to_string(), &[message])?;
        }
        map.end()
    }
}

/// What is wrong with a request, field by field, in the order in which it was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mistakes(Vec<(Cow<'static, str>, Complaint)>);

impl Mistakes {
    /// One mistake in one field.
    pub fn one(field: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) -> Self {
        let mut mistakes = Self::default();
        mistakes.add(field, message);
        mistakes
    }

    /// One mistake of the object as a whole.
    pub fn whole(message: impl Into<Cow<'static, str>>) -> Self {
        Self::one(WHOLE, message)
    }

    /// Adds a mistake in a field.
    pub fn add(
        &mut self,
        field: impl Into<Cow<'static, str>>,
        message: impl Into<Cow<'static, str>>,
    ) {
        let (field, message) = (field.into(), message.into());
        let known = self.0.iter_mut().find(|(name, _)| *name == field);
        if let Some((_, Complaint::Messages(messages))) = known {
            messages.push(message);
        } else {
            self.0.push((field, Complaint::Messages(vec![message])));
        }
    }

    /// Adds mistakes in the elements of a list.
    pub fn add_elements(&mut self, field: &'static str, elements: Elements) {
        self.0.push((field.into(), Complaint::Elements(elements)));
    }

    /// Whether something is wrong with this field.
    #[must_use]
    pub fn has(&self, field: &str) -> bool {
        self.0.iter().any(|(name, _)| name == field)
    }

    /// `Ok` when nothing is wrong.
    pub fn into_result(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl Serialize for Mistakes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(fields) = self;
        serializer.collect_map(fields.iter().map(|(field, complaint)| (field, complaint)))
    }
}

/// The complaints of a use case, in the words of this surface.
impl From<&[Violation]> for Mistakes {
    fn from(violations: &[Violation]) -> Self {
        let mut mistakes = Self::default();
        for Violation { field, rule } in violations {
            let name = match field {
                Field::Body(path) | Field::Named(path) => Cow::Owned(snake_case(path)),
                Field::Id => Cow::Borrowed("uuid"),
                Field::Whole => Cow::Borrowed(WHOLE),
            };
            mistakes.add(name, message(*rule));
        }
        mistakes
    }
}

fn message(rule: Rule) -> Cow<'static, str> {
    match rule {
        Rule::Blank => words::BLANK.into(),
        Rule::Missing => words::REQUIRED.into(),
        Rule::Duplicate => words::UNIQUE.into(),
        Rule::Invalid => "This value cannot be used here.".into(),
        Rule::CouldNotConvert => "This value has the wrong type or syntax.".into(),
        Rule::Unsupported => "This server does not support this.".into(),
        Rule::InUse => "This is still in use.".into(),
        Rule::NotEmail => words::EMAIL.into(),
        Rule::TooLong(most) => words::too_long(most).into(),
        Rule::TooShort(least) => {
            format!("Ensure this field has at least {least} characters.").into()
        }
        Rule::TooMany(most) => {
            format!("Ensure this field has no more than {most} elements.").into()
        }
        Rule::TenantRequired => "The tenant cannot be told from the request.".into(),
        Rule::InvalidJson => "The body is not the JSON that this endpoint takes.".into(),
    }
}

/// `first_name` of `firstName`.
fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}

/// A body with `detail`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = waldur::Detail)]
pub struct Detail {
    /// What is wrong, for people.
    #[schema(value_type = String)]
    pub detail: Cow<'static, str>,
}

/// What this surface calls a kind of object that is not there.
#[must_use]
pub fn not_found(noun: Noun) -> String {
    match model(noun) {
        Some(model) => format!("No {model} matches the given query."),
        None => words::NOT_FOUND.to_owned(),
    }
}

fn model(noun: Noun) -> Option<&'static str> {
    match noun {
        Noun::Customer => Some("Customer"),
        Noun::Execution => Some("UserActionExecution"),
        Noun::Invitation => Some("GroupInvitation"),
        Noun::PermissionRequest => Some("PermissionRequest"),
        Noun::Project => Some("Project"),
        Noun::Provider => Some("UserActionProvider"),
        Noun::Role => Some("Role"),
        Noun::Todo => Some("UserAction"),
        Noun::User => Some("User"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn mistakes_are_told_by_field_in_their_order() {
        let mut mistakes = Mistakes::one("name", words::BLANK);
        mistakes.add(WHOLE, "no");
        mistakes.add("name", words::too_long(3));
        mistakes.add_elements("tags", Elements(vec![(1, words::TEXT.into())]));
        let told = json!({
            "name": [words::BLANK, "Ensure this field has no more than 3 characters."],
            "non_field_errors": ["no"],
            "tags": {"1": [words::TEXT]},
        });
        assert_eq!(serde_json::to_string(&mistakes).unwrap(), told.to_string());
    }

    #[test]
    fn violations_are_told_in_this_surface_s_words() {
        let violations = [
            Violation::body("firstName", Rule::TooLong(255)),
            Violation::whole(Rule::TenantRequired),
        ];
        let told = serde_json::to_value(Mistakes::from(violations.as_slice())).unwrap();
        assert_eq!(
            told["first_name"],
            json!(["Ensure this field has no more than 255 characters."])
        );
        assert!(told["non_field_errors"].is_array());
    }
}
