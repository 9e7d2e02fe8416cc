//! `/api/application` (`fusionauth.md` §4.5).

use docket_testkit::{Server, on_both_engines};
use serde_json::{Value, json};

use crate::fixtures::{id_of, user};

const PATH: &str = "/api/application";

async fn make(server: &Server, application: Value) -> Value {
    let made = server.post(PATH, json!({ "application": application })).await;
    assert_eq!(made.status, 200, "{}", made.text);
    made.json["application"].clone()
}

fn path(application: &Value) -> String {
    format!("{PATH}/{}", application["id"].as_str().unwrap())
}

on_both_engines! {
    async fn an_application_is_made_read_changed_and_deleted(server: Server) {
        let roles = json!([{"name": "editor", "isDefault": true}, {"name": "chief",
            "description": "all", "isSuperRole": true}]);
        let made = make(&server, json!({"name": " Forum ", "roles": roles, "data": {"a": [1]}})).await;
        assert_eq!((&made["name"], &made["active"], &made["state"]),
            (&json!("Forum"), &json!(true), &json!("Active")));
        assert_eq!(made["loginConfiguration"], json!({"allowTokenRefresh": false,
            "generateRefreshTokens": false, "requireAuthentication": true}));
        assert_eq!(made["roles"][1]["description"], "all");
        assert_eq!(server.get(&path(&made)).await.json["application"], made);

        server.clock.advance_millis(1);
        let body = json!({"application": {"name": "Board", "roles": [{"name": "guest"}]}});
        let patched = server.patch(&path(&made), body).await.json["application"].clone();
        assert_eq!(patched["roles"].as_array().unwrap().len(), 3);
        assert_eq!(patched["roles"][0], made["roles"][0]);
        assert_ne!(patched["lastUpdateInstant"], made["lastUpdateInstant"]);
        let body = json!({"application": {"name": "Board", "roles": [{"name": "chief"}]}});
        let put = server.put(&path(&made), body).await.json["application"].clone();
        assert_eq!(put["roles"][0]["id"], made["roles"][1]["id"]);
        assert_eq!((&put["data"], &put["insertInstant"]), (&json!({}), &made["insertInstant"]));

        let deleted = server.delete(&format!("{}?hardDelete=true", path(&made))).await;
        assert_eq!((deleted.status, deleted.text.as_str()), (200, ""));
        for (method, body) in [("GET", None), ("DELETE", None),
            ("PUT", Some(json!({"application": {"name": "x"}}))),
            ("PATCH", Some(json!({"application": {"name": "x"}})))] {
            let gone = server.call(method, &path(&made), &[], body.as_ref()).await;
            assert_eq!(gone.status, 404, "{method}");
        }
    }

    async fn everything_wrong_with_an_application_is_named(server: Server) {
        let made = make(&server, json!({"name": "Forum"})).await;
        let refused = server.post(&path(&made), json!({"application": {"name": "Other"}})).await;
        assert_eq!(refused.json["fieldErrors"]["applicationId"][0]["code"], "[duplicate]applicationId");
        let refused = server.post(PATH, json!({"application": {"name": "fORUM"}})).await;
        assert_eq!(refused.json["fieldErrors"]["application.name"][0]["code"],
            "[duplicate]application.name");
        let body = json!({"application": {"roles": [{"name": "a"}, {"name": "a"}, {"name": " "}]}});
        let refused = server.post(PATH, body).await;
        let errors = refused.json["fieldErrors"].as_object().unwrap();
        let codes: Vec<_> = errors.values().map(|e| e[0]["code"].as_str().unwrap()).collect();
        assert_eq!(codes, ["[blank]application.name", "[duplicate]application.roles[1].name",
            "[blank]application.roles[2].name"]);
    }

    async fn a_closed_application_is_listed_apart_until_it_is_opened_again(server: Server) {
        let [a, b] = [make(&server, json!({"name": "a"})).await,
            make(&server, json!({"name": "B"})).await];
        for _ in 0..2 {
            let closed = server.delete(&path(&a)).await;
            assert_eq!((closed.status, closed.text.as_str()), (200, ""));
        }
        let closed = server.get(&path(&a)).await.json["application"].clone();
        assert_eq!((&closed["active"], &closed["state"]), (&json!(false), &json!("Inactive")));
        assert_eq!(server.get(PATH).await.json["applications"], json!([b]));
        let inactive = server.get(&format!("{PATH}?inactive=true")).await;
        assert_eq!(inactive.json["applications"], json!([closed]));
        let reactivate = format!("{}?reactivate=true", path(&a));
        let opened = server.call("PUT", &reactivate, &[], None).await;
        assert_eq!(opened.json["application"]["active"], true);
        assert_eq!(server.get(PATH).await.json["applications"].as_array().unwrap().len(), 2);
    }

    async fn registrations_go_with_their_application(server: Server) {
        let user = user(&server, "a@example.com", &[]).await;
        let made = make(&server, json!({"name": "Forum"})).await;
        let body = json!({"registration": {"applicationId": made["id"]}});
        server.post(&format!("/api/user/registration/{user}"), body).await;
        let registered = server.get(&format!("/api/user/{user}")).await;
        assert_eq!(registered.json["user"]["registrations"].as_array().unwrap().len(), 1);
        server.delete(&format!("{}?hardDelete=true", path(&made))).await;
        let left = server.get(&format!("/api/user/{user}")).await;
        assert_eq!(left.json["user"]["registrations"], json!([]));
    }

    async fn an_application_belongs_to_one_tenant(server: Server) {
        let first = make(&server, json!({"name": "Forum"})).await;
        let second = server.post("/api/tenant", json!({"tenant": {"name": "Second"}})).await;
        let second = id_of(&second, "tenant");
        let body = json!({"application": {"name": "Forum"}});
        let refused = server.post(PATH, body.clone()).await;
        assert_eq!(refused.json["generalErrors"][0]["code"], "[TenantIdRequired]");
        let headers = [("X-FusionAuth-TenantId", second.as_str())];
        let made = server.call("POST", PATH, &headers, Some(&body)).await;
        assert_eq!(made.json["application"]["tenantId"], second, "{}", made.text);
        let listed = server.call("GET", PATH, &headers, None).await;
        assert_eq!(listed.json["applications"], json!([made.json["application"]]));
        assert_eq!(server.call("GET", &path(&first), &headers, None).await.status, 404);
        assert_eq!(server.call("DELETE", &path(&first), &headers, None).await.status, 404);
        let all = server.get(PATH).await;
        assert_eq!(all.json["applications"].as_array().unwrap().len(), 2);
    }
}
