//! Reads a JSON object member by member and gathers every complaint, with its path.
//!
//! A derived parser stops at the first wrong member; the contract wants all of them named in one
//! answer (`fusionauth.md` §0.4). `null` reads as absent, unknown members are ignored.

use docket_domain::json::Json;
use docket_domain::text::{Locale, Localized};
use docket_domain::violation::{Rule, Violation};
use serde_json::{Map, Value};

/// One JSON object that is being read.
#[derive(Debug)]
pub struct Fields<'v> {
    members: Option<&'v Map<String, Value>>,
    prefix: String,
    violations: Vec<Violation>,
}

impl<'v> Fields<'v> {
    /// Reads `value`, whose members are complained about as they are named. Anything but an object
    /// reads as one without members and is complained about as a whole.
    #[must_use]
    pub fn new(value: &'v Value) -> Self {
        let mut fields = Self { members: None, prefix: String::new(), violations: Vec::new() };
        match value {
            Value::Object(members) => fields.members = Some(members),
            Value::Null => {}
            _ => fields.violations.push(Violation::whole(Rule::InvalidJson)),
        }
        fields
    }

    /// Everything that was wrong, or nothing.
    pub fn finish(self) -> Result<(), Vec<Violation>> {
        if self.violations.is_empty() { Ok(()) } else { Err(self.violations) }
    }

    /// What was read, unless something was wrong: then also what its own `check` finds in members
    /// that were not complained about before, so that the caller hears of everything at once.
    pub fn finish_checked<T>(
        mut self,
        value: T,
        check: impl FnOnce(&T) -> Result<(), Vec<Violation>>,
    ) -> Result<T, Vec<Violation>> {
        if self.violations.is_empty() {
            return Ok(value);
        }
        let found = check(&value).err().unwrap_or_default();
        let known: Vec<_> = self.violations.iter().map(|v| v.field.clone()).collect();
        self.violations.extend(found.into_iter().filter(|v| !known.contains(&v.field)));
        Err(self.violations)
    }

    /// Adds a complaint about a member by its name within this object.
    pub fn complain(&mut self, name: &str, rule: Rule) {
        let violation = Violation::body(self.path(name), rule);
        self.violations.push(violation);
    }

