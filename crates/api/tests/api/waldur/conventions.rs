//! What holds on every endpoint of this surface (`waldur.md` §1).

use axum::body::Body;
use axum::http::Request;
use docket_testkit::{Answered, Server, on_both_engines};
use serde_json::json;

use super::world::{Somebody, hex, somebody, staff};

const ME: &str = "/api/users/me/";

async fn with(server: &Server, authorization: &str) -> Answered {
    server.call("GET", ME, &[("Authorization", authorization)], None).await
}

/// Asks for a token with a body of this kind.
async fn raw(server: &Server, kind: Option<&str>, body: &'static str) -> Answered {
    let mut request = Request::builder().method("POST").uri("/api-auth/password/");
    if let Some(kind) = kind {
        request = request.header("Content-Type", kind);
    }
    server.send(request.body(Body::from(body)).unwrap()).await
}

on_both_engines! {
    async fn every_bad_token_is_told_what_is_wrong_with_it(server: Server) {
        let ada = somebody(&server, "ada").await;
        for (header, detail) in [
            ("", "Authentication credentials were not provided."),
            ("Bearer x", "Authentication credentials were not provided."),
            ("Token", "Invalid token. No credentials provided."),
            ("Token ", "Invalid token. No credentials provided."),
            ("Token a b", "Invalid token. Token string should not contain spaces."),
            ("Token 0123456789012345678901234567890123456789", "Invalid token."),
            ("token x", "Invalid token."),
        ] {
            let refused = with(&server, header).await;
            assert_eq!(refused.status, 401, "{header}");
            assert_eq!(refused.json, json!({ "detail": detail }), "{header}");
            assert_eq!(refused.headers["www-authenticate"], "Token");
        }
        assert_eq!(with(&server, &format!("tOkEn {}", ada.token)).await.status, 200);
        let nobody = server.call("GET", ME, &[("X-Nothing", "")], None).await;
        assert_eq!(nobody.status, 401);

        let id = uuid::Uuid::parse_str(&ada.id).unwrap();
        assert_eq!(server.delete(&format!("/api/user/{id}")).await.status, 200);
        let refused = ada.get(&server, ME).await;
        assert_eq!(refused.json, json!({"detail": "User inactive or deleted."}));
        assert_eq!(server.delete(&format!("/api/user/{id}?hardDelete=true")).await.status, 200);
        assert_eq!(ada.get(&server, ME).await.json, json!({"detail": "Invalid token."}));
    }

    async fn one_credential_works_on_every_surface_of_users(server: Server) {
        let ada = somebody(&server, "ada").await;
        let id = uuid::Uuid::parse_str(&ada.id).unwrap();
        for path in [format!("/api/v1/gate?userId={id}"), format!("/api/v1/users/{id}/standing")] {
            for scheme in ["Token", "Bearer"] {
                let authorization = format!("{scheme} {}", ada.token);
                let headers = [("Authorization", authorization.as_str())];
                let answered = server.call("GET", &path, &headers, None).await;
                assert_eq!(answered.status, 200, "{path}: {}", answered.text);
            }
        }
        let refused = ada.get(&server, "/api/v1/actions").await;
        assert_eq!(refused.status, 403, "a user is no key");
        assert_eq!(ada.get(&server, "/api/user-action").await.status, 401);
    }

    async fn ids_go_in_in_both_forms_and_come_out_bare(server: Server) {
        let (staff, ada) = (staff(&server).await, somebody(&server, "ada").await);
        let hyphenated = uuid::Uuid::parse_str(&ada.id).unwrap().to_string().to_uppercase();
        for id in [&ada.id, &hyphenated] {
            let shown = staff.get(&server, &format!("/api/users/{id}/token/")).await;
            assert_eq!(shown.status, 200, "{}", shown.text);
        }
        let me = ada.get(&server, ME).await;
        assert_eq!(me.json["uuid"], hex(&hyphenated.to_lowercase()));
        assert_eq!(me.json["url"], format!("http://localhost/api/users/{}/", ada.id));
        let joined = me.json["date_joined"].as_str().unwrap();
        assert!(joined.ends_with('Z') && joined.len() == "2026-01-31T09:00:00.000000Z".len());
        let nothing = staff.get(&server, "/api/users/nobody/token/").await;
        assert_eq!((nothing.status, nothing.json), (404, json!({"detail": "Not found."})));
        let nil = uuid::Uuid::nil().simple();
        let nobody = staff.get(&server, &format!("/api/users/{nil}/token/")).await;
        assert_eq!(nobody.status, 404);
        assert_eq!(nobody.json, json!({"detail": "No User matches the given query."}));
    }

    async fn bodies_are_read_as_the_framework_reads_them(server: Server) {
        let both = json!({"username": ["This field is required."],
            "password": ["This field is required."]});
        for (kind, body) in [
            (None, ""),
            (Some("application/json"), "{}"),
            (Some("application/json; charset=utf-8"), "null"),
            (Some("application/json"), r#"{"user": "x", "unknown": 1}"#),
        ] {
            let refused = raw(&server, kind, body).await;
            assert_eq!((refused.status, &refused.json), (400, &both), "{kind:?} {body}");
        }
        let list = raw(&server, Some("application/json"), "[1]").await;
        assert_eq!(list.json, json!({"non_field_errors":
            ["Invalid data. Expected a dictionary, but got list."]}));
        let broken = raw(&server, Some("application/json"), "{").await;
        assert_eq!(broken.status, 400);
        assert!(broken.json["detail"].as_str().unwrap().starts_with("JSON parse error - "));
        let text = raw(&server, Some("text/plain"), "x").await;
        assert_eq!(text.status, 415);
        assert_eq!(text.json, json!({"detail": "Unsupported media type \"text/plain\" in request."}));
        let form = Some("application/x-www-form-urlencoded");
        let form = raw(&server, form, "username=admin&password=a+password%20for+tests").await;
        assert_eq!(form.status, 200, "{}", form.text);
    }

    async fn paths_and_methods_that_are_not_there_say_so(server: Server) {
        let ada = somebody(&server, "ada").await;
        let refused = ada.call(&server, "PUT", ME, None).await;
        assert_eq!(refused.status, 405);
        assert_eq!(refused.json, json!({"detail": "Method \"PUT\" not allowed."}));
        assert!(refused.headers["allow"].to_str().unwrap().contains("GET"));
        let nowhere = ada.get(&server, "/api/users/me/nothing/").await;
        assert_eq!((nowhere.status, nowhere.json), (404, json!({"detail": "Not found."})));
        let elsewhere = ada.get(&server, "/api/nothing/").await;
        assert_eq!((elsewhere.status, elsewhere.text.as_str()), (404, ""));
    }

    async fn an_answer_can_be_restricted_to_some_members(server: Server) {
        let ada = somebody(&server, "ada").await;
        let me = ada.get(&server, &format!("{ME}?field=username&field=uuid&field=nothing")).await;
        assert_eq!(me.json, json!({"uuid": ada.id, "username": "ada"}));
    }

    async fn addresses_begin_with_what_the_caller_asked_for(server: Server) {
        let ada = somebody(&server, "ada").await;
        let authorization = format!("Token {}", ada.token);
        let headers = [("Authorization", authorization.as_str()), ("Host", "docket.example:81"),
            ("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Proto", "https")];
        let me = server.call("GET", ME, &headers, None).await;
        let url = me.json["url"].as_str().unwrap();
        assert!(url.starts_with("http://docket.example:81/api/users/"), "{url}");
    }

    async fn pages_of_other_origins_may_ask(server: Server) {
        let headers = [("Authorization", ""), ("Origin", "https://app.example"),
            ("Access-Control-Request-Method", "POST"),
            ("Access-Control-Request-Headers", "authorization,content-type")];
        let asked = server.call("OPTIONS", "/api/users/", &headers, None).await;
        assert_eq!((asked.status, asked.text.as_str()), (200, ""));
        let header = |name| asked.headers[name].to_str().unwrap().to_owned();
        assert_eq!(header("access-control-allow-origin"), "*");
        assert!(header("access-control-allow-headers").contains("Authorization, Content-Type"));
        let refused = server.call("GET", ME, &headers, None).await;
        assert_eq!(refused.headers["access-control-expose-headers"], "X-Result-Count, Link");
        let other = server.call("OPTIONS", "/api/user", &headers, None).await;
        assert_eq!(other.status, 405, "the other surfaces are no business of pages");
    }

    async fn a_write_can_be_sent_twice_here_too(server: Server) {
        let (staff, ada) = (staff(&server).await, somebody(&server, "ada").await);
        let path = format!("/api/users/{}/refresh_token/", ada.id);
        let send = |staff: Somebody, key: &'static str| {
            let (server, path) = (&server, path.as_str());
            async move {
                let authorization = format!("Token {}", staff.token);
                let headers = [("Authorization", authorization.as_str()), ("Idempotency-Key", key)];
                server.call("POST", path, &headers, None).await
            }
        };
        assert_eq!(send(staff.clone(), "one").await.status, 200);
        let again = send(staff.clone(), "one").await;
        assert_eq!((again.status, &again.headers["idempotency-replayed"]), (200, &"true".parse().unwrap()));
        let refused = send(staff, "").await;
        assert_eq!(refused.status, 400, "{}", refused.text);
        assert!(refused.json.is_object());
    }
}
