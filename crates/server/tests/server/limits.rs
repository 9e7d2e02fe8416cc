//! What callers may take: connections, time, bytes.

use std::io::{Read, Write};

use crate::support::{Answer, KEY, Server, folder};

fn server_with(settings: &str) -> (tempfile::TempDir, Server) {
    let folder = folder();
    std::fs::write(folder.path().join("docket.toml"), settings).unwrap();
    let server = Server::start(folder.path(), &[]);
    (folder, server)
}

#[test]
fn a_connection_without_a_request_is_closed() {
    let (_folder, server) = server_with("[requests]\nheader_timeout_seconds = 1\n");
    let mut slow = server.connect();
    slow.write_all(b"GET /api/status HTTP/1.1\r\nHost:").unwrap();
    let mut answer = String::new();
    // The end of the connection, with or without a word about the reason.
    slow.read_to_string(&mut answer).unwrap();
    assert!(!answer.contains("200 OK"), "{answer}");
}

#[test]
fn a_body_that_does_not_arrive_is_not_waited_for() {
    let (_folder, server) = server_with("[requests]\ntimeout_seconds = 1\n");
    let mut slow = server.connect();
    let head = format!(
        "POST /api/user-action HTTP/1.1\r\nHost: docket\r\nAuthorization: {KEY}\r\n\
         Content-Length: 100\r\n\r\n{{"
    );
    slow.write_all(head.as_bytes()).unwrap();
    assert_eq!(Answer::read(slow).status, 503);
}

#[test]
fn a_body_that_is_too_large_is_refused() {
    let (_folder, server) = server_with("[requests]\nlargest_body = 100\n");
    let body = serde_json::json!({"userAction": {"name": "a".repeat(200)}});
    let answer = server.ask(KEY, "POST", "/api/user-action", Some(&body));
    assert_eq!(answer.status, 413, "{answer:?}");
}

#[test]
fn more_connections_than_allowed_wait_for_their_turn() {
    let (_folder, server) = server_with("[requests]\nmost_connections = 1\n");
    let first = server.connect();
    let mut second = server.connect();
    second.write_all(b"GET /api/status HTTP/1.0\r\n\r\n").unwrap();
    second.set_read_timeout(Some(std::time::Duration::from_millis(300))).unwrap();
    let mut one = [0];
    assert!(second.read(&mut one).is_err(), "there was no room for an answer yet");
    drop(first);
    second.set_read_timeout(Some(std::time::Duration::from_secs(30))).unwrap();
    assert_eq!(Answer::read(second).status, 200);
}
