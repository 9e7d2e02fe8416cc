//! `/api/user/search` and `/api/user/bulk` (`fusionauth.md` §4.1).

use docket_testkit::{Answered, Server, on_both_engines};
use serde_json::{Value, json};

use crate::fixtures::{code, id_of, user};

const SEARCH: &str = "/api/user/search";
const BULK: &str = "/api/user/bulk";

async fn search(server: &Server, search: Value) -> Answered {
    server.post(SEARCH, json!({ "search": search })).await
}

/// What the users found have as this member, in order; those without it are passed over.
fn each<'a>(answered: &'a Answered, member: &str) -> Vec<&'a str> {
    assert_eq!(answered.status, 200, "{}", answered.text);
    let users = answered.json["users"].as_array().unwrap();
    users.iter().filter_map(|user| user[member].as_str()).collect()
}

async fn people(server: &Server) {
    server.clock.advance_millis(1);
    for (email, username, full_name, born) in [
        ("c@example.com", "Ann", "Ann Zorn", "1990-01-01"),
        ("a@example.com", "Cid", "cid Adams", "1970-01-01"),
        ("b@example.com", "bob", "Bob Miller", "1980-01-01"),
    ] {
        let body = json!({"user": {"email": email, "username": username, "fullName": full_name,
            "firstName": username, "birthDate": born, "password": "correct horse"}});
        assert_eq!(server.post("/api/user", body).await.status, 200);
        server.clock.advance_millis(1);
    }
}

async fn is_active(server: &Server, id: &str) -> bool {
    server.get(&format!("/api/user/{id}")).await.json["user"]["active"] == true
}

