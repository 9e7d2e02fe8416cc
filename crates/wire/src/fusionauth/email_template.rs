//! E-mail templates (`fusionauth.md` §4.8).

use std::collections::BTreeMap;

use docket_domain::mail::{Flaw, Message, Part, Template, TemplateDetails};
use docket_domain::page::{Page, Paging};
use docket_domain::text::{Locale, Localized};
use docket_domain::violation::{Rule, Violation};
use serde::Serialize;
use serde_json::Value;

use super::email::Email;
use super::problem::{Complaint, Errors};
use super::scalar;
use super::search::Criteria;
use crate::fields::Fields;

/// What templates can be ordered by.
const ORDERS: &[&str] = &["id", "insertInstant", "name"];

/// A template, as answered.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EmailTemplate {
    #[serde(skip_serializing_if = "Option::is_none")]
    default_from_name: Option<String>,
    default_html_template: String,
    default_subject: String,
    default_text_template: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    from_email: Option<String>,
    id: uuid::Uuid,
    insert_instant: i64,
    last_update_instant: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    localized_from_names: Option<BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    localized_html_templates: Option<BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    localized_subjects: Option<BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    localized_text_templates: Option<BTreeMap<String, String>>,
    name: String,
}

/// `{"emailTemplate": …}`
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EmailTemplateResponse {
    email_template: EmailTemplate,
}

/// `{"emailTemplates": […]}`
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EmailTemplatesResponse {
    email_templates: Vec<EmailTemplate>,
}

/// `{"emailTemplates": […], "total": …}`
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EmailTemplateSearchResponse {
    email_templates: Vec<EmailTemplate>,
    total: i64,
}

/// A message as it would be sent, and what could not be filled.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct EmailTemplatePreviewResponse {
    email: Email,
    errors: Errors,
}

impl From<&Template> for EmailTemplate {
    fn from(template: &Template) -> Self {
        let details = &template.details;
        Self {
            default_from_name: details.from_name.default.clone(),
            default_html_template: details.html.default.clone(),
            default_subject: details.subject.default.clone(),
            default_text_template: details.text.default.clone(),
            from_email: details.from_email.clone(),
            id: template.id.uuid(),
            insert_instant: template.created_at.millis(),
            last_update_instant: template.updated_at.millis(),
            localized_from_names: scalar::localized(&details.from_name.localized),
            localized_html_templates: scalar::localized(&details.html.localized),
            localized_subjects: scalar::localized(&details.subject.localized),
            localized_text_templates: scalar::localized(&details.text.localized),
            name: details.name.clone(),
        }
    }
}

impl From<&Template> for EmailTemplateResponse {
    fn from(template: &Template) -> Self {
        Self { email_template: template.into() }
    }
}

impl From<&[Template]> for EmailTemplatesResponse {
    fn from(templates: &[Template]) -> Self {
        Self { email_templates: templates.iter().map(Into::into).collect() }
    }
}

impl From<&Page<Template>> for EmailTemplateSearchResponse {
    fn from(page: &Page<Template>) -> Self {
        Self { email_templates: page.items.iter().map(Into::into).collect(), total: page.total }
    }
}

impl EmailTemplatePreviewResponse {
    /// The message to nobody yet, and its flaws as an Errors object under the parts' paths.
    #[must_use]
    pub fn new(message: &Message, flaws: &[Flaw]) -> Self {
        let mut errors = Errors::default();
        for Flaw { part, message } in flaws {
            let path = format!("emailTemplate.{part}");
            let complaint =
                Complaint { code: format!("[invalid]{path}"), message: message.clone() };
            errors.field_errors.entry(path).or_default().push(complaint);
        }
        Self { email: Email::new(message, Vec::new()), errors }
    }
}

/// Reads the `emailTemplate` of a request. Bodies are kept as they were written, for white space
/// is part of them.
pub fn details(value: &Value) -> Result<TemplateDetails, Vec<Violation>> {
    let mut fields = Fields::new(value);
    let details = TemplateDetails {
        name: fields.trimmed("name"),
        from_email: fields.optional("fromEmail"),
        from_name: Part {
            default: fields.optional("defaultFromName"),
            localized: fields.localized("localizedFromNames"),
        },
        subject: Part {
            default: fields.text("defaultSubject").unwrap_or_default(),
            localized: fields.localized("localizedSubjects"),
        },
        html: body(&mut fields, "defaultHtmlTemplate", "localizedHtmlTemplates"),
        text: body(&mut fields, "defaultTextTemplate", "localizedTextTemplates"),
    };
    fields.finish_checked(details, TemplateDetails::check)
}

fn body(fields: &mut Fields<'_>, default: &str, localized: &str) -> Part<String> {
    let checked = fields.localized(localized);
    let written = fields.members(localized).into_iter().filter_map(|(locale, text)| {
        let locale: Locale = locale.parse().ok()?;
        Some((locale, text.as_str()?.to_owned()))
    });
    Part {
        default: fields.text(default).unwrap_or_default(),
        localized: if checked.is_empty() { checked } else { Localized::from_checked(written) },
    }
}

/// Reads the `locale` that stands beside the template to be tried out.
pub fn locale(body: &Value) -> Result<Option<Locale>, Vec<Violation>> {
    match body.get("locale") {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_str().map(str::trim) {
            Some("") => Ok(None),
            text => text
                .and_then(|text| text.parse().ok())
                .map(Some)
                .ok_or_else(|| vec![Violation::named("locale", Rule::Invalid)]),
        },
    }
}

/// Reads the criteria of a search: part of the name, and the page.
pub fn search(criteria: &Criteria) -> Result<(Option<String>, Paging), Vec<Violation>> {
    Ok((criteria.owned("name"), criteria.paging(ORDERS)?))
}
