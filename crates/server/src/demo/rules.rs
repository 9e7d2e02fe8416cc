//! What the people of the demo live by: applications, kinds of action and reasons, in English,
//! German and French.

use serde_json::{Value, json};

use super::mails::Occasion;

/// A text in English, German and French.
pub(super) type Words = (&'static str, &'static str, &'static str);

/// The kinds of action, by their place in [`DEFINITIONS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Ban,
    Mute,
    NoSelling,
    Warning,
    Removal,
    Award,
}

/// Each kind with its name.
pub(super) const DEFINITIONS: [(Kind, Words); 6] = [
    (Kind::Ban, ("Ban", "Sperre", "Bannissement")),
    (Kind::Mute, ("Mute", "Stummschaltung", "Mise en sourdine")),
    (Kind::NoSelling, ("Selling suspended", "Verkauf ausgesetzt", "Vente suspendue")),
    (Kind::Warning, ("Warning", "Verwarnung", "Avertissement")),
    (Kind::Removal, ("Post removed", "Beitrag entfernt", "Message supprimé")),
    (Kind::Award, ("Thanks", "Dank", "Remerciement")),
];

const WARNINGS: [Words; 3] = [
    ("Friendly", "Freundlich", "Amical"),
    ("First", "Erste", "Premier"),
    ("Final", "Letzte", "Dernier"),
];
const AWARDS: [Words; 3] =
    [("Bronze", "Bronze", "Bronze"), ("Silver", "Silber", "Argent"), ("Gold", "Gold", "Or")];

/// Why something is done: code and text.
pub(super) const REASONS: [(&str, Words); 7] = [
    ("SPAM", ("Unwanted advertising", "Unerwünschte Werbung", "Publicité indésirable")),
    ("INSULT", ("Insults another member", "Beleidigt ein Mitglied", "Insulte un autre membre")),
    ("FRAUD", ("Suspected of fraud", "Verdacht auf Betrug", "Soupçon de fraude")),
    ("OFFTOPIC", ("Off topic, again", "Wiederholt am Thema vorbei", "Hors sujet, encore")),
    ("UNDELIVERED", ("Sold and not delivered", "Verkauft, nicht geliefert", "Vendu, non livré")),
    ("SECOND", ("Second account", "Zweitkonto", "Deuxième compte")),
    ("HELPFUL", ("Helps others", "Hilft anderen", "Aide les autres")),
];

/// The applications of the community.
pub(super) const APPLICATIONS: [&str; 3] = ["Forum", "Market", "Chat"];

impl Kind {
    /// Whether it lasts.
    pub(super) fn is_temporal(self) -> bool {
        matches!(self, Self::Ban | Self::Mute | Self::NoSelling)
    }

    /// Its variants.
    pub(super) fn options(self) -> &'static [Words] {
        match self {
            Self::Warning => &WARNINGS,
            Self::Award => &AWARDS,
            Self::Ban | Self::Mute | Self::NoSelling | Self::Removal => &[],
        }
    }

    /// The reasons that go with it, and what moderators note.
    pub(super) fn occasions(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Ban => &[
                ("SPAM", "Forty links in ten minutes, all to the same shop."),
                ("INSULT", "Third time this month, after two warnings."),
                ("FRAUD", "Asks buyers to pay outside the market. See ticket 4411."),
                ("SECOND", "Same person as an account that is banned."),
            ],
            Self::Mute => &[
                ("INSULT", "Please sleep on it before you answer."),
                ("OFFTOPIC", "Moved the thread twice, came back twice."),
                ("SPAM", "Posts the same message in every room."),
            ],
            Self::NoSelling => &[
                ("UNDELIVERED", "Two buyers still wait for their parcels."),
                ("FRAUD", "The pictures are from another shop."),
            ],
            Self::Warning => &[
                ("INSULT", "Let's keep it about the matter, not the person."),
                ("OFFTOPIC", "There is a room for that: Small talk."),
                ("SPAM", "One link to your own shop is fine. Nine are not."),
                ("UNDELIVERED", "Please answer the buyer's questions."),
            ],
            Self::Removal => &[
                ("INSULT", "Removed the last paragraph's comparison."),
                ("SPAM", "An advertisement dressed as a question."),
                ("OFFTOPIC", "Nothing to do with the thread."),
            ],
            Self::Award => &[
                ("HELPFUL", "For the guide to winter tyres."),
                ("HELPFUL", "Answered half of the newcomers' questions this week."),
                ("HELPFUL", "Found the leak in the payment form. Thank you!"),
            ],
        }
    }

    /// What the mails about it are about, by the member of the definition that names each.
    fn occasions_to_write(self) -> &'static [(&'static str, Occasion)] {
        match self {
            Self::Ban | Self::Mute | Self::NoSelling => &[
                ("startEmailTemplateId", Occasion::Start),
                ("modifyEmailTemplateId", Occasion::Modify),
                ("cancelEmailTemplateId", Occasion::Cancel),
                ("endEmailTemplateId", Occasion::End),
            ],
            Self::Warning | Self::Removal => &[("startEmailTemplateId", Occasion::Notice)],
            Self::Award => &[("startEmailTemplateId", Occasion::Thanks)],
        }
    }

    /// The definition, as FusionAuth's API takes it; `template` knows the template of an occasion.
    pub(super) fn definition(
        self,
        name: Words,
        template: impl Fn(Occasion) -> Option<String>,
    ) -> Value {
        let options = self.options().iter();
        let options: Vec<Value> = options
            .map(|words| json!({"name": words.0, "localizedNames": localized(*words)}))
            .collect();
        let mut definition = json!({
            "name": name.0,
            "localizedNames": localized(name),
            "options": options,
            "temporal": self.is_temporal(),
            "preventLogin": self == Self::Ban,
            "userEmailingEnabled": true,
        });
        if let Some(members) = definition.as_object_mut() {
            for (member, occasion) in self.occasions_to_write() {
                members.insert((*member).to_owned(), json!(template(*occasion)));
            }
        }
        json!({ "userAction": definition })
    }
}

/// A reason, as FusionAuth's API takes it.
pub(super) fn reason(code: &str, text: Words) -> Value {
    json!({"userActionReason": {
        "code": code, "text": text.0, "localizedTexts": localized(text),
    }})
}

fn localized(words: Words) -> Value {
    json!({"en": words.0, "de": words.1, "fr": words.2})
}
