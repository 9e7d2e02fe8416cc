//! Search criteria, the same from a query string and from `{"search": {…}}` (`fusionauth.md` §0.9).

use docket_domain::page::{Order, Paging};
use docket_domain::time::Instant;
use docket_domain::violation::{Rule, Violation};
use serde_json::Value;

use crate::fields::whole_number;

/// How many rows a page has when nobody says.
const DEFAULT_SIZE: i64 = 25;
/// How many rows a page has at most.
const LARGEST_SIZE: i64 = 10_000;

/// Criteria by name; each may have several values.
#[derive(Debug, Default)]
pub struct Criteria(Vec<(String, String)>);

impl Criteria {
    /// From the parameters of a query string, already cleaned of `undefined` and the like.
    #[must_use]
    pub fn from_pairs(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// From the body of a POST. Lists become repeated values, objects become dotted names:
    /// `sortFields[0].name`.
    #[must_use]
    pub fn from_body(body: &Value) -> Self {
        let mut pairs = Vec::new();
        if let Some(search) = body.get("search") {
            flatten(String::new(), search, &mut pairs);
        }
        Self(pairs)
    }

    /// The first value of this name.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Every value of this name.
    pub fn texts<'c>(&'c self, name: &'c str) -> impl Iterator<Item = &'c str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The same as text of its own.
    #[must_use]
    pub fn owned(&self, name: &str) -> Option<String> {
        self.text(name).map(str::to_owned)
    }

    /// An instant in milliseconds.
    pub fn instant(&self, name: &str) -> Result<Option<Instant>, Vec<Violation>> {
        Ok(self.long(name)?.map(Instant::from_millis))
    }

    /// A value written as text: an id, a number.
    pub fn parsed<T: std::str::FromStr>(&self, name: &str) -> Result<Option<T>, Vec<Violation>> {
        self.text(name)
            .map(|text| text.trim().parse())
            .transpose()
            .map_err(|_| vec![Violation::named(format!("search.{name}"), Rule::CouldNotConvert)])
    }

    /// `true` or `false`.
    pub fn boolean(&self, name: &str) -> Result<Option<bool>, Vec<Violation>> {
        self.parsed::<String>(name)?.map_or(Ok(None), |text| {
            text.to_ascii_lowercase().parse().map(Some).map_err(|_| {
                vec![Violation::named(format!("search.{name}"), Rule::CouldNotConvert)]
            })
        })
    }

    /// A whole number; instants come so.
    pub fn long(&self, name: &str) -> Result<Option<i64>, Vec<Violation>> {
        self.text(name).map_or(Ok(None), |text| {
            whole_number(text.trim()).map(Some).ok_or_else(|| {
                vec![Violation::named(format!("search.{name}"), Rule::CouldNotConvert)]
            })
        })
    }

    /// The page asked for; `fields` are those that the list can be ordered by.
    pub fn paging(&self, fields: &[&'static str]) -> Result<Paging, Vec<Violation>> {
        let mut violations = Vec::new();
        let mut number = |name: &str, default: i64, least: i64| {
            let value = self.text(name).map_or(Some(default), row_number);
            let rule = match value {
                None => Rule::CouldNotConvert,
                Some(value) if value < least => Rule::Invalid,
                Some(value) => return value,
            };
            violations.push(Violation::named(format!("search.{name}"), rule));
            default
        };
        let start = number("startRow", 0, 0);
        let size = number("numberOfResults", DEFAULT_SIZE, 1).min(LARGEST_SIZE);
        let order = order(self.text("orderBy").unwrap_or_default(), fields);
        if order.is_none() {
            violations.push(Violation::named("search.orderBy", Rule::Invalid));
        }
        if violations.is_empty() {
            Ok(Paging { start, size, order: order.unwrap_or_default() })
        } else {
            Err(violations)
        }
    }
}

/// What was read of one criterion; complaints join those about the others.
pub fn gather<T: Default>(read: Result<T, Vec<Violation>>, violations: &mut Vec<Violation>) -> T {
    read.unwrap_or_else(|complaints| {
        violations.extend(complaints);
        T::default()
    })
}

/// The search and its page, unless something was wrong with either.
pub fn settle<T>(
    search: T,
    paging: Result<Paging, Vec<Violation>>,
    mut violations: Vec<Violation>,
) -> Result<(T, Paging), Vec<Violation>> {
    match paging {
        Ok(paging) if violations.is_empty() => Ok((search, paging)),
        Ok(_) => Err(violations),
        Err(complaints) => {
            violations.extend(complaints);
            Err(violations)
        }
    }
}

/// A number of rows. The Python client turns the numbers 1 and 0 of a query into `true` and `false`.
fn row_number(text: &str) -> Option<i64> {
    match text.trim() {
        "true" => Some(1),
        "false" => Some(0),
        text => whole_number(text),
    }
}

/// Reads `field [ASC|DESC][, field …]`; `None` when a field or a direction is unknown.
fn order(text: &str, fields: &[&'static str]) -> Option<Vec<Order>> {
    let steps = text.split(',').map(str::trim).filter(|step| !step.is_empty());
    steps
        .map(|step| {
            let mut words = step.split_whitespace();
            let name = words.next()?;
            let field = fields.iter().find(|field| field.eq_ignore_ascii_case(name))?;
            let descending = match words.next() {
                None => false,
                Some(word) if word.eq_ignore_ascii_case("asc") => false,
                Some(word) if word.eq_ignore_ascii_case("desc") => true,
                Some(_) => return None,
            };
            words.next().is_none().then_some(Order { field, descending })
        })
        .collect()
}

fn flatten(name: String, value: &Value, pairs: &mut Vec<(String, String)>) {
    match value {
        Value::Null => {}
        Value::String(text) if text.is_empty() => {}
        // What is stored holds no NUL, so that this finds nothing instead of failing.
        Value::String(text) => pairs.push((name, text.replace('\0', "\u{fffd}"))),
        Value::Bool(_) | Value::Number(_) => pairs.push((name, value.to_string())),
        Value::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                let inner =
                    if element.is_object() { format!("{name}[{index}]") } else { name.clone() };
                flatten(inner, element, pairs);
            }
        }
        Value::Object(members) => {
            for (key, member) in members {
                let inner = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                flatten(inner, member, pairs);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const FIELDS: &[&str] = &["name", "insertInstant"];

    fn criteria(search: &Value) -> Criteria {
        Criteria::from_body(&json!({ "search": search }))
    }

    #[test]
    fn an_order_names_known_fields_and_directions() {
        let paging = criteria(&json!({"orderBy": "Name desc, insertInstant"})).paging(FIELDS);
        let order = paging.unwrap().order;
        assert_eq!(order.len(), 2);
        assert!(order[0].descending && order[0].field == "name");
        for wrong in ["nme", "name down", "name asc asc", "name; DROP TABLE users"] {
            assert!(criteria(&json!({"orderBy": wrong})).paging(FIELDS).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_page_has_at_least_one_row() {
        assert_eq!(criteria(&json!({})).paging(FIELDS).unwrap().size, 25);
        let violations =
            criteria(&json!({"numberOfResults": 0, "startRow": -1})).paging(FIELDS).unwrap_err();
        assert_eq!(violations.len(), 2);
    }

    #[test]
    fn the_python_client_says_one_and_nought_by_true_and_false() {
        let search = json!({"numberOfResults": "true", "startRow": "false"});
        let paging = criteria(&search).paging(FIELDS).unwrap();
        assert_eq!((paging.start, paging.size), (0, 1));
    }

    #[test]
    fn objects_in_lists_get_dotted_names() {
        let criteria = criteria(&json!({"ids": ["a", "b"], "sortFields": [{"name": "email"}]}));
        assert_eq!(criteria.texts("ids").collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(criteria.text("sortFields[0].name"), Some("email"));
    }
}
