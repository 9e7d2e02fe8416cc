//! Lists and hashes: reaching into them, going through them, making them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use minijinja::value::ValueKind;
use minijinja::{Error, ErrorKind, Value};

use super::builtin::{Budget, failure};
use super::number::Decimal;
use super::syntax::step_name;
use super::text;
use super::value::{as_text, kind, one, same, two};

/// What `key` leads to in `value`; undefined if there is no such thing.
fn step(value: &Value, key: &Value) -> Result<Value, Error> {
    match (value.kind(), key.kind()) {
        (ValueKind::Map, ValueKind::String) => value.get_item(key),
        (ValueKind::Seq, ValueKind::Number) => {
            index(key).map_or(Ok(Value::UNDEFINED), |index| value.get_item_by_index(index))
        }
        (ValueKind::String, ValueKind::Number) => {
            let letter =
                index(key).and_then(|at| value.as_str().unwrap_or_default().chars().nth(at));
            Ok(letter.map_or(Value::UNDEFINED, |letter| Value::from(letter.to_string())))
        }
        // What is no hash has no entries.
        (_, ValueKind::String) => Ok(Value::UNDEFINED),
        _ => Err(failure(format!("{} has no entry under {}", kind(value), kind(key)))),
    }
}

fn index(key: &Value) -> Option<usize> {
    Decimal::of(key).and_then(Decimal::value).ok()?.as_usize()
}

/// The value at the end of the steps; missing if any step is.
pub(super) fn get(_: &Budget, values: &[Value]) -> Result<Value, Error> {
    let Some((base, steps)) = values.split_first() else { return Ok(Value::UNDEFINED) };
    let mut value = base.clone();
    for key in steps {
        if value.is_undefined() || key.is_undefined() {
            return Ok(Value::UNDEFINED);
        }
        value = step(&value, key)?;
    }
    Ok(value)
}

/// The variable of the data at the end of the steps, or an error that names what is missing.
pub(super) fn path(_: &Budget, values: &[Value]) -> Result<Value, Error> {
    let Some((data, steps)) = values.split_first() else { return Ok(Value::UNDEFINED) };
    let Some((name, steps)) = steps.split_first() else { return Ok(data.clone()) };
    follow(step(data, name)?, name.as_str().unwrap_or_default(), steps)
}

/// The value called by the first step, and the one at the end of the others, or an error that
/// names what is missing.
pub(super) fn of(_: &Budget, values: &[Value]) -> Result<Value, Error> {
    let Some((value, steps)) = values.split_first() else { return Ok(Value::UNDEFINED) };
    let Some((name, steps)) = steps.split_first() else { return Ok(value.clone()) };
    follow(value.clone(), name.as_str().unwrap_or_default(), steps)
}

fn follow(base: Value, name: &str, steps: &[Value]) -> Result<Value, Error> {
    let mut value = base;
    let mut passed = 0;
    for key in steps {
        if value.is_undefined() {
            break;
        }
        value = step(&value, key)?;
        passed += 1;
    }
    if !value.is_undefined() {
        return Ok(value);
    }
    let mut name = name.to_owned();
    for key in steps.iter().take(passed) {
        match key.as_str() {
            Some(key) => name.push_str(&step_name(&text::shortened(key))),
            // Writing into a string cannot fail.
            None => drop(write!(name, "[{}]", as_text(key).unwrap_or_default())),
        }
    }
    Err(Error::new(ErrorKind::UndefinedError, name))
}

fn wrong(value: &Value) -> Error {
    failure(format!("a list was expected, not {}", kind(value)))
}

/// The items of a list. An empty string has none: it is what `missing!` stands for.
fn list_of(budget: &Budget, value: &Value) -> Result<Vec<Value>, Error> {
    match value.kind() {
        ValueKind::Seq => {
            // Charged for, since a long list may be gone through again and again.
            budget.charge(value.len().unwrap_or_default())?;
            Ok(value.try_iter()?.collect())
        }
        ValueKind::String if value.as_str() == Some("") => Ok(Vec::new()),
        _ => Err(wrong(value)),
    }
}

/// The pairs of a hash, in the order of their keys.
fn pairs_of(value: &Value) -> Result<Vec<(Value, Value)>, Error> {
    match value.kind() {
        ValueKind::Map => {
            value.try_iter()?.map(|key| Ok((key.clone(), value.get_item(&key)?))).collect()
        }
        ValueKind::String if value.as_str() == Some("") => Ok(Vec::new()),
        _ => Err(failure(format!("a hash was expected, not {}", kind(value)))),
    }
}

fn made(budget: &Budget, items: Vec<Value>) -> Result<Value, Error> {
    budget.charge(items.len())?;
    Ok(Value::from(items))
}

/// The list that a loop goes through.
pub(super) fn items(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    made(budget, list_of(budget, one(values)?)?)
}

/// The pairs that a loop goes through.
pub(super) fn pairs(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    let pairs = pairs_of(one(values)?)?;
    made(budget, pairs.into_iter().map(|(key, value)| Value::from(vec![key, value])).collect())
}

/// A list of all values but the first.
pub(super) fn list(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    made(budget, values.iter().skip(1).cloned().collect())
}

/// A hash of all values but the first, which are keys and values by turns.
pub(super) fn hash(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    budget.charge(values.len())?;
    let mut pairs = BTreeMap::new();
    for pair in values.get(1..).unwrap_or_default().chunks_exact(2) {
        let (key, value) = two(pair)?;
        let key = key.as_str().ok_or_else(|| failure("the keys of a hash are strings"))?;
        pairs.insert(key.to_owned(), value.clone());
    }
    Ok(Value::from(pairs))
}

