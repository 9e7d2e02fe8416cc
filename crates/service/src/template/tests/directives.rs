//! Directives: what they print, and what is wrong with those that are none.

use super::super::check;
use super::{fails, same};

#[test]
fn lists_and_hashes_are_gone_through() {
    same(&[
        ("[#list user.tags as t]${t}[/#list]", "abc"),
        ("<#list user.tags as t>${t}<#if t?has_next>, </#if></#list>", "a, b, c"),
        ("[#list user.tags as t]${t}[#if t_has_next], [/#if][/#list]", "a, b, c"),
        ("[#list user.tags as t]${t}[#sep], [/#list]", "a, b, c"),
        ("[#list user.tags as t]${t}[#sep], [/#sep];[/#list]", "a, ;b, ;c;"),
        ("[#list user.tags as t]${t?index}${t?counter}${t_index}[/#list]", "010121232"),
        (
            "[#list user.tags as t]${t?is_first?c}${t?is_last?c}${t?item_parity} [/#list]",
            "truefalseodd falsefalseeven falsetrueodd ",
        ),
        ("[#list empty as t]x[#else]none[/#list]", "none"),
        (
            "[#list 1..3 as i]${i}[/#list] [#list 3..1 as i]${i}[/#list] [#list 0..<2 as i]${i}[/#list]",
            "123 321 01",
        ),
        (
            "[#list user.tags as a][#list names as b]${a?index}${b?index} [/#list][/#list]",
            "00 01 02 10 11 12 20 21 22 ",
        ),
        ("[#list user.tags as x][#list [1] as x]${x}[/#list]${x}[/#list]", "1a1b1c"),
        ("[#list {'a': 1, 'b': 2} as k, v]${k}${v}[/#list]", "a1b2"),
        ("[#list map?keys as k]${k} [/#list]", "one three two "),
        ("[#list map?values as v]${v!'-'} [/#list]", "1 - 2 "),
        ("${user.tags?size} ${map?size} ${names?first} ${names?last}", "3 3 Zoe Bea"),
        (
            "${user.tags?join(', ')} ${empty?join(',', 'none')} ${user.tags?join('-', '', '.')}",
            "a, b, c none a-b-c.",
        ),
        (
            "${names?sort?join(' ')} ${numbers?sort?join(' ')} ${numbers?reverse?join(' ')}",
            "adam Bea Zoe 1 2 3 2 1 3",
        ),
        ("${numbers?seq_contains(2)?c} ${numbers?seq_contains('2')?c}", "true false"),
        ("${([1] + [2, 3])?join(' ')} ${({'a': 1} + {'a': 2}).a}", "1 2 3 2"),
        (
            "${user.age?is_number?c} ${user.age?is_string?c} ${names?is_sequence?c} ${map?is_hash?c}",
            "true false true true",
        ),
    ]);
    fails(&[
        ("[#list user.age as x]x[/#list]", "a list was expected, not a number"),
        ("[#list names as k, v]x[/#list]", "a hash was expected, not a list"),
        ("${x?index}", "x is no item of a list here"),
        ("[#sep]x", "outside of a list"),
        ("[#list names as n]x[/#list]${n}", "n is missing"),
    ]);
}

#[test]
fn assigned_variables_last_to_the_end() {
    same(&[
        ("[#assign a = 1]${a}", "1"),
        ("[#assign a = 1 b = a + 1 /]${a}${b}", "12"),
        ("[#assign a = 1][#if true][#assign a = 2][/#if]${a}", "2"),
        ("[#assign s = ''][#list user.tags as t][#assign s = s + t][/#list]${s}", "abc"),
        ("[#assign s = 0][#list 1..4 as i][#assign s += i][/#list]${s}", "10"),
        ("[#assign s = 5][#assign s++][#assign s *= 2][#assign s -= 1]${s}", "11"),
        ("${and}[#assign and = 'mine']${and}", "keywordmine"),
        ("[#if false][#assign user = 1][/#if]${user.firstName}", "Ann"),
        ("[#assign u = user]${u.firstName}${u.nickname!'-'}${(u.x.y)!'-'}", "Ann--"),
        ("[#assign é$x = 1]${é$x}", "1"),
        ("[#assign a\\-b = 1]${a\\-b}", "1"),
        ("[#assign f = false]${f?c}${f???c}", "falsetrue"),
    ]);
    fails(&[
        ("${a}[#assign a = 1]", "a is missing"),
        ("[#assign a]x[/#assign]", "the only form"),
        ("[#assign u = user]${u.x.y}", "u.x is missing"),
    ]);
}

