//! The query of a request, for every surface: pairs of names and values, decoded.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// The pairs, without those that say nothing: `undefined`, `null` and the empty text are what
/// clients send for "not given" (`fusionauth.md` §0.2).
#[derive(Debug)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads the part of an address behind the `?`.
    pub(crate) fn parse(query: &str) -> Self {
        let pairs = query.split('&').filter_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            let value = decode(value);
            (!matches!(value.as_str(), "" | "undefined" | "null")).then(|| (decode(name), value))
        });
        Self(pairs.collect())
    }

    /// The first value of this name.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Every value of this name.
    pub(crate) fn texts<'q>(&'q self, name: &'q str) -> impl Iterator<Item = &'q str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The pairs.
    pub(crate) fn into_pairs(self) -> Vec<(String, String)> {
        self.0
    }
}

/// A name or a value as it was meant; most need nothing done to them.
fn decode(text: &str) -> String {
    let spaced =
        if text.contains('+') { Cow::Owned(text.replace('+', " ")) } else { Cow::Borrowed(text) };
    let decoded = percent_decode_str(&spaced).decode_utf8_lossy();
    // What is stored holds no NUL, so that this finds nothing instead of failing.
    if decoded.contains('\0') { decoded.replace('\0', "\u{fffd}") } else { decoded.into_owned() }
}

#[cfg(test)]
mod tests {
    use super::Query;

    #[test]
    fn what_says_nothing_is_not_there() {
        let query = Query::parse("a=undefined&b=null&c=&d=1&d=2&e&f%5B0%5D=x+y&g=%zz&h=%00+%2B");
        assert_eq!((query.text("a"), query.text("b"), query.text("c")), (None, None, None));
        assert_eq!(query.texts("d").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(query.text("f[0]"), Some("x y"));
        assert_eq!((query.text("e"), query.text("g")), (None, Some("%zz")));
        assert_eq!(query.text("h"), Some("\u{fffd} +"));
    }
}
