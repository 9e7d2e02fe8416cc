//! Fills in what a kickstart file leaves open: `#{name}`, `#{ENV.NAME}`, `#{UUID()}`, and other
//! files, as text by `@{path}` or as JSON by `&{path}`.

use std::cell::Cell;
use std::collections::HashMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, bail};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::FUSIONAUTH_APPLICATION;
use crate::config;

/// Files that include each other are not followed for ever.
const DEEPEST: usize = 32;

/// Knows the variables.
pub(super) struct Text<'f> {
    folder: &'f Path,
    new_id: &'f dyn Fn() -> Uuid,
    variables: HashMap<String, Value>,
    named_application: Cell<bool>,
}

impl<'f> Text<'f> {
    /// Knows those that every file has. `folder` is where the paths of other files begin.
    pub(super) fn new(folder: &'f Path, new_id: &'f dyn Fn() -> Uuid) -> Self {
        let tenant = Value::from(new_id().to_string());
        let variables = HashMap::from([("FUSIONAUTH_TENANT_ID".to_owned(), tenant)]);
        Self { folder, new_id, variables, named_application: Cell::new(false) }
    }

    /// Adds the file's own variables; each may name those before it. One of them says which id
    /// the tenant Default gets.
    pub(super) fn define(&mut self, variables: &Map<String, Value>) -> anyhow::Result<()> {
        for (name, value) in variables {
            let value = self.fill(value, &format!("variables.{name}"))?;
            if name == "defaultTenantId" {
                self.variables.insert("FUSIONAUTH_TENANT_ID".to_owned(), value.clone());
            }
            self.variables.insert(name.clone(), value);
        }
        Ok(())
    }

    /// The id of the tenant Default.
    pub(super) fn tenant_id(&self) -> anyhow::Result<Uuid> {
        let id = self.variables.get("FUSIONAUTH_TENANT_ID").and_then(Value::as_str);
        id.unwrap_or_default().parse().context("the variable `defaultTenantId` is not a UUID")
    }

    /// Whether anything that was filled in names FusionAuth's own application.
    pub(super) fn named_application(&self) -> bool {
        self.named_application.get()
    }

    /// The value with everything filled in; `place` says where it is, for messages.
    pub(super) fn fill(&self, value: &Value, place: &str) -> anyhow::Result<Value> {
        self.fill_to(value, place, DEEPEST)
    }

    fn fill_to(&self, value: &Value, place: &str, depth: usize) -> anyhow::Result<Value> {
        match value {
            Value::String(text) => self.fill_text(text, place, depth),
            Value::Array(elements) => {
                let filled = elements.iter().zip(1..).map(|(element, number)| {
                    self.fill_to(element, &format!("{place}[{number}]"), depth)
                });
                filled.collect()
            }
            Value::Object(members) => {
                let filled = members.iter().map(|(name, member)| {
                    let member = self.fill_to(member, &format!("{place}.{name}"), depth)?;
                    Ok((spelling(&self.replace(name, place)?), member))
                });
                filled.collect::<anyhow::Result<Map<String, Value>>>().map(Value::Object)
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => Ok(value.clone()),
        }
    }

    fn fill_text(&self, text: &str, place: &str, depth: usize) -> anyhow::Result<Value> {
        if let Some(path) = inside(text, "@{") {
            return self.include(path, place).map(Value::String);
        }
        if let Some(path) = inside(text, "&{") {
            let Some(depth) = depth.checked_sub(1) else {
                bail!("the files that {place} includes include each other");
            };
            let included: Value = serde_json::from_str(&self.include(path, place)?)
                .with_context(|| format!("{path}, which {place} includes, is not JSON"))?;
            return self.fill_to(&included, place, depth);
        }
        self.replace(text, place)
    }

    fn include(&self, path: &str, place: &str) -> anyhow::Result<String> {
        fs::read_to_string(self.folder.join(path))
            .with_context(|| format!("{path}, which {place} includes, cannot be read"))
    }

    /// Replaces every `#{…}`. A text that is nothing else becomes the variable's value as it is,
    /// number or object as it may be.
    fn replace(&self, text: &str, place: &str) -> anyhow::Result<Value> {
        if let Some(name) = inside(text, "#{").filter(|name| !name.contains('}')) {
            return self.value(name, place);
        }
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once("#{") {
            let Some((name, after)) = behind.split_once('}') else {
                bail!("a `#{{` in {place} is not closed");
            };
            filled.push_str(before);
            filled.push_str(&spelling(&self.value(name, place)?));
            rest = after;
        }
        filled.push_str(rest);
        Ok(Value::String(filled))
    }

    fn value(&self, name: &str, place: &str) -> anyhow::Result<Value> {
        let name = name.trim();
        if name == "UUID()" {
            return Ok((self.new_id)().to_string().into());
        }
        if name == "FUSIONAUTH_APPLICATION_ID" {
            self.named_application.set(true);
            return Ok(FUSIONAUTH_APPLICATION.into());
        }
        if let Some(variable) = name.strip_prefix("ENV.") {
            return config::variable(variable).map(Value::String).with_context(|| {
                format!("{place} names {variable}, which is not in the environment")
            });
        }
        self.variables.get(name).cloned().with_context(|| {
            let known =
                self.variables.keys().map(|known| (strsim::jaro_winkler(known, name), known));
            let nearest = known.max_by(|(one, _), (other, _)| one.total_cmp(other));
            match nearest.filter(|(likeness, _)| *likeness > 0.8) {
                Some((_, nearest)) => {
                    format!("{place} names the variable `{name}`, did you mean `{nearest}`?")
                }
                None => format!("{place} names the variable `{name}`, which there is not"),
            }
        })
    }
}

/// What is between the braces of a text that is nothing but one such expression.
fn inside<'t>(text: &'t str, opening: &str) -> Option<&'t str> {
    text.trim().strip_prefix(opening)?.strip_suffix('}')
}

/// A value within a text: text without its quotes.
fn spelling(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