#[test]
fn escape_puts_every_interpolation_through_an_expression() {
    same(&[
        (
            "[#escape x as x?html]${html}${'<'}[/#escape]${'<'}",
            "&lt;b&gt;&amp;&quot;&#39;&lt;/b&gt;&lt;<",
        ),
        ("[#escape x as x?html][#noescape]${'<'}[/#noescape]${'<'}[/#escape]", "<&lt;"),
        ("[#escape x as (x!'-')?html]${user.nickname}${'<'}[/#escape]", "-&lt;"),
        ("[#escape x as x!'-']${user.nickname}[/#escape]", "-"),
        ("[#escape x as (x)!'-']${nobody.a.b}[/#escape]", "-"),
        ("[#escape x as '(' + x + ')'][#escape y as y + '!']${1}[/#escape][/#escape]", "(1!)"),
        ("[#escape x as x?html][#list ['<'] as x]${x}[/#list][/#escape]", "&lt;"),
        ("[#escape u as u.firstName]${user}[/#escape]", "Ann"),
    ]);
    fails(&[
        ("[#escape x as x?html]${nobody}[/#escape]", "nobody is missing"),
        ("[#noescape]x[/#noescape]", "outside of [#escape]"),
    ]);
}

#[test]
fn lines_that_hold_tags_only_vanish() {
    same(&[
        ("a\n  [#if true]\nb\n  [/#if]\nc\n", "a\nb\nc\n"),
        ("a\r\n  [#if true]\r\nb\r\n  [/#if]  \r\nc", "a\r\nb\r\nc"),
        ("[#if true]\nb\n[/#if]", "b\n"),
        ("  [#-- c --]  \nx", "x"),
        ("[#setting locale='de']\n[#assign a = 1]\n\nx", "\nx"),
        ("[#assign a = 1]\n\n[#assign b = 1]\nx", "x"),
        ("x [#if true] y [/#if] z", "x  y  z"),
        ("  [#if true]x[/#if]\ny", "  x\ny"),
        ("  ${1}\n  [#if true][#assign q = 1][/#if]\n  ${2}", "  1\n  2"),
        ("[#list 1..2 as i]\n* ${i}\n[/#list]\n", "* 1\n* 2\n"),
        ("  [#-- a\n b --]\nx\n", "x\n"),
        ("a [#-- c --]\nb", "a \nb"),
        (" [#if true] [#-- --] [/#if]\nx", "   \nx"),
    ]);
}

#[test]
fn syntax_errors_say_where_and_what() {
    for (source, expected) in [
        ("a\n b ${", "line 2, column 4: ${ is never closed"),
        ("${a", "line 1, column 1: ${ is never closed"),
        ("${(a}", "line 1, column 5: } does not close the ( of line 1, column 3"),
        ("${a)}", "line 1, column 4: ) closes nothing"),
        ("${}", "line 1, column 1: ${ holds no expression"),
        ("${a b}", "line 1, column 5: b is not expected here"),
        ("${a +}", "line 1, column 1: an expression is missing or cut off"),
        ("${'a}", "line 1, column 3: the string is never closed"),
        ("${\"x\n${a b}\"}", "line 2, column 5: b is not expected here"),
        ("${a?nope}", "line 1, column 5: ?nope is not supported"),
        ("${a?replace('x')}", "line 1, column 5: ?replace does not take an argument"),
        ("${a?join}", "line 1, column 5: ?join does not take no arguments"),
        ("${a.b()}", "line 1, column 6: methods and functions cannot be called"),
        ("${.locale}", "line 1, column 3: .locale is not supported"),
        ("#{a}", "line 1, column 1: #{…} is not supported"),
        ("[#if a]\nx", "line 1, column 1: [#if] is never closed"),
        ("[#if a]x[/#list]", "line 1, column 9: [/#list] does not close the [#if] of line 1"),
        ("[#if a]x</#if>", "line 1, column 9: </#if> does not close the [#if] of line 1"),
        ("[#if a]x[#else]y[#elseif b]z[/#if]", "line 1, column 17: [#elseif] cannot stand here"),
        ("x[/#if]", "line 1, column 2: [/#if] closes nothing"),
        ("x[#else]", "line 1, column 2: [#else] stands outside of a directive"),
        ("[#if]x[/#if]", "line 1, column 1: an expression is missing"),
        ("[#if a", "line 1, column 1: [#if] is never closed"),
        ("[#list a]x[/#list]", "[#list … as item] is the only form"),
        ("[#list a as]x[/#list]", "the name of the item is missing"),
        ("[#include 'x']", "line 1, column 1: [#include] is not supported: a mail template"),
        ("[#switch a][#case 1][/#switch]", "[#switch] is not supported: use [#if]"),
        ("<#macro m></#macro>", "<#macro> is not supported"),
        ("[@m /]", "macros are not supported"),
        ("[#-- x", "the comment is never closed"),
        ("[#noparse]x", "[#noparse] is never closed"),
        ("[#ftl output_format='HTML']", "output_format is not supported: escape values with ?html"),
        ("[#ftl output_format='plainText' encoding='UTF-8']\n${", "line 2"),
        ("${a \\ b}", "\\ has no meaning in an expression"),
        ("${'\\q'}", "line 1, column 4: a backslash and this letter mean nothing"),
        ("[#escape x]a[/#escape]", "needs its as"),
        ("[#if a/]x[/#if]", "cannot end in a slash"),
        ("${1..}", "missing or cut off"),
        ("${a ; b}", "; is not expected here"),
    ] {
        let error = check(source).expect_err(source).to_string();
        assert!(error.contains(expected), "{source}: {error}");
    }
}
