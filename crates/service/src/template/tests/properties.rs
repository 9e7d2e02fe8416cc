//! Properties: no text makes the engine panic, and a generated template renders to what a model
//! of ten lines says.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::{check, render, translate};
use super::variables;

/// A template of the part of the language that the model knows.
#[derive(Clone, Debug)]
enum Part {
    Literal(String),
    Path(Vec<&'static str>),
    OrElse(Vec<&'static str>, String),
    If(Vec<&'static str>, Vec<Part>, Vec<Part>),
    List(&'static str, Vec<Part>),
    Item,
}

fn written(parts: &[Part], square: bool) -> String {
    let (open, close) = if square { ('[', ']') } else { ('<', '>') };
    parts
        .iter()
        .map(|part| match part {
            Part::Literal(text) => text.clone(),
            Part::Path(path) => format!("${{{}}}", path.join(".")),
            Part::OrElse(path, text) => format!("${{({})!{text:?}}}", path.join(".")),
            Part::If(path, yes, no) => format!(
                "{open}#if ({})??{close}{}{open}#else{close}{}{open}/#if{close}",
                path.join("."),
                written(yes, square),
                written(no, square),
            ),
            Part::List(name, body) => format!(
                "{open}#list {name}![] as item{close}{}{open}/#list{close}",
                written(body, square)
            ),
            Part::Item => "${(item!'-')?string}".to_owned(),
        })
        .collect()
}

fn found<'v>(variables: &'v Value, path: &[&str]) -> Option<&'v str> {
    path.iter().try_fold(variables, |value, key| value.get(key))?.as_str()
}

/// The ten lines: the text of the template, or nothing if a variable is missing.
fn model(parts: &[Part], variables: &Value, item: Option<&str>) -> Option<String> {
    parts
        .iter()
        .map(|part| match part {
            Part::Literal(text) => Some(text.clone()),
            Part::Path(path) => found(variables, path).map(str::to_owned),
            Part::OrElse(path, text) => Some(found(variables, path).unwrap_or(text).to_owned()),
            Part::If(path, yes, no) => {
                model(if found(variables, path).is_some() { yes } else { no }, variables, item)
            }
            Part::List(name, body) => variables
                .get(name)
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .map(|item| model(body, variables, item.as_str()))
                .collect(),
            Part::Item => Some(item.unwrap_or("-").to_owned()),
        })
        .collect()
}

fn small() -> Value {
    json!({ "a": "A<&", "b": { "c": "{{ C }}", "d": { "e": "${E}" } }, "xs": ["1", "{%", "3"] })
}

fn path() -> impl Strategy<Value = Vec<&'static str>> {
    prop::sample::select(vec![
        vec!["a"],
        vec!["b", "c"],
        vec!["b", "d", "e"],
        vec!["z"],
        vec!["b", "z"],
        vec!["z", "z", "z"],
    ])
}

/// Text with all signs that mean something to one of the two languages, but no line breaks, so
/// that no line holds tags only, and nothing that begins a directive.
fn literal() -> impl Strategy<Value = String> {
    "[a-z{}%# é\"'-]{0,8}"
        .prop_filter("no interpolation", |text| !text.contains("#{"))
        .prop_map(|text| format!("{text}."))
}

fn part() -> impl Strategy<Value = Part> {
    let leaf = prop_oneof![
        4 => literal().prop_map(Part::Literal),
        1 => prop::sample::select(vec![vec!["a"], vec!["b", "c"], vec!["b", "d", "e"]])
            .prop_map(Part::Path),
        1 => path().prop_map(Part::Path),
        2 => (path(), "[a-z<& ]{0,5}").prop_map(|(path, text)| Part::OrElse(path, text)),
        1 => Just(Part::Item),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        let body = prop::collection::vec(inner, 0..5);
        prop_oneof![
            (path(), body.clone(), body.clone()).prop_map(|(p, yes, no)| Part::If(p, yes, no)),
            (prop::sample::select(vec!["xs", "z"]), body).prop_map(|(n, body)| Part::List(n, body)),
        ]
    })
}

