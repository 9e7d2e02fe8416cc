//! Templates that ask for too much: they end in an error, soon, and never in a panic.

use serde_json::json;

use super::super::{RenderError, Template, check, render};
use super::{fails, refused, shown};

#[test]
fn a_mail_is_at_most_a_megabyte_long() {
    fails(
        &[
            ("[#list 1..100000 as i]0123456789abcdef[/#list]", "longer than 1 MiB"),
            (
                "[#assign a = 'aaaaaaaa'][#list 1..40 as i][#assign a = a + a][/#list]",
                "too much text",
            ),
            ("[#assign a = ['a']][#list 1..40 as i][#assign a = a + a][/#list]", "too much text"),
            ("${'aaaaaaaaaa'?replace('', '${user.firstName}')?replace('', 'b')?length}", ""),
            ("[#list 1..999999999999 as i]x[/#list]", "too much text"),
            ("${1?number_to_datetime?string('yyyyyyyyyyyyyyyyyyyyy')}", "too often"),
        ]
        .map(|(source, expected)| {
            if expected.is_empty() {
                shown(source);
                ("${nobody}", "nobody")
            } else {
                (source, expected)
            }
        }),
    );
    let blown =
        "[#assign a = 'aaaaaaaaaa'][#list 1..30 as i][#assign a = a?replace('a', a)][/#list]";
    assert!(refused(blown).contains("too much text"));
    let long = "x".repeat(1024 * 1024);
    assert_eq!(render(&long, &json!({})).unwrap(), long);
    assert!(check(&(long + "y")).is_err());
}

#[test]
fn a_template_takes_a_limited_number_of_steps() {
    let nested =
        "[#list 1..1000 as a][#list 1..1000 as b][#list 1..1000 as c][/#list][/#list][/#list]";
    assert!(refused(nested).contains("too many steps"));
    let copying = "[#assign a = 'x'][#list 1..18 as i][#assign a = a + a][/#list]\
                   [#list 1..1000 as i][#list 1..100 as j][#if a?contains('y')][/#if][/#list][/#list]";
    assert!(refused(copying).contains("too much text"));
}

#[test]
fn nesting_ends_in_an_error_and_never_in_a_full_stack() {
    // On a thread with less stack than any that serves requests.
    let deep = std::thread::Builder::new().stack_size(1024 * 1024).spawn(|| {
        for count in [5, 10, 15, 18, 19, 20, 21, 30, 50, 59, 60, 61, 100, 10_000] {
            let repeat = |text: &str| text.repeat(count);
            for source in [
                format!("${{{}1{}}}", repeat("("), repeat(")")),
                format!("${{{}1{}}}", repeat("["), repeat("]")),
                format!("${{x{}}}", repeat("?trim")),
                format!("${{x{}}}", repeat("[0]")),
                format!("${{x{}}}", repeat("!x")),
                format!("${{{}x{}}}", repeat("("), repeat(")!y")),
                format!("${{{}x{}}}", repeat("("), repeat("!(y))")),
                format!("${{{}true}}", repeat("!")),
                format!("${{({}true)?c}}", repeat("true && ")),
                format!("${{(({}true)!true)?c}}", repeat("x || ")),
                format!("${{1{}}}", repeat(" * 1")),
                format!("${{1{}}}", repeat(" - 1")),
                format!("${{1{}}}", repeat(" + 1")),
                format!("${{{}true{}}}", repeat("true?then("), repeat(", 1)")),
                format!("${{({}true{})!1}}", repeat("x?then("), repeat(", 1)")),
                format!("{}x{}", repeat("[#if true]"), repeat("[/#if]")),
                format!("[#if false]{}x[/#if]", repeat("[#elseif false]")),
                format!("{}x{}", repeat("[#if false][#elseif true]"), repeat("[/#if]")),
                format!("{}x{}", repeat("[#list [1] as i]"), repeat("[/#list]")),
                format!("{}${{1}}{}", repeat("[#escape x as x + x]"), repeat("[/#escape]")),
                format!("{}${{1}}{}", repeat("[#escape x as (x!x)!x]"), repeat("[/#escape]")),
                format!("${{{}{}}}", repeat("\"${"), repeat("}\"")),
                format!("{}${{{}1{}}}", "[#if true]".repeat(50), repeat("("), repeat("+1)")),
            ] {
                if let Ok(template) = Template::new(&source) {
                    drop(template.render(&json!({ "x": "x", "y": "y" })));
                }
            }
        }
    });
    deep.unwrap().join().unwrap();
}

#[test]
fn what_we_allow_the_engine_allows() {
    // The deepest expression within the deepest directives: no error may come from `MiniJinja`.
    let expression = format!("{}true{}", "(".repeat(17), "??)!x".repeat(17));
    for expression in [
        expression,
        format!("{}true{}", "(".repeat(17), ")".repeat(17)),
        format!("({}x{})!1", "x?then(".repeat(15), ", 1)".repeat(15)),
        format!("{}1{}", "[".repeat(18), "]".repeat(18)),
    ] {
        for depth in 0..70 {
            let source = format!(
                "{}${{({expression})??}}{}",
                "[#if true]".repeat(depth),
                "[/#if]".repeat(depth)
            );
            if let Err(error) = check(&source) {
                assert_eq!(error.message, "this is nested too deeply", "{source}");
            }
        }
    }
}

#[test]
fn a_wide_template_is_no_deep_one() {
    let sum = vec!["'a'"; 900].join(" + ");
    assert_eq!(shown(&format!("${{{sum}}}")).len(), 900);
    let parts = "${user.firstName}".repeat(400);
    assert_eq!(shown(&format!("${{\"{parts}\"}}")).len(), 1200);
    assert_eq!(shown(&"${user.age}".repeat(5000)).len(), 10_000);
    assert!(check(&format!("${{{}}}", vec!["1"; 1001].join(" + "))).is_err());
    let many: Vec<_> = (0..3000).map(|n| format!("[#assign a{n} = {n}]")).collect();
    assert_eq!(shown(&(many.concat() + "${a2999}")), "2999");
}

#[test]
fn variables_may_be_anything() {
    assert!(render("${a}", &json!(null)).is_err());
    assert!(render("${a}", &json!([1])).is_err());
    assert_eq!(render("x", &json!(3)).unwrap(), "x");
    let mut deep = json!(1);
    for _ in 0..1000 {
        deep = json!([deep]);
    }
    let error = render("x", &deep).unwrap_err();
    assert!(matches!(error, RenderError::Failed { .. }));
    // serde_json drops nested values by recursion; leaving them is what this test can do.
    std::mem::forget(deep);
    assert_eq!(render("${a}", &json!({ "a": u64::MAX })).unwrap(), u64::MAX.to_string());
    assert_eq!(render("${a}", &json!({ "a": i64::MIN })).unwrap(), i64::MIN.to_string());
    assert_eq!(render("${a}", &json!({ "a": 1e21 })).unwrap(), "1000000000000000000000");
    assert_eq!(render("${a?length}", &json!({ "a": 1e300 })).unwrap(), "301");
}
