//! Plays the demo's story through the API.

use std::collections::HashMap;

use anyhow::{Context as _, bail};
use docket_domain::id::UserId;
use serde_json::{Value, json};

use super::PASSWORD;
use super::act::Actors;
use super::clock::MovableClock;
use super::mails::{self, Occasion};
use super::matters;
use super::people::PEOPLE;
use super::rules::{APPLICATIONS, DEFINITIONS, Kind, REASONS, reason};
use super::story::{self, Step, What};
use crate::in_process::Client;

/// What came of it.
#[derive(Debug)]
pub(super) struct Settled {
    /// The id of the user who is banned.
    pub(super) banned: String,
    /// The id of one who is not.
    pub(super) welcome: String,
    /// The ids of everybody.
    pub(super) people: Vec<UserId>,
    /// How many actions were taken.
    pub(super) actions: usize,
}

/// Plays the story, each step on its day. Staff, by name and password, do what only they may.
pub(super) async fn settle(
    client: &Client,
    clock: &MovableClock,
    staff: (&str, &str),
) -> anyhow::Result<Settled> {
    let mut community = Community::found(client, clock).await?;
    let mut actors = Actors::new(client, clock, staff);
    let mut matters = matters::tell().into_iter().peekable();
    for step in story::tell() {
        while let Some(matter) = matters.next_if(|matter| matter.ago >= step.ago) {
            clock.set(clock.ago(matter.ago));
            actors.act(&matter).await?;
        }
        clock.set(clock.ago(step.ago));
        community.live(&step).await?;
        if let What::Join { person } = step.what
            && let Some((person, id)) = PEOPLE.get(person).zip(community.people.get(&person))
        {
            actors.met(person.0, id);
        }
    }
    for matter in matters {
        clock.set(clock.ago(matter.ago));
        actors.act(&matter).await?;
    }
    let id_of = |name: &str| {
        let at = PEOPLE.iter().position(|person| person.0 == name);
        at.and_then(|at| community.people.get(&at)).cloned().context("somebody never joined")
    };
    let people: Result<_, _> = community.people.values().map(|id| id.parse()).collect();
    Ok(Settled {
        banned: id_of(story::BANNED)?,
        welcome: id_of(story::WELCOME)?,
        people: people.context("somebody's id is none")?,
        actions: community.actions.len(),
    })
}

/// The ids of everything there is, by what the story calls it.
struct Community<'c> {
    client: &'c Client,
    clock: &'c MovableClock,
    applications: Vec<String>,
    definitions: Vec<(Kind, String)>,
    reasons: HashMap<&'static str, String>,
    people: HashMap<usize, String>,
    actions: HashMap<usize, String>,
}

impl<'c> Community<'c> {
    /// The rules, before anybody is there to keep them.
    async fn found(client: &'c Client, clock: &'c MovableClock) -> anyhow::Result<Self> {
        let mut community = Self {
            client,
            clock,
            applications: Vec::new(),
            definitions: Vec::new(),
            reasons: HashMap::new(),
            people: HashMap::new(),
            actions: HashMap::new(),
        };
        for name in APPLICATIONS {
            let body = json!({"application": {"name": name}});
            let id = community.make("/api/application", &body, "/application/id").await?;
            community.applications.push(id);
        }
        let mut templates = Vec::new();
        for (occasion, name) in Occasion::ALL {
            let (body, id) = (mails::template(occasion, name), "/emailTemplate/id");
            let id = community.make("/api/email/template", &body, id).await?;
            templates.push((occasion, id));
        }
        let template = |occasion| {
            let found = templates.iter().find(|(known, _)| *known == occasion);
            found.map(|(_, id)| id.clone())
        };
        for (kind, name) in DEFINITIONS {
            let body = kind.definition(name, template);
            let id = community.make("/api/user-action", &body, "/userAction/id").await?;
            community.definitions.push((kind, id));
        }
        for (code, text) in REASONS {
            let (body, id) = (reason(code, text), "/userActionReason/id");
            let id = community.make("/api/user-action-reason", &body, id).await?;
            community.reasons.insert(code, id);
        }
        Ok(community)
    }