fn counted(budget: &Budget, values: &[Value], inclusive: bool) -> Result<Value, Error> {
    let (from, to) = two(values)?;
    let whole = |value: &Value| {
        i64::try_from(Decimal::of(value)?.value()?)
            .map_err(|_| failure("a range needs whole numbers"))
    };
    let (from, to) = (whole(from)?, whole(to)?);
    let distance = usize::try_from(from.abs_diff(to)).unwrap_or(usize::MAX);
    let length = distance.saturating_add(usize::from(inclusive));
    budget.charge(length)?;
    // As in FreeMarker, 3..1 counts down.
    let step = if from <= to { 1 } else { -1 };
    let numbers = std::iter::successors(Some(from), |number| number.checked_add(step));
    Ok(Value::from(numbers.take(length).map(Value::from).collect::<Vec<_>>()))
}

pub(super) fn range(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    counted(budget, values, true)
}

pub(super) fn range_before(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    counted(budget, values, false)
}

/// Two lists, one behind the other.
pub(super) fn appended(budget: &Budget, left: &Value, right: &Value) -> Result<Value, Error> {
    let mut items = list_of(budget, left)?;
    items.extend(list_of(budget, right)?);
    made(budget, items)
}

/// Two hashes in one, in which the right one prevails.
pub(super) fn merged(budget: &Budget, left: &Value, right: &Value) -> Result<Value, Error> {
    let pairs: BTreeMap<Value, Value> =
        pairs_of(left)?.into_iter().chain(pairs_of(right)?).collect();
    budget.charge(pairs.len())?;
    Ok(Value::from(pairs))
}

/// Whether the value is there and not empty. Numbers and truth values are never empty.
pub(super) fn has_content(_: &Budget, values: &[Value]) -> Result<Value, Error> {
    let value = one(values)?;
    Ok(Value::from(match value.kind() {
        ValueKind::Undefined => false,
        ValueKind::String => value.as_str() != Some(""),
        ValueKind::Seq | ValueKind::Map => value.len() != Some(0),
        _ => true,
    }))
}

pub(super) fn size(_: &Budget, values: &[Value]) -> Result<Value, Error> {
    let value = one(values)?;
    match value.kind() {
        ValueKind::Seq | ValueKind::Map => Ok(Value::from(value.len().unwrap_or_default())),
        ValueKind::String if value.as_str() == Some("") => Ok(Value::from(0)),
        _ => Err(wrong(value)),
    }
}

pub(super) fn first(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    Ok(list_of(budget, one(values)?)?.into_iter().next().unwrap_or(Value::UNDEFINED))
}

pub(super) fn last(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    Ok(list_of(budget, one(values)?)?.pop().unwrap_or(Value::UNDEFINED))
}

/// `list?join(separator, if_empty, ending)`
pub(super) fn join(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    let argument = |index: usize| {
        values.get(index).map_or_else(|| Ok(String::new()), |value| text::of(budget, value))
    };
    let (separator, empty, ending) = (argument(1)?, argument(2)?, argument(3)?);
    let items: Result<Vec<_>, _> = list_of(budget, one(values)?)?
        .iter()
        .filter(|item| !item.is_undefined())
        .map(as_text)
        .collect();
    let items = items?;
    if items.is_empty() {
        return text::made(budget, &empty);
    }
    let texts: Vec<_> = items.iter().map(|item| item.as_str().unwrap_or_default()).collect();
    let length: usize = texts.iter().map(|text| text.len()).sum();
    budget.charge(length.saturating_add(separator.len().saturating_mul(texts.len())))?;
    Ok(Value::from(texts.join(&separator) + &ending))
}

pub(super) fn reverse(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    let mut items = list_of(budget, one(values)?)?;
    items.reverse();
    made(budget, items)
}

/// The list in order. It holds numbers only or strings only, which are ordered without regard to
/// upper and lower case.
pub(super) fn sort(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    let mut items = list_of(budget, one(values)?)?;
    if items.iter().all(|item| item.as_str().is_some()) {
        items.sort_by_cached_key(|item| item.as_str().unwrap_or_default().to_lowercase());
        return made(budget, items);
    }
    let numbers: Result<Vec<_>, _> = items.iter().map(Decimal::of).collect();
    let Ok(numbers) = numbers else {
        return Err(failure("?sort needs a list of strings or of numbers"));
    };
    let mut numbered: Vec<_> = numbers.into_iter().zip(items).collect();
    numbered.sort_by_key(|(number, _)| *number);
    made(budget, numbered.into_iter().map(|(_, item)| item).collect())
}

pub(super) fn keys(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    made(budget, pairs_of(one(values)?)?.into_iter().map(|(key, _)| key).collect())
}

pub(super) fn values(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    made(budget, pairs_of(one(values)?)?.into_iter().map(|(_, value)| value).collect())
}

/// Whether the list holds the value.
pub(super) fn seq_contains(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    let (list, value) = two(values)?;
    let equal = |item: &Value| {
        item.kind() == value.kind()
            && same(budget, &[item.clone(), value.clone()]).is_ok_and(|same| same.is_true())
    };
    Ok(Value::from(list_of(budget, list)?.iter().any(equal)))
}
