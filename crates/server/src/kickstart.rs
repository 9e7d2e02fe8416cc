//! Kickstart files of FusionAuth's kind: keys to make and requests to send when the database is
//! empty.
//!
//! Invariant: the file is read and understood as a whole before anything is written. A request
//! that is refused ends the start; what came before it stays in the store, which remembers that the
//! kickstart failed.

mod text;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use docket_api::Served;
use docket_service::{Answer, Caller, Context, keys};
use docket_wire::fusionauth::api_key::new_key;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::in_process::Client;
use text::Text;

/// The application that FusionAuth itself is; kickstart files register their administrators for it.
pub(crate) const FUSIONAUTH_APPLICATION: &str = "3c219e58-ed0e-4b18-ad48-f4f92793ae32";
/// More of a refusal is of no use in a message.
const LONGEST_REASON: usize = 2_000;

/// What a kickstart file asks for, with all its variables filled in.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The id of the tenant Default.
    pub(crate) tenant_id: Uuid,
    path: PathBuf,
    keys: Vec<Value>,
    requests: Vec<Request>,
    needs_application: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    method: String,
    url: String,
    tenant_id: Option<String>,
    body: Option<Value>,
}

/// The file as it stands.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    #[serde(default)]
    variables: Map<String, Value>,
    #[serde(default)]
    api_keys: Vec<Value>,
    #[serde(default)]
    requests: Vec<Value>,
}

impl Plan {
    /// Reads a file; `new_id` is asked for every id that it leaves to chance.
    pub(crate) fn read(path: &Path, new_id: impl Fn() -> Uuid) -> anyhow::Result<Self> {
        Self::understand(path, &new_id)
            .with_context(|| format!("the kickstart file {} cannot be used", path.display()))
    }

    fn understand(path: &Path, new_id: &dyn Fn() -> Uuid) -> anyhow::Result<Self> {
        let file: File = serde_json::from_str(&std::fs::read_to_string(path)?)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut text = Text::new(folder, new_id);
        text.define(&file.variables)?;
        let tenant_id = text.tenant_id()?;
        let keys = file.api_keys.iter().zip(1..).map(|(key, number)| {
            let key = text.fill(key, &format!("apiKeys[{number}]"))?;
            ensure!(key.get("key").is_some_and(Value::is_string), "API key {number} has no `key`");
            Ok(key)
        });
        let keys = keys.collect::<anyhow::Result<Vec<Value>>>()?;
        let requests = file.requests.iter().zip(1..).map(|(request, number)| {
            let request = text.fill(request, &format!("requests[{number}]"))?;
            let request: Request = serde_json::from_value(request)
                .with_context(|| format!("request {number} is not one"))?;
            ensure!(request.url.starts_with('/'), "the URL of request {number} is not a path");
            Ok(request)
        });
        let requests = requests.collect::<anyhow::Result<Vec<Request>>>()?;
        let needs_application = text.named_application();
        Ok(Self { tenant_id, path: path.to_owned(), keys, requests, needs_application })
    }

    /// Makes the keys and sends the requests, in order, up to the first that is refused.
    pub(crate) async fn carry_out(
        &self,
        ctx: &Context,
        router: &Served,
        super_key: &str,
    ) -> anyhow::Result<()> {
        if self.needs_application {
            let client = Client::new(router.clone(), super_key.to_owned());
            self.make_application(&client).await?;
        }
        for (key, number) in self.keys.iter().zip(1..) {
            make_key(ctx, key).await.with_context(|| {
                format!("API key {number} of {} was refused", self.path.display())
            })?;
        }
        let first = self.keys.first().and_then(|key| key.get("key")).and_then(Value::as_str);
        let client = Client::new(router.clone(), first.unwrap_or(super_key).to_owned());
        let all = self.requests.len();
        for (request, number) in self.requests.iter().zip(1..) {
            let Request { method, url, tenant_id, body } = request;
            let method = method.to_uppercase();
            let answer = client.ask(&method, url, tenant_id.as_deref(), body.as_ref()).await?;
            if !answer.is_success() {
                let why: String = answer.body.chars().take(LONGEST_REASON).collect();
                bail!(
                    "the kickstart stopped at request {number} of {all}, {method} {url}, which was \
                     answered with {}{}{why}",
                    answer.status,
                    if why.is_empty() { "" } else { ": " },
                );
            }
            tracing::debug!(number, method, url, "a request of the kickstart was granted");
        }
        tracing::info!(keys = self.keys.len(), requests = all, "the kickstart is finished");
        Ok(())
    }

    /// In FusionAuth this application is there from the start.
    async fn make_application(&self, client: &Client) -> anyhow::Result<()> {
        let body = json!({"application": {
            "name": "FusionAuth",
            "roles": [{"name": "admin", "isSuperRole": true}],
        }});
        let url = format!("/api/application/{FUSIONAUTH_APPLICATION}");
        let tenant = self.tenant_id.to_string();
        let answer = client.ask("POST", &url, Some(&tenant), Some(&body)).await?;
        ensure!(answer.is_success(), "the application FusionAuth cannot be made: {}", answer.body);
        Ok(())
    }
}

/// Makes one of the file's keys, which may do what keys made by requests may not: manage keys.
async fn make_key(ctx: &Context, described: &Value) -> anyhow::Result<()> {
    let mut described = described.clone();
    if let Some(description) = described.get("description").cloned()
        && let Some(key) = described.as_object_mut()
    {
        key.entry("metaData").or_insert(json!({"attributes": {"description": description}}));
    }
    let invalid = |violations: Vec<_>| anyhow::anyhow!(crate::refusal::in_words(&violations));
    let (details, fixed) = new_key(&described).map_err(invalid)?;
    let command = keys::NewKey {
        details,
        tenant_id: fixed.tenant_id,
        key_manager: described.get("keyManager").and_then(Value::as_bool).unwrap_or(false),
        retrievable: fixed.retrievable,
        secret: fixed.secret,
        source: None,
    };
    let caller = Caller::system("kickstart");
    let made = keys::create(ctx, &caller, None, command, |_| Answer::new(200, Vec::new())).await;
    made.map(drop).map_err(crate::refusal::told)
}

#[cfg(test)]
mod tests;
