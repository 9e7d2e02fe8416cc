//! From the first start to the last signal.

use std::io::Write;

use docket_testkit::{Blank, Engine};
use serde_json::json;

use crate::support::{Answer, KEY, Server, docket, folder};

#[test]
fn what_was_made_up_for_a_new_database_is_shown_once() {
    let folder = folder();
    let start = || {
        let mut command = docket(folder.path());
        command.args(["serve", "--listen", "127.0.0.1:0"]);
        Server::spawn(command)
    };
    let said = start().stop();
    let of = |name: &str| {
        let line = said.lines().find_map(|line| line.trim().strip_prefix(name)).unwrap();
        line.trim().to_owned()
    };
    let (key, password) = (of("API key"), of("password"));
    assert_eq!(of("user"), "admin");
    let again = start();
    assert_eq!(again.ask(&key, "GET", "/api/user-action", None).status, 200);
    assert_eq!(again.ask(KEY, "GET", "/api/user-action", None).status, 401);
    let login = json!({"loginId": "admin", "password": password});
    let answer = again.ask(&key, "POST", "/api/login", Some(&login));
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(again.stop(), "");
}

#[test]
fn what_the_operator_chose_is_not_shown() {
    let folder = folder();
    let server = Server::start(folder.path(), &[]);
    assert_eq!(server.get("/api/user-action").status, 200);
    assert_eq!(server.stop(), "");
}

#[test]
fn a_request_that_was_begun_is_answered_before_the_end() {
    let folder = folder();
    let mut server = Server::start(folder.path(), &[]);
    let idle = server.connect();
    let mut begun = server.connect();
    let body = json!({"userActionReason": {"code": "a", "text": "b"}}).to_string();
    let (first, rest) = body.split_at(10);
    let head = format!(
        "POST /api/user-action-reason HTTP/1.1\r\nHost: docket\r\nAuthorization: {KEY}\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    begun.write_all(format!("{head}{first}").as_bytes()).unwrap();
    // Another connection's answer shows that the server has seen the first one by now.
    assert_eq!(server.get("/api/status").status, 200);
    server.signal("TERM");
    server.wait_for("stopping");
    begun.write_all(rest.as_bytes()).unwrap();
    let answer = Answer::read(begun);
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(server.end().0, Some(0));
    drop(idle);

    let again = Server::start(folder.path(), &[]);
    assert_eq!(again.get("/api/user-action-reason").json()["userActionReasons"][0]["code"], "a");
}

#[test]
fn nobody_can_hold_up_the_end_for_long() {
    let folder = folder();
    std::fs::write(folder.path().join("docket.toml"), "[requests]\nstop_timeout_seconds = 1\n")
        .unwrap();
    let mut server = Server::start(folder.path(), &[]);
    let mut endless = server.connect();
    endless
        .write_all(
            format!(
                "POST /api/user-action HTTP/1.1\r\nHost: docket\r\nAuthorization: {KEY}\r\n\
                 Content-Length: 9\r\n\r\n"
            )
            .as_bytes(),
        )
        .unwrap();
    assert_eq!(server.get("/api/status").status, 200);
    server.signal("INT");
    let cut_off = server.wait_for("requests that did not finish in time are cut off");
    assert_eq!(cut_off["open"], 1);
    assert_eq!(server.end().0, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_that_start_together_share_one_postgresql() {
    let database = Blank::create(Engine::Postgres).await;
    let folders = [folder(), folder()];
    let spawn = |folder: &std::path::Path| {
        let mut command = docket(folder);
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--database", &database.url])
            .env("DOCKET_MASTER_KEY", "the same for both of them")
            .env("DOCKET_BOOTSTRAP_API_KEY", KEY)
            .env("DOCKET_BOOTSTRAP_ADMIN_PASSWORD", "a password for tests");
        Server::spawn(command)
    };
    let [one, other] = std::thread::scope(|scope| {
        let [one, other] = folders.each_ref().map(|folder| scope.spawn(|| spawn(folder.path())));
        [one.join().unwrap(), other.join().unwrap()]
    });
    let body = json!({"userActionReason": {"code": "a", "text": "b"}});
    assert_eq!(one.ask(KEY, "POST", "/api/user-action-reason", Some(&body)).status, 200);
    let seen = other.get("/api/user-action-reason").json();
    assert_eq!(seen["userActionReasons"].as_array().unwrap().len(), 1);
    one.stop();
    other.stop();
    assert!(!folders[0].path().join("docket.key").exists());
}

#[test]
fn a_database_does_not_open_with_another_key() {
    let folder = folder();
    Server::start(folder.path(), &[]).stop();
    let key = folder.path().join("docket.key");
    std::fs::remove_file(&key).unwrap();
    let output = docket(folder.path()).args(["serve", "--listen", "127.0.0.1:0"]).output().unwrap();
    let complaint = crate::support::complaint(&output);
    assert!(complaint.contains("docket.key"), "{complaint}");
    assert!(!key.exists(), "a second key would hide that the first one is lost");
    let output = docket(folder.path())
        .args(["serve", "--listen", "127.0.0.1:0"])
        .env("DOCKET_MASTER_KEY", "another key altogether")
        .output()
        .unwrap();
    let complaint = crate::support::complaint(&output);
    assert!(complaint.contains("another master key"), "{complaint}");
}

#[test]
fn metrics_tell_of_requests_and_of_the_process() {
    let folder = folder();
    let server = Server::start(folder.path(), &[]);
    server.get("/api/status");
    let metrics = server.get("/metrics").body;
    for line in [
        "docket_http_requests_total{method=\"GET\",route=\"/api/status\",status=\"200\"} 1",
        "docket_http_request_seconds_bucket{route=\"/api/status\",le=\"0.001\"}",
        "docket_build_info{version=",
        "process_start_time_seconds ",
        "docket_connections ",
    ] {
        assert!(metrics.contains(line), "{line} is not in\n{metrics}");
    }
}