/// Text made of the pieces that templates are made of, in any order.
fn soup() -> impl Strategy<Value = String> {
    let pieces = vec![
        "${",
        "}",
        "[=",
        "]",
        "[#if ",
        "<#if ",
        ">",
        "[/#if]",
        "</#if>",
        "[#else]",
        "[#elseif ",
        "[#list ",
        " as ",
        "x",
        "[/#list]",
        "[#assign ",
        "=",
        "==",
        "!",
        "??",
        "?html",
        "?string",
        "?then(",
        "(",
        ")",
        "[",
        "{",
        ",",
        ":",
        "'",
        "\"",
        "\\",
        "a.b",
        "user",
        ".",
        "1",
        "1.5",
        " ",
        "\n",
        "\r\n",
        "[#--",
        "--]",
        "-->",
        "<#--",
        "&&",
        "||",
        "+",
        "-",
        "*",
        "/",
        "%",
        "<",
        "lt",
        "true",
        "..",
        "[#escape x as ",
        "[/#escape]",
        "[#sep]",
        "{{",
        "{%",
        "{#",
        "#}",
        "}}",
        "[#noparse]",
        "[/#noparse]",
        "[#setting ",
        "[#ftl",
        "é",
        "😀",
        "\0",
        "r'",
        "?index",
        ".now",
        "?number_to_datetime",
        "?replace(",
        "@",
        "#{",
        "[@x",
        "?",
        "$",
        "#",
    ];
    prop::collection::vec(prop::sample::select(pieces), 0..40).prop_map(|pieces| pieces.concat())
}

/// Whatever the text is, all doors stand it.
fn stands(source: &str) {
    let translated = translate(source);
    assert_eq!(translated.is_ok(), check(source).is_ok(), "the engine refuses {source:?}");
    drop(render(source, &variables()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_text_makes_it_panic(source in any::<String>()) {
        stands(&source);
    }

    #[test]
    fn no_soup_of_pieces_makes_it_panic(source in soup()) {
        stands(&source);
    }

    #[test]
    fn no_expression_makes_it_panic(source in soup()) {
        stands(&format!("${{{source}}}"));
        stands(&format!("[#if {source}]x[/#if]"));
    }

    #[test]
    fn no_pattern_makes_it_panic(pattern in "[a-zA-Z0#,.' é]{0,24}", number in any::<i64>()) {
        let variables = json!({ "n": number, "p": pattern });
        drop(render("${n?string(p)}", &variables));
        drop(render("${n?number_to_datetime?string(p)}", &variables));
    }

    #[test]
    fn a_template_renders_to_what_the_model_says(
        parts in prop::collection::vec(part(), 0..8),
        square in any::<bool>(),
    ) {
        let source = written(&parts, square);
        let expected = model(&parts, &small(), None);
        prop_assert!(check(&source).is_ok(), "{source}: {:?}", check(&source));
        prop_assert_eq!(render(&source, &small()).ok(), expected, "{}", source);
    }

    #[test]
    fn numbers_are_counted_as_integers_are(a in -1_000_000_i64..1_000_000, b in -1_000_i64..1_000) {
        let variables = json!({ "a": a, "b": b });
        let shown = |source: &str| render(source, &variables).unwrap();
        prop_assert_eq!(shown("${a + b} ${a - b} ${a * b}"),
            format!("{} {} {}", a + b, a - b, a * b));
        prop_assert_eq!(shown("${(a < b)?c} ${(a == b)?c}"), format!("{} {}", a < b, a == b));
        if b != 0 {
            prop_assert_eq!(shown("${a % b} ${(a * b) / b}"), format!("{} {a}", a % b));
        }
    }

    #[test]
    fn html_holds_no_markup(text in any::<String>()) {
        let shown = render("${text?html}", &json!({ "text": text })).unwrap();
        prop_assert!(!shown.contains(['<', '>', '"', '\'']));
    }
}
