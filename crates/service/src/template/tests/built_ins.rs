//! Built-ins: what they make of numbers, strings and dates.

use serde_json::json;

use super::super::{RenderError, render};
use super::{fails, same};

#[test]
fn numbers_are_decimals() {
    same(&[
        ("${1 + 2 * 3 - 4 / 2}", "5"),
        ("${(1 + 2) * 3}", "9"),
        ("${0.1 + 0.2}", "0.3"),
        ("${price * 3}", "0.3"),
        ("${1 / 3} ${2 / 3} ${-1 / 3}", "0.333333333333 0.666666666667 -0.333333333333"),
        ("${7 % 4} ${-7 % 4} ${7.9 % 4}", "3 -3 3"),
        ("${-user.age} ${+user.age} ${1 - -1}", "-41 41 2"),
        ("${1000000 * 1000000} ${user.insertInstant * 1000}", "1000000000000 1763754699042000"),
        ("${1 + 1 + 'a'} ${'a' + 1 + 1}", "2a a11"),
        (
            "${user.balance?c} ${user.balance?string} ${user.balance?string('0.00')}",
            "1234.5 1234.5 1234.50",
        ),
        (
            "${user.balance?string('#,##0.00')} ${0.5?string('#.##')} ${7?string('000')}",
            "1,234.50 .5 007",
        ),
        ("${(-1234567.891)?string(',##0.#')} ${5?string('0 EUR')}", "-1,234,567.9 5 EUR"),
        (
            "${1.5?floor} ${-1.5?floor} ${1.2?ceiling} ${1.5?round} ${1.9?int} ${-3?abs}",
            "1 -1 2 2 1 -3",
        ),
        ("${(-1.5)?floor} ${(-3)?abs} ${(-1.5)?round}", "-2 3 -1"),
        ("${'12.50'?number + 1}", "13.5"),
    ]);
    fails(&[
        ("${1 / 0}", "divided by zero"),
        ("${1 % 0}", "divided by zero"),
        ("${'a' * 2}", "a number was expected, not a string"),
        ("${'a'?number}", "\"a\" is not a number"),
        ("${1?string('0%')}", "format 0% is not supported"),
        ("${99999999999999999999 * 99999999999999999999}", "too large"),
        ("${999999999999999999999999999999}", "too large a number"),
    ]);
}

#[test]
fn strings_are_changed_by_built_ins() {
    same(&[
        ("${html?html}", "&lt;b&gt;&amp;&quot;&#39;&lt;/b&gt;"),
        (
            "${'a b&c/d?é'?url} ${'a/b c'?url_path} ${'x'?url('UTF-8')}",
            "a%20b%26c%2Fd%3F%C3%A9 a/b%20c x",
        ),
        (
            "${'aB c'?upper_case}${'aB c'?lower_case}${' ab c'?cap_first}${'AB'?uncap_first}",
            "AB Cab c Ab caB",
        ),
        ("${'hELLO wORLD'?capitalize}|${'  x '?trim}|${'héé'?length}", "Hello World|x|3"),
        ("${'a-b-c'?replace('-', '+')} ${'aXb'?contains('X')?c}", "a+b+c true"),
        ("${'abc'?starts_with('ab')?c} ${'abc'?ends_with('ab')?c}", "true false"),
        ("${'a,b,c'?split(',')?join('|')} ${'abc'?index_of('c')}", "a|b|c 2"),
        ("${'abcdefghij'?truncate(8)} ${'abcdefghij'?truncate(8, '…')}", "abc[...] abcdefg…"),
        ("${'a.b'?keep_before('.')} ${'a.b'?keep_after('.')} ${'ab'?remove_ending('b')}", "a b a"),
        ("${'</script>'?js_string} ${'a\"b'?json_string}", "\\u003C/script\\u003E a\\\"b"),
        ("${user.age?html}${user.age?upper_case}", "4141"),
        ("${user.firstName?upperCase}", "ANN"),
        (
            "${true?string} ${true?string('yes', 'no')} ${false?string('yes', 'no')} ${true?c}",
            "true yes no true",
        ),
    ]);
}

#[test]
fn dates_are_made_of_milliseconds_and_shown_in_utc() {
    same(&[
        ("${user.insertInstant?number_to_datetime}", "Nov 21, 2025, 7:51:39 PM UTC"),
        ("${user.insertInstant?number_to_date}", "Nov 21, 2025"),
        ("${user.insertInstant?number_to_time}", "7:51:39 PM UTC"),
        (
            "${user.insertInstant?number_to_datetime?string('yyyy-MM-dd HH:mm:ss.SSS z')}",
            "2025-11-21 19:51:39.042 UTC",
        ),
        (
            "${user.insertInstant?number_to_datetime?string(\"EEE, d MMM yy 'at' h 'o''clock' a X\")}",
            "Fri, 21 Nov 25 at 7 o'clock PM Z",
        ),
        (
            "${user.insertInstant?number_to_datetime?string['EEEE dd. MMMM yyyy k:m']}",
            "Friday 21. November 2025 19:51",
        ),
        ("${user.insertInstant?number_to_datetime?string.short}", "11/21/25, 7:51 PM"),
        ("${user.insertInstant?number_to_datetime?string.medium}", "Nov 21, 2025, 7:51:39 PM"),
        (
            "${user.insertInstant?number_to_datetime?string.long}",
            "November 21, 2025 at 7:51:39 PM UTC",
        ),
        ("${user.insertInstant?number_to_datetime?string.medium_short}", "Nov 21, 2025, 7:51 PM"),
        ("${user.insertInstant?number_to_datetime?date?string.full}", "Friday, November 21, 2025"),
        (
            "${user.insertInstant?number_to_datetime?string.iso} ${user.insertInstant?number_to_datetime?iso_utc}",
            "2025-11-21T19:51:39.042Z 2025-11-21T19:51:39.042Z",
        ),
        ("${user.insertInstant?number_to_datetime?long}", "1763754699042"),
        (
            "${'2024-02-29T10:00:00+02:00'?datetime.iso?string('dd.MM.yyyy HH:mm D')}",
            "29.02.2024 08:00 60",
        ),
        ("${.now?string('yyyy')} ${.now?date}", "2001 Sep 9, 2001"),
        ("${(.now)???c}", "true"),
    ]);
    fails(&[
        (
            "${user.firstName?number_to_datetime}",
            "whole number of milliseconds was expected, not a string",
        ),
        ("${1?number_to_datetime?string('yyyy Q')}", "Q means nothing"),
        ("${1?number_to_datetime?string(\"yyyy 'x\")}", "never closed"),
        ("${99999999999999999?number_to_datetime}", "not an instant"),
    ]);
    let error = render("${.now}", &json!({})).unwrap_err();
    assert_eq!(error, RenderError::Undefined { name: ".now".to_owned(), line: Some(1) });
}
