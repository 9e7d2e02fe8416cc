//! `/api/email/template` (`fusionauth.md` §4.8).

use docket_testkit::{Server, on_both_engines};
use serde_json::{Value, json};

use crate::fixtures::{definition, id_of};

const PATH: &str = "/api/email/template";

fn template(name: &str) -> Value {
    json!({
        "name": name,
        "defaultFromName": "The moderators",
        "defaultSubject": "${event.localizedAction}, ${user.firstName}",
        "defaultHtmlTemplate": "<p>You were banned by ${actioner.fullName!'us'}.</p>\n",
        "defaultTextTemplate": "[#if event.reason??]${event.reason}[/#if]",
        "localizedSubjects": {"de": "Gesperrt, ${user.firstName}"},
    })
}

async fn make(server: &Server, template: Value) -> Value {
    let made = server.post(PATH, json!({ "emailTemplate": template })).await;
    assert_eq!(made.status, 200, "{}", made.text);
    made.json["emailTemplate"].clone()
}

fn path(template: &Value) -> String {
    format!("{PATH}/{}", template["id"].as_str().unwrap())
}

on_both_engines! {
    async fn a_template_is_made_read_changed_and_deleted(server: Server) {
        let made = make(&server, template(" Ban ")).await;
        assert_eq!(made["name"], "Ban");
        assert_eq!(made["insertInstant"], made["lastUpdateInstant"]);
        assert_eq!(made["defaultHtmlTemplate"], template("")["defaultHtmlTemplate"]);
        assert_eq!(made["localizedSubjects"]["de"], "Gesperrt, ${user.firstName}");
        assert!(made.get("localizedHtmlTemplates").is_none() && made.get("fromEmail").is_none());
        assert_eq!(server.get(&path(&made)).await.json["emailTemplate"], made);

        server.clock.advance_millis(1_000);
        let changes = json!({"emailTemplate": {"fromEmail": "mods@example.com",
            "localizedSubjects": {"eo": "Ekskluzita"}}});
        let patched = server.patch(&path(&made), changes).await;
        assert_eq!(patched.status, 200, "{}", patched.text);
        let patched = &patched.json["emailTemplate"];
        assert_eq!(patched["fromEmail"], "mods@example.com");
        assert_eq!(patched["localizedSubjects"].as_object().unwrap().len(), 2);
        assert!(patched["lastUpdateInstant"].as_i64() > made["lastUpdateInstant"].as_i64());
        let replaced = server.put(&path(&made), json!({"emailTemplate": template("Ban")})).await;
        assert!(replaced.json["emailTemplate"].get("fromEmail").is_none());
        assert_eq!(replaced.json["emailTemplate"]["insertInstant"], made["insertInstant"]);

        let deleted = server.delete(&path(&made)).await;
        assert_eq!((deleted.status, deleted.text.as_str()), (200, ""));
        for method in ["GET", "DELETE"] {
            assert_eq!(server.call(method, &path(&made), &[], None).await.status, 404);
        }
        let gone = server.put(&path(&made), json!({"emailTemplate": {}})).await;
        assert_eq!(gone.status, 404, "what is not there comes before what is wrong");
    }

    async fn everything_wrong_with_a_template_is_named(server: Server) {
        make(&server, template("Ban")).await;
        let other = make(&server, template("Mute")).await;
        let refused = server.post(&path(&other), json!({"emailTemplate": {
            "name": "bAN", "fromEmail": "nobody", "defaultSubject": "${", "defaultHtmlTemplate": " ",
            "defaultTextTemplate": "[#if x]", "localizedTextTemplates": {"de": "[#else]"}}})).await;
        assert_eq!(refused.status, 400);
        let errors = refused.json["fieldErrors"].as_object().unwrap();
        for (field, code) in [
            ("emailTemplateId", "duplicate"),
            ("emailTemplate.name", "duplicate"),
            ("emailTemplate.fromEmail", "notEmail"),
            ("emailTemplate.defaultSubject", "invalid"),
            ("emailTemplate.defaultHtmlTemplate", "blank"),
            ("emailTemplate.defaultTextTemplate", "invalid"),
            ("emailTemplate.localizedTextTemplates[de]", "invalid"),
        ] {
            let complaint = errors.get(field).unwrap_or_else(|| panic!("{}", refused.text));
            assert_eq!(complaint[0]["code"], format!("[{code}]{field}"));
        }
        assert_eq!(errors.len(), 7);
        let refused = server.post(PATH, json!({"emailTemplate": {"defaultSubject": {}}})).await;
        let errors = refused.json["fieldErrors"].as_object().unwrap();
        assert_eq!(errors.len(), 4, "{}", refused.text);
        let code = &errors["emailTemplate.defaultSubject"][0]["code"];
        assert_eq!(code, "[couldNotConvert]emailTemplate.defaultSubject");
        assert_eq!(server.post(PATH, json!({})).await.status, 400);
    }

    /// Cases 10, 11, 12: what definitions say of templates.
    async fn case_010_to_012_definitions_know_templates(server: Server) {
        let id = make(&server, template("Ban")).await["id"].clone();
        let path = "/api/user-action";
        let mut action = json!({"name": "Mute", "temporal": true, "userEmailingEnabled": true});
        let refused = server.post(path, json!({"userAction": action})).await;
        assert_eq!(refused.status, 400);
        let errors = refused.json["fieldErrors"].as_object().unwrap();
        assert_eq!(errors.len(), 4);
        for phase in ["start", "modify", "cancel", "end"] {
            assert!(errors.contains_key(&format!("userAction.{phase}EmailTemplateId")));
        }
        action["temporal"] = false.into();
        action["startEmailTemplateId"] = "00000000-0000-0000-0000-00000000000a".into();
        let refused = server.post(path, json!({"userAction": action})).await;
        let code = &refused.json["fieldErrors"]["userAction.startEmailTemplateId"][0]["code"];
        assert_eq!(code, "[invalid]userAction.startEmailTemplateId");
        action["startEmailTemplateId"] = id;
        assert_eq!(server.post(path, json!({"userAction": action})).await.status, 200);
    }

    async fn a_template_that_a_definition_sends_stays(server: Server) {
        let made = make(&server, template("Ban")).await;
        let ban = definition(&server, json!({"name": "Ban", "endEmailTemplateId": made["id"]})).await;
        let refused = server.delete(&path(&made)).await;
        assert_eq!(refused.status, 400);
        let code = &refused.json["fieldErrors"]["emailTemplateId"][0]["code"];
        assert_eq!(code, "[inUse]emailTemplateId");
        server.delete(&format!("/api/user-action/{ban}?hardDelete=true")).await;
        assert_eq!(server.delete(&path(&made)).await.status, 200);
    }

    async fn a_preview_fills_the_parts_in_the_language_asked_for(server: Server) {
        let body = json!({"emailTemplate": template("Not kept"), "locale": "de_AT"});
        let preview = server.post(&format!("{PATH}/preview"), body).await;
        assert_eq!(preview.status, 200, "{}", preview.text);
        let email = &preview.json["email"];
        assert_eq!(email["subject"], "Gesperrt, Ada");
        assert_eq!(email["html"], "<p>You were banned by Noor Castell.</p>\n");
        assert_eq!(email["text"], "Violation of the terms of service");
        assert_eq!(email["from"]["display"], "The moderators");
        assert!(email["from"]["address"].is_string() && email["to"].is_array());
        assert_eq!(preview.json["errors"], json!({}));
        let body = json!({"emailTemplate": template("Not kept")});
        let preview = server.post(&format!("{PATH}/preview"), body).await;
        assert_eq!(preview.json["email"]["subject"], "Ban, Ada");
        let listed = server.get(PATH).await;
        assert_eq!(listed.json, json!({"emailTemplates": []}));
    }

    async fn a_preview_tells_what_is_wrong_beside_the_message(server: Server) {
        let mut broken = template("");
        broken["defaultHtmlTemplate"] = "[#if x]".into();
        broken["localizedSubjects"]["de"] = "${nobody.name}".into();
        let body = json!({"emailTemplate": broken, "locale": "de"});
        let preview = server.post(&format!("{PATH}/preview"), body).await;
        assert_eq!(preview.status, 200, "{}", preview.text);
        let errors = preview.json["errors"]["fieldErrors"].as_object().unwrap();
        let field = "emailTemplate.defaultHtmlTemplate";
        assert_eq!(errors[field][0]["code"], format!("[invalid]{field}"));
        let field = "emailTemplate.localizedSubjects[de]";
        assert_eq!(errors[field][0]["code"], format!("[invalid]{field}"));
        assert!(errors[field][0]["message"].as_str().unwrap().contains("nobody"));
        assert_eq!(errors.len(), 2);
        assert_eq!(preview.json["email"]["text"], "Violation of the terms of service");
        assert!(preview.json["email"].get("html").is_none());

        let path = format!("{PATH}/preview");
        let body = json!({"emailTemplate": template(""), "locale": "German"});
        let refused = server.post(&path, body).await;
        assert_eq!(refused.json["fieldErrors"]["locale"][0]["code"], "[invalid]locale");
        let refused = server.post(&path, json!({})).await;
        let code = &refused.json["fieldErrors"]["emailTemplate"][0]["code"];
        assert_eq!(code, "[missing]emailTemplate");
    }

    async fn templates_are_found_by_name_in_the_order_asked_for(server: Server) {
        for name in ["warning", "Ban", "Unban"] {
            server.clock.advance_millis(1);
            make(&server, template(name)).await;
        }
        let names = |answer: &Value| -> Vec<String> {
            let templates = answer["emailTemplates"].as_array().unwrap().iter();
            templates.map(|template| template["name"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(names(&server.get(PATH).await.json), ["Ban", "Unban", "warning"]);
        let found = server.get(&format!("{PATH}/search?name=BAN&numberOfResults=1")).await;
        assert_eq!((found.status, &found.json["total"]), (200, &json!(2)));
        assert_eq!(names(&found.json), ["Ban"]);
        let body = json!({"search": {"name": "*", "orderBy": "insertInstant DESC, name"}});
        let found = server.post(&format!("{PATH}/search"), body).await;
        assert_eq!(names(&found.json), ["Unban", "Ban", "warning"]);
        let refused = server.get(&format!("{PATH}/search?orderBy=subject")).await;
        assert_eq!(refused.json["fieldErrors"]["search.orderBy"][0]["code"], "[invalid]search.orderBy");
    }

    async fn a_template_can_be_given_its_id(server: Server) {
        let id = "00000000-0000-0000-0000-00000000000a";
        let body = json!({"emailTemplate": template("Ban")});
        let made = server.post(&format!("{PATH}/{id}"), body).await;
        assert_eq!(id_of(&made, "emailTemplate"), id);
    }
}