on_both_engines! {
    async fn a_search_finds_whole_terms_in_any_case(server: Server) {
        people(&server).await;
        for (term, found) in [("ANN", 1), ("b@EXAMPLE.com", 1), ("an", 0), ("*", 4), ("b*", 0)] {
            let get = server.get(&format!("{SEARCH}?queryString={term}")).await;
            assert_eq!(get.json["total"], found, "{term}: {}", get.text);
            assert_eq!(get.json["users"].as_array().unwrap().len(), found);
            assert_eq!(get.json["expandable"], json!(["memberships", "registrations"]));
            assert_eq!(search(&server, json!({"queryString": term})).await.json, get.json);
        }
        let refused = search(&server, json!({"queryString": "Ann Zorn"})).await;
        assert_eq!(code(&refused, "search.queryString"), "[invalid]search.queryString");
        let renamed = id_of(&server.get("/api/user?username=ann").await, "user");
        let path = format!("/api/user/{renamed}");
        server.patch(&path, json!({"user": {"firstName": "Eve", "username": "eve"}})).await;
        assert_eq!(search(&server, json!({"queryString": "ann"})).await.json["total"], 0);
        assert_eq!(search(&server, json!({"queryString": "eve"})).await.json["total"], 1);
    }

    async fn a_search_is_paged_and_sorted(server: Server) {
        people(&server).await;
        let by_login = search(&server, json!({"queryString": "*"})).await;
        assert_eq!(each(&by_login, "username"), ["Cid", "admin", "bob", "Ann"]);
        let page = search(&server, json!({"startRow": 1, "numberOfResults": 2})).await;
        assert_eq!(each(&page, "username"), ["admin", "bob"]);
        assert_eq!(page.json["total"], 4);
        for (field, ascending) in [
            ("username", ["admin", "Ann", "bob", "Cid"]),
            ("email", ["Cid", "admin", "bob", "Ann"]),
            ("login", ["Cid", "admin", "bob", "Ann"]),
            ("insertInstant", ["admin", "Ann", "Cid", "bob"]),
            ("id", ["admin", "Ann", "Cid", "bob"]),
            ("birthDate", ["Cid", "bob", "Ann", "admin"]),
            ("fullName", ["Ann", "bob", "Cid", "admin"]),
        ] {
            let sorted = json!({"sortFields": [{"name": field}], "accurateTotal": true});
            assert_eq!(each(&search(&server, sorted).await, "username"), ascending, "{field}");
        }
        for (field, descending) in [
            ("username", ["Cid", "bob", "Ann", "admin"]),
            ("fullName", ["Cid", "bob", "Ann", "admin"]),
        ] {
            let path = format!("{SEARCH}?sortFields%5B0%5D.name={field}&sortFields[0].order=desc");
            assert_eq!(each(&server.get(&path).await, "username"), descending, "{field}");
        }
        for field in ["phoneNumber", "lastLoginInstant", "tenantId"] {
            for order in ["asc", "desc"] {
                let sorted = json!({"sortFields": [{"name": field, "order": order}]});
                assert_eq!(search(&server, sorted).await.json["total"], 4, "{field}");
            }
        }
        let unknown = search(&server, json!({"sortFields": [{"name": "shoe"}]})).await;
        assert_eq!(code(&unknown, "search.sortFields[0].name"), "[invalid]search.sortFields[0].name");
        assert_eq!(search(&server, json!({"numberOfResults": 0})).await.status, 400);
    }

    async fn a_search_by_ids_passes_over_unknown_ones(server: Server) {
        let id = user(&server, "a@example.com", &[]).await;
        let unknown = "6b2fa3c0-0000-7000-8000-00000000000a";
        let path = format!("{SEARCH}?ids={id}&ids={unknown}&queryString=nobody&numberOfResults=1");
        let found = server.get(&path).await;
        assert_eq!((each(&found, "id"), &found.json["total"]), (vec![id.as_str()], &json!(1)));
        let nobody = search(&server, json!({"ids": [unknown]})).await;
        assert_eq!((&nobody.json["total"], &nobody.json["users"]), (&json!(0), &json!([])));
        let wrong = server.get(&format!("{SEARCH}?ids=xyz")).await;
        assert_eq!(code(&wrong, "search.ids"), "[couldNotConvert]search.ids");
        let plain = search(&server, json!({"ids": [id], "expand": ["memberships"]})).await;
        assert!(plain.json["users"][0].get("registrations").is_none(), "{}", plain.text);
        assert_eq!(plain.json["users"][0]["memberships"], json!([]));
    }

    async fn a_refresh_has_nothing_to_do(server: Server) {
        let refreshed = server.call("PUT", SEARCH, &[], None).await;
        assert_eq!((refreshed.status, refreshed.text.as_str()), (200, ""));
        assert_eq!(server.put(SEARCH, json!({"index": "x"})).await.status, 200);
    }

    async fn case_088_a_rehearsed_bulk_delete_changes_nothing(server: Server) {
        let a = user(&server, "a@example.com", &[]).await;
        let b = user(&server, "b@example.com", &[]).await;
        let told = server.delete(&format!("{BULK}?userId={a}&userId={b}&dryRun=true")).await;
        assert_eq!(told.status, 200, "{}", told.text);
        assert_eq!((&told.json["dryRun"], &told.json["total"]), (&json!(true), &json!(2)));
        assert_eq!(told.json["userIds"], json!([a, b]));
        assert!(is_active(&server, &a).await && is_active(&server, &b).await);
    }

    async fn users_are_closed_and_deleted_in_bulk(server: Server) {
        let a = user(&server, "a@example.com", &[]).await;
        let b = user(&server, "b@example.com", &[]).await;
        let c = user(&server, "c@example.com", &[]).await;
        let unknown = "6b2fa3c0-0000-7000-8000-00000000000a";
        let path = format!("{BULK}?userId={a}&userId={unknown}&dryRun=False&hardDelete=False");
        let closed = server.delete(&path).await;
        assert_eq!(closed.json, json!({"dryRun": false, "hardDelete": false, "total": 1,
            "userIds": [a]}));
        assert!(!is_active(&server, &a).await && is_active(&server, &b).await);
        let body = json!({"userIds": [a, b], "queryString": "*", "hardDelete": true});
        let deleted = server.call("DELETE", BULK, &[], Some(&body)).await;
        assert_eq!((&deleted.json["total"], &deleted.json["hardDelete"]), (&json!(2), &json!(true)));
        assert_eq!(server.get(&format!("/api/user/{b}")).await.status, 404);
        let body = json!({"queryString": "C@example.com", "hardDelete": true});
        let deleted = server.call("DELETE", BULK, &[], Some(&body)).await;
        assert_eq!(deleted.json["userIds"], json!([c]), "{}", deleted.text);
        let nobody = server.delete(&format!("{BULK}?queryString=c@example.com")).await;
        assert_eq!(nobody.json, json!({"dryRun": false, "hardDelete": false, "total": 0}));
    }

    async fn a_bulk_delete_goes_no_further_than_its_limit(server: Server) {
        people(&server).await;
        let told = server.delete(&format!("{BULK}?queryString=*&limit=2&dryRun=true")).await;
        assert_eq!(told.json["total"], 2);
        let nothing = server.delete(BULK).await;
        assert_eq!(code(&nothing, "users"), "[missing]users");
        let query = json!({"query": "{}", "queryString": "*"});
        assert_eq!(server.call("DELETE", BULK, &[], Some(&query)).await.status, 400);
        let limit = server.delete(&format!("{BULK}?queryString=*&limit=0")).await;
        assert_eq!(code(&limit, "limit"), "[invalid]limit");
    }
}
