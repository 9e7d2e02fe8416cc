//! What the description of the API says of every operation alike, so that no handler need repeat
//! it: a name of its own, what each status means, and the body of a refusal.

use axum::http::StatusCode;
use docket_wire::fusionauth::problem::Errors;
use docket_wire::waldur::problem::Detail;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{ObjectBuilder, SchemaType};
use utoipa::openapi::{ContentBuilder, OpenApi, PathItem, Ref, RefOr, Response};
use utoipa::{PartialSchema, ToSchema};

/// Of a body that makes or replaces an object and has the shape of the answer.
pub(crate) const GIVEN: &str = "What the server sets itself (`id`, instants) is ignored; what is \
    left out takes its default.";
/// Of a body that changes an object in part and has the shape of the answer.
pub(crate) const CHANGED: &str = "Members that are left out stay as they are, `null` removes; \
    objects merge and lists grow. Also as `application/merge-patch+json` or \
    `application/json-patch+json`.";
/// Of a body that asks for a page of a list.
pub(crate) const SEARCHED: &str = "`search`: an object whose members are the parameters of the \
    GET of the same path.";

/// Names every operation by its method and path, and says what its statuses mean.
pub(crate) fn complete(document: &mut OpenApi) {
    each(document, |method, path, operation| {
        operation.operation_id = Some(name(method, path));
        for (status, response) in answers(operation) {
            if response.description.is_empty() {
                meaning(&status).clone_into(&mut response.description);
            }
        }
    });
}

/// Says that a 400 of the `FusionAuth` surface carries its Errors object.
pub(crate) fn refuse_with_errors(document: &mut OpenApi) {
    let schema = Errors::name().into_owned();
    let components = document.components.get_or_insert_default();
    components.schemas.insert(schema.clone(), Errors::schema());
    let mut parts = Vec::new();
    Errors::schemas(&mut parts);
    components.schemas.extend(parts);
    each(document, |_, _, operation| {
        for (status, response) in answers(operation) {
            if status == "400" && response.content.is_empty() {
                let body = ContentBuilder::new().schema(Some(Ref::from_schema_name(&schema)));
                response.content.insert("application/json".to_owned(), body.build().into());
            }
        }
    });
}

/// Says that a refusal of the Waldur surface carries what is wrong: 400 by field, or as an array,
/// the others as `detail`.
pub(crate) fn refuse_with_details(document: &mut OpenApi) {
    let schema = Detail::name().into_owned();
    let components = document.components.get_or_insert_default();
    components.schemas.insert(schema.clone(), Detail::schema());
    each(document, |_, _, operation| {
        for (status, response) in answers(operation) {
            if !status.starts_with(['4', '5']) || !response.content.is_empty() {
                continue;
            }
            let body = if status == "400" {
                let any = ObjectBuilder::new().schema_type(SchemaType::AnyValue);
                ContentBuilder::new().schema(Some(any))
            } else {
                ContentBuilder::new().schema(Some(Ref::from_schema_name(&schema)))
            };
            response.content.insert("application/json".to_owned(), body.build().into());
        }
    });
}

fn each(document: &mut OpenApi, mut change: impl FnMut(&str, &str, &mut Operation)) {
    for (path, item) in &mut document.paths.paths {
        let PathItem { get, put, post, delete, patch, .. } = item;
        let operations =
            [("get", get), ("put", put), ("post", post), ("delete", delete), ("patch", patch)];
        for (method, operation) in operations {
            if let Some(operation) = operation {
                change(method, path, operation);
            }
        }
    }
}

/// The answers that are described in place, with their status.
fn answers(operation: &mut Operation) -> impl Iterator<Item = (String, &mut Response)> {
    operation.responses.responses.iter_mut().filter_map(|(status, response)| match response {
        RefOr::T(response) => Some((status.clone(), response)),
        RefOr::Ref(_) => None,
    })
}

/// `get_api_webhook_byWebhookId` of `GET /api/webhook/{webhookId}`: names of handlers repeat, methods
/// with paths do not.
fn name(method: &str, path: &str) -> String {
    let mut name = method.to_owned();
    for step in path.split('/').filter(|step| !step.is_empty()) {
        let bare = step.trim_matches(['{', '}']);
        name.push_str(if bare == step { "_" } else { "_by" });
        for (index, word) in bare.split(|c: char| !c.is_ascii_alphanumeric()).enumerate() {
            let (first, rest) = word.split_at(word.len().min(1));
            let capital = index > 0 || bare != step;
            name.extend(first.chars().map(|c| if capital { c.to_ascii_uppercase() } else { c }));
            name.push_str(rest);
        }
    }
    name
}

fn meaning(status: &str) -> &str {
    match status {
        "200" => "Done.",
        "304" => "Nothing has changed since.",
        "400" => "The request is not valid; the body says why.",
        "401" => "The credential is missing, or may not do this.",
        "404" => "There is no such thing, or not for this caller.",
        other => other
            .parse()
            .ok()
            .and_then(|code| StatusCode::from_u16(code).ok())
            .and_then(|status| status.canonical_reason())
            .unwrap_or("Another answer."),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::name;

    #[test]
    fn an_operation_is_named_by_method_and_path() {
        assert_eq!(name("get", "/api/webhook/{webhookId}"), "get_api_webhook_byWebhookId");
        assert_eq!(name("get", "/api/user-action"), "get_api_userAction");
        assert_eq!(name("get", "/api/user/action"), "get_api_user_action");
    }

    /// Writes whose path says everything.
    const WITHOUT_BODY: &[&str] = &[
        "post_apiAuth_logout",
        "post_api_roles_byUuid_disable",
        "post_api_roles_byUuid_enable",
        "post_api_users_byUuid_refreshToken",
        "post_api_userActions_byUuid_unsilence",
        "post_api_users_byUuid_sendNotification",
        "post_api_v1_providers_byId_rotateSecret",
        "post_api_v1_providers_byId_test",
        "post_api_v1_todos_rotateSecret",
        "post_api_v1_webhooks_byId_rotateSecret",
        "post_api_v1_webhooks_byId_test",
        "put_api_login_byUserId",
        "put_api_login_byUserId_byApplicationId",
        "put_api_user_search",
    ];

    #[test]
    fn the_description_is_whole() {
        let document = crate::router::document().to_json().unwrap();
        let document: serde_json::Value = serde_json::from_str(&document).unwrap();
        let mut names = BTreeSet::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let name = operation["operationId"].as_str().unwrap();
                let writes = ["post", "put", "patch"].contains(&method.as_str());
                assert!(
                    !writes
                        || operation["requestBody"]["description"].is_string()
                        || WITHOUT_BODY.contains(&name),
                    "{method} {path} does not say what it takes"
                );
                assert!(names.insert(name.to_owned()), "{method} {path} has the name of another");
                for (status, answer) in operation["responses"].as_object().unwrap() {
                    assert!(answer["description"].is_string(), "{method} {path} {status}");
                }
            }
        }
        let text = document.to_string();
        for reference in text.split("\"#/components/schemas/").skip(1) {
            let name = reference.split('"').next().unwrap();
            let known = document["components"]["schemas"].get(name).is_some();
            assert!(known, "{name} is not described");
        }
    }
}
