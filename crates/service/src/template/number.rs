//! Numbers as people write them: decimal fractions, not binary ones.
//!
//! `FreeMarker` counts in decimals, so that `0.1 + 0.2` is `0.3` in a mail. A fixed twelve places
//! suffice for that and need nothing but an `i128`.

use std::fmt;

use minijinja::{Error, Value};

use super::builtin::{Budget, failure};
use super::text;
use super::value::{kind, one, two};

/// How many places there are behind the point.
const PLACES: usize = 12;

/// The number one.
const UNIT: i128 = 1_000_000_000_000;

/// A number with twelve places behind the point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Decimal(i128);

impl Decimal {
    /// The number that digits, perhaps with a sign and a fraction, spell; `None` if they do not
    /// or if it is too large. What is behind the twelfth place is rounded.
    pub(super) fn parse(digits: &str) -> Option<Self> {
        let (negative, digits) = match digits.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, digits),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let plain =
            |digits: &str| !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
        if !plain(whole) || !plain(fraction) {
            return None;
        }
        let kept: String = fraction.chars().chain(std::iter::repeat('0')).take(PLACES).collect();
        let rounded = fraction.as_bytes().get(PLACES).is_some_and(|digit| *digit >= b'5');
        let number = whole
            .parse::<i128>()
            .ok()?
            .checked_mul(UNIT)?
            .checked_add(kept.parse().ok()?)?
            .checked_add(i128::from(rounded))?;
        Some(Self(if negative { -number } else { number }))
    }

    /// The number that `value` is.
    pub(super) fn of(value: &Value) -> Result<Self, Error> {
        if !value.is_number() {
            return Err(failure(format!("a number was expected, not {}", kind(value))));
        }
        if value.is_integer() {
            let whole = i128::try_from(value.clone()).ok();
            return whole.and_then(|whole| whole.checked_mul(UNIT)).map(Self).ok_or_else(too_large);
        }
        let float = f64::try_from(value.clone()).map_err(|_| too_large())?;
        // The shortest text that means the float is the decimal that was meant.
        Self::parse(&format!("{float}")).ok_or_else(too_large)
    }

    /// The number as the engine holds it.
    pub(super) fn value(self) -> Result<Value, Error> {
        if self.0 % UNIT != 0 {
            return self.to_string().parse::<f64>().map(Value::from).map_err(|_| too_large());
        }
        let whole = self.0 / UNIT;
        Ok(i64::try_from(whole).map_or_else(|_| Value::from(whole), Value::from))
    }

    fn sum(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    fn difference(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    fn product(self, other: Self) -> Option<Self> {
        // Whole numbers first, so that a fraction does not need room for both.
        let whole = (self.0 / UNIT).checked_mul(other.0)?;
        let fraction = (self.0 % UNIT).checked_mul(other.0)? / UNIT;
        whole.checked_add(fraction).map(Self)
    }

    fn quotient(self, other: Self) -> Option<Self> {
        let whole = self.0.checked_div(other.0)?.checked_mul(UNIT)?;
        let rest = self.0.checked_rem(other.0)?.checked_mul(UNIT)?;
        let doubled = rest.checked_mul(2)?.checked_div(other.0)?;
        // Half up, as at school: one more if the doubled fraction is odd.
        whole.checked_add(doubled / 2 + doubled % 2).map(Self)
    }

    /// As in `FreeMarker`, the rest of whole numbers.
    fn rest(self, other: Self) -> Option<Self> {
        (self.0 / UNIT).checked_rem(other.0 / UNIT)?.checked_mul(UNIT).map(Self)
    }

    fn floor(self) -> Self {
        Self(self.0.saturating_sub(self.0.rem_euclid(UNIT)))
    }

    /// The number rounded half up to so many places, and its digits behind the point.
    fn rounded(self, places: usize) -> (Self, usize) {
        let places = places.min(PLACES);
        let step = (places..PLACES).fold(1, |step: i128, _| step * 10);
        let magnitude = self.0.saturating_abs().saturating_add(step / 2) / step * step;
        (Self(magnitude * self.0.signum()), places)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let magnitude = self.0.unsigned_abs();
        let unit = UNIT.unsigned_abs();
        let fraction = format!("{:012}", magnitude % unit);
        let fraction = fraction.trim_end_matches('0');
        write!(out, "{sign}{}", magnitude / unit)?;
        if fraction.is_empty() { Ok(()) } else { write!(out, ".{fraction}") }
    }
}

fn too_large() -> Error {
    failure("a number is too large to count with")
}

/// The number as text, without marks between thousands.
pub(super) fn print(value: &Value) -> Result<String, Error> {
    if let Ok(number) = Decimal::of(value) {
        return Ok(number.to_string());
    }
    match f64::try_from(value.clone()) {
        Ok(float) if !value.is_integer() => Ok(format!("{float}")),
        _ => i128::try_from(value.clone()).map(|whole| whole.to_string()),
    }
}

/// The number in a format like `0.00` or `#,##0.##`, or in a named one.
pub(super) fn format(value: &Value, format: &str) -> Result<String, Error> {
    if matches!(format, "number" | "computer" | "c") {
        return print(value);
    }
    let unknown = || failure(format!("the number format {format} is not supported"));
    let is_digit = |letter: char| matches!(letter, '0' | '#' | ',' | '.');
    let start = format.find(is_digit).ok_or_else(unknown)?;
    let end = format.rfind(is_digit).map_or(start, |last| last + 1);
    let prefix = format.get(..start).unwrap_or_default();
    let digits = format.get(start..end).unwrap_or_default();
    let suffix = format.get(end..).unwrap_or_default();
    let special = |letter: char| "%‰¤;'".contains(letter);
    if prefix.contains(special)
        || suffix.starts_with('E')
        || suffix.contains(special)
        || !digits.chars().all(is_digit)
    {
        return Err(unknown());
    }
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if fraction.contains(['.', ',']) {
        return Err(unknown());
    }
    let count = |digits: &str, wanted: char| digits.chars().filter(|one| *one == wanted).count();
    let (number, places) = Decimal::of(value)?.rounded(fraction.len());
    let text = number.to_string();
    let (sign, text) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("-", rest));
    let (left, right) = text.split_once('.').unwrap_or((text, ""));
    let least = count(whole, '0').min(40);
    let left = format!("{left:0>least$}");
    let left = if least == 0 && left == "0" && !right.is_empty() { String::new() } else { left };
    let group = whole.rsplit_once(',').map(|(_, last)| last.len()).filter(|group| *group > 0);
    let mut right = right.to_owned();
    while right.len() < count(fraction, '0').min(places) {
        right.push('0');
    }
    let point = if right.is_empty() { "" } else { "." };
    Ok(format!("{sign}{prefix}{}{point}{right}{suffix}", grouped(&left, group)))
}

