//! Reads a body member by member and complains as the original's framework does, about everything
//! at once (`waldur.md` §1.4).
//!
//! Members that nobody asks for are ignored. `null` is something else than nothing here, so members
//! that may be `null` are [`Given`].

use std::borrow::Cow;

use docket_domain::directory::user::is_email;
use docket_domain::time::Instant;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::problem::{Elements, Mistakes, words};
use super::scalar;

/// What a body says of a member that may be `null`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given<T> {
    /// Nothing.
    Absent,
    /// That there is none.
    Null,
    /// This.
    Value(T),
}

impl<T> Given<T> {
    /// What is said, if anything is: that there is none, or this.
    #[must_use]
    pub fn said(self) -> Option<Option<T>> {
        match self {
            Self::Absent => None,
            Self::Null => Some(None),
            Self::Value(value) => Some(Some(value)),
        }
    }

    /// What there now is, when `current` was there before.
    #[must_use]
    pub fn or_keep(self, current: Option<T>) -> Option<T> {
        match self {
            Self::Absent => current,
            Self::Null => None,
            Self::Value(value) => Some(value),
        }
    }
}

/// A body that is being read.
#[derive(Debug)]
pub struct Body<'v> {
    members: Option<&'v Map<String, Value>>,
    mistakes: Mistakes,
}

impl<'v> Body<'v> {
    /// Reads an object; anything else has no members and is complained about as a whole.
    #[must_use]
    pub fn new(value: &'v Value) -> Self {
        let mut body = Self { members: None, mistakes: Mistakes::default() };
        match value {
            Value::Object(members) => body.members = Some(members),
            Value::Null => {}
            other => {
                let kind = python_type(other);
                let message = format!("Invalid data. Expected a dictionary, but got {kind}.");
                body.mistakes = Mistakes::whole(message);
            }
        }
        body
    }

    /// Everything that was wrong, or nothing.
    pub fn finish(self) -> Result<(), Mistakes> {
        self.mistakes.into_result()
    }

    /// Adds a complaint about a member.
    pub fn complain(&mut self, name: &'static str, message: impl Into<Cow<'static, str>>) {
        self.mistakes.add(name, message);
    }