    /// Whether the member is there and not `null`.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    fn path(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    fn get(&self, name: &str) -> Option<&'v Value> {
        self.members.and_then(|members| members.get(name)).filter(|value| !value.is_null())
    }

    fn convert<T>(
        &mut self,
        name: &str,
        convert: impl FnOnce(&'v Value) -> Option<T>,
    ) -> Option<T> {
        let value = self.get(name)?;
        let converted = if is_storable(value) { convert(value) } else { None };
        if converted.is_none() {
            self.complain(name, Rule::CouldNotConvert);
        }
        converted
    }

    /// Text, as it stands. Numbers and booleans are taken by their spelling, as the original does.
    pub fn text(&mut self, name: &str) -> Option<String> {
        self.convert(name, |value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(truth) => Some(truth.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        })
    }

    /// Text without the white space around it; empty when absent.
    pub fn trimmed(&mut self, name: &str) -> String {
        self.text(name).map(|text| text.trim().to_owned()).unwrap_or_default()
    }

    /// Text without the white space around it; absent when nothing is left.
    pub fn optional(&mut self, name: &str) -> Option<String> {
        Some(self.trimmed(name)).filter(|text| !text.is_empty())
    }

    /// `true` or `false`, also as text; `default` when absent.
    pub fn boolean(&mut self, name: &str, default: bool) -> bool {
        self.convert(name, |value| match value {
            Value::Bool(truth) => Some(*truth),
            Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        })
        .unwrap_or(default)
    }

    /// A whole number, also as text. What is too large for 64 bits becomes the largest number: that
    /// is how JavaScript says "for ever" (`fusionauth.md` §0.3).
    pub fn long(&mut self, name: &str) -> Option<i64> {
        self.convert(name, |value| match value {
            Value::Number(number) => whole_number(&number.to_string()),
            Value::String(text) => whole_number(text.trim()),
            _ => None,
        })
    }

    /// Something that is written as text: an id, a name from a closed list.
    pub fn parsed<T: std::str::FromStr>(&mut self, name: &str) -> Option<T> {
        self.convert(name, |value| value.as_str().and_then(|text| text.trim().parse().ok()))
    }

    /// A name from a closed list.
    pub fn named<T>(&mut self, name: &str, find: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        self.convert(name, |value| value.as_str().and_then(find))
    }

    /// A list of things written as text; a wrong element is complained about under `name[index]`.
    pub fn parsed_list<T: std::str::FromStr>(&mut self, name: &str) -> Option<Vec<T>> {
        let elements = self.convert(name, Value::as_array)?;
        let mut parsed = Vec::with_capacity(elements.len());
        for (index, element) in elements.iter().enumerate() {
            let text = element.as_str().filter(|_| is_storable(element));
            match text.and_then(|text| text.trim().parse().ok()) {
                Some(value) => parsed.push(value),
                None => self.complain(&format!("{name}[{index}]"), Rule::CouldNotConvert),
            }
        }
        Some(parsed)
    }

    /// Locales; a wrong one is `Invalid`.
    pub fn locales(&mut self, name: &str) -> Vec<Locale> {
        let elements = self.convert(name, Value::as_array);
        let mut locales = Vec::new();
        for (index, element) in elements.into_iter().flatten().enumerate() {
            match element.as_str().and_then(|text| text.trim().parse().ok()) {
                Some(locale) => locales.push(locale),
                None => self.complain(&format!("{name}[{index}]"), Rule::Invalid),
            }
        }
        locales
    }

    /// A text in several languages.
    pub fn localized(&mut self, name: &str) -> Localized {
        let Some(members) = self.convert(name, Value::as_object) else {
            return Localized::default();
        };
        let pairs = members
            .iter()
            .filter_map(|(locale, text)| text.as_str().map(|text| (locale.as_str(), text)));
        let wrong: Vec<&String> = members
            .iter()
            .filter(|(_, text)| !text.is_null() && (!text.is_string() || !is_storable(text)))
            .map(|(locale, _)| locale)
            .collect();
        for locale in wrong {
            self.complain(&format!("{name}[{locale}]"), Rule::CouldNotConvert);
        }
        Localized::parse(&self.path(name), pairs).unwrap_or_else(|violations| {
            self.violations.extend(violations);
            Localized::default()
        })
    }

    /// Any object, kept as it came; `{}` when absent.
    pub fn document(&mut self, name: &str) -> Json {
        self.convert(name, |value| value.as_object().map(|_| Json::from_trusted(value.to_string())))
            .unwrap_or_else(Json::empty_object)
    }

    /// What an object says under these names, without its other members and without `null`.
    pub fn selection(&mut self, name: &str, names: &[&str]) -> Option<Json> {
        let members = self.convert(name, Value::as_object)?;
        let chosen: Map<String, Value> = members
            .iter()
            .filter(|(name, value)| names.contains(&name.as_str()) && !value.is_null())
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        Some(Json::from_trusted(Value::Object(chosen).to_string()))
    }

    /// Any value, kept as it came.
    pub fn any(&mut self, name: &str) -> Option<Json> {
        self.get(name).map(|value| Json::from_trusted(value.to_string()))
    }

    /// Reads the member as an object of its own, with the path carried on. `None` when absent.
    pub fn object<T>(&mut self, name: &str, read: impl FnOnce(&mut Fields<'v>) -> T) -> Option<T> {
        let members = self.convert(name, Value::as_object)?;
        Some(self.nested(&format!("{name}."), members, read))
    }

    /// Reads the members of an object of objects, each by its name.
    pub fn entries<T>(
        &mut self,
        name: &str,
        mut read: impl FnMut(&str, &mut Fields<'v>) -> T,
    ) -> Vec<(String, T)> {
        let Some(members) = self.convert(name, Value::as_object) else { return Vec::new() };
        let mut entries = Vec::with_capacity(members.len());
        for (key, value) in members {
            match value.as_object() {
                None if value.is_null() => {}
                Some(inner) => {
                    let prefix = format!("{name}[{key}].");
                    let entry = self.nested(&prefix, inner, |fields| read(key, fields));
                    entries.push((key.clone(), entry));
                }
                None => self.complain(&format!("{name}[{key}]"), Rule::CouldNotConvert),
            }
        }
        entries
    }

    /// The members of an object of plain values, for the caller to read.
    pub fn members(&mut self, name: &str) -> Vec<(&'v str, &'v Value)> {
        let members = self.convert(name, Value::as_object);
        members.into_iter().flatten().map(|(key, value)| (key.as_str(), value)).collect()
    }

    /// The elements of a list, for the caller to read.
    pub fn elements(&mut self, name: &str) -> &'v [Value] {
        self.convert(name, Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// Reads a list of objects; a wrong element is complained about under `name[index]`.
    pub fn objects<T>(&mut self, name: &str, mut read: impl FnMut(&mut Fields<'v>) -> T) -> Vec<T> {
        let Some(elements) = self.convert(name, Value::as_array) else { return Vec::new() };
        let mut objects = Vec::with_capacity(elements.len());
        for (index, element) in elements.iter().enumerate() {
            match element.as_object() {
                Some(members) => {
                    objects.push(self.nested(&format!("{name}[{index}]."), members, &mut read));
                }
                None => self.complain(&format!("{name}[{index}]"), Rule::CouldNotConvert),
            }
        }
        objects
    }

    fn nested<T>(
        &mut self,
        step: &str,
        members: &'v Map<String, Value>,
        read: impl FnOnce(&mut Fields<'v>) -> T,
    ) -> T {
        let mut inner = Fields {
            members: Some(members),
            prefix: format!("{}{step}", self.prefix),
            violations: std::mem::take(&mut self.violations),
        };
        let value = read(&mut inner);
        self.violations = inner.violations;
        value
    }
}

/// Whether it is anything but text with a NUL in it, which one of the engines cannot hold.
fn is_storable(value: &Value) -> bool {
    !value.as_str().is_some_and(|text| text.contains('\0'))
}

/// From here on a 64-bit float no longer tells the neighbours of the largest number apart.
const CLAMP_FROM: f64 = 9.223_372_036_854_775e18;

/// The same as a whole number, which some clients write out.
const CLAMP_FROM_WHOLE: i64 = 9_223_372_036_854_775_000;

/// Reads a whole number in any JSON spelling. Beyond 64 bits it is the largest (or smallest).
#[must_use]
pub fn whole_number(text: &str) -> Option<i64> {
    if let Ok(number) = text.parse::<i64>() {
        return Some(if number >= CLAMP_FROM_WHOLE { i64::MAX } else { number });
    }
    let float = text.parse::<f64>().ok().filter(|float| float.is_finite())?;
    if float >= CLAMP_FROM {
        Some(i64::MAX)
    } else if float <= -CLAMP_FROM {
        Some(i64::MIN)
    } else if float.fract() == 0.0 {
        format!("{float:.0}").parse().ok()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn for_ever_is_understood_in_every_spelling() {
        for spelling in [
            "9223372036854775807",
            "9223372036854775000",
            "9223372036854776000",
            "9.223372036854776e18",
            "1e300",
        ] {
            assert_eq!(whole_number(spelling), Some(i64::MAX), "{spelling}");
        }
        assert_eq!(whole_number("1.7e12"), Some(1_700_000_000_000));
        assert_eq!(whole_number("9223372036854774000"), Some(9_223_372_036_854_774_000));
        for wrong in ["", "1.5", "x", "NaN", "inf", "0x10"] {
            assert_eq!(whole_number(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn everything_wrong_is_named_with_its_path() {
        let value = json!({"a": 1, "options": [{"name": {}}, 3], "names": {"de": 1}});
        let mut fields = Fields::new(&value);
        fields.parsed::<docket_domain::id::UserId>("a");
        fields.objects("options", |option| option.text("name"));
        fields.localized("names");
        fields.boolean("a", false);
        let violations = fields.finish().unwrap_err();
        let paths: Vec<_> = violations.iter().map(|v| format!("{:?}", v.field)).collect();
        assert_eq!(
            paths,
            [
                r#"Body("a")"#,
                r#"Body("options[0].name")"#,
                r#"Body("options[1]")"#,
                r#"Body("names[de]")"#,
                r#"Body("a")"#
            ]
        );
    }

    #[test]
    fn text_with_a_nul_is_no_text() {
        let value = json!({"a": "x\0", "b": ["\0"], "c": {"de": "\0"}});
        let mut fields = Fields::new(&value);
        fields.text("a");
        fields.parsed_list::<String>("b");
        fields.localized("c");
        let rules: Vec<_> = fields.finish().unwrap_err().into_iter().map(|v| v.rule).collect();
        assert_eq!(rules, [Rule::CouldNotConvert; 3]);
    }

    #[test]
    fn null_and_absent_are_the_same() {
        let value = json!({"a": null});
        let mut fields = Fields::new(&value);
        assert_eq!(fields.text("a"), None);
        assert_eq!(fields.long("b"), None);
        assert!(fields.finish().is_ok());
    }
}