/// Digits with a comma after each `group`, counted from the right.
fn grouped(digits: &str, group: Option<usize>) -> String {
    let Some(group) = group else { return digits.to_owned() };
    let mut text = String::with_capacity(digits.len() * 2);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(group) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn calculated(
    values: &[Value],
    operation: fn(Decimal, Decimal) -> Option<Decimal>,
) -> Result<Value, Error> {
    let (left, right) = two(values)?;
    operation(Decimal::of(left)?, Decimal::of(right)?).ok_or_else(too_large)?.value()
}

/// The sum of two numbers.
pub(super) fn sum(left: &Value, right: &Value) -> Result<Value, Error> {
    calculated(&[left.clone(), right.clone()], Decimal::sum)
}

pub(super) fn minus(_: &Budget, values: &[Value]) -> Result<Value, Error> {
    calculated(values, Decimal::difference)
}

pub(super) fn times(_: &Budget, values: &[Value]) -> Result<Value, Error> {
    calculated(values, Decimal::product)
}

pub(super) fn over(_: &Budget, values: &[Value]) -> Result<Value, Error> {
    if Decimal::of(two(values)?.1)? == Decimal(0) {
        return Err(failure("a number is divided by zero"));
    }
    calculated(values, Decimal::quotient)
}

pub(super) fn modulo(_: &Budget, values: &[Value]) -> Result<Value, Error> {
    if Decimal::of(two(values)?.1)?.0 / UNIT == 0 {
        return Err(failure("a number is divided by zero"));
    }
    calculated(values, Decimal::rest)
}

pub(super) fn negative(_: &Budget, values: &[Value]) -> Result<Value, Error> {
    Decimal(0).difference(Decimal::of(one(values)?)?).ok_or_else(too_large)?.value()
}

/// Whether the number of a list's item is even or odd.
pub(super) fn parity(_: &Budget, values: &[Value]) -> Result<Value, Error> {
    let Decimal(number) = Decimal::of(one(values)?)?;
    Ok(Value::from(if number / UNIT % 2 == 0 { "even" } else { "odd" }))
}

/// `text?number`
pub(super) fn parse(budget: &Budget, values: &[Value]) -> Result<Value, Error> {
    let value = one(values)?;
    if value.is_number() {
        return Ok(value.clone());
    }
    let text = text::of(budget, value)?;
    Decimal::parse(text.trim())
        .ok_or_else(|| failure(format!("{:?} is not a number", text::shortened(&text))))?
        .value()
}

pub(super) fn abs(_: &Budget, values: &[Value]) -> Result<Value, Error> {
    Decimal(Decimal::of(one(values)?)?.0.saturating_abs()).value()
}

pub(super) fn floor(_: &Budget, values: &[Value]) -> Result<Value, Error> {
    Decimal::of(one(values)?)?.floor().value()
}

pub(super) fn ceiling(_: &Budget, values: &[Value]) -> Result<Value, Error> {
    let Decimal(number) = Decimal::of(one(values)?)?;
    Decimal(Decimal(number.saturating_neg()).floor().0.saturating_neg()).value()
}

/// The nearest whole number; of two the larger, as in `FreeMarker`.
pub(super) fn round(_: &Budget, values: &[Value]) -> Result<Value, Error> {
    let half = Decimal(UNIT / 2);
    Decimal::of(one(values)?)?.sum(half).ok_or_else(too_large)?.floor().value()
}

/// The number without what stands behind the point.
pub(super) fn int(_: &Budget, values: &[Value]) -> Result<Value, Error> {
    let Decimal(number) = Decimal::of(one(values)?)?;
    Decimal(number - number % UNIT).value()
}