    /// The member as it stands.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&'v Value> {
        self.members?.get(name)
    }

    /// Whether the member is there, `null` or not.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// Complains about members that are not there. Where the body itself is no object, that was
    /// said already.
    pub fn require(&mut self, names: &[&'static str]) {
        for name in names {
            if !self.has(name) && !self.mistakes.has(super::problem::WHOLE) {
                self.complain(name, words::REQUIRED);
            }
        }
    }

    /// A member that may not be `null`.
    fn some(&mut self, name: &'static str) -> Option<&'v Value> {
        let value = self.value(name)?;
        if value.is_null() {
            self.complain(name, words::NULL);
            return None;
        }
        Some(value)
    }

    /// A text that says something, of so many characters at most.
    pub fn text(&mut self, name: &'static str, most: usize) -> Option<String> {
        let value = self.some(name)?;
        let text = self.read_text(name, value, most)?;
        if text.is_empty() {
            self.complain(name, words::BLANK);
            return None;
        }
        Some(text)
    }

    /// A text that may be empty.
    pub fn blank_text(&mut self, name: &'static str, most: usize) -> Option<String> {
        let value = self.some(name)?;
        self.read_text(name, value, most)
    }

    /// A text that may be empty or `null`.
    pub fn nullable_text(&mut self, name: &'static str, most: usize) -> Given<String> {
        self.nullable(name, |body, value| body.read_text(name, value, most))
    }

    /// A password: a text whose white space is part of it.
    pub fn secret(&mut self, name: &'static str, most: usize) -> Option<String> {
        let value = self.some(name)?;
        let text = value.as_str().map(str::to_owned);
        let text = self.expect(name, text, words::TEXT)?;
        if text.is_empty() {
            self.complain(name, words::BLANK);
        } else if text.chars().count() > most {
            self.complain(name, words::too_long(most));
        } else {
            return Some(text);
        }
        None
    }

    /// An e-mail address, or nothing between the quotes.
    pub fn email(&mut self, name: &'static str, most: usize) -> Option<String> {
        let text = self.blank_text(name, most)?;
        if !text.is_empty() && !is_email(&text) {
            self.complain(name, words::EMAIL);
            return None;
        }
        Some(text)
    }

    fn read_text(&mut self, name: &'static str, value: &Value, most: usize) -> Option<String> {
        let text = match value {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
                self.complain(name, words::TEXT);
                return None;
            }
        };
        if text.contains('\0') {
            self.complain(name, words::NUL);
        } else if text.chars().count() > most {
            self.complain(name, words::too_long(most));
        } else {
            return Some(text);
        }
        None
    }

    /// Yes or no, in any of the spellings that the framework takes.
    pub fn boolean(&mut self, name: &'static str) -> Option<bool> {
        let value = self.some(name)?;
        let truth = match value {
            Value::Bool(truth) => Some(*truth),
            Value::Number(number) => match number.as_i64() {
                Some(1) => Some(true),
                Some(0) => Some(false),
                _ => None,
            },
            Value::String(text) => match text.trim().to_lowercase().as_str() {
                "true" | "t" | "yes" | "y" | "on" | "1" => Some(true),
                "false" | "f" | "no" | "n" | "off" | "0" => Some(false),
                _ => None,
            },
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        };
        self.expect(name, truth, words::BOOLEAN)
    }

    /// A whole number within bounds, which may be `null`.
    pub fn integer(&mut self, name: &'static str, least: i64, most: i64) -> Given<i64> {
        self.nullable(name, |body, value| {
            let number = body.expect(name, whole_number(value), words::INTEGER)?;
            if number < least {
                let message = format!("Ensure this value is greater than or equal to {least}.");
                body.complain(name, message);
            } else if number > most {
                let message = format!("Ensure this value is less than or equal to {most}.");
                body.complain(name, message);
            } else {
                return Some(number);
            }
            None
        })
    }

    /// An id.
    pub fn uuid(&mut self, name: &'static str) -> Option<Uuid> {
        let value = self.some(name)?;
        self.expect(name, read_uuid(value), words::UUID)
    }

    /// An id that may be `null`.
    pub fn nullable_uuid(&mut self, name: &'static str) -> Given<Uuid> {
        self.nullable(name, |body, value| body.expect(name, read_uuid(value), words::UUID))
    }

    /// An instant, or a date that means its midnight; it may be `null`.
    pub fn instant(&mut self, name: &'static str) -> Given<Instant> {
        self.nullable(name, |body, value| {
            let instant = value.as_str().and_then(scalar::instant);
            body.expect(name, instant, words::DATE_TIME)
        })
    }

    /// A date as `YYYY-MM-DD`, which may be `null`.
    pub fn date(&mut self, name: &'static str) -> Given<String> {
        self.nullable(name, |body, value| {
            let text = value.as_str().map(str::trim).filter(|text| text.len() == 10);
            let date = text.and_then(|text| text.parse::<jiff::civil::Date>().ok());
            body.expect(name, date.map(|date| date.to_string()), words::DATE)
        })
    }

    /// A name from a closed list.
    pub fn choice<T>(
        &mut self,
        name: &'static str,
        find: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let value = self.some(name)?;
        let found = value.as_str().and_then(find);
        if found.is_none() {
            let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            self.complain(name, words::no_such_choice(&shown));
        }
        found
    }

    /// A list of texts that say something, each of so many characters at most.
    pub fn texts(&mut self, name: &'static str, most: usize) -> Option<Vec<String>> {
        let value = self.some(name)?;
        let Some(elements) = value.as_array() else {
            let kind = python_type(value);
            let message = format!("Expected a list of items but got type \"{kind}\".");
            self.complain(name, message);
            return None;
        };
        let (mut texts, mut wrong) = (Vec::with_capacity(elements.len()), Elements::default());
        for (index, element) in elements.iter().enumerate() {
            match element_text(element, most) {
                Ok(text) => texts.push(text),
                Err(message) => wrong.0.push((index, message)),
            }
        }
        if wrong.0.is_empty() {
            return Some(texts);
        }
        self.mistakes.add_elements(name, wrong);
        None
    }

    fn nullable<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&mut Self, &'v Value) -> Option<T>,
    ) -> Given<T> {
        match self.value(name) {
            None => Given::Absent,
            Some(Value::Null) => Given::Null,
            Some(value) => read(self, value).map_or(Given::Absent, Given::Value),
        }
    }

    fn expect<T>(
        &mut self,
        name: &'static str,
        value: Option<T>,
        words: &'static str,
    ) -> Option<T> {
        if value.is_none() {
            self.complain(name, words);
        }
        value
    }
}

