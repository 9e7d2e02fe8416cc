//! What templates mean: what `FreeMarker` prints, what it refuses, and where.

mod built_ins;
mod directives;
mod limits;
mod properties;
mod real;

use serde_json::{Value, json};

use super::{RenderError, render, translate};

/// The text of the template with a small set of variables.
fn shown(source: &str) -> String {
    render(source, &variables()).unwrap_or_else(|error| panic!("{source}: {error}"))
}

/// The text of the error that rendering ends in.
fn refused(source: &str) -> String {
    match render(source, &variables()) {
        Ok(text) => panic!("{source} was rendered to {text:?}"),
        Err(error) => error.to_string(),
    }
}

fn variables() -> Value {
    json!({
        "user": {
            "firstName": "Ann", "lastName": "O'Neil <x>", "age": 41, "verified": true,
            "nickname": null, "tags": ["a", "b", "c"], "data": { "a b": "spaced", "k": [1, [2]] },
            "balance": 1_234.5, "insertInstant": 1_763_754_699_042_i64,
        },
        "names": ["Zoe", "adam", "Bea"], "numbers": [3, 1, 2], "empty": [], "nothing": "",
        "map": { "one": 1, "three": null, "two": 2 }, "rows": [{ "n": 1 }, { "n": null }],
        "and": "keyword", "loop": "looped", "range": "ranged", "data": "datum", "not": "negated",
        "big": 12_345_678_901_i64, "price": 0.1, "html": "<b>&\"'</b>",
        ".now": 1_000_000_000_000_i64,
    })
}

#[track_caller]
fn same(cases: &[(&str, &str)]) {
    for (source, expected) in cases {
        assert_eq!(shown(source), *expected, "{source}\n{}", translate(source).unwrap());
    }
}

/// Each source is refused with an error that contains the text beside it.
#[track_caller]
fn fails(cases: &[(&str, &str)]) {
    for (source, expected) in cases {
        let error = refused(source);
        assert!(error.contains(expected), "{source}: {error}");
    }
}

#[test]
fn text_means_itself_also_where_it_looks_like_the_engine() {
    for text in [
        "",
        "a",
        "{",
        "{{",
        "{{ x }}",
        "{% if %}",
        "{# c #}",
        "{%- x -%}",
        "}}",
        "{{{",
        "a{",
        "$",
        "$ {x}",
        "[",
        "[ #if]",
        "[#1]",
        "<",
        "<p>",
        "</p>",
        "<!-- c -->",
        "[#",
        "<#",
        "a[0]",
        "\\n",
        "\\[#",
        "\r\n",
        "x\n",
        "x\r\n",
        "\n\n",
        "x\r",
        "é😀\u{2028}",
        "\0",
        "#",
        "%}",
        "-}}",
        "[/]",
        "[@]",
        "[link](x)",
    ] {
        assert_eq!(shown(text), text);
    }
    same(&[
        ("{${user.age}}", "{41}"),
        ("{{${user.age}}}", "{{41}}"),
        ("{[#if true]%[/#if]", "{%"),
        ("{%${user.age}%}", "{%41%}"),
        ("[#noparse]${x} [#if] {{ y }}[/#noparse]!", "${x} [#if] {{ y }}!"),
    ]);
}

#[test]
fn interpolations_print_variables_paths_and_literals() {
    same(&[
        ("${user.firstName}", "Ann"),
        ("${ user . firstName }", "Ann"),
        ("[=user.firstName]", "Ann"),
        ("${user['firstName']}${user[\"firstName\"]}", "AnnAnn"),
        ("${user.data['a b']}", "spaced"),
        ("${user.data.k[1][0]}", "2"),
        ("${user.tags[1]}", "b"),
        ("${user[\"first\" + 'Name']}", "Ann"),
        ("${user.firstName[0]}", "A"),
        ("${and} ${loop} ${range} ${data} ${not}", "keyword looped ranged datum negated"),
        ("${'a'}${\"b\"}${1}${1.50}${r'\\d${x}'}", "ab11.5\\d${x}"),
        ("${'it\\'s \"q\" \\\\ \\x41 \\n|'}", "it's \"q\" \\ A \n|"),
        ("${\"<${user.firstName}-${1 + 1}>\"}", "<Ann-2>"),
        ("${\"${user.nickname!\\\"none\\\"}\"}", "none"),
        ("${'$\\{x}'}", "${x}"),
        ("${big} ${user.balance} ${price}", "12345678901 1234.5 0.1"),
        ("${user.age [#-- how old --]}", "41"),
    ]);
}

#[test]
fn a_missing_variable_is_an_error_that_names_it() {
    fails(&[
        ("${nobody}", "line 1: nobody is missing"),
        ("\n\n${user.nickname}", "line 3: user.nickname is missing"),
        ("${nobody.name}", "nobody is missing"),
        ("${user.data.x.y}", "user.data.x is missing"),
        ("${user.tags[7]}", "user.tags[7] is missing"),
        ("${user['no such']}", "user[\"no such\"] is missing"),
        ("[#list rows as row]${row.n}[/#list]", "row.n is missing"),
        ("${empty?first}", "empty?first is missing"),
        ("[#if nobody]x[/#if]", "nobody is missing"),
        ("[#list nobody as x]x[/#list]", "nobody is missing"),
        ("[#assign a = nobody]", "nobody is missing"),
        ("${\"<${nobody}>\"}", "nobody is missing"),
        ("${nobody?upper_case}", "nobody is missing"),
        ("${user.firstName + nobody}", "nobody is missing"),
        ("[#if false]\n[#elseif true]\n${\nnobody}[/#if]", "line 4: nobody"),
        ("[#-- a\nb --]\n  [#assign x = 1]\n\n${nobody}", "line 5: nobody"),
    ]);
    let error = render("a\n${user.nickname}", &variables()).unwrap_err();
    assert_eq!(error, RenderError::Undefined { name: "user.nickname".to_owned(), line: Some(2) });
}

