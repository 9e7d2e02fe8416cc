//! What is counted of requests. Meters are looked up by their route; making one anew for every
//! request would cost more than many an answer.

use axum::http::{Method, StatusCode};
use metrics::{Counter, Histogram};

/// The meters of every route that was asked for so far.
#[derive(Default)]
pub(crate) struct Meters(papaya::HashMap<Box<str>, RouteMeters>);

struct RouteMeters {
    seconds: Histogram,
    answered: papaya::HashMap<(&'static str, StatusCode), Counter>,
}

impl Meters {
    /// Counts an answer of a route.
    pub(crate) fn count(&self, method: &Method, route: &str, status: StatusCode, seconds: f64) {
        let routes = self.0.pin();
        let meters = match routes.get(route) {
            Some(meters) => meters,
            None => routes.get_or_insert_with(route.into(), || RouteMeters::new(route)),
        };
        meters.seconds.record(seconds);
        let method = name(method);
        let counters = meters.answered.pin();
        counters
            .get_or_insert_with((method, status), || counter(method, route, status))
            .increment(1);
    }
}

impl RouteMeters {
    fn new(route: &str) -> Self {
        let seconds =
            metrics::histogram!("docket_http_request_seconds", "route" => route.to_owned());
        Self { seconds, answered: papaya::HashMap::new() }
    }
}

fn counter(method: &'static str, route: &str, status: StatusCode) -> Counter {
    metrics::counter!("docket_http_requests_total", "method" => method,
        "route" => route.to_owned(), "status" => status.as_str().to_owned())
}

/// Only known methods become labels: a caller can invent as many others as they like.
fn name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
