//! Reads the filters of a list, and complains about all of them at once (`waldur.md` §1.1, §1.6).
//!
//! Of a name that is repeated the last value counts, unless the filter takes several. An empty value
//! is none.

use docket_domain::page::Order;
use docket_domain::time::Instant;
use uuid::Uuid;

use super::page;
use super::problem::{Mistakes, words};
use super::scalar;

/// The parameter that names the order.
const ORDER: &str = "o";

/// A query that is being read.
#[derive(Debug)]
pub struct Filters<'q> {
    pairs: &'q [(String, String)],
    mistakes: Mistakes,
}

impl<'q> Filters<'q> {
    /// Reads these pairs.
    #[must_use]
    pub fn new(pairs: &'q [(String, String)]) -> Self {
        Self { pairs, mistakes: Mistakes::default() }
    }

    /// Everything that was wrong, or nothing.
    pub fn finish(self) -> Result<(), Mistakes> {
        self.mistakes.into_result()
    }

    /// Adds a complaint.
    pub fn complain(
        &mut self,
        name: &'static str,
        message: impl Into<std::borrow::Cow<'static, str>>,
    ) {
        self.mistakes.add(name, message);
    }

    /// The page that is asked for.
    #[must_use]
    pub fn page(&self) -> page::Wanted {
        page::Wanted::read(self.text("page"), self.text("page_size"))
    }

