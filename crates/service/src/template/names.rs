//! What a name in a template means: an item of a list around it, an assigned variable, or data.

use std::collections::BTreeMap;

use super::syntax::Round;

/// The names that are known at one place of a template.
#[derive(Debug)]
pub(super) struct Names<'a> {
    /// What the lists around give a name to, the innermost last.
    items: Vec<Item<'a>>,
    /// What the names that are assigned anywhere are called in the namespace `v`.
    assigned: BTreeMap<&'a str, String>,
}

/// A name that a list around gives to a value.
#[derive(Debug)]
struct Item<'a> {
    name: &'a str,
    translated: String,
    list: usize,
}

/// Where the value of a name is found.
#[derive(Debug)]
pub(super) enum Place<'n> {
    /// Under this name of the translation.
    Item(&'n str),
    /// Under this key of the namespace `v`, once it is assigned.
    Assigned(&'n str),
    /// It is about a round of the list with this number.
    Round(usize, Round),
    /// In the data.
    Data,
}

impl<'a> Names<'a> {
    /// The names of a template in which `assigned` are assigned.
    pub(super) fn new(assigned: impl Iterator<Item = &'a str>) -> Self {
        let mut names = Self { items: Vec::new(), assigned: BTreeMap::new() };
        for name in assigned {
            let number = names.assigned.len();
            // Numbered, since a name may hold letters that MiniJinja does not take for one.
            let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
            names.assigned.entry(name).or_insert_with(|| format!("v{number}_{plain}"));
        }
        names
    }

    /// From now on `name` is what the translation calls `translated`, an item of a list.
    pub(super) fn enter(&mut self, name: &'a str, translated: String, list: usize) {
        self.items.push(Item { name, translated, list });
    }

    /// The last `count` items are forgotten.
    pub(super) fn leave(&mut self, count: usize) {
        self.items.truncate(self.items.len().saturating_sub(count));
    }

    /// The number of the innermost list around.
    pub(super) fn innermost(&self) -> Option<usize> {
        self.items.last().map(|item| item.list)
    }

    /// The number of the list of which `name` is the item.
    pub(super) fn list_of(&self, name: &str) -> Option<usize> {
        self.item(name).map(|item| item.list)
    }

    /// The key of an assigned variable in the namespace `v`.
    pub(super) fn key(&self, name: &str) -> &str {
        self.assigned.get(name).map_or("", String::as_str)
    }

    /// Where the value of `name` is found.
    pub(super) fn find(&self, name: &str) -> Place<'_> {
        if let Some(item) = self.item(name) {
            return Place::Item(&item.translated);
        }
        if let Some(key) = self.assigned.get(name) {
            return Place::Assigned(key);
        }
        // `item_index` and `item_has_next` are the old spelling of `item?index`.
        for (suffix, round) in [("_index", Round::Index), ("_has_next", Round::HasNext)] {
            if let Some(list) = name.strip_suffix(suffix).and_then(|item| self.list_of(item)) {
                return Place::Round(list, round);
            }
        }
        Place::Data
    }

    fn item(&self, name: &str) -> Option<&Item<'a>> {
        self.items.iter().rev().find(|item| item.name == name)
    }
}
