//! Filling a translated template: the environment in which it runs, and how far it may run.

use std::io;
use std::sync::Arc;

use minijinja::value::Rest;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, Value, context};

use super::builtin::{self, Apply, Budget};
use super::{RenderError, SIZE_LIMIT, SyntaxError, collection, number, source, value};

/// How many instructions a template may take: some seconds' worth of the slowest.
const FUEL: u64 = 500_000;

/// How deep `MiniJinja` may nest frames; one per loop and condition is enough.
const RECURSION: usize = 200;

/// Operators: they apply to values that are there, and what is missing passes through them.
const OPERATORS: [(&str, Apply); 23] = [
    ("print", value::print),
    ("joined", value::joined),
    ("truth", value::truth),
    ("negate", value::negate),
    ("same", value::same),
    ("differs", value::differs),
    ("below", value::below),
    ("at_most", value::at_most),
    ("above", value::above),
    ("at_least", value::at_least),
    ("plus", value::plus),
    ("minus", number::minus),
    ("times", number::times),
    ("over", number::over),
    ("modulo", number::modulo),
    ("negative", number::negative),
    ("parity", number::parity),
    ("list", collection::list),
    ("hash", collection::hash),
    ("range", collection::range),
    ("range_before", collection::range_before),
    ("items", collection::items),
    ("pairs", collection::pairs),
];

/// Filters that look at what is missing.
const WATCHMEN: [(&str, Apply); 6] = [
    ("get", collection::get),
    ("of", collection::of),
    ("path", collection::path),
    ("all", value::all),
    ("any", value::any),
    ("has_content", collection::has_content),
];

/// Fails if `MiniJinja` does not take `translated` for a template, which is our mistake then.
pub(super) fn compile(translated: &str) -> Result<(), SyntaxError> {
    match environment().template_from_str(translated) {
        Ok(_) => Ok(()),
        Err(error) => {
            let line = line(&error).unwrap_or(1);
            let problem = error.detail().unwrap_or("it has no translation").to_owned();
            Err(source::Position { line, column: 1 }.error(problem))
        }
    }
}

/// The text that the template `translated` becomes with `variables`.
pub(super) fn render(
    translated: &str,
    variables: &serde_json::Value,
) -> Result<String, RenderError> {
    let environment = environment();
    let data = value::from_json(variables).map_err(|error| failed(&error))?;
    let mut output = Output::default();
    environment
        .template_from_str(translated)
        .and_then(|template| template.render_captured_to(context! { data }, &mut output))
        .map_err(|error| failed(&error))?;
    // The engine writes whole strings only.
    String::from_utf8(output.0)
        .map_err(|_| RenderError::Failed { line: None, message: "the text is torn".to_owned() })
}

/// An environment that knows nothing but what translations say, for one rendering.
fn environment() -> Environment<'static> {
    let mut environment = Environment::empty();
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(RECURSION);
    environment.add_function("namespace", minijinja::functions::namespace);
    environment.add_test("present", |value: &Value| !value.is_undefined());
    environment.add_filter(
        "default",
        |value: Value, otherwise: Value| {
            if value.is_undefined() { otherwise } else { value }
        },
    );
    let budget = Arc::new(Budget::new());
    for (name, apply) in OPERATORS {
        add(&mut environment, name, apply, &budget);
    }
    for builtin in &builtin::ALL {
        add(&mut environment, builtin.name, builtin.apply, &budget);
    }
    // Last, since `has_content` is one of the built-ins.
    for (name, apply) in WATCHMEN {
        let budget = Arc::clone(&budget);
        environment.add_filter(name, move |values: Rest<Value>| apply(&budget, &values));
    }
    environment
}

/// Adds a filter of which the result is missing if any of its values is.
fn add(
    environment: &mut Environment<'static>,
    name: &'static str,
    apply: Apply,
    budget: &Arc<Budget>,
) {
    let budget = Arc::clone(budget);
    environment.add_filter(name, move |values: Rest<Value>| {
        if values.iter().any(Value::is_undefined) {
            return Ok(Value::UNDEFINED);
        }
        apply(&budget, &values)
    });
}

/// What is written of a mail so far.
#[derive(Default)]
struct Output(Vec<u8>);

impl io::Write for Output {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        if self.0.len() + text.len() > SIZE_LIMIT {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn line(error: &Error) -> Option<u32> {
    error.line().and_then(|line| u32::try_from(line).ok())
}

/// The engine's error in our words.
fn failed(error: &Error) -> RenderError {
    let line = line(error);
    let message = match error.kind() {
        ErrorKind::UndefinedError => {
            let name = error.detail().unwrap_or("a variable").to_owned();
            return RenderError::Undefined { name, line };
        }
        ErrorKind::OutOfFuel => "the template takes too many steps".to_owned(),
        ErrorKind::WriteFailure => "the text becomes longer than 1 MiB".to_owned(),
        _ => error.detail().map_or_else(|| error.to_string(), str::to_owned),
    };
    RenderError::Failed { line, message }
}