    async fn live(&mut self, step: &Step) -> anyhow::Result<()> {
        match &step.what {
            What::Join { person } => self.join(*person).await,
            What::Take { incident, person, by, kind, occasion, ends } => {
                let body = self.action(*person, *by, *kind, *occasion, *ends)?;
                let id = self.make("/api/user/action", &body, "/action/id").await?;
                self.actions.insert(*incident, id);
                Ok(())
            }
            What::Modify { incident, by, ends, comment } => {
                let body = json!({"action": {
                    "actionerUserId": self.person(*by)?, "comment": comment,
                    "expiry": self.clock.ago(*ends).millis(),
                }});
                self.change("PUT", *incident, &body).await
            }
            What::Cancel { incident, by, comment } => {
                let body = json!({"action": {
                    "actionerUserId": self.person(*by)?, "comment": comment,
                }});
                self.change("DELETE", *incident, &body).await
            }
            What::Comment { person, by, text } => {
                let body = json!({"userComment": {
                    "userId": self.person(*person)?, "commenterId": self.person(*by)?,
                    "comment": text,
                }});
                self.make("/api/user/comment", &body, "/userComment/id").await.map(drop)
            }
        }
    }

    async fn join(&mut self, person: usize) -> anyhow::Result<()> {
        let (username, first, last, languages, timezone) =
            PEOPLE.get(person).context("there is no such person")?;
        let body = json!({"user": {
            "username": username, "email": format!("{username}@example.com"),
            "firstName": first, "lastName": last, "preferredLanguages": languages,
            "timezone": timezone, "password": PASSWORD,
        }});
        let id = self.make("/api/user", &body, "/user/id").await?;
        // Everybody reads the forum; not everybody sells or chats.
        let places = self.applications.iter().zip([1, 2, 3]);
        for (application, every) in places.filter(|(_, every)| person.is_multiple_of(*every)) {
            let body = json!({"registration": {"applicationId": application}});
            let path = format!("/api/user/registration/{id}");
            self.make(&path, &body, "/registration/applicationId")
                .await
                .with_context(|| format!("every {every}"))?;
        }
        self.people.insert(person, id);
        Ok(())
    }

    fn person(&self, person: usize) -> anyhow::Result<&str> {
        self.people.get(&person).map(String::as_str).context("somebody has not joined yet")
    }

    fn action(
        &self,
        person: usize,
        by: usize,
        kind: Kind,
        occasion: u64,
        ends: Option<i64>,
    ) -> anyhow::Result<Value> {
        let definition = self.definitions.iter().find(|(known, _)| *known == kind);
        let (_, definition) = definition.context("a kind of action is not defined")?;
        let (reason, comment) = drawn(kind.occasions(), occasion).context("no occasion")?;
        let mut action = json!({
            "actioneeUserId": self.person(person)?,
            "actionerUserId": self.person(by)?,
            "userActionId": definition,
            "reasonId": self.reasons.get(reason),
            "comment": comment,
            "option": drawn(kind.options(), occasion / 7).map(|words| words.0),
            "expiry": ends.map(|ends| self.clock.ago(ends).millis()),
        });
        // To stop selling concerns the market alone.
        if kind == Kind::NoSelling
            && let Some(action) = action.as_object_mut()
        {
            action.insert("applicationIds".to_owned(), json!([self.applications.get(1)]));
        }
        Ok(json!({"action": action}))
    }

    async fn change(&self, method: &str, incident: usize, body: &Value) -> anyhow::Result<()> {
        let id = self.actions.get(&incident).context("an action was not taken yet")?;
        self.ask(method, &format!("/api/user/action/{id}"), body).await.map(drop)
    }

    /// Makes something and gives what the answer says at `pointer`.
    async fn make(&self, path: &str, body: &Value, pointer: &str) -> anyhow::Result<String> {
        let answer = self.ask("POST", path, body).await?;
        let id = answer.pointer(pointer).and_then(Value::as_str);
        id.map(str::to_owned).with_context(|| format!("{path} did not answer with an id"))
    }

    async fn ask(&self, method: &str, path: &str, body: &Value) -> anyhow::Result<Value> {
        let answer = self.client.ask(method, path, None, Some(body)).await?;
        if !answer.is_success() {
            bail!("{method} {path} was answered with {}: {}", answer.status, answer.body);
        }
        Ok(serde_json::from_str(&answer.body)?)
    }
}

/// One of some things, by lot.
fn drawn<T>(from: &[T], lot: u64) -> Option<&T> {
    let many = u64::try_from(from.len()).ok().filter(|many| *many > 0)?;
    from.get(usize::try_from(lot % many).ok()?)
}
