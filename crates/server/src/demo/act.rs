//! Has the demo's people do what the story says of them, through the API.

use std::collections::HashMap;

use anyhow::{Context as _, bail};
use docket_wire::native::scalar;
use serde_json::{Value, json};

use super::PASSWORD;
use super::clock::MovableClock;
use super::matters::{By, Matter};
use crate::in_process::Client;

const HOUR: i64 = 3_600_000;

/// Those who act, and what they have made so far.
pub(super) struct Actors<'c> {
    client: &'c Client,
    clock: &'c MovableClock,
    staff: (&'c str, &'c str),
    /// Clients of people with their tokens, by user name.
    people: HashMap<String, Client>,
    /// Ids by what the story calls their things.
    ids: HashMap<String, String>,
}

impl<'c> Actors<'c> {
    /// Nobody has done anything yet. Staff have a name and a password.
    pub(super) fn new(
        client: &'c Client,
        clock: &'c MovableClock,
        staff: (&'c str, &'c str),
    ) -> Self {
        Self { client, clock, staff, people: HashMap::new(), ids: HashMap::new() }
    }

    /// Somebody has joined.
    pub(super) fn met(&mut self, name: &str, id: &str) {
        self.ids.insert(format!("@{name}"), id.to_owned());
    }

    /// Does what the story says.
    pub(super) async fn act(&mut self, matter: &Matter) -> anyhow::Result<()> {
        let (username, password) = match matter.by {
            By::System => return self.ask(matter, &self.client.clone()).await,
            By::Staff => self.staff,
            By::Person(name) => (name, PASSWORD),
        };
        let client = self.with_token(username, password).await?;
        if self.ids.keys().all(|known| !known.starts_with("role ")) {
            self.learn_roles(&client).await?;
        }
        self.ask(matter, &client).await
    }

    async fn with_token(&mut self, username: &str, password: &str) -> anyhow::Result<Client> {
        if let Some(known) = self.people.get(username) {
            return Ok(known.clone());
        }
        let body = json!({"username": username, "password": password});
        let answer = said(self.client, "POST", "/api-auth/password/", &body).await;
        let answer = answer.with_context(|| format!("{username} wants to act"))?;
        let token =
            answer.pointer("/token").and_then(Value::as_str).context("there is no token")?;
        let client = self.client.with_credential(format!("Token {token}"));
        self.people.insert(username.to_owned(), client.clone());
        Ok(client)
    }

    async fn learn_roles(&mut self, client: &Client) -> anyhow::Result<()> {
        let roles = said(client, "GET", "/api/roles/?page_size=100", &Value::Null).await?;
        for role in roles.as_array().into_iter().flatten() {
            let text = |pointer| role.pointer(pointer).and_then(Value::as_str);
            if let (Some(name), Some(id)) = (text("/name"), text("/uuid")) {
                self.ids.insert(format!("role {name}"), id.to_owned());
            }
        }
        Ok(())
    }

    async fn ask(&mut self, matter: &Matter, client: &Client) -> anyhow::Result<()> {
        let (path, body) = (self.filled(matter.path), self.filled_in(&matter.body));
        let answer = said(client, matter.method, &path, &body).await?;
        if let Some(called) = matter.called {
            let id = answer.pointer("/uuid").and_then(Value::as_str);
            let id = id.with_context(|| format!("{path} did not answer with an id"))?;
            self.ids.insert(called.to_owned(), id.to_owned());
        }
        Ok(())
    }

    fn filled_in(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.filled(text)),
            Value::Array(items) => items.iter().map(|item| self.filled_in(item)).collect(),
            Value::Object(members) => {
                members.iter().map(|(name, value)| (name.clone(), self.filled_in(value))).collect()
            }
            other => other.clone(),
        }
    }

    /// The text with what stands between braces replaced, where the story knows it.
    fn filled(&self, text: &str) -> String {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once('{') {
            let Some((name, behind)) = behind.split_once('}') else { break };
            filled.push_str(before);
            match self.ids.get(name).cloned().or_else(|| self.instant(name)) {
                Some(value) => filled.push_str(&value),
                None => filled.extend(["{", name, "}"]),
            }
            rest = behind;
        }
        filled + rest
    }

    /// An instant, as the story counts from today: `31 hours ago`, `in 20 days`, `day in 5 days`.
    fn instant(&self, words: &str) -> Option<String> {
        let (words, length) = match words.strip_prefix("day ") {
            Some(words) => (words, "2026-01-01".len()),
            None => (words, usize::MAX),
        };
        let hours = |count: &str, unit: &str| {
            let count: i64 = count.parse().ok()?;
            Some(if unit == "days" { count * 24 } else { count })
        };
        let words: Vec<&str> = words.split(' ').collect();
        let ago = match words.as_slice() {
            ["in", count, unit] => -hours(count, unit)?,
            [count, unit, "ago"] => hours(count, unit)?,
            _ => return None,
        };
        let text = scalar::instant(self.clock.ago(ago * HOUR));
        Some(text.get(..length).unwrap_or(&text).to_owned())
    }
}

/// What is answered, if it is granted.
async fn said(client: &Client, method: &str, path: &str, body: &Value) -> anyhow::Result<Value> {
    let body = Some(body).filter(|body| !body.is_null());
    let answer = client.ask(method, path, None, body).await?;
    if !answer.is_success() {
        bail!("{method} {path} was answered with {}: {}", answer.status, answer.body);
    }
    if answer.body.is_empty() {
        return Ok(Value::Null);
    }
    Ok(serde_json::from_str(&answer.body)?)
}