fn element_text(element: &Value, most: usize) -> Result<String, Cow<'static, str>> {
    let text = match element {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Null => return Err(words::NULL.into()),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => return Err(words::TEXT.into()),
    };
    if text.is_empty() {
        Err(words::BLANK.into())
    } else if text.contains('\0') {
        Err(words::NUL.into())
    } else if text.chars().count() > most {
        Err(words::too_long(most).into())
    } else {
        Ok(text)
    }
}

fn read_uuid(value: &Value) -> Option<Uuid> {
    value.as_str().and_then(|text| scalar::uuid(text.trim()))
}

/// A whole number, also as text and with zeros behind its point.
fn whole_number(value: &Value) -> Option<i64> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_owned(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    let whole = match text.split_once('.') {
        Some((whole, zeros)) if zeros.bytes().all(|digit| digit == b'0') => whole,
        Some(_) => return None,
        None => &text,
    };
    whole.parse().ok()
}

/// What the original calls the kind of a value.
fn python_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(body: Body<'_>) -> Value {
        body.finish()
            .map_or_else(|mistakes| serde_json::to_value(mistakes).unwrap(), |()| json!({}))
    }

    #[test]
    fn what_is_no_object_is_named_as_the_original_names_it() {
        for (value, kind) in [(json!([1]), "list"), (json!("x"), "str"), (json!(1.5), "float")] {
            let mut body = Body::new(&value);
            body.require(&["name"]);
            let message = format!("Invalid data. Expected a dictionary, but got {kind}.");
            assert_eq!(told(body), json!({"non_field_errors": [message]}));
        }
        let null = Value::Null;
        assert_eq!(told(Body::new(&null)), json!({}));
    }

    #[test]
    fn everything_wrong_is_named_in_the_framework_s_words() {
        let value = json!({"null": null, "blank": " ", "long": "abcd", "kind": [], "days": "x",
            "small": 0, "large": 366, "truth": "maybe", "id": "x", "list": "x", "tags": ["a", "", 7],
            "at": "soon", "mail": "@", "choice": "foo", "day": "2026-1-1"});
        let mut body = Body::new(&value);
        body.require(&["missing"]);
        body.text("null", 9);
        body.text("blank", 9);
        body.text("long", 3);
        body.text("kind", 9);
        body.integer("days", 1, 365);
        body.integer("small", 1, 365);
        body.integer("large", 1, 365);
        body.boolean("truth");
        body.uuid("id");
        body.texts("list", 9);
        body.texts("tags", 9);
        body.instant("at");
        body.email("mail", 99);
        body.choice("choice", |_| None::<()>);
        body.date("day");
        assert_eq!(
            told(body),
            json!({
                "missing": ["This field is required."],
                "null": ["This field may not be null."],
                "blank": ["This field may not be blank."],
                "long": ["Ensure this field has no more than 3 characters."],
                "kind": ["Not a valid string."],
                "days": ["A valid integer is required."],
                "small": ["Ensure this value is greater than or equal to 1."],
                "large": ["Ensure this value is less than or equal to 365."],
                "truth": ["Must be a valid boolean."],
                "id": ["Must be a valid UUID."],
                "list": ["Expected a list of items but got type \"str\"."],
                "tags": {"1": ["This field may not be blank."]},
                "at": [words::DATE_TIME],
                "mail": ["Enter a valid email address."],
                "choice": ["\"foo\" is not a valid choice."],
                "day": ["Date has wrong format. Use one of these formats instead: YYYY-MM-DD."],
            })
        );
    }

    #[test]
    fn what_can_be_understood_is() {
        let value = json!({"days": "7.0", "on": "Yes", "off": 0, "name": " x ", "none": null,
            "id": "6b2fa3c000007000800000000000000a", "at": "2026-01-31"});
        let mut body = Body::new(&value);
        assert_eq!(body.integer("days", 1, 365), Given::Value(7));
        assert_eq!(body.integer("none", 1, 365), Given::Null);
        assert_eq!(body.integer("absent", 1, 365), Given::Absent);
        assert_eq!((body.boolean("on"), body.boolean("off")), (Some(true), Some(false)));
        assert_eq!(body.text("name", 1).as_deref(), Some("x"));
        assert!(body.uuid("id").is_some());
        assert_ne!(body.instant("at"), Given::Absent);
        assert_eq!(told(body), json!({}));
        assert_eq!(Given::Absent.or_keep(Some(1)), Some(1));
        assert_eq!(Given::Null.or_keep(Some(1)), None);
    }
}
