//! Built-ins over strings. Numbers and dates are taken for their text, as `FreeMarker` does.

use std::fmt::Write as _;

use minijinja::{Error, Value};

use super::builtin::{Budget, failure};
use super::number::Decimal;
use super::value::{as_text, one, two};

/// The text of `value`, charged for since it is looked at letter by letter.
pub(super) fn of(budget: &Budget, value: &Value) -> Result<String, Error> {
    let text = as_text(value)?.as_str().unwrap_or_default().to_owned();
    budget.charge(text.len())?;
    Ok(text)
}

/// `text` as a value, charged for.
pub(super) fn made(budget: &Budget, text: &str) -> Result<Value, Error> {
    budget.charge(text.len())?;
    Ok(Value::from(text))
}

/// As much of `text` as an error message quotes.
pub(super) fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

/// Texts one behind the other.
pub(super) fn concatenated(budget: &Budget, parts: &[Value]) -> Result<Value, Error> {
    let texts: Vec<_> = parts.iter().map(|part| part.as_str().unwrap_or_default()).collect();
    budget.charge(texts.iter().map(|text| text.len()).sum())?;
    Ok(Value::from(texts.concat()))
}

/// The text of the first value, changed letter by letter.
fn mapped(
    budget: &Budget,
    values: &[Value],
    map: impl Fn(char, &mut String),
) -> Result<Value, Error> {
    let text = of(budget, one(values)?)?;
    let mut mapped = String::with_capacity(text.len());
    for letter in text.chars() {
        map(letter, &mut mapped);
    }
    made(budget, &mapped)
}

pub(super) fn html(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    mapped(budget, values, |letter, out| match letter {
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '&' => out.push_str("&amp;"),
        '"' => out.push_str("&quot;"),
        '\'' => out.push_str("&#39;"),
        _ => out.push(letter),
    })
}

