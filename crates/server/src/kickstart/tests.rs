//! What a kickstart file says, once it is understood.

use std::cell::Cell;
use std::fs;

use super::*;

/// Reads a file with this text, in a folder with two more files.
fn read(text: &str) -> Result<Plan, String> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("template.html"), "<p>${user.email} #{not.ours}</p>").unwrap();
    fs::write(folder.path().join("request.json"), r#"{"method": "POST", "url": "/api/#{word}"}"#)
        .unwrap();
    fs::write(folder.path().join("ring.json"), r#""&{ring.json}""#).unwrap();
    let path = folder.path().join("kickstart.json");
    fs::write(&path, text).unwrap();
    let next = Cell::new(0);
    let new_id = || {
        next.set(next.get() + 1);
        Uuid::from_u128(next.get())
    };
    Plan::read(&path, new_id).map_err(|error| format!("{error:#}"))
}

#[test]
fn variables_are_filled_in_wherever_text_is() {
    let plan = read(
        r##"{
            "variables": {
                "word": "user", "path": "#{ENV.PATH}", "id": "#{UUID()}", "count": 3,
                "defaultTenantId": "30663132-6464-6665-3032-326466613934",
                "again": "#{id}"
            },
            "apiKeys": [{"key": "key of the #{word}"}],
            "requests": [
                "&{request.json}",
                {"method": "PATCH", "url": "/api/tenant/#{FUSIONAUTH_TENANT_ID}",
                 "tenantId": "#{defaultTenantId}",
                 "body": {"#{word}": ["#{count}", "#{count} of #{count}", "@{template.html}"],
                          "ids": ["#{id}", "#{again}", "#{UUID()}", "#{UUID()}"],
                          "path": "#{path}"}}
            ]
        }"##,
    )
    .unwrap();
    assert_eq!(plan.tenant_id.to_string(), "30663132-6464-6665-3032-326466613934");
    assert_eq!(plan.keys, [json!({"key": "key of the user"})]);
    assert!(!plan.needs_application);
    let [included, own] = plan.requests.as_slice() else { panic!("{:?}", plan.requests) };
    assert_eq!((included.method.as_str(), included.url.as_str()), ("POST", "/api/user"));
    assert_eq!(own.url, "/api/tenant/30663132-6464-6665-3032-326466613934");
    assert_eq!(own.tenant_id.as_deref(), Some("30663132-6464-6665-3032-326466613934"));
    let body = own.body.as_ref().unwrap();
    assert_eq!(body["user"], json!([3, "3 of 3", "<p>${user.email} #{not.ours}</p>"]));
    let [id, again, third, fourth] = body["ids"].as_array().unwrap().as_slice() else { panic!() };
    assert_eq!(id, again);
    assert_ne!(id, third);
    assert_ne!(third, fourth);
    assert_eq!(body["path"].as_str(), crate::config::variable("PATH").as_deref());
}

#[test]
fn a_file_that_names_fusionauths_own_application_gets_it() {
    let plan = read(
        r##"{"requests": [{"method": "POST", "url": "/a",
              "body": {"applicationId": "#{FUSIONAUTH_APPLICATION_ID}"}}]}"##,
    )
    .unwrap();
    assert!(plan.needs_application);
    let [request] = plan.requests.as_slice() else { panic!() };
    assert_eq!(request.body, Some(json!({"applicationId": FUSIONAUTH_APPLICATION})));
}

#[test]
fn mistakes_are_found_before_anything_is_done() {
    for (text, named) in [
        (r#"{"requests": ["#, "EOF"),
        (r##"{"variables": {"email": "a"}, "requests": [{"url": "#{emial}"}]}"##, "mean `email`"),
        (r##"{"requests": [{"url": "#{x}"}]}"##, "requests[1].url names the variable `x`"),
        (r##"{"requests": [{"url": "#{ENV.NO_SUCH_VARIABLE}"}]}"##, "NO_SUCH_VARIABLE"),
        (r#"{"requests": [{"url": "a #{x"}]}"#, "not closed"),
        (r#"{"requests": ["&{nothing.json}"]}"#, "nothing.json"),
        (r#"{"requests": ["&{template.html}"]}"#, "not JSON"),
        (r#"{"requests": ["&{ring.json}"]}"#, "include each other"),
        (r#"{"requests": [{"url": "/a"}]}"#, "request 1 is not one"),
        (r#"{"requests": [{"method": "GET", "url": "https://a"}]}"#, "not a path"),
        (r#"{"apiKeys": [{}]}"#, "API key 1 has no `key`"),
        (r#"{"variables": {"defaultTenantId": "a"}}"#, "`defaultTenantId` is not a UUID"),
    ] {
        let error = read(text).unwrap_err();
        assert!(error.contains(named), "{error}");
        assert!(error.contains("kickstart.json cannot be used"), "{error}");
    }
}
