//! Values of any kind: where they come from, how they are printed, compared and joined.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use minijinja::value::ValueKind;
use minijinja::{Error, Value};

use super::builtin::{Budget, failure};
use super::collection;
use super::moment::Moment;
use super::number::{self, Decimal};
use super::text;

/// How deep variables may nest. What `serde_json` reads is at most 128 levels deep.
const NESTING_LIMIT: usize = 128;

/// The variables of a template. As in `FreeMarker`, null is nothing.
pub(super) fn from_json(json: &serde_json::Value) -> Result<Value, Error> {
    convert(json, 0)
}

fn convert(json: &serde_json::Value, depth: usize) -> Result<Value, Error> {
    if depth > NESTING_LIMIT {
        return Err(failure("the variables are nested too deeply"));
    }
    Ok(match json {
        serde_json::Value::Null => Value::UNDEFINED,
        serde_json::Value::Bool(truth) => Value::from(*truth),
        serde_json::Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => Value::from(number),
            (None, Some(number)) => Value::from(number),
            (None, None) => number.as_f64().map_or(Value::UNDEFINED, Value::from),
        },
        serde_json::Value::String(text) => Value::from(text.as_str()),
        serde_json::Value::Array(items) => {
            let items: Result<Vec<_>, _> =
                items.iter().map(|item| convert(item, depth + 1)).collect();
            Value::from(items?)
        }
        serde_json::Value::Object(entries) => {
            let mut pairs = BTreeMap::new();
            for (key, value) in entries {
                pairs.insert(key.clone(), convert(value, depth + 1)?);
            }
            Value::from(pairs)
        }
    })
}

/// The value and its only argument.
pub(super) fn two(values: &[Value]) -> Result<(&Value, &Value), Error> {
    match values {
        [left, right] => Ok((left, right)),
        _ => Err(failure("two values were expected")),
    }
}

/// The value before the question mark.
pub(super) fn one(values: &[Value]) -> Result<&Value, Error> {
    values.first().ok_or_else(|| failure("a value was expected"))
}

/// What kind of value it is, for an error message.
pub(super) fn kind(value: &Value) -> &'static str {
    match value.kind() {
        ValueKind::Bool => "a truth value",
        ValueKind::Number => "a number",
        ValueKind::String => "a string",
        ValueKind::Seq | ValueKind::Iterable => "a list",
        ValueKind::Map => "a hash",
        _ if value.downcast_object_ref::<Moment>().is_some() => "a date",
        _ => "nothing",
    }
}

/// The value as text, where it has a text.
pub(super) fn as_text(value: &Value) -> Result<Value, Error> {
    if value.as_str().is_some() {
        return Ok(value.clone());
    }
    if let Some(moment) = value.downcast_object_ref::<Moment>() {
        return moment.print().map(Value::from);
    }
    match value.kind() {
        ValueKind::Number => number::print(value).map(Value::from),
        ValueKind::Bool => {
            Err(failure("a truth value has no text: write ?c, ?string(…, …) or ?then(…, …)"))
        }
        _ => Err(failure(format!("{} cannot be printed", kind(value)))),
    }
}

pub(super) fn print(_: &Budget, values: &[Value]) -> Result<Value, Error> {
    as_text(one(values)?)
}

/// The texts of all values but the first, one behind the other.
pub(super) fn joined(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    let parts: Result<Vec<_>, _> = values.iter().skip(1).map(as_text).collect();
    text::concatenated(budget, &parts?)
}

/// `value?string`, `value?string(format)` and `truth?string(yes, no)`.
pub(super) fn string(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    match (values, values.first().and_then(as_truth)) {
        ([_], Some(truth)) => Ok(Value::from(if truth { "true" } else { "false" })),
        ([_, yes, no], Some(truth)) => as_text(if truth { yes } else { no }),
        ([value], None) => as_text(value),
        ([value, format], None) => {
            let format = text::of(budget, format)?;
            let text = if let Some(moment) = value.downcast_object_ref::<Moment>() {
                moment.format(&format)?
            } else if value.is_number() {
                number::format(value, &format)?
            } else {
                return Err(failure(format!("{} has no formats", kind(value))));
            };
            text::made(budget, &text)
        }
        ([_, _], Some(_)) => Err(failure("?string needs two texts for a truth value")),
        _ => Err(failure("?string takes two texts only for a truth value")),
    }
}

/// `value?c`: as a program would read it.
pub(super) fn computer(_: &Budget, values: &[Value]) -> Result<Value, Error> {
    let value = one(values)?;
    match as_truth(value) {
        Some(truth) => Ok(Value::from(if truth { "true" } else { "false" })),
        None => match value.kind() {
            ValueKind::Number | ValueKind::String => as_text(value),
            _ => Err(failure(format!("?c is for numbers and truth values, not {}", kind(value)))),
        },
    }
}

fn as_truth(value: &Value) -> Option<bool> {
    bool::try_from(value.clone()).ok()
}