#[test]
fn a_default_forgives_the_last_step_and_in_parentheses_every_step() {
    same(&[
        ("${nobody!'x'}", "x"),
        ("${nobody!}|", "|"),
        ("${user.nickname!user.firstName}", "Ann"),
        ("${user.nickname!'-'}", "-"),
        ("${user.firstName!nobody}", "Ann"),
        ("${user.firstName!(nobody.b?upper_case)}", "Ann"),
        ("${(nobody.a.b)!'d'}", "d"),
        ("${(nobody.a.b?upper_case)!'d'}", "d"),
        ("${(nobody.a + 'x')!'d'}", "d"),
        ("${(\"${nobody.a}\")!'d'}", "d"),
        ("${((nobody > 1)?c)!'d'}", "d"),
        ("${(nobody && true)!true?c}", "true"),
        ("${((nobody.a && x)!false)?c}", "false"),
        ("${((nobody.a || x)!false)?c}", "false"),
        ("${(nobody.a?then(1, 2))!3}", "3"),
        ("${((nobody.a!user.x)!'d')}", "d"),
        ("${a!b!c!'d'}", "d"),
        ("${nobody!1 + 2}", "3"),
        ("${(nobody!1) + 2}", "3"),
        ("${(user.age!1) + 2}", "43"),
        ("${nobody!?upper_case}|", "|"),
        ("${nobody!?size}", "0"),
        ("${(empty?first)!'none'} ${empty?first!'none'}", "none none"),
        ("[#list nobody! as x]${x}[#else]none[/#list]", "none"),
        ("[#list nobody![] as x]${x}[/#list]|", "|"),
        ("[#list nobody!{} as k, v]${k}[/#list]|", "|"),
        ("[#list (user.tags)!['z'] as x]${x}[/#list]", "abc"),
        ("${user.data['x']!'d'}", "d"),
        ("${user.tags[9]!'d'}", "d"),
    ]);
    fails(&[
        ("${nobody.a!'d'}", "nobody is missing"),
        ("${user.data.x.y!'d'}", "user.data.x is missing"),
        ("${nobody!other}", "other is missing"),
        ("${user.age! + 1}", "belongs in parentheses"),
        ("${nobody.a??}", "nobody is missing"),
    ]);
}

#[test]
fn existence_can_be_asked() {
    same(&[
        ("${user.firstName???c} ${user.nickname???c}", "true false"),
        ("${(nobody.a.b)???c}", "false"),
        ("[#if user.firstName??]yes[#else]no[/#if]", "yes"),
        ("[#if !user.nickname??]yes[/#if]", "yes"),
        ("[#if nobody?? && nobody.x == 1]a[#else]b[/#if]", "b"),
        ("[#if !(nobody.x)?? || nobody.x]a[/#if]", "a"),
        (
            "${nobody?has_content?c}${nothing?has_content?c}${empty?has_content?c}",
            "falsefalsefalse",
        ),
        ("${(nobody.a)?has_content?c}${user?has_content?c}${names?hasContent?c}", "falsetruetrue"),
        ("[#list map as k, v]${k}=${v!'?'};[/#list]", "one=1;three=?;two=2;"),
        ("[#list map as k, v][#if v??]${k}[/#if][/#list]", "onetwo"),
    ]);
}

#[test]
fn conditions_compare_and_combine() {
    same(&[
        ("[#if user.age == 41]a[/#if]", "a"),
        ("[#if user.age = 41]a[/#if]", "a"),
        ("[#if user.age != 41]a[#else]b[/#if]", "b"),
        ("[#if user.age > 40]a[/#if]", "a"),
        ("[#if user.age >= 41 && user.age <= 41]a[/#if]", "a"),
        ("<#if (user.age > 40)>a<#else>b</#if>", "a"),
        ("<#if user.age gt 40 && user.age lt 42>a</#if>", "a"),
        ("<#if user.age gte 41 && user.age lte 41>a</#if>", "a"),
        ("<#if user.age &gt; 40 &amp;&amp; user.age &lt; 42>a</#if>", "a"),
        ("[#if user.firstName == 'Ann' || nobody]a[/#if]", "a"),
        ("[#if user.verified]a[/#if]", "a"),
        ("[#if !user.verified]a[#elseif false]b[#elseif user.age == 41]c[#else]d[/#if]", "c"),
        ("[#if false]a[#elseif false]b[#else]d[/#if]", "d"),
        ("[#if false]a[/#if]|", "|"),
        ("${(1 == 1.0)?c} ${(price == 0.1)?c} ${('a' == 'b')?c}", "true true false"),
        ("${(1 < 2)?then('yes', nobody)} ${(1 > 2)?then(nobody, 'no')}", "yes no"),
        ("${(true && false || true)?c}", "true"),
        ("${(!!true)?c}", "true"),
        ("${(1?number_to_datetime < 2?number_to_datetime)?c}", "true"),
    ]);
    fails(&[
        ("[#if user.firstName]a[/#if]", "needs a truth value, not a string"),
        ("[#if user.age && true]a[/#if]", "needs a truth value, not a number"),
        ("[#if user.age == 'x']a[/#if]", "a number cannot be compared with a string"),
        ("[#if 'a' < 'b']a[/#if]", "only numbers and dates"),
        ("${true}", "a truth value has no text"),
        ("${user}", "a hash cannot be printed"),
        ("${user.tags}", "a list cannot be printed"),
    ]);
}
