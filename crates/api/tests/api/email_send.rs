//! `/api/email/send` (`fusionauth.md` §4.8).

use docket_testkit::{Server, on_both_engines};
use serde_json::{Value, json};

use crate::fixtures::{application, code, id_of, key_of, tenant, user};

async fn template(server: &Server) -> String {
    let body = json!({"emailTemplate": {
        "name": "News",
        "defaultSubject": "News",
        "localizedSubjects": {"de": "Neues", "fr": "Nouvelles"},
        "defaultHtmlTemplate": "<p>${requestData.what!'nothing'}</p>",
        "defaultTextTemplate": "${(user.email)!'somebody'} in ${tenant.name}, \
            ${(application.name)!'anywhere'}",
    }});
    id_of(&server.post("/api/email/template", body).await, "emailTemplate")
}

fn path(template: &str) -> String {
    format!("/api/email/send/{template}")
}

on_both_engines! {
    async fn users_and_addresses_get_a_mail_each_in_their_language(server: Server) {
        let template = template(&server).await;
        let ada = user(&server, "ada@example.com", &["de_AT"]).await;
        let bob = user(&server, "bob@example.com", &[]).await;
        let forum = application(&server, &[], json!({"name": "Forum"})).await;
        let body = json!({
            "userIds": [ada, bob, ada],
            "toAddresses": [{"address": "Carl@example.com", "display": "Carl"}],
            "ccAddresses": ["copy@example.com"],
            "bccAddresses": [{"address": "archive@example.com"}],
            "preferredLanguages": ["fr"],
            "applicationId": forum,
            "requestData": {"what": "snow"},
        });
        let sent = server.post(&path(&template), body).await;
        assert_eq!((sent.status, &sent.json), (202, &json!({"results": {}, "anonymousResults": {}})));
        let mut mails = server.due_mails().await;
        mails.sort_by_key(|mail| mail.email.to[0].email.to_lowercase());
        let texts: Vec<&str> =
            mails.iter().map(|mail| mail.email.message.text.as_deref().unwrap()).collect();
        assert_eq!(texts, [
            "ada@example.com in Default, Forum",
            "bob@example.com in Default, Forum",
            "somebody in Default, Forum",
        ]);
        let subjects: Vec<&str> =
            mails.iter().map(|mail| mail.email.message.subject.as_deref().unwrap()).collect();
        assert_eq!(subjects, ["Neues", "Nouvelles", "Nouvelles"]);
        for mail in &mails {
            assert_eq!(mail.email.message.html.as_deref(), Some("<p>snow</p>"));
            assert_eq!(mail.email.message.from_email.as_deref(), Some("change-me@example.com"));
            assert_eq!(mail.email.cc[0].email, "copy@example.com");
            assert_eq!(mail.email.bcc[0].email, "archive@example.com");
        }
        assert_eq!(mails[2].email.to[0].email, "Carl@example.com");
        assert_eq!(mails[2].email.to[0].name.as_deref(), Some("Carl"));
        assert_eq!(server.actors("mail.created").await.len(), 1);
    }

    async fn whoever_cannot_be_written_to_is_named_and_the_others_get_theirs(server: Server) {
        let template = template(&server).await;
        let body = json!({"emailTemplate": {"defaultTextTemplate": "${user.fullName}"}});
        server.patch(&format!("/api/email/template/{template}"), body).await;
        let named = json!({"user": {"email": "ada@example.com", "fullName": "Ada",
            "password": "correct horse"}});
        let ada = id_of(&server.post("/api/user", named).await, "user");
        let bob = user(&server, "bob@example.com", &[]).await;
        let nemo = json!({"user": {"username": "nemo", "password": "correct horse"}});
        let nemo = id_of(&server.post("/api/user", nemo).await, "user");
        let body = json!({"userIds": [ada, bob, nemo],
            "toAddresses": [{"address": "carl@example.com"}]});
        let sent = server.post(&path(&template), body).await;
        assert_eq!(sent.status, 202, "{}", sent.text);
        let errors = |errors: &Value| errors["renderErrors"].as_object().unwrap().clone();
        let results = sent.json["results"].as_object().unwrap();
        assert_eq!(results.len(), 2);
        assert!(errors(&results[&bob])["defaultTextTemplate"].as_str().unwrap().contains("fullName"));
        assert!(errors(&results[&nemo]).contains_key("to"));
        assert_eq!(results[&bob]["parseErrors"], json!({}));
        let anonymous = &sent.json["anonymousResults"]["carl@example.com"];
        assert!(errors(anonymous).contains_key("defaultTextTemplate"));
        assert_eq!(server.due_mails().await.len(), 1);
    }

    async fn everything_wrong_with_a_request_is_named(server: Server) {
        let template = template(&server).await;
        let refused = server.post(&path(&template), json!({})).await;
        assert_eq!(code(&refused, "userIds"), "[missing]userIds");
        assert_eq!(code(&refused, "toAddresses"), "[missing]toAddresses");
        let unknown = "00000000-0000-0000-0000-00000000000a";
        let refused = server.post(&path(&template), json!({
            "userIds": [unknown], "applicationId": unknown,
            "toAddresses": [{"address": "x@example.com\r\nBcc: y@example.com"}],
            "ccAddresses": ["nobody"],
        })).await;
        assert_eq!(code(&refused, "userIds"), "[invalid]userIds");
        assert_eq!(code(&refused, "applicationId"), "[invalid]applicationId");
        let field = "toAddresses[0].address";
        assert_eq!(code(&refused, field), format!("[notEmail]{field}"));
        let field = "ccAddresses[0].address";
        assert_eq!(code(&refused, field), format!("[notEmail]{field}"));
        let refused = server.post(&path(&template), json!({
            "userIds": ["x"], "toAddresses": [{"display": "Carl"}], "bccAddresses": [7],
            "preferredLanguages": ["German"],
        })).await;
        assert_eq!(code(&refused, "userIds[0]"), "[couldNotConvert]userIds[0]");
        assert_eq!(code(&refused, "toAddresses[0]"), "[couldNotConvert]toAddresses[0]");
        assert_eq!(code(&refused, "bccAddresses[0]"), "[couldNotConvert]bccAddresses[0]");
        assert_eq!(code(&refused, "preferredLanguages[0]"), "[invalid]preferredLanguages[0]");
        let many: Vec<Value> =
            (0..1_001).map(|number| json!({"address": format!("a{number}@example.com")})).collect();
        let refused = server.post(&path(&template), json!({"toAddresses": many})).await;
        assert_eq!(code(&refused, "toAddresses"), "[tooMany]toAddresses");
        let nowhere = server.post(&path(unknown), json!({"userIds": [unknown]})).await;
        assert_eq!((nowhere.status, nowhere.text.as_str()), (404, ""));
        assert_eq!(server.due_mails().await.len(), 0);
    }

    async fn a_key_of_one_tenant_writes_to_its_own_users_alone(server: Server) {
        let template = template(&server).await;
        let ada = user(&server, "ada@example.com", &[]).await;
        let other = tenant(&server, "Other").await;
        let key = key_of(&server, &other).await;
        let headers = [("Authorization", key.as_str())];
        let body = json!({"userIds": [ada]});
        let refused = server.call("POST", &path(&template), &headers, Some(&body)).await;
        assert_eq!(code(&refused, "userIds"), "[invalid]userIds");
        let body = json!({"toAddresses": [{"address": "carl@example.com"}]});
        let sent = server.call("POST", &path(&template), &headers, Some(&body)).await;
        assert_eq!(sent.status, 202, "{}", sent.text);
        let mails = server.due_mails().await;
        let text = mails[0].email.message.text.as_deref();
        assert_eq!(text, Some("somebody in Other, anywhere"));
        // With a key of no tenant nobody can say whose mail it is.
        let refused = server.post(&path(&template), body).await;
        assert_eq!(refused.json["generalErrors"][0]["code"], "[TenantIdRequired]");
    }

    async fn sent_twice_with_one_key_it_goes_out_once(server: Server) {
        let template = template(&server).await;
        let ada = user(&server, "ada@example.com", &[]).await;
        let body = json!({"userIds": [ada]});
        for replayed in [None, Some("true")] {
            let headers = [("Idempotency-Key", "once")];
            let sent = server.call("POST", &path(&template), &headers, Some(&body)).await;
            assert_eq!(sent.status, 202);
            let header = sent.headers.get("Idempotency-Replayed");
            assert_eq!(header.map(|value| value.to_str().unwrap()), replayed);
        }
        assert_eq!(server.due_mails().await.len(), 1);
    }
}