    /// A text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&'q str> {
        let (_, value) = self.pairs.iter().rfind(|(key, _)| key == name)?;
        Some(value.as_str()).filter(|value| !value.is_empty())
    }

    /// Several texts.
    pub fn texts<'n>(&self, name: &'n str) -> impl Iterator<Item = &'q str> + use<'q, 'n> {
        let pairs = self.pairs;
        let named = pairs.iter().filter(move |(key, value)| key == name && !value.is_empty());
        named.map(|(_, value)| value.as_str())
    }

    /// Yes or no. What is neither is not there, without a complaint.
    #[must_use]
    pub fn boolean(&self, name: &str) -> Option<bool> {
        match self.text(name)? {
            "true" | "True" | "2" => Some(true),
            "false" | "False" | "3" => Some(false),
            _ => None,
        }
    }

    /// A number, whole or not.
    pub fn number(&mut self, name: &'static str) -> Option<f64> {
        let text = self.text(name)?;
        let number = text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
        self.expect(name, number, words::FILTER_NUMBER)
    }

    /// An instant.
    pub fn instant(&mut self, name: &'static str) -> Option<Instant> {
        let instant = scalar::instant(self.text(name)?);
        self.expect(name, instant, words::FILTER_DATE_TIME)
    }

    /// An id.
    pub fn uuid(&mut self, name: &'static str) -> Option<Uuid> {
        let id = scalar::uuid(self.text(name)?.trim());
        self.expect(name, id, words::FILTER_UUID)
    }

    /// Several ids.
    pub fn uuids(&mut self, name: &'static str) -> Vec<Uuid> {
        let texts: Vec<_> = self.texts(name).collect();
        let ids = texts.into_iter().map(|text| scalar::uuid(text.trim()));
        let ids: Vec<_> = ids.map(|id| self.expect(name, id, words::FILTER_UUID)).collect();
        ids.into_iter().flatten().collect()
    }

    /// A name from a closed list.
    pub fn choice<T>(
        &mut self,
        name: &'static str,
        find: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.text(name)?;
        let found = find(text);
        if found.is_none() {
            self.complain(name, words::no_choice(text));
        }
        found
    }

    /// Several names from a closed list.
    pub fn choices<T>(
        &mut self,
        name: &'static str,
        mut find: impl FnMut(&str) -> Option<T>,
    ) -> Vec<T> {
        let mut found = Vec::new();
        for text in self.texts(name) {
            match find(text) {
                Some(value) => found.push(value),
                // One complaint is enough: the client sends one list.
                None if self.mistakes.has(name) => {}
                None => self.complain(name, words::no_choice(text)),
            }
        }
        found
    }

    /// The order of most lists: fields from `offered`, each perhaps behind a hyphen; any other is
    /// complained about.
    pub fn order(&mut self, offered: &[&'static str]) -> Vec<Order> {
        let Some(text) = self.text(ORDER) else { return Vec::new() };
        let mut order = Vec::new();
        for step in text.split(',') {
            let Some(known) = read_step(step, offered) else {
                self.complain(ORDER, words::no_choice(step));
                return Vec::new();
            };
            order.push(known);
        }
        order
    }

    /// The order of the lists that pass over what they do not know.
    #[must_use]
    pub fn lenient_order(&self, offered: &[&'static str]) -> Vec<Order> {
        let steps = self.text(ORDER).unwrap_or_default().split(',');
        steps.filter_map(|step| read_step(step.trim(), offered)).collect()
    }

    fn expect<T>(
        &mut self,
        name: &'static str,
        value: Option<T>,
        words: &'static str,
    ) -> Option<T> {
        if value.is_none() && !self.mistakes.has(name) {
            self.complain(name, words);
        }
        value
    }
}

fn read_step(step: &str, offered: &[&'static str]) -> Option<Order> {
    let bare = step.strip_prefix('-');
    let field = offered.iter().find(|field| **field == bare.unwrap_or(step))?;
    Some(Order { field, descending: bare.is_some() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn told(filters: Filters<'_>) -> Value {
        filters
            .finish()
            .map_or_else(|mistakes| serde_json::to_value(mistakes).unwrap(), |()| json!({}))
    }

    #[test]
    fn what_is_neither_true_nor_false_is_not_there() {
        for (text, expected) in [
            ("true", Some(true)),
            ("True", Some(true)),
            ("2", Some(true)),
            ("false", Some(false)),
            ("False", Some(false)),
            ("3", Some(false)),
            ("1", None),
            ("0", None),
            ("yes", None),
            ("TRUE", None),
            ("", None),
        ] {
            let pairs = pairs(&[("a", text)]);
            assert_eq!(Filters::new(&pairs).boolean("a"), expected, "{text}");
        }
    }

    #[test]
    fn every_wrong_filter_is_named_in_the_framework_s_words() {
        let pairs = pairs(&[
            ("days", "week"),
            ("after", "junk"),
            ("invitation", "x"),
            ("urgency", "foo"),
            ("state", "pending"),
            ("state", "foo"),
            ("state", "bar"),
            ("o", "created,foo"),
        ]);
        let mut filters = Filters::new(&pairs);
        filters.number("days");
        filters.instant("after");
        filters.uuid("invitation");
        let known = |text: &str| (text == "pending").then_some(());
        filters.choice("urgency", known);
        assert_eq!(filters.choices("state", known).len(), 1);
        assert_eq!(filters.order(&["created"]), []);
        let foo = "Select a valid choice. foo is not one of the available choices.";
        assert_eq!(
            told(filters),
            json!({"days": ["Enter a number."], "after": ["Enter a valid date/time."],
                "invitation": ["Enter a valid UUID."], "urgency": [foo], "state": [foo],
                "o": [foo]})
        );
    }

    #[test]
    fn empty_values_are_absent_and_of_several_the_last_counts() {
        let pairs = pairs(&[("days", ""), ("o", "name"), ("o", "-created,name"), ("n", "7.0")]);
        let mut filters = Filters::new(&pairs);
        assert_eq!((filters.number("days"), filters.number("n")), (None, Some(7.0)));
        let steps = filters.order(&["name", "created"]);
        let steps: Vec<_> = steps.iter().map(|step| (step.field, step.descending)).collect();
        assert_eq!(steps, [("created", true), ("name", false)]);
        assert_eq!(told(filters), json!({}));
    }

    #[test]
    fn a_lenient_order_passes_over_what_it_does_not_know() {
        let pairs = pairs(&[("o", "bogus,-urgency, due_date")]);
        let filters = Filters::new(&pairs);
        let order = filters.lenient_order(&["urgency", "due_date"]);
        let steps: Vec<_> = order.iter().map(|step| (step.field, step.descending)).collect();
        assert_eq!(steps, [("urgency", true), ("due_date", false)]);
        assert_eq!(filters.lenient_order(&["created"]), []);
    }
}
