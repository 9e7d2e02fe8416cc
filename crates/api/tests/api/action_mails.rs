//! The mails about actions (`fusionauth.md` §3.8, §4.8).

use docket_testkit::{Server, on_both_engines};
use serde_json::{Value, json};

use crate::fixtures::{after, application, id_of, take};

const HOUR: i64 = 3_600_000;

async fn template(server: &Server, name: &str, parts: Value) -> String {
    let mut template = json!({
        "name": name,
        "fromEmail": "mods@example.com",
        "defaultFromName": "The moderators",
        "defaultSubject": format!("{name}: ${{event.localizedAction}}"),
        "defaultHtmlTemplate": "<p>${event.phase!'once'}</p>",
        "defaultTextTemplate": "${user.fullName}, by ${(actioner.fullName)!'the system'}",
    });
    for (part, text) in parts.as_object().into_iter().flatten() {
        template[part] = text.clone();
    }
    let body = json!({ "emailTemplate": template });
    id_of(&server.post("/api/email/template", body).await, "emailTemplate")
}

/// A temporal definition with one template for all phases.
async fn mute(server: &Server, template: &str, more: Value) -> String {
    let mut definition = json!({
        "name": "Mute", "localizedNames": {"eo": "Silentigo"}, "temporal": true,
        "userEmailingEnabled": true,
        "startEmailTemplateId": template, "modifyEmailTemplateId": template,
        "cancelEmailTemplateId": template, "endEmailTemplateId": template,
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        definition[name] = value.clone();
    }
    let body = json!({ "userAction": definition });
    id_of(&server.post("/api/user-action", body).await, "userAction")
}

async fn person(server: &Server, name: &str) -> String {
    let body = json!({"user": {"email": format!("{name}@example.com"), "fullName": name,
        "password": "correct horse", "preferredLanguages": ["eo", "en"]}});
    id_of(&server.post("/api/user", body).await, "user")
}

fn action(user: &str, by: &str, definition: &str, expiry: i64) -> Value {
    json!({"actioneeUserId": user, "actionerUserId": by, "userActionId": definition,
        "expiry": expiry, "emailUser": true, "comment": "Too loud"})
}

async fn broadcast(server: &Server, action: Value) -> Value {
    let body = json!({"broadcast": true, "action": action});
    let taken = server.post("/api/user/action", body).await;
    assert_eq!(taken.status, 200, "{}", taken.text);
    taken.json["action"].clone()
}

async fn errors(server: &Server) -> Vec<String> {
    let found = server.get("/api/system/event-log/search?type=Error").await;
    let entries = found.json["eventLogs"].as_array().unwrap().iter();
    entries.map(|entry| entry["message"].as_str().unwrap().to_owned()).collect()
}

on_both_engines! {
    /// Case 89.
    async fn case_089_each_phase_is_told_in_the_users_language(server: Server) {
        let parts = json!({"localizedSubjects": {"eo": "Sciigo: ${event.localizedAction}"}});
        let template = template(&server, "Notice", parts).await;
        let mute = mute(&server, &template, json!({"includeEmailInEventJSON": true})).await;
        let (ada, noor) = (person(&server, "ada").await, person(&server, "noor").await);
        let taken = broadcast(&server, action(&ada, &noor, &mute, after(&server, HOUR))).await;
        let event = &taken["event"];
        assert_eq!(event["emailedUser"], true);
        let to = json!([{"address": "ada@example.com", "display": "ada"}]);
        assert_eq!(event["email"]["to"], to);
        assert_eq!(event["email"]["subject"], "Sciigo: Silentigo");
        assert_eq!(event["email"]["from"],
            json!({"address": "mods@example.com", "display": "The moderators"}));

        let id = taken["id"].as_str().unwrap();
        let mails = server.mails_about(id).await;
        assert_eq!(mails.len(), 1);
        let message = &mails[0].email.message;
        assert_eq!(message.subject.as_deref(), Some("Sciigo: Silentigo"));
        assert_eq!(message.html.as_deref(), Some("<p>start</p>"));
        assert_eq!(message.text.as_deref(), Some("ada, by noor"));
        assert_eq!(mails[0].email.to[0].email, "ada@example.com");

        let path = format!("/api/user/action/{id}");
        let change = json!({"broadcast": true, "action": {"actionerUserId": noor,
            "emailUser": true, "expiry": after(&server, 2 * HOUR)}});
        let modified = server.put(&path, change.clone()).await;
        assert_eq!(modified.json["action"]["event"]["email"]["html"], "<p>modify</p>");
        let mails = server.mails_about(id).await;
        assert_eq!(mails[0].email.message.html.as_deref(), Some("<p>modify</p>"));
        let cancelled = server.call("DELETE", &path, &[], Some(&change)).await;
        assert_eq!(cancelled.json["action"]["event"]["email"]["html"], "<p>cancel</p>");
        let mails = server.mails_about(id).await;
        assert_eq!(mails[0].email.message.html.as_deref(), Some("<p>cancel</p>"));
    }

    async fn an_event_without_the_mail_leads_to_the_same_mail(server: Server) {
        let template = template(&server, "Notice", json!({})).await;
        let mute = mute(&server, &template, json!({})).await;
        let (ada, noor) = (person(&server, "ada").await, person(&server, "noor").await);
        let taken = broadcast(&server, action(&ada, &noor, &mute, after(&server, HOUR))).await;
        assert_eq!(taken["event"]["emailedUser"], true);
        assert!(taken["event"].get("email").is_none());
        let mails = server.mails_about(taken["id"].as_str().unwrap()).await;
        assert_eq!(mails[0].email.message.subject.as_deref(), Some("Notice: Silentigo"));
    }

    async fn the_mail_is_in_the_event_even_if_it_is_not_sent(server: Server) {
        let template = template(&server, "Notice", json!({})).await;
        let mute = mute(&server, &template, json!({"includeEmailInEventJSON": true})).await;
        let (ada, noor) = (person(&server, "ada").await, person(&server, "noor").await);
        let mut action = action(&ada, &noor, &mute, after(&server, HOUR));
        action["emailUser"] = false.into();
        let taken = broadcast(&server, action).await;
        assert_eq!(taken["event"]["emailedUser"], false);
        assert_eq!(taken["event"]["email"]["subject"], "Notice: Silentigo");
        assert_eq!(server.mails_about(taken["id"].as_str().unwrap()).await.len(), 0);
    }

    async fn a_template_gets_everything_that_it_is_promised(server: Server) {
        let text = "${user.email}|${tenant.name}|${(application.name)!'-'}|${event.type}\
            |${event.action}|${event.actionId?length}|${event.localizedDuration!'for ever'}\
            |${event.expiry???string('ends', 'stays')}|${event.comment}\
            |${(event.option)!'no option'}|${actioner.email}|${event.emailedUser?c}\
            |${user.registrations?size}";
        let template = template(&server, "All", json!({"defaultTextTemplate": text})).await;
        let mute = mute(&server, &template, json!({})).await;
        let (ada, noor) = (person(&server, "ada").await, person(&server, "noor").await);
        let forum = application(&server, &[], json!({"name": "Forum"})).await;
        let market = application(&server, &[], json!({"name": "Market"})).await;
        let path = format!("/api/user/registration/{ada}");
        server.post(&path, json!({"registration": {"applicationId": forum}})).await;
        let mut about_forum = action(&ada, &noor, &mute, after(&server, HOUR));
        about_forum["applicationIds"] = json!([forum]);
        let taken = take(&server, about_forum).await;
        let mails = server.mails_about(taken["id"].as_str().unwrap()).await;
        assert_eq!(errors(&server).await, Vec::<String>::new());
        assert_eq!(
            mails[0].email.message.text.as_deref(),
            Some("ada@example.com|Default|Forum|user.action|Mute|36|1 hour|ends|Too loud\
                |no option|noor@example.com|true|1")
        );
        let mut about_both = action(&ada, &noor, &mute, i64::MAX);
        about_both["applicationIds"] = json!([forum, market]);
        let taken = take(&server, about_both).await;
        let mails = server.mails_about(taken["id"].as_str().unwrap()).await;
        assert_eq!(
            mails[0].email.message.text.as_deref(),
            Some("ada@example.com|Default|-|user.action|Mute|36|for ever|stays|Too loud\
                |no option|noor@example.com|true|1")
        );
    }

    /// Case 90.
    async fn case_090_a_template_that_cannot_be_filled_costs_the_mail_alone(server: Server) {
        let parts = json!({"defaultTextTemplate": "${nobody.name}"});
        let template = template(&server, "Broken", parts).await;
        let quiet = mute(&server, &template, json!({})).await;
        let (ada, noor) = (person(&server, "ada").await, person(&server, "noor").await);
        let taken = broadcast(&server, action(&ada, &noor, &quiet, after(&server, HOUR))).await;
        let id = taken["id"].as_str().unwrap();
        assert_eq!(server.mails_about(id).await.len(), 0);
        let logged = errors(&server).await;
        assert_eq!(logged.len(), 1);
        for told in ["[Broken]", "defaultTextTemplate", "nobody", id] {
            assert!(logged[0].contains(told), "{logged:?}");
        }

        let telling = mute(&server, &template,
            json!({"name": "Told", "includeEmailInEventJSON": true})).await;
        let taken = broadcast(&server, action(&ada, &noor, &telling, after(&server, HOUR))).await;
        assert_eq!(taken["event"]["emailedUser"], false);
        assert!(taken["event"].get("email").is_none());
        assert_eq!(errors(&server).await.len(), 2, "it is known before the commit");
        assert_eq!(server.mails_about(taken["id"].as_str().unwrap()).await.len(), 0);
        assert_eq!(errors(&server).await.len(), 2, "and not said twice");
    }

    async fn nobody_is_written_to_without_an_address_or_for_nothing(server: Server) {
        let template = template(&server, "Notice", json!({})).await;
        let mute = mute(&server, &template, json!({"includeEmailInEventJSON": true})).await;
        let noor = person(&server, "noor").await;
        let body = json!({"user": {"username": "nemo", "password": "correct horse"}});
        let nemo = id_of(&server.post("/api/user", body).await, "user");
        let taken = broadcast(&server, action(&nemo, &noor, &mute, after(&server, HOUR))).await;
        assert_eq!(taken["event"]["emailedUser"], false);
        assert!(taken["event"].get("email").is_none());
        assert_eq!(server.mails_about(taken["id"].as_str().unwrap()).await.len(), 0);
        assert_eq!(errors(&server).await, Vec::<String>::new());
    }
}
