//! The demo: what it prints works, and nothing is left of it.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use crate::support::{Answer, KEY, Server, docket, folder};

#[test]
fn the_demo_shows_a_community_and_leaves_nothing_behind() {
    let folder = folder();
    let mut command = docket(folder.path());
    command
        .args(["demo", "--listen", "127.0.0.1:0"])
        .env("DOCKET_BOOTSTRAP_API_KEY", KEY)
        .env("TMPDIR", folder.path());
    let server = Server::spawn(command);
    let count = |path: &str, list: &str| server.get(path).json()[list].as_array().unwrap().len();
    assert_eq!(count("/api/user-action", "userActions"), 6);
    assert_eq!(count("/api/user-action-reason", "userActionReasons"), 7);
    assert_eq!(count("/api/application", "applications"), 3);
    for state in ["active", "expired", "cancelled", "instant"] {
        assert!(count(&format!("/api/v1/actions?state={state}"), "items") >= 5, "{state}");
    }
    let names = &server.get("/api/user-action").json()["userActions"][0]["localizedNames"];
    assert_eq!(names.as_object().unwrap().len(), 3);

    // Every line that it prints to try, tried.
    let address = server.address.to_string();
    let mut answers = Vec::new();
    let said = server.try_out("/api/user-actions/", |server, line| {
        let path = line.rsplit_once(&address)?.1.trim_end_matches('\'');
        let body = line.split_once(" -d '").map(|(_, rest)| rest.split_once('\'').unwrap().0);
        let body: Option<Value> = body.map(|body| serde_json::from_str(body).unwrap());
        let method = if body.is_some() { "POST" } else { "GET" };
        let token = answers.last().map(|answer: &Answer| answer.json()["token"].clone());
        let credential = match token.as_ref().and_then(Value::as_str) {
            Some(token) if line.contains("<the token>") => format!("Token {token}"),
            _ => KEY.to_owned(),
        };
        answers.push(server.ask(&credential, method, path, body.as_ref()));
        Some(())
    });
    assert!(said.contains(KEY) && said.contains("admin@example.com"), "{said}");
    let [kept_out, welcome, banned, login, _, inbox] = answers.as_slice() else {
        panic!("{answers:?}")
    };
    assert!(!kept_out.json()["items"].as_array().unwrap().is_empty());
    assert_eq!(welcome.json()["allowed"], true);
    assert_eq!(banned.json()["allowed"], false);
    assert_eq!(login.status, 409, "{login:?}");
    let inbox = inbox.json();
    let types = inbox.as_array().unwrap().iter().map(|todo| todo["action_type"].as_str().unwrap());
    let types: BTreeSet<&str> = types.collect();
    for action_type in ["pending_order", "expiring_resource", "permission_request"] {
        assert!(types.contains(action_type), "{types:?}");
    }

    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
