//! `/api/system/audit-log`, `/api/system/event-log`, `/api/system/version` (`fusionauth.md` §4.11,
//! §4.12, §0.10).

use docket_domain::journal::EventKind;
use docket_service::{Error, event_log};
use docket_testkit::{Server, on_both_engines};
use serde_json::{Value, json};

const AUDIT: &str = "/api/system/audit-log";
const EVENT: &str = "/api/system/event-log";

async fn write(server: &Server, entry: Value) -> Value {
    server.clock.advance_millis(1_000);
    let written = server.post(AUDIT, json!({ "auditLog": entry })).await;
    assert_eq!(written.status, 200, "{}", written.text);
    written.json["auditLog"].clone()
}

/// What the server would write when it fails at something.
async fn tell(server: &Server, kind: EventKind, message: &'static str) {
    server.clock.advance_millis(1_000);
    let now = server.ctx.now();
    let written = server.ctx.db.write(move |conn| {
        Box::pin(async move { event_log::write(conn, now, kind, message).await })
    });
    written.await.map_err(|error: Error| error.to_string()).unwrap();
}

async fn messages(server: &Server, path: &str, list: &str) -> Vec<String> {
    let found = server.get(path).await;
    assert_eq!(found.status, 200, "{}", found.text);
    let entries = found.json[list].as_array().unwrap();
    entries.iter().map(|entry| entry["message"].as_str().unwrap().to_owned()).collect()
}

on_both_engines! {
    async fn an_audit_entry_is_written_and_read(server: Server) {
        let entry = write(&server, json!({"message": "Locked the door", "insertUser": "ann@example.com",
            "reason": "Night", "oldValue": {"door": "open"}, "newValue": "shut",
            "data": {"floor": 2}})).await;
        assert!(entry["id"].is_i64());
        assert_eq!(entry["oldValue"], json!({"door": "open"}));
        assert_eq!((&entry["newValue"], &entry["data"]), (&json!("shut"), &json!({"floor": 2})));
        assert_eq!(entry["insertInstant"], server.ctx.now().millis());
        let found = server.get(&format!("{AUDIT}/{}", entry["id"])).await;
        assert_eq!(found.json["auditLog"], entry);
        assert_eq!(server.get(&format!("{AUDIT}/999999")).await.status, 404);
        let refused = server.get(&format!("{AUDIT}/x")).await;
        let code = &refused.json["fieldErrors"]["auditLogId"][0]["code"];
        assert_eq!((refused.status, code), (400, &json!("[couldNotConvert]auditLogId")));
    }

    async fn an_audit_entry_says_something_and_who_did_it(server: Server) {
        let unknown = "00000000-0000-0000-0000-00000000000a";
        let body = json!({"auditLog": {"message": " ", "tenantId": unknown}});
        let refused = server.post(AUDIT, body).await;
        assert_eq!(refused.status, 400);
        let errors = refused.json["fieldErrors"].as_object().unwrap();
        assert_eq!(errors["auditLog.message"][0]["code"], "[blank]auditLog.message");
        assert_eq!(errors["auditLog.insertUser"][0]["code"], "[blank]auditLog.insertUser");
        assert_eq!(errors["auditLog.tenantId"][0]["code"], "[invalid]auditLog.tenantId");
        assert_eq!(errors.len(), 3);
    }

    async fn audit_entries_are_searched_newest_first(server: Server) {
        let first = write(&server, json!({"message": "Änderte a", "insertUser": "bob"})).await;
        write(&server, json!({"message": "c_1", "insertUser": "Ann", "newValue": {"x": "Rot"}})).await;
        let last = write(&server, json!({"message": "b", "insertUser": "ann", "reason": "why"})).await;
        let search = async |query: &str| {
            messages(&server, &format!("{AUDIT}/search?{query}"), "auditLogs").await
        };
        assert_eq!(search("").await, ["b", "c_1", "Änderte a"]);
        assert_eq!(search("user=ANN&startRow=undefined").await, ["b", "c_1"]);
        assert_eq!(search("message=%C3%A4nd*").await, ["Änderte a"]);
        assert_eq!(search("message=c%251").await, Vec::<String>::new());
        assert_eq!(search("newValue=rot").await, ["c_1"]);
        assert_eq!(search("reason=W&oldValue=x").await, Vec::<String>::new());
        assert_eq!(search("orderBy=insertUser,message%20DESC").await, ["c_1", "b", "Änderte a"]);
        assert_eq!(search("orderBy=message&numberOfResults=1&startRow=1").await, ["c_1"]);
        let (start, end) = (&first["insertInstant"], &last["insertInstant"]);
        assert_eq!(search(&format!("start={end}")).await, ["b"]);
        assert_eq!(search(&format!("end={start}")).await, ["Änderte a"]);
        let body = json!({"search": {"user": "ann", "numberOfResults": 1}});
        let found = server.post(&format!("{AUDIT}/search"), body).await;
        assert_eq!(found.json["total"], 2);
        assert_eq!(found.json["auditLogs"].as_array().unwrap().len(), 1);
        let refused = server.get(&format!("{AUDIT}/search?start=x&orderBy=x&tenantId=x")).await;
        assert_eq!(refused.json["fieldErrors"].as_object().unwrap().len(), 3, "{}", refused.text);
    }

    async fn what_the_api_does_is_not_in_the_audit_log(server: Server) {
        let body = json!({"userActionReason": {"code": "x", "text": "X"}});
        server.post("/api/user-action-reason", body).await;
        let found = server.get(&format!("{AUDIT}/search")).await;
        assert_eq!(found.json, json!({"auditLogs": [], "total": 0}));
    }

    /// The reading side of case 90.
    async fn case_090_what_failed_is_in_the_event_log(server: Server) {
        tell(&server, EventKind::Error, "The template [Ban] cannot be filled").await;
        tell(&server, EventKind::Debug, "a webhook answered").await;
        let search = async |query: &str| {
            messages(&server, &format!("{EVENT}/search?{query}"), "eventLogs").await
        };
        let (error, debug) = ("The template [Ban] cannot be filled", "a webhook answered");
        assert_eq!(search("").await, [debug, error]);
        assert_eq!(search("type=Error").await, [error]);
        assert_eq!(search("message=WEBHOOK").await, [debug]);
        assert_eq!(search("orderBy=type%20DESC").await, [error, debug]);
        assert_eq!(search("orderBy=message").await, [error, debug]);
        assert_eq!(search(&format!("end={}", server.ctx.now().millis() - 1)).await, [error]);
        let found = server.post(&format!("{EVENT}/search"), json!({"search": {"type": "Error"}})).await;
        let entry = &found.json["eventLogs"][0];
        assert_eq!((&found.json["total"], &entry["type"]), (&json!(1), &json!("Error")));
        let read = server.get(&format!("{EVENT}/{}", entry["id"])).await;
        assert_eq!(read.json["eventLog"], *entry);
        assert_eq!(server.get(&format!("{EVENT}/999999")).await.status, 404);
        let refused = server.get(&format!("{EVENT}/search?type=Fatal")).await;
        let code = &refused.json["fieldErrors"]["search.type"][0]["code"];
        assert_eq!((refused.status, code), (400, &json!("[invalid]search.type")));
    }

    async fn the_version_is_that_of_the_clients(server: Server) {
        let answer = server.get("/api/system/version").await;
        assert_eq!((answer.status, answer.json), (200, json!({"version": "1.69.0"})));
        let headers = [("Authorization", "wrong")];
        let refused = server.call("GET", "/api/system/version", &headers, None).await;
        assert_eq!((refused.status, refused.text.as_str()), (401, ""));
    }
}