/// Percent signs before everything that has a meaning in an address, or in the attribute around it.
fn percent_encoded(
    budget: &Budget,
    values: &[Value],
    kept: fn(char) -> bool,
) -> Result<Value, Error> {
    mapped(budget, values, |letter, out| {
        if letter.is_ascii_alphanumeric() || "_-.!~()*".contains(letter) || kept(letter) {
            out.push(letter);
            return;
        }
        for byte in letter.encode_utf8(&mut [0; 4]).bytes() {
            // Writing into a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    })
}

pub(super) fn url(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    percent_encoded(budget, values, |_| false)
}

pub(super) fn url_path(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    percent_encoded(budget, values, |letter| letter == '/')
}

pub(super) fn js_string(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    mapped(budget, values, |letter, out| match letter {
        '\'' => out.push_str("\\'"),
        _ => push_script(letter, out),
    })
}

pub(super) fn json_string(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    mapped(budget, values, push_script)
}

/// The letter as it stands between the quotation marks of a program within a page.
fn push_script(letter: char, out: &mut String) {
    match letter {
        '"' | '\\' => out.extend(['\\', letter]),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        // `</script>`, `<!--`, `]]>` and the line ends that only programs know.
        '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
            let _ = write!(out, "\\u{:04X}", u32::from(letter));
        }
        _ => out.push(letter),
    }
}

pub(super) fn upper_case(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    made(budget, &of(budget, one(values)?)?.to_uppercase())
}

pub(super) fn lower_case(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    made(budget, &of(budget, one(values)?)?.to_lowercase())
}

/// The text with the first letter of its words, or of the first one only, changed.
fn first_changed(
    budget: &Budget,
    values: &[Value],
    every_word: bool,
    change: impl Fn(char) -> String,
    rest: impl Fn(char) -> String,
) -> Result<Value, Error> {
    let text = of(budget, one(values)?)?;
    let mut changed = String::with_capacity(text.len());
    let mut begins = true;
    for letter in text.chars() {
        if letter.is_whitespace() {
            begins |= every_word;
            changed.push(letter);
        } else if begins {
            changed.push_str(&change(letter));
            begins = false;
        } else {
            changed.push_str(&rest(letter));
        }
    }
    made(budget, &changed)
}

fn upper(letter: char) -> String {
    letter.to_uppercase().collect()
}

fn lower(letter: char) -> String {
    letter.to_lowercase().collect()
}

pub(super) fn cap_first(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    first_changed(budget, values, false, upper, String::from)
}

pub(super) fn uncap_first(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    first_changed(budget, values, false, lower, String::from)
}

pub(super) fn capitalize(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    first_changed(budget, values, true, upper, lower)
}

pub(super) fn trim(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    made(budget, of(budget, one(values)?)?.trim())
}

pub(super) fn length(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    Ok(Value::from(of(budget, one(values)?)?.chars().count()))
}

pub(super) fn replace(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    let [text, from, to] = values else { return Err(failure("?replace needs two texts")) };
    let (text, from, to) = (of(budget, text)?, of(budget, from)?, of(budget, to)?);
    // Charged before it is made, since it may be much longer than what there is.
    let found = text.matches(from.as_str()).count();
    budget.charge(text.len().saturating_add(found.saturating_mul(to.len())))?;
    Ok(Value::from(text.replace(&from, &to)))
}

fn tested(
    budget: &Budget,
    values: &[Value],
    holds: fn(&str, &str) -> bool,
) -> Result<Value, Error> {
    let (text, part) = two(values)?;
    Ok(Value::from(holds(&of(budget, text)?, &of(budget, part)?)))
}

pub(super) fn contains(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    tested(budget, values, |text, part| text.contains(part))
}

pub(super) fn starts_with(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    tested(budget, values, |text, part| text.starts_with(part))
}

pub(super) fn ends_with(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    tested(budget, values, |text, part| text.ends_with(part))
}

/// How many letters stand before the part, -1 if it does not occur.
pub(super) fn index_of(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    let (text, part) = two(values)?;
    let text = of(budget, text)?;
    Ok(match text.split_once(&of(budget, part)?) {
        Some((before, _)) => Value::from(before.chars().count()),
        None => Value::from(-1),
    })
}

fn cut(
    budget: &Budget,
    values: &[Value],
    cut: for<'t> fn(&'t str, &str) -> Option<&'t str>,
) -> Result<Value, Error> {
    let (text, part) = two(values)?;
    let text = of(budget, text)?;
    made(budget, cut(&text, &of(budget, part)?).unwrap_or(&text))
}

pub(super) fn remove_beginning(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    cut(budget, values, |text, part| text.strip_prefix(part))
}

pub(super) fn remove_ending(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    cut(budget, values, |text, part| text.strip_suffix(part))
}

pub(super) fn keep_before(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    cut(budget, values, |text, part| text.split_once(part).map(|(before, _)| before))
}

/// What stands behind the part; nothing if it does not occur.
pub(super) fn keep_after(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    cut(budget, values, |text, part| Some(text.split_once(part).map_or("", |(_, after)| after)))
}

pub(super) fn split(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    let (text, separator) = two(values)?;
    let (text, separator) = (of(budget, text)?, of(budget, separator)?);
    if separator.is_empty() {
        return Err(failure("?split needs a text to split at"));
    }
    budget.charge(text.len())?;
    Ok(Value::from(text.split(&separator).map(Value::from).collect::<Vec<_>>()))
}

/// The text cut off before it is longer than so many letters, with `[...]` or what is given at
/// its end.
pub(super) fn truncate(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    let (Some(text), Some(length)) = (values.first(), values.get(1)) else {
        return Err(failure("?truncate needs a length"));
    };
    let text = of(budget, text)?;
    let length = Some(Decimal::of(length)?.value()?)
        .and_then(|length| length.as_usize())
        .ok_or_else(|| failure("?truncate needs a whole number of letters"))?;
    if text.chars().count() <= length {
        return made(budget, &text);
    }
    let end = values.get(2).map_or_else(|| Ok("[...]".to_owned()), |end| of(budget, end))?;
    let kept = length.saturating_sub(end.chars().count());
    let kept: String = text.chars().take(kept).collect();
    made(budget, &format!("{}{end}", kept.trim_end()))
}