fn needed_truth(value: &Value) -> Result<bool, Error> {
    as_truth(value).ok_or_else(|| {
        failure(format!("a condition needs a truth value, not {}: compare or test it", kind(value)))
    })
}

pub(super) fn truth(_: &Budget, values: &[Value]) -> Result<Value, Error> {
    needed_truth(one(values)?).map(Value::from)
}

pub(super) fn negate(_: &Budget, values: &[Value]) -> Result<Value, Error> {
    needed_truth(one(values)?).map(|truth| Value::from(!truth))
}

/// Whether all values but the first hold, which are looked at up to one that decides.
pub(super) fn all(_: &Budget, values: &[Value]) -> Result<Value, Error> {
    decided(values, false)
}

/// Whether one of the values but the first holds, which are looked at up to one that decides.
pub(super) fn any(_: &Budget, values: &[Value]) -> Result<Value, Error> {
    decided(values, true)
}

fn decided(values: &[Value], deciding: bool) -> Result<Value, Error> {
    for value in values.iter().skip(1) {
        if value.is_undefined() {
            return Ok(Value::UNDEFINED);
        }
        if needed_truth(value)? == deciding {
            return Ok(Value::from(deciding));
        }
    }
    Ok(Value::from(!deciding))
}

/// How two values of one kind stand to each other; strings and truth values only equal or differ.
fn compare(budget: &Budget, values: &[Value]) -> Result<(Ordering, bool), Error> {
    let (left, right) = two(values)?;
    let moments = left.downcast_object_ref::<Moment>().zip(right.downcast_object_ref::<Moment>());
    if let Some((left, right)) = moments {
        return Ok((left.milliseconds().cmp(&right.milliseconds()), true));
    }
    if left.is_number() && right.is_number() {
        return Ok((Decimal::of(left)?.cmp(&Decimal::of(right)?), true));
    }
    if let Some((left, right)) = left.as_str().zip(right.as_str()) {
        budget.charge(left.len().min(right.len()))?;
        return Ok((left.cmp(right), false));
    }
    if let Some((left, right)) = as_truth(left).zip(as_truth(right)) {
        return Ok((left.cmp(&right), false));
    }
    Err(failure(format!("{} cannot be compared with {}", kind(left), kind(right))))
}

fn ordered(budget: &Budget, values: &[Value], test: fn(Ordering) -> bool) -> Result<Value, Error> {
    match compare(budget, values)? {
        (ordering, true) => Ok(Value::from(test(ordering))),
        _ => Err(failure("only numbers and dates are smaller or larger than others")),
    }
}

pub(super) fn same(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    compare(budget, values).map(|(ordering, _)| Value::from(ordering.is_eq()))
}

pub(super) fn differs(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    compare(budget, values).map(|(ordering, _)| Value::from(ordering.is_ne()))
}

pub(super) fn below(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    ordered(budget, values, Ordering::is_lt)
}

pub(super) fn at_most(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    ordered(budget, values, Ordering::is_le)
}

pub(super) fn above(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    ordered(budget, values, Ordering::is_gt)
}

pub(super) fn at_least(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    ordered(budget, values, Ordering::is_ge)
}

/// The sum of numbers, or lists, hashes and texts one behind the other, from left to right.
pub(super) fn plus(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    let mut sum = one(values)?.clone();
    for value in values.iter().skip(1) {
        sum = match (sum.kind(), value.kind()) {
            (ValueKind::Number, ValueKind::Number) => number::sum(&sum, value)?,
            (ValueKind::Seq, ValueKind::Seq) => collection::appended(budget, &sum, value)?,
            (ValueKind::Map, ValueKind::Map) => collection::merged(budget, &sum, value)?,
            _ => text::concatenated(budget, &[as_text(&sum)?, as_text(value)?])?,
        };
    }
    Ok(sum)
}

pub(super) fn is_string(_: &Budget, values: &[Value]) -> Result<Value, Error> {
    Ok(Value::from(one(values)?.kind() == ValueKind::String))
}

pub(super) fn is_number(_: &Budget, values: &[Value]) -> Result<Value, Error> {
    Ok(Value::from(one(values)?.kind() == ValueKind::Number))
}

pub(super) fn is_boolean(_: &Budget, values: &[Value]) -> Result<Value, Error> {
    Ok(Value::from(one(values)?.kind() == ValueKind::Bool))
}

pub(super) fn is_date(_: &Budget, values: &[Value]) -> Result<Value, Error> {
    Ok(Value::from(one(values)?.downcast_object_ref::<Moment>().is_some()))
}

pub(super) fn is_sequence(_: &Budget, values: &[Value]) -> Result<Value, Error> {
    Ok(Value::from(one(values)?.kind() == ValueKind::Seq))
}

pub(super) fn is_hash(_: &Budget, values: &[Value]) -> Result<Value, Error> {
    Ok(Value::from(one(values)?.kind() == ValueKind::Map))
}
