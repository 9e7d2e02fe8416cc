//! What the mails that Docket writes by itself say, in three languages.
//!
//! They are templates of the mail engine, as operators write them too, so that what people have said
//! of themselves never becomes part of a template.

use docket_domain::id::TemplateId;
use docket_domain::mail::{Part, TemplateDetails};
use docket_domain::text::Localized;
use uuid::Uuid;

/// One kind of mail.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Text {
    /// The key of the contract (`waldur.md` §11.2).
    pub(crate) key: &'static str,
    /// What the mail is kept under; never the id of an operator's template.
    number: u128,
    subject: Languages,
    body: Languages,
}

/// The same in each language.
type Languages = [(&'static str, &'static str); 3];

/// Somebody asks for a role.
pub(crate) const SUBMITTED: Text = Text {
    key: "users.permission_request_submitted",
    number: 1,
    subject: [
        ("en", "${site}: ${requester.label} asks for ${role} in ${scope}"),
        ("de", "${site}: ${requester.label} bittet um ${role} in ${scope}"),
        ("fr", "${site} : ${requester.label} demande ${role} dans ${scope}"),
    ],
    body: [
        (
            "en",
            "Hello,\n\n${requester.label} (${requester.email}) has answered the invitation to \
             ${scope} (${customer}) and asks for the role ${role}.\n\n[#if project?has_content]\
             Project: ${project}\n\n[/#if][#if link?has_content]Review the request: ${link}\n\
             \n[/#if]${site}\n",
        ),
        (
            "de",
            "Guten Tag,\n\n${requester.label} (${requester.email}) hat die Einladung zu ${scope} \
             (${customer}) angenommen und bittet um die Rolle ${role}.\n\n\
             [#if project?has_content]Projekt: ${project}\n\n[/#if][#if link?has_content]\
             Anfrage ansehen: ${link}\n\n[/#if]${site}\n",
        ),
        (
            "fr",
            "Bonjour,\n\n${requester.label} (${requester.email}) a répondu à l'invitation à \
             ${scope} (${customer}) et demande le rôle ${role}.\n\n[#if project?has_content]\
             Projet : ${project}\n\n[/#if][#if link?has_content]Voir la demande : ${link}\n\
             \n[/#if]${site}\n",
        ),
    ],
};

/// Somebody was turned down.
pub(crate) const REJECTED: Text = Text {
    key: "users.permission_request_rejected",
    number: 2,
    subject: [
        ("en", "${site}: your request for ${role} in ${scope} was rejected"),
        ("de", "${site}: Ihre Bitte um ${role} in ${scope} wurde abgelehnt"),
        ("fr", "${site} : votre demande de ${role} dans ${scope} a été refusée"),
    ],
    body: [
        (
            "en",
            "Hello ${requester.label},\n\nyour request for the role ${role} in ${scope} \
             (${customer}) was rejected by ${reviewer}.\n\n[#if comment?has_content]\
             Their comment: ${comment}\n\n[/#if]${site}\n",
        ),
        (
            "de",
            "Guten Tag ${requester.label},\n\nIhre Bitte um die Rolle ${role} in ${scope} \
             (${customer}) wurde von ${reviewer} abgelehnt.\n\n[#if comment?has_content]\
             Kommentar: ${comment}\n\n[/#if]${site}\n",
        ),
        (
            "fr",
            "Bonjour ${requester.label},\n\nvotre demande du rôle ${role} dans ${scope} \
             (${customer}) a été refusée par ${reviewer}.\n\n[#if comment?has_content]\
             Commentaire : ${comment}\n\n[/#if]${site}\n",
        ),
    ],
};

/// Somebody was given what they had asked for.
pub(crate) const GRANTED: Text = Text {
    key: "structure.structure_role_granted",
    number: 3,
    subject: [
        ("en", "${site}: you now have the role ${role} in ${scope}"),
        ("de", "${site}: Sie haben jetzt die Rolle ${role} in ${scope}"),
        ("fr", "${site} : vous avez désormais le rôle ${role} dans ${scope}"),
    ],
    body: [
        (
            "en",
            "Hello ${requester.label},\n\nyou were given the role ${role} in ${scope} \
             (${customer}).\n\n[#if comment?has_content]Comment: ${comment}\n\n[/#if]\
             [#if home?has_content]${home}\n\n[/#if]${site}\n",
        ),
        (
            "de",
            "Guten Tag ${requester.label},\n\nSie haben die Rolle ${role} in ${scope} \
             (${customer}) erhalten.\n\n[#if comment?has_content]Kommentar: ${comment}\n\n[/#if]\
             [#if home?has_content]${home}\n\n[/#if]${site}\n",
        ),
        (
            "fr",
            "Bonjour ${requester.label},\n\nvous avez reçu le rôle ${role} dans ${scope} \
             (${customer}).\n\n[#if comment?has_content]Commentaire : ${comment}\n\n[/#if]\
             [#if home?has_content]${home}\n\n[/#if]${site}\n",
        ),
    ],
};

