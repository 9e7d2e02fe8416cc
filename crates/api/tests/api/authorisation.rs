//! Every route has a rule about who may use it: walks the whole table of routes and knocks.

use docket_testkit::on_both_engines;
use serde_json::Value;

/// The doors that are open to strangers, what they are answered there, and why. A new one must be
/// added here by hand.
const OPEN: &[(&str, &str, &[u16])] = &[
    // A tenant or an application may allow logins without a key; the others answer 401 by themselves.
    ("post", "/api/login", &[400, 401]),
    // Who logs in has no token yet.
    ("post", "/api-auth/password", &[400, 401]),
    // Public invitations are for those who are not here yet; a bad token is refused all the same.
    ("get", "/api/user-group-invitations", &[200, 401]),
    ("get", "/api/user-group-invitations/{uuid}", &[401, 404]),
];

/// What strangers are answered at a door, if it is open to them.
fn open(method: &str, path: &str) -> Option<&'static [u16]> {
    let door = OPEN.iter().find(|(open, at, _)| (*open, *at) == (method, path))?;
    Some(door.2)
}

fn filled(path: &str) -> String {
    let steps = path.split('/').map(|step| {
        if step.starts_with('{') { "00000000-0000-4000-8000-000000000000" } else { step }
    });
    steps.collect::<Vec<_>>().join("/")
}

on_both_engines! {
    async fn strangers_and_unknown_keys_get_in_nowhere(server: Server) {
        let document = server.call("GET", "/api/openapi.json", &[], None).await.json;
        let mut walked = 0;
        for (path, operations) in document["paths"].as_object().unwrap() {
            for (method, operation) in operations.as_object().unwrap() {
                let open = open(method, path);
                let secured = operation["security"].as_array().is_some_and(|rules| !rules.is_empty());
                assert!(secured || open.is_some(), "{method} {path} names no security in its description");
                for key in ["", "wrong", "Bearer wrong"] {
                    let headers = [("Authorization", key)];
                    let answered =
                        server.call(&method.to_uppercase(), &filled(path), &headers, None).await;
                    let expected = open.unwrap_or(&[401]);
                    assert!(expected.contains(&answered.status), "{method} {path} by {key:?}: {}",
                        answered.status);
                    walked += 1;
                }
            }
        }
        assert!(walked > 3 * 40, "the document lists the routes: {walked}");
    }

    async fn a_key_without_the_permission_gets_in_nowhere(server: Server) {
        let made = server.post("/api/api-key", serde_json::json!({"apiKey":
            {"name": "narrow", "permissions": {"endpoints": {"/api/nothing": ["GET"]}}}})).await;
        let key = made.json["apiKey"]["key"].as_str().unwrap().to_owned();
        let document = server.call("GET", "/api/openapi.json", &[], None).await.json;
        for (path, operations) in document["paths"].as_object().unwrap() {
            for method in operations.as_object().unwrap().keys() {
                if open(method, path).is_some() {
                    continue;
                }
                let headers = [("Authorization", key.as_str())];
                let answered =
                    server.call(&method.to_uppercase(), &filled(path), &headers, None).await;
                assert_eq!(answered.status, 401, "{method} {path}: {}", answered.text);
            }
        }
    }

    async fn the_document_describes_every_surface(server: Server) {
        let document = server.call("GET", "/api/openapi.json", &[("Authorization", "")], None).await;
        assert_eq!(document.status, 200);
        assert!(document.json["openapi"].as_str().unwrap().starts_with("3.1"));
        for path in ["/api/user/action", "/api/user-action", "/api/v1/gate", "/api/v1/actions"] {
            assert_ne!(document.json["paths"][path], Value::Null, "{path}");
        }
    }
}
