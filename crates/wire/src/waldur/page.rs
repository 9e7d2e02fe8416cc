//! Pages of a list: which one is asked for, and the way to the others (`waldur.md` §1.5).

use docket_domain::page::{Order, Paging};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::origin::Origin;

/// How many rows a page has when nobody says, and at most.
const DEFAULT_SIZE: i64 = 10;
const LARGEST_SIZE: i64 = 300;

/// What stands for itself in a query. The comma and the semicolon do not: clients split the header
/// at them.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The page that a caller asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// None when the text is not the number of any page.
    number: Option<i64>,
    size: i64,
}

/// There is no such page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no such page")]
pub struct NoSuchPage;

impl Wanted {
    /// Reads `page` and `page_size`. A size that makes no sense is the default; a page that makes
    /// none is found out by [`Wanted::paging`].
    #[must_use]
    pub fn read(page: Option<&str>, size: Option<&str>) -> Self {
        let whole = |text: &str| text.trim().parse::<i64>().ok().filter(|number| *number > 0);
        let size = size.and_then(whole).unwrap_or(DEFAULT_SIZE).min(LARGEST_SIZE);
        let number = match page {
            None | Some("") => Some(1),
            Some(text) => whole(text),
        };
        Self { number, size }
    }

    /// The rows that the page has, in this order.
    pub fn paging(self, order: Vec<Order>) -> Result<Paging, NoSuchPage> {
        let before = self.number.ok_or(NoSuchPage)? - 1;
        let start = before.checked_mul(self.size).ok_or(NoSuchPage)?;
        Ok(Paging { start, size: self.size, order })
    }

    /// The page, now that the number of rows is known; page 1 of nothing is there.
    pub fn found(self, total: i64) -> Result<Found, NoSuchPage> {
        let pages = total.max(1).saturating_add(self.size - 1) / self.size;
        let number = self.number.filter(|number| *number <= pages).ok_or(NoSuchPage)?;
        Ok(Found { number, pages })
    }
}

/// A page that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    number: i64,
    pages: i64,
}

impl Found {
    /// The value of `Link`: the way to the first page, the one before, the next and the last. The
    /// other parameters of the query stay.
    #[must_use]
    pub fn link(self, origin: &Origin, path: &str, query: &[(String, String)]) -> String {
        let before = (self.number > 1).then(|| self.number - 1);
        let next = (self.number < self.pages).then(|| self.number + 1);
        let ways =
            [("first", Some(1)), ("prev", before), ("next", next), ("last", Some(self.pages))];
        let ways = ways.into_iter().filter_map(|(name, number)| Some((name, number?)));
        let links = ways.map(|(name, number)| {
            format!("<{}>; rel=\"{name}\"", origin.join(&address(path, query, number)))
        });
        links.collect::<Vec<_>>().join(", ")
    }
}

/// The address of a page; the first one is that of the list.
fn address(path: &str, query: &[(String, String)], number: i64) -> String {
    let number = (number > 1).then(|| ("page", number.to_string()));
    let others = query.iter().filter(|(name, _)| name != "page");
    let pairs = others
        .map(|(name, value)| (name.as_str(), value.clone()))
        .chain(number)
        .map(|(name, value)| format!("{}={}", escaped(name), escaped(&value)));
    let pairs = pairs.collect::<Vec<_>>().join("&");
    let separator = if pairs.is_empty() { "" } else { "?" };
    format!("{path}{separator}{pairs}")
}

fn escaped(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn sizes_that_make_no_sense_are_the_default_and_large_ones_are_cut() {
        let size = |text| Wanted::read(None, Some(text)).paging(Vec::new()).unwrap().size;
        assert_eq!(["0", "-3", "x", "", "7", "301"].map(size), [10, 10, 10, 10, 7, 300]);
    }

    #[test]
    fn only_pages_that_are_there_are_found() {
        let found = |page, total| Wanted::read(Some(page), None).found(total);
        assert!(found("1", 0).is_ok() && found("3", 25).is_ok());
        for (page, total) in [("4", 25), ("2", 10), ("0", 5), ("-1", 5), ("x", 5), ("last", 5)] {
            assert_eq!(found(page, total), Err(NoSuchPage), "{page} of {total}");
        }
        let far = Wanted::read(Some(&i64::MAX.to_string()), None);
        assert_eq!(far.paging(Vec::new()), Err(NoSuchPage));
    }

    #[test]
    fn the_way_to_other_pages_keeps_the_query_and_escapes_commas() {
        let origin = Origin::new("http", "h");
        let query = [pair("o", "a,b;c"), pair("page", "2"), pair("state", "x"), pair("state", "y")];
        let link = |page, total| {
            let found = Wanted::read(Some(page), None).found(total).unwrap();
            found.link(&origin, "/api/users/", &query)
        };
        let rest = "o=a%2Cb%3Bc&state=x&state=y";
        assert_eq!(
            link("2", 25),
            format!(
                "<http://h/api/users/?{rest}>; rel=\"first\", \
                 <http://h/api/users/?{rest}>; rel=\"prev\", \
                 <http://h/api/users/?{rest}&page=3>; rel=\"next\", \
                 <http://h/api/users/?{rest}&page=3>; rel=\"last\""
            )
        );
        let found = Wanted::read(None, None).found(0).unwrap();
        assert_eq!(
            found.link(&origin, "/x/", &[]),
            "<http://h/x/>; rel=\"first\", <http://h/x/>; rel=\"last\""
        );
    }
}
