//! A kickstart file of FusionAuth's kind, from the first start to the second.

use std::fs;

use serde_json::{Value, json};

use crate::support::{KEY, Server, complaint, docket, folder};

/// Keys and requests, with a second tenant and variables of every kind.
fn plan() -> Value {
    json!({
        "variables": {
            "defaultTenantId": "30663132-6464-6665-3032-326466613934",
            "otherTenantId": "fedf8cb2-457d-46c6-bbe4-1bf8debc1534",
            "ban": "#{UUID()}",
            "word": "#{ENV.WORD}"
        },
        "apiKeys": [
            {"key": "first-key-of-#{word}", "description": "does it all", "keyManager": true},
            {"key": "second-key-of-#{word}", "permissions": {"endpoints": {"/api/user-action": ["GET"]}}}
        ],
        "requests": [
            {"method": "POST", "url": "/api/user-action/#{ban}",
             "body": {"userAction": {"name": "Ban #{word}", "temporal": true}}},
            {"method": "POST", "url": "/api/tenant/#{otherTenantId}",
             "body": {"sourceTenantId": "#{FUSIONAUTH_TENANT_ID}", "tenant": {"name": "Other"}}},
            {"method": "PATCH", "url": "/api/user-action/#{ban}",
             "body": {"userAction": {"preventLogin": true}}}
        ]
    })
}

fn command(folder: &std::path::Path, plan: &Value) -> std::process::Command {
    fs::write(folder.join("kickstart.json"), plan.to_string()).unwrap();
    let mut command = docket(folder);
    command
        .args(["serve", "--listen", "127.0.0.1:0", "--kickstart", "kickstart.json"])
        .env("WORD", "alpha")
        .env("DOCKET_BOOTSTRAP_API_KEY", KEY)
        .env("DOCKET_BOOTSTRAP_ADMIN_PASSWORD", "a password for tests");
    command
}

#[test]
fn an_empty_database_is_filled_once() {
    let folder = folder();
    let server = Server::spawn(command(folder.path(), &plan()));
    let definitions = server.ask("second-key-of-alpha", "GET", "/api/user-action", None).json();
    let [ban] = definitions["userActions"].as_array().unwrap().as_slice() else { panic!() };
    assert_eq!(ban["name"], "Ban alpha");
    assert_eq!(ban["preventLogin"], true);
    let body = json!({"apiKey": {}});
    let made = |key| server.ask(key, "POST", "/api/api-key", Some(&body)).status;
    assert_eq!((made("first-key-of-alpha"), made("second-key-of-alpha")), (200, 401));
    let tenants = server.get("/api/tenant").json();
    let mut ids: Vec<_> = tenants["tenants"].as_array().unwrap().iter().map(|t| &t["id"]).collect();
    ids.sort_by_key(ToString::to_string);
    assert_eq!(
        ids,
        ["30663132-6464-6665-3032-326466613934", "fedf8cb2-457d-46c6-bbe4-1bf8debc1534"]
    );
    server.stop();

    let again = Server::spawn(command(folder.path(), &plan()));
    assert_eq!(again.get("/api/tenant").json()["tenants"].as_array().unwrap().len(), 2);
    again.stop();
}

#[test]
fn the_first_request_that_is_refused_ends_the_start() {
    let folder = folder();
    let mut plan = plan();
    let refused = json!({"method": "post", "url": "/api/user-action",
                         "body": {"userAction": {"name": " "}}});
    plan["requests"].as_array_mut().unwrap().insert(1, refused);
    let refusal = complaint(&command(folder.path(), &plan).output().unwrap());
    let named = ["request 2 of 4", "POST /api/user-action", "400", "[blank]userAction.name"];
    for word in named {
        assert!(refusal.contains(word), "{word} is not in {refusal}");
    }
    // With the same file it fails again: what is there is not what was asked for.
    let again = complaint(&command(folder.path(), &plan).output().unwrap());
    assert!(again.contains("has failed") && again.contains("request 2 of 4"), "{again}");
    // Without it the operator takes what is there.
    let server = Server::start(folder.path(), &[]);
    assert!(server.log.iter().any(|line| line.contains("has failed")), "{:?}", server.log);
    assert_eq!(server.get("/api/user-action").json()["userActions"].as_array().unwrap().len(), 1);
}

#[test]
fn a_file_that_cannot_be_understood_leaves_the_database_empty() {
    let folder = folder();
    let mut wrong = plan();
    wrong["requests"][0]["url"] = json!("/api/user-action/#{bann}");
    let complaint = complaint(&command(folder.path(), &wrong).output().unwrap());
    assert!(complaint.contains("did you mean `ban`?"), "{complaint}");
    let server = Server::spawn(command(folder.path(), &plan()));
    assert_eq!(server.get("/api/tenant").json()["tenants"].as_array().unwrap().len(), 2);
}