/// Somebody has things to do.
pub(crate) const DIGEST: Text = Text {
    key: "user_actions.notification_digest",
    number: 4,
    subject: [
        ("en", "${site}: you have ${count} things to do"),
        ("de", "${site}: Sie haben ${count} Dinge zu erledigen"),
        ("fr", "${site} : vous avez ${count} choses à faire"),
    ],
    body: [
        (
            "en",
            "Hello ${reader.label},\n\nthings that you have to do: ${count}.\n\
             [#if high?has_content]Urgent ones among them: ${high}.\n[/#if]\n\
             [#if link?has_content]See them all: ${link}\n\n[/#if]${site}\n",
        ),
        (
            "de",
            "Guten Tag ${reader.label},\n\nzu erledigen haben Sie: ${count}.\n\
             [#if high?has_content]Davon dringend: ${high}.\n[/#if]\n\
             [#if link?has_content]Alle ansehen: ${link}\n\n[/#if]${site}\n",
        ),
        (
            "fr",
            "Bonjour ${reader.label},\n\nchoses à faire : ${count}.\n\
             [#if high?has_content]Dont urgentes : ${high}.\n[/#if]\n\
             [#if link?has_content]Tout voir : ${link}\n\n[/#if]${site}\n",
        ),
    ],
};

impl Text {
    /// What the mail is kept under. Version 0 is what no generator makes.
    pub(crate) const fn id(self) -> TemplateId {
        TemplateId::from_uuid(Uuid::from_u128(self.number))
    }

    /// The template.
    pub(crate) fn template(self) -> TemplateDetails {
        TemplateDetails {
            name: self.key.to_owned(),
            from_email: None,
            from_name: Part::default(),
            subject: part(self.subject),
            html: Part::default(),
            text: part(self.body),
        }
    }
}

/// English is what readers of other languages get.
fn part(languages: Languages) -> Part<String> {
    let [(_, english), ..] = languages;
    let localized = languages
        .into_iter()
        .filter_map(|(name, text)| Some((name.parse().ok()?, text.to_owned())));
    Part { default: english.to_owned(), localized: Localized::from_checked(localized) }
}

#[cfg(test)]
mod tests {
    use docket_domain::text::Locale;
    use serde_json::json;

    use super::*;
    use crate::message;

    #[test]
    fn every_mail_can_be_filled_in_every_language() {
        let person = json!({"label": "Ada", "email": "ada@example.com"});
        let full = json!({"site": "Docket", "requester": person, "role": "PROJECT.ADMIN",
            "scope": "Moon", "customer": "Space", "project": "Lander", "link": "https://x/y",
            "reviewer": "Noor", "comment": "Not eligible", "home": "https://x"});
        let mut bare = full.clone();
        for name in ["project", "link", "comment", "home"] {
            bare[name] = json!("");
        }
        for text in [SUBMITTED, REJECTED, GRANTED] {
            for language in ["en", "de", "fr", "eo"] {
                let languages: [Locale; 1] = [language.parse().unwrap()];
                for variables in [&full, &bare] {
                    let (message, flaws) = message::fill(&text.template(), &languages, variables);
                    assert_eq!(flaws, [], "{} in {language}", text.key);
                    let body = message.text.unwrap();
                    assert!(body.contains("Ada") && body.contains("Moon"), "{body}");
                    assert!(message.subject.unwrap().contains("PROJECT.ADMIN"));
                    assert!(message.html.is_none());
                }
            }
        }
        let (message, _) = message::fill(&SUBMITTED.template(), &[], &full);
        assert!(message.text.unwrap().contains("https://x/y"));
        let (message, _) = message::fill(&REJECTED.template(), &[], &full);
        assert!(message.subject.unwrap().contains("rejected"));
    }

    #[test]
    fn a_digest_says_how_much_is_urgent_when_something_is() {
        let all = json!({"site": "Docket", "reader": {"label": "Ada"}, "count": "7", "high": "2",
            "link": "https://x/profile/"});
        let mut calm = all.clone();
        calm["high"] = json!("");
        for language in ["en", "de", "fr"] {
            let languages: [Locale; 1] = [language.parse().unwrap()];
            let filled = |variables| message::fill(&DIGEST.template(), &languages, variables);
            let (message, flaws) = filled(&all);
            assert_eq!(flaws, [], "{language}");
            let body = message.text.unwrap();
            for part in ["Ada", "7", "2.", "https://x/profile/", "Docket"] {
                assert!(body.contains(part), "{body}");
            }
            assert!(!filled(&calm).0.text.unwrap().contains("2."));
        }
    }
}
