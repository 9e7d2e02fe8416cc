//! Templates as operators write them, in the idioms of those that `FusionAuth` comes with.

use serde_json::json;

use super::super::{builtin, check, render, translate};

const DOCUMENT: &str = include_str!("../../../../../docs/operate/mail-templates.md");

/// A link with a map of parameters: assignments in a loop over a map that may be missing.
const LINK: &str = r#"[#setting url_escaping_charset="UTF-8"]
Confirm that you have read this.
<p>
  [#-- The caller hands in what the page needs,
       under 'state'. --]
  [#assign link = "https://example.com/confirm/${token}?app=${(application.data.name)!'none'}" /]
  [#list state!{} as name, value][#if name != "token" && value??][#assign link = link + "&" + name?url + "=" + value?url/][/#if][/#list]
  <a href="${link?html}">Confirm</a>
</p>
"#;

#[test]
fn a_link_with_parameters() {
    let variables = json!({
        "token": "t0k",
        "state": { "token": "other", "b": "x y", "gone": null, "q": "a&b" },
    });
    let text = |query: &str| {
        format!(
            "Confirm that you have read this.\n<p>\n  \
             <a href=\"https://example.com/confirm/t0k?{query}\">Confirm</a>\n</p>\n"
        )
    };
    assert_eq!(render(LINK, &variables).unwrap(), text("app=none&amp;b=x%20y&amp;q=a%26b"));
    let variables = json!({ "token": "t0k", "application": { "data": { "name": "A" } } });
    assert_eq!(render(LINK, &variables).unwrap(), text("app=A"));
}

const BAN: &str = "\
[#-- The mail of a ban. --]
Hello ${(user.firstName)!user.email},

[#if event.phase == \"start\"]
your account is closed[#if event.localizedDuration??] for ${event.localizedDuration}[/#if].
[#elseif event.phase == \"cancel\"]
your account is open again.
[#else]
something changed.
[/#if]
[#if event.expiry??]
It opens again on ${event.expiry?number_to_datetime?string(\"dd.MM.yyyy HH:mm z\")}.
[/#if]
[#if (event.comment!\"\")?has_content]

> ${event.comment}
[/#if]

${(actioner.fullName)!\"The team\"}
";

#[test]
fn a_ban() {
    let variables = json!({
        "user": { "email": "ann@example.com" },
        "event": {
            "phase": "start", "localizedDuration": "2 days", "expiry": 1_763_754_699_042_i64,
            "comment": "No {{ braces }} please",
        },
    });
    assert_eq!(
        render(BAN, &variables).unwrap(),
        "Hello ann@example.com,\n\nyour account is closed for 2 days.\n\
         It opens again on 21.11.2025 19:51 UTC.\n\n> No {{ braces }} please\n\nThe team\n"
    );
    let variables = json!({
        "user": { "email": "ann@example.com", "firstName": "Ann" },
        "actioner": { "fullName": "Eve" },
        "event": { "phase": "cancel" },
    });
    assert_eq!(
        render(BAN, &variables).unwrap(),
        "Hello Ann,\n\nyour account is open again.\n\nEve\n"
    );
}

#[test]
fn what_a_value_says_is_never_a_template() {
    let variables = json!({ "x": "${y} {{ y }} [#if] {% raw %}" });
    assert_eq!(render("${x}", &variables).unwrap(), "${y} {{ y }} [#if] {% raw %}");
    assert_eq!(render("${\"${x}\"}", &variables).unwrap(), "${y} {{ y }} [#if] {% raw %}");
}

#[test]
fn a_translation_keeps_the_lines_of_its_source() {
    for source in [LINK, BAN, "a\n\n[#if\n a ==\n b]\n\nx[/#if]\n\n", "\n\n"] {
        let source_lines = source.matches('\n').count();
        let lines = translate(source).unwrap().matches('\n').count();
        assert!(lines <= source_lines, "{lines} lines of {source_lines}: {source}");
    }
    assert_eq!(
        translate("[#if a.b??]\n  Hi ${a.b!'x'}\n[/#if]\n").unwrap(),
        "{% if (data|path(\"a\")|get(\"b\") is present)|truth %}{#\n#}  Hi \
         {{ data|path(\"a\")|get(\"b\")|default(\"x\")|print }}\n{% endif %}"
    );
}

#[test]
fn the_document_names_every_built_in_and_its_template_is_one() {
    for builtin in &builtin::ALL {
        let name = builtin.name;
        let named = [format!("`{name}`"), format!("`{name}(")].iter().any(|n| DOCUMENT.contains(n));
        assert!(named, "docs/operate/mail-templates.md does not name {name}");
    }
    for (index, block) in DOCUMENT.split("```").enumerate() {
        if let Some(template) = block.strip_prefix("ftl\n").filter(|_| index % 2 == 1) {
            check(template).unwrap();
        }
    }
}
