//! How often one credential may call, where that is limited.

use docket_api::Settings;
use docket_testkit::{Engine, Server};
use serde_json::json;

use crate::fixtures::tenant;

#[tokio::test]
async fn a_key_that_calls_too_often_has_to_wait_and_another_has_not() {
    let settings = Settings { requests_per_second: 2, ..Settings::default() };
    let server = Server::start_with(Engine::Sqlite, settings).await;
    let other = server.post("/api/api-key", json!({"apiKey": {}})).await;
    let other = other.json["apiKey"]["key"].as_str().unwrap().to_owned();
    for (path, kind) in [("/api/tenant", ""), ("/api/v1/actions", "application/problem+json")] {
        let mut refused = server.get(path).await;
        for _ in 0..50 {
            if refused.status == 429 {
                break;
            }
            refused = server.get(path).await;
        }
        assert_eq!(refused.status, 429, "{path}");
        assert_eq!(refused.headers["retry-after"], "1");
        assert_eq!(refused.text.is_empty(), kind.is_empty());
        let told = refused.headers.get("content-type").map(|kind| kind.to_str().unwrap());
        assert_eq!(told.unwrap_or_default(), kind);
    }
    let headers = [("Authorization", other.as_str())];
    assert_eq!(server.call("GET", "/api/tenant", &headers, None).await.status, 200);
    let stranger = [("Authorization", "nobody-knows-this-key")];
    assert_eq!(server.call("GET", "/api/tenant", &stranger, None).await.status, 401);
}

#[tokio::test]
async fn nobody_is_limited_unless_the_operator_says_so() {
    let server = Server::start(Engine::Sqlite).await;
    for place in 0..100 {
        tenant(&server, &format!("T{place}")).await;
    }
}
