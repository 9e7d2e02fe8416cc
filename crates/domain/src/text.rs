//! Localized text, and the choice of one for a reader.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::violation::{Rule, Violation};

/// The most characters of a comment: as many as the original keeps where it uses
/// `MySQL`. An action keeps each that it ever had.
pub const LONGEST_COMMENT: usize = 65_535;

/// A language with an optional country: `de`, `pt_BR`. A hyphen is read as an underscore.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Locale(String);

/// The text is not a locale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a locale of the form xx or xx_YY")]
pub struct NotALocale;

impl Locale {
    /// The text, as given back to callers.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The language alone.
    #[must_use]
    pub fn language(&self) -> &str {
        self.0.split_once('_').map_or(self.as_str(), |(language, _)| language)
    }
}

impl FromStr for Locale {
    type Err = NotALocale;

    fn from_str(text: &str) -> Result<Self, NotALocale> {
        let (language, country) = match text.split_once(['_', '-']) {
            Some((language, country)) => (language, Some(country)),
            None => (text, None),
        };
        let is_language =
            (2..=3).contains(&language.len()) && language.bytes().all(|b| b.is_ascii_alphabetic());
        let is_country = country.is_none_or(|country| {
            (country.len() == 2 && country.bytes().all(|b| b.is_ascii_alphabetic()))
                || (country.len() == 3 && country.bytes().all(|b| b.is_ascii_digit()))
        });
        if !is_language || !is_country {
            return Err(NotALocale);
        }
        let mut canonical = language.to_ascii_lowercase();
        if let Some(country) = country {
            canonical.push('_');
            canonical.push_str(&country.to_ascii_uppercase());
        }
        Ok(Self(canonical))
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One text in several languages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Localized(BTreeMap<Locale, String>);

impl Localized {
    /// Reads pairs of locale and text; `field` is the member that holds them, for the complaint
    /// `field[locale]`. Text is trimmed.
    pub fn parse<'a>(
        field: &str,
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, Vec<Violation>> {
        let mut texts = BTreeMap::new();
        let mut violations = Vec::new();
        for (key, text) in pairs {
            let text = text.trim();
            match key.parse::<Locale>() {
                Err(NotALocale) => {
                    violations.push(Violation::body(format!("{field}[{key}]"), Rule::Invalid));
                }
                Ok(_) if text.is_empty() => {
                    violations.push(Violation::body(format!("{field}[{key}]"), Rule::Blank));
                }
                Ok(locale) => {
                    texts.insert(locale, text.to_owned());
                }
            }
        }
        if violations.is_empty() { Ok(Self(texts)) } else { Err(violations) }
    }

    /// From pairs that were checked before, as the store keeps them.
    pub fn from_checked(pairs: impl IntoIterator<Item = (Locale, String)>) -> Self {
        Self(pairs.into_iter().collect())
    }

    /// Whether there is no text at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The texts by locale, in the order of the locales' names.
    pub fn iter(&self) -> impl Iterator<Item = (&Locale, &str)> {
        self.0.iter().map(|(locale, text)| (locale, text.as_str()))
    }

    /// The text for somebody who reads `languages`, the best first: for each, the exact locale,
    /// then its language alone. `base` when none fits (`fusionauth.md` §3.7).
    #[must_use]
    pub fn choose<'t>(&'t self, languages: &[Locale], base: &'t str) -> &'t str {
        self.translation(languages).map_or(base, |(_, text)| text)
    }

    /// The same choice without a base, and with the locale that was chosen.
    #[must_use]
    pub fn translation(&self, languages: &[Locale]) -> Option<(&Locale, &str)> {
        let found = languages.iter().find_map(|wanted| {
            let language = || Locale(wanted.language().to_owned());
            self.0.get_key_value(wanted).or_else(|| self.0.get_key_value(&language()))
        });
        found.map(|(locale, text)| (locale, text.as_str()))
    }
}

/// Text as the rules keep it: without white space around it.
#[must_use]
pub fn trimmed(text: &str) -> String {
    text.trim().to_owned()
}

/// Optional text as the rules keep it: trimmed, and absent when nothing is left.
#[must_use]
pub fn optional(text: Option<&str>) -> Option<String> {
    text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// The distinct words of some texts, in lower case, for finding things by word: letters and digits
/// of any script, with the signs that hold an address together (`@ . _ - +`) also kept as one word.
/// At most 64 words of at most 64 characters.
#[must_use]
pub fn words<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    const MOST_WORDS: usize = 64;
    const MOST_CHARACTERS: usize = 64;
    let mut found = std::collections::BTreeSet::new();
    for text in texts {
        let lower = text.to_lowercase();
        for piece in lower.split_whitespace() {
            let whole = piece.trim_matches(|c: char| !c.is_alphanumeric());
            let parts = whole.split(|c: char| !c.is_alphanumeric());
            for word in std::iter::once(whole).chain(parts) {
                if !word.is_empty()
                    && word.chars().count() <= MOST_CHARACTERS
                    && found.len() < MOST_WORDS
                {
                    found.insert(word.to_owned());
                }
            }
        }
    }
    found.into_iter().collect()
}

/// One piece of a query, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sought {
    /// As [`words`] would keep it; an address as a whole, not by its parts too.
    pub word: String,
    /// As it was written: somebody may be called so.
    pub name: String,
}

/// What a query looks for: everything in it that has a letter or a digit.
#[must_use]
pub fn sought(query: &str) -> Vec<Sought> {
    let pieces = query.split_whitespace().filter_map(|piece| {
        let word = words([piece]).into_iter().max_by_key(String::len)?;
        Some(Sought { word, name: piece.to_lowercase() })
    });
    pieces.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locales(texts: &[&str]) -> Vec<Locale> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn locales_are_a_language_and_perhaps_a_country() {
        assert_eq!("pt-br".parse::<Locale>().unwrap().as_str(), "pt_BR");
        for wrong in ["", "e", "english", "en_", "en_USA", "en_US_x", "1n", "e n"] {
            assert!(wrong.parse::<Locale>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_first_language_that_has_a_text_wins() {
        let texts = Localized::parse("names", [("de", "Sperre"), ("pt_BR", "Banimento")]).unwrap();
        assert_eq!(texts.choose(&locales(&["eo", "de_AT"]), "Ban"), "Sperre");
        assert_eq!(texts.choose(&locales(&["pt_BR", "de"]), "Ban"), "Banimento");
        assert_eq!(texts.choose(&locales(&["pt"]), "Ban"), "Ban");
        assert_eq!(texts.choose(&[], "Ban"), "Ban");
    }

    #[test]
    fn every_bad_pair_is_named() {
        let violations =
            Localized::parse("localizedNames", [("de", " "), ("??", "x")]).unwrap_err();
        assert_eq!(
            violations,
            [
                Violation::body("localizedNames[de]", Rule::Blank),
                Violation::body("localizedNames[??]", Rule::Invalid),
            ]
        );
    }

    #[test]
    fn an_address_is_a_word_and_so_are_its_parts() {
        assert_eq!(
            words(["Spam! by Ann.Lee@example.com", "spam"]),
            ["ann", "ann.lee@example.com", "by", "com", "example", "lee", "spam"]
        );
    }

    #[test]
    fn an_address_is_sought_as_a_whole() {
        let of = |word: &str, name: &str| Sought { word: word.to_owned(), name: name.to_owned() };
        assert_eq!(
            sought("Spam! Ann@example.com -- "),
            [of("spam", "spam!"), of("ann@example.com", "ann@example.com")]
        );
    }
}
