//! How this surface answers: JSON without an envelope, and for lists the way to their other pages
//! (`waldur.md` §1.3, §1.5).

use axum::http::header::{CONTENT_TYPE, LINK};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use docket_domain::page::Page;
use docket_service::Answer;
use docket_wire::waldur::page::Wanted;
use serde::Serialize;
use serde_json::Value;

use super::input::Asked;
use super::problem::Problem;

/// The header with the number of rows on all pages.
const COUNT: HeaderName = HeaderName::from_static("x-result-count");

/// What a handler gives back.
pub(crate) type Outcome = Result<Reply, Problem>;

/// An answer of this surface.
#[derive(Debug)]
pub(crate) struct Reply {
    answer: Answer,
    count: Option<i64>,
    link: Option<String>,
}

impl Reply {
    /// 200 with JSON, restricted to the members that the caller wants.
    pub(crate) fn item(asked: &Asked, body: &impl Serialize) -> Self {
        Self::from(restricted(asked, body))
    }

    /// 200 with JSON as it is.
    pub(crate) fn json(body: &impl Serialize) -> Self {
        Self::from(answer(body))
    }

    /// A page of a list, with the way to the others. `render` makes an item out of a row.
    pub(crate) fn page<'t, T, R: Serialize>(
        asked: &Asked,
        wanted: Wanted,
        page: &'t Page<T>,
        render: impl Fn(&'t T) -> R,
    ) -> Outcome {
        let found = wanted.found(page.total)?;
        let items: Vec<R> = page.items.iter().map(render).collect();
        let link = found.link(&asked.origin, &asked.path, &asked.pairs);
        Ok(Self { count: Some(page.total), link: Some(link), ..Self::item(asked, &items) })
    }

    /// The same with a number in `X-Result-Count`, for what is no list.
    pub(crate) fn counted(self, count: i64) -> Self {
        Self { count: Some(count), ..self }
    }
}

impl From<Answer> for Reply {
    fn from(answer: Answer) -> Self {
        Self { answer, count: None, link: None }
    }
}

/// Renders an outcome as 200 with JSON.
pub(crate) fn answer(body: &impl Serialize) -> Answer {
    answer_with(StatusCode::OK, body)
}

/// Renders an outcome as JSON with this status.
pub(crate) fn answer_with(status: StatusCode, body: &impl Serialize) -> Answer {
    Answer::new(status.as_u16(), serde_json::to_vec(body).unwrap_or_default())
}

/// Renders an outcome as a status and nothing else.
pub(crate) fn nothing(status: StatusCode) -> Answer {
    Answer::new(status.as_u16(), Vec::new())
}

/// JSON with the members that the caller wants; all when the caller does not say.
fn restricted(asked: &Asked, body: &impl Serialize) -> Answer {
    let fields = asked.fields();
    if fields.is_empty() {
        return answer(body);
    }
    let mut value = serde_json::to_value(body).unwrap_or_default();
    let objects = match &mut value {
        Value::Array(items) => items.iter_mut().collect(),
        other => vec![other],
    };
    for object in objects.into_iter().filter_map(Value::as_object_mut) {
        object.retain(|name, _| fields.contains(&name.as_str()));
    }
    answer(&value)
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let Self { answer, count, link } = self;
        let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
        let mut response = if answer.body.is_empty() {
            status.into_response()
        } else {
            let json = HeaderValue::from_static("application/json");
            (status, [(CONTENT_TYPE, json)], answer.body).into_response()
        };
        let headers = response.headers_mut();
        if answer.replayed {
            crate::idempotency::mark_replayed(headers);
        }
        if let Some(count) = count {
            headers.insert(COUNT, count.into());
        }
        if let Some(link) = link.and_then(|link| HeaderValue::try_from(link).ok()) {
            headers.insert(LINK, link);
        }
        response
    }
}
