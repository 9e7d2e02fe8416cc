//! `/api/user/comment` (`fusionauth.md` §4.2).

use docket_testkit::{Answered, Server, on_both_engines};
use serde_json::{Value, json};

use crate::fixtures::{code, key_of, tenant, user};

const COMMENTS: &str = "/api/user/comment";

async fn make(server: &Server, comment: Value) -> Answered {
    server.post(COMMENTS, json!({ "userComment": comment })).await
}

async fn search(server: &Server, search: Value) -> Answered {
    server.post("/api/user/comment/search", json!({ "search": search })).await
}

fn texts(answered: &Answered) -> Vec<&str> {
    assert_eq!(answered.status, 200, "{}", answered.text);
    let comments = answered.json["userComments"].as_array().unwrap();
    comments.iter().filter_map(|comment| comment["comment"].as_str()).collect()
}

on_both_engines! {
    async fn case_091_a_comment_is_made_and_read_again(server: Server) {
        let about = user(&server, "a@example.com", &[]).await;
        let by = user(&server, "b@example.com", &[]).await;
        let path = format!("{COMMENTS}/{about}");
        assert_eq!(server.get(&path).await.json, json!({"userComments": []}));
        let body = json!({"userId": about, "commenterId": by, "comment": "  shouts  "});
        let made = make(&server, body).await;
        assert_eq!(made.status, 200, "{}", made.text);
        let comment = &made.json["userComment"];
        assert_eq!((&comment["comment"], &comment["userId"]), (&json!("shouts"), &json!(about)));
        assert!(comment["id"].is_string() && comment["insertInstant"].is_i64());
        assert_eq!(comment["createInstant"], comment["insertInstant"]);
        server.clock.advance_millis(1);
        make(&server, json!({"userId": about, "commenterId": by, "comment": "again"})).await;
        let listed = server.get(&path).await;
        assert_eq!(texts(&listed), ["shouts", "again"]);
        assert_eq!(listed.json["userComments"][0], *comment);
        let unknown = format!("{COMMENTS}/6b2fa3c0-0000-7000-8000-00000000000a");
        assert_eq!(server.get(&unknown).await.status, 404);
    }

    async fn everything_wrong_with_a_comment_is_named(server: Server) {
        let empty = make(&server, json!({"comment": " "})).await;
        assert_eq!(code(&empty, "userComment.comment"), "[blank]userComment.comment");
        let long = json!({"comment": "ü".repeat(65_536)});
        let refused = make(&server, long.clone()).await;
        assert_eq!(code(&refused, "userComment.comment"), "[tooLong]userComment.comment");
        let refused = server.post("/api/user/action", json!({"action": long})).await;
        assert_eq!(code(&refused, "action.comment"), "[tooLong]action.comment");
        assert_eq!(code(&empty, "userComment.userId"), "[missing]userComment.userId");
        assert_eq!(code(&empty, "userComment.commenterId"), "[missing]userComment.commenterId");
        let nobody = "6b2fa3c0-0000-7000-8000-00000000000a";
        let body = json!({"userId": nobody, "commenterId": "xyz", "comment": "c"});
        let wrong = make(&server, body).await;
        let field = "userComment.commenterId";
        assert_eq!(code(&wrong, field), format!("[couldNotConvert]{field}"));
        let body = json!({"userId": nobody, "commenterId": nobody, "comment": "c"});
        let unknown = make(&server, body).await;
        assert_eq!(code(&unknown, field), format!("[invalid]{field}"));
        assert_eq!(code(&unknown, "userComment.userId"), "[invalid]userComment.userId");
    }

    async fn comments_are_searched(server: Server) {
        let a = user(&server, "a@example.com", &[]).await;
        let b = user(&server, "b@example.com", &[]).await;
        for (about, by, text) in [(&a, &b, "Shouts ÄRGER"), (&b, &a, "50% polite"), (&a, &a, "x")] {
            make(&server, json!({"userId": about, "commenterId": by, "comment": text})).await;
            server.clock.advance_millis(1);
        }
        let all = search(&server, json!({})).await;
        assert_eq!(texts(&all), ["Shouts ÄRGER", "50% polite", "x"]);
        assert_eq!(all.json["total"], 3);
        for (criteria, found) in [
            (json!({"comment": "ärger"}), vec!["Shouts ÄRGER"]),
            (json!({"comment": "50%"}), vec!["50% polite"]),
            (json!({"comment": "s*r"}), vec!["Shouts ÄRGER"]),
            (json!({"comment": "outs*"}), vec![]),
            (json!({"userId": a, "orderBy": "insertInstant DESC"}), vec!["x", "Shouts ÄRGER"]),
            (json!({"commenterId": a, "userId": b}), vec!["50% polite"]),
            (json!({"startRow": 1, "numberOfResults": 1}), vec!["50% polite"]),
        ] {
            assert_eq!(texts(&search(&server, criteria.clone()).await), found, "{criteria}");
        }
        let get = format!("{COMMENTS}/search?userId={b}&orderBy=undefined&comment=undefined");
        assert_eq!(texts(&server.get(&get).await), ["50% polite"]);
        let unknown = search(&server, json!({"orderBy": "shoe"})).await;
        assert_eq!(code(&unknown, "search.orderBy"), "[invalid]search.orderBy");
    }

    async fn a_key_of_one_tenant_reads_no_other_comments(server: Server) {
        let a = user(&server, "a@example.com", &[]).await;
        make(&server, json!({"userId": a, "commenterId": a, "comment": "c"})).await;
        let tenant = tenant(&server, "Other").await;
        let key = key_of(&server, &tenant).await;
        let scoped = [("Authorization", key.as_str())];
        let all = server.call("GET", "/api/user/comment/search", &scoped, None).await;
        assert_eq!(all.json, json!({"total": 0, "userComments": []}));
        let about = server.call("GET", &format!("{COMMENTS}/{a}"), &scoped, None).await;
        assert_eq!(about.status, 404);
        let body = json!({"userComment": {"userId": a, "commenterId": a, "comment": "c"}});
        let refused = server.call("POST", COMMENTS, &scoped, Some(&body)).await;
        assert_eq!(code(&refused, "userComment.userId"), "[invalid]userComment.userId");
    }
}
