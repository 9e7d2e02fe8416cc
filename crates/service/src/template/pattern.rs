//! Patterns of Java's `SimpleDateFormat`, in UTC and in English.

use jiff::civil::{DateTime, Weekday};
use minijinja::Error;

use super::builtin::failure;

/// How many letters in a row a pattern may have: no field is wider.
const WIDEST: usize = 16;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The moment `at` as `pattern` shows it.
pub(super) fn format(at: &DateTime, pattern: &str) -> Result<String, Error> {
    let mut shown = String::new();
    let mut letters = pattern.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter == '\'' {
            quoted(&mut letters, &mut shown)?;
        } else if letter.is_ascii_alphabetic() {
            let mut width = 1;
            while letters.next_if_eq(&letter).is_some() {
                width += 1;
            }
            if width > WIDEST {
                return Err(failure(format!("a date pattern repeats {letter} too often")));
            }
            shown.push_str(&field(at, letter, width)?);
        } else {
            shown.push(letter);
        }
    }
    Ok(shown)
}

/// Text between apostrophes means itself; two apostrophes are one. The first has been passed.
fn quoted(
    letters: &mut std::iter::Peekable<std::str::Chars<'_>>,
    shown: &mut String,
) -> Result<(), Error> {
    if letters.next_if_eq(&'\'').is_some() {
        shown.push('\'');
        return Ok(());
    }
    loop {
        match letters.next() {
            Some('\'') if letters.next_if_eq(&'\'').is_some() => shown.push('\''),
            Some('\'') => return Ok(()),
            Some(letter) => shown.push(letter),
            None => return Err(failure("an apostrophe in a date pattern is never closed")),
        }
    }
}

fn field(at: &DateTime, letter: char, width: usize) -> Result<String, Error> {
    let hour = i32::from(at.hour());
    let number = match letter {
        'y' | 'Y' => return Ok(year(at, letter, width)),
        'M' | 'L' if width > 2 => return Ok(month(at, width)),
        'M' | 'L' => i32::from(at.month()),
        'd' => i32::from(at.day()),
        'D' => i32::from(at.day_of_year()),
        'w' => i32::from(at.date().iso_week_date().week()),
        'F' => (i32::from(at.day()) - 1) / 7 + 1,
        'u' => i32::from(at.weekday().to_monday_one_offset()),
        'H' => hour,
        'k' => {
            if hour == 0 {
                24
            } else {
                hour
            }
        }
        'K' => hour % 12,
        'h' => {
            if hour % 12 == 0 {
                12
            } else {
                hour % 12
            }
        }
        'm' => i32::from(at.minute()),
        's' => i32::from(at.second()),
        'S' => i32::from(at.millisecond()),
        'E' => return Ok(weekday(at.weekday(), width).to_owned()),
        'a' => return Ok(if hour < 12 { "AM" } else { "PM" }.to_owned()),
        'G' => return Ok(if at.year() > 0 { "AD" } else { "BC" }.to_owned()),
        'z' if width > 3 => return Ok("Coordinated Universal Time".to_owned()),
        'z' => return Ok("UTC".to_owned()),
        'Z' => return Ok("+0000".to_owned()),
        'X' => return Ok("Z".to_owned()),
        _ => return Err(failure(format!("{letter} means nothing in a date pattern"))),
    };
    Ok(format!("{number:0width$}"))
}

fn year(at: &DateTime, letter: char, width: usize) -> String {
    // `Y` is the year that the week belongs to.
    let year = if letter == 'Y' { at.date().iso_week_date().year() } else { at.year() };
    if width == 2 { format!("{:02}", year.rem_euclid(100)) } else { format!("{year:0width$}") }
}

fn month(at: &DateTime, width: usize) -> String {
    let name = usize::try_from(at.month() - 1)
        .ok()
        .and_then(|index| MONTHS.get(index))
        .copied()
        .unwrap_or_default();
    if width == 3 { name.chars().take(3).collect() } else { name.to_owned() }
}

fn weekday(day: Weekday, width: usize) -> &'static str {
    let (long, short) = match day {
        Weekday::Monday => ("Monday", "Mon"),
        Weekday::Tuesday => ("Tuesday", "Tue"),
        Weekday::Wednesday => ("Wednesday", "Wed"),
        Weekday::Thursday => ("Thursday", "Thu"),
        Weekday::Friday => ("Friday", "Fri"),
        Weekday::Saturday => ("Saturday", "Sat"),
        Weekday::Sunday => ("Sunday", "Sun"),
    };
    if width > 3 { long } else { short }
}
