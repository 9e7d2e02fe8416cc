//! The mails' words in each language.

use super::Occasion;

/// What is the same in every mail of a language.
#[derive(Debug)]
pub(super) struct Labels {
    pub(super) language: &'static str,
    pub(super) greeting: &'static str,
    pub(super) farewell: &'static str,
    pub(super) what: &'static str,
    pub(super) why: &'static str,
    pub(super) note: &'static str,
    pub(super) place: &'static str,
    pub(super) until: &'static str,
    pub(super) no_end: &'static str,
    /// How a day and a time are written.
    pub(super) date: &'static str,
    question: &'static str,
    speeches: [Speech; 6],
}

/// What is said on one occasion.
#[derive(Debug, Clone, Copy)]
pub(super) struct Speech {
    pub(super) subject: &'static str,
    pub(super) headline: &'static str,
    pub(super) opening: &'static str,
    pub(super) closing: &'static str,
}

impl Labels {
    /// What is said on this occasion.
    pub(super) fn speech(&self, occasion: Occasion) -> Speech {
        let [start, modify, cancel, end, notice, thanks] = self.speeches;
        match occasion {
            Occasion::Start => start,
            Occasion::Modify => modify,
            Occasion::Cancel => cancel,
            Occasion::End => end,
            Occasion::Notice => notice,
            Occasion::Thanks => thanks,
        }
    }

    /// Whom to ask; nobody has to when there is nothing to complain about.
    pub(super) fn question(&self, occasion: Occasion) -> Option<&'static str> {
        (occasion != Occasion::Thanks).then_some(self.question)
    }
}

pub(super) const LANGUAGES: [Labels; 3] = [ENGLISH, GERMAN, FRENCH];

const ENGLISH: Labels = Labels {
    language: "en",
    greeting: "Hello ${(user.firstName)!(user.username)!'there'},",
    farewell: "Kind regards",
    what: "What",
    why: "Why",
    note: "Note",
    place: "Where",
    until: "Until",
    no_end: "further notice",
    date: "d MMMM yyyy, HH:mm z",
    question: "Do you think this is a mistake, or is something unclear? Just reply to this e-mail \
        and tell us how you see it. We will look at it again.",
    speeches: [
        Speech {
            subject: "${event.localizedAction}: what it means for your account",
            headline: "A decision about your account",
            opening: "We have made a decision that concerns your account. So that you know where \
                you stand, here it is in full:",
            closing: "[#if event.expiry??]It ends by itself at the time given above. You do not \
                have to do anything for that.[#else]No end has been set yet. We will write to you \
                when that changes.[/#if]",
        },
        Speech {
            subject: "${event.localizedAction}: something has changed",
            headline: "A decision has changed",
            opening: "We have looked again at a decision about your account and changed it. This \
                is how it stands now:",
            closing: "What we wrote to you about it before no longer counts.",
        },
        Speech {
            subject: "${event.localizedAction}: lifted early",
            headline: "A decision has been lifted",
            opening: "We have lifted this decision about your account early:",
            closing: "It no longer applies as of now, and you can go on as before. Good to have \
                you back.",
        },
        Speech {
            subject: "${event.localizedAction}: over",
            headline: "It is over",
            opening: "The time of this decision about your account has passed:",
            closing: "It no longer applies, and you can go on as before. Good to have you back.",
        },
        Speech {
            subject: "${event.localizedAction}: a note to you",
            headline: "A note about your account",
            opening: "We would like you to know of the following:",
            closing: "Your account stays open, and you do not have to do anything.",
        },
        Speech {
            subject: "${event.localizedAction} from ${tenant.name}",
            headline: "Thank you!",
            opening: "Somebody has noticed what you did and asks us to pass this on:",
            closing: "We are glad that you are here.",
        },
    ],
};

const GERMAN: Labels = Labels {
    language: "de",
    greeting: "Guten Tag ${(user.firstName)!(user.username)!''},",
    farewell: "Freundliche Grüße",
    what: "Was",
    why: "Warum",
    note: "Hinweis",
    place: "Wo",
    until: "Bis",
    no_end: "auf Weiteres",
    date: "dd.MM.yyyy, HH:mm z",
    question: "Halten Sie das für einen Irrtum, oder ist etwas unklar? Antworten Sie einfach auf \
        diese E-Mail und schildern Sie uns Ihre Sicht. Wir sehen es uns noch einmal an.",
    speeches: [
        Speech {
            subject: "${event.localizedAction}: was das für Ihr Konto bedeutet",
            headline: "Eine Entscheidung zu Ihrem Konto",
            opening: "wir haben eine Entscheidung getroffen, die Ihr Konto betrifft. Damit Sie \
                wissen, woran Sie sind, hier alles dazu:",
            closing: "[#if event.expiry??]Sie endet zum genannten Zeitpunkt von selbst. Sie müssen \
                dafür nichts tun.[#else]Ein Ende steht noch nicht fest. Wir schreiben Ihnen, wenn \
                sich das ändert.[/#if]",
        },
        Speech {
            subject: "${event.localizedAction}: etwas hat sich geändert",
            headline: "Eine Entscheidung wurde geändert",
            opening: "wir haben uns eine Entscheidung zu Ihrem Konto noch einmal angesehen und sie \
                geändert. So gilt sie jetzt:",
            closing: "Was wir Ihnen vorher dazu geschrieben haben, gilt nicht mehr.",
        },
        Speech {
            subject: "${event.localizedAction}: vorzeitig aufgehoben",
            headline: "Eine Entscheidung wurde aufgehoben",
            opening: "wir haben diese Entscheidung zu Ihrem Konto vorzeitig aufgehoben:",
            closing: "Sie gilt ab sofort nicht mehr, und Sie können weitermachen wie zuvor. Schön, \
                dass Sie wieder dabei sind.",
        },
        Speech {
            subject: "${event.localizedAction}: vorbei",
            headline: "Es ist vorbei",
            opening: "die Zeit dieser Entscheidung zu Ihrem Konto ist abgelaufen:",
            closing: "Sie gilt nicht mehr, und Sie können weitermachen wie zuvor. Schön, dass Sie \
                wieder dabei sind.",
        },
        Speech {
            subject: "${event.localizedAction}: ein Hinweis für Sie",
            headline: "Ein Hinweis zu Ihrem Konto",
            opening: "wir möchten Sie auf Folgendes hinweisen:",
            closing: "Ihr Konto bleibt offen, und Sie müssen nichts tun.",
        },
        Speech {
            subject: "${event.localizedAction} von ${tenant.name}",
            headline: "Vielen Dank!",
            opening: "jemandem ist aufgefallen, was Sie getan haben, und wir geben das gern weiter:",
            closing: "Schön, dass Sie dabei sind.",
        },
    ],
};

const FRENCH: Labels = Labels {
    language: "fr",
    greeting: "Bonjour ${(user.firstName)!(user.username)!''},",
    farewell: "Cordialement",
    what: "Quoi",
    why: "Pourquoi",
    note: "Remarque",
    place: "Où",
    until: "Fin",
    no_end: "pas encore fixée",
    date: "dd/MM/yyyy, HH:mm z",
    question: "Vous pensez à une erreur, ou quelque chose n’est pas clair ? Répondez simplement à \
        ce message et donnez-nous votre point de vue. Nous l’examinerons de nouveau.",
    speeches: [
        Speech {
            subject: "${event.localizedAction} : ce que cela signifie pour votre compte",
            headline: "Une décision concernant votre compte",
            opening: "nous avons pris une décision qui concerne votre compte. Pour que vous sachiez \
                où vous en êtes, la voici en entier :",
            closing: "[#if event.expiry??]Elle prend fin d’elle-même à la date indiquée. Vous \
                n’avez rien à faire pour cela.[#else]Aucune fin n’est encore fixée. Nous vous \
                écrirons si cela change.[/#if]",
        },
        Speech {
            subject: "${event.localizedAction} : un changement",
            headline: "Une décision a changé",
            opening: "nous avons réexaminé une décision concernant votre compte et l’avons \
                modifiée. Voici ce qui s’applique maintenant :",
            closing: "Ce que nous vous avions écrit à ce sujet ne s’applique plus.",
        },
        Speech {
            subject: "${event.localizedAction} : levée avant terme",
            headline: "Une décision a été levée",
            opening: "nous avons levé avant terme cette décision concernant votre compte :",
            closing: "Elle ne s’applique plus dès maintenant, et tout redevient comme avant. \
                Heureux de vous retrouver.",
        },
        Speech {
            subject: "${event.localizedAction} : c’est terminé",
            headline: "C’est terminé",
            opening: "cette décision concernant votre compte est arrivée à son terme :",
            closing: "Elle ne s’applique plus, et tout redevient comme avant. Heureux de vous \
                retrouver.",
        },
        Speech {
            subject: "${event.localizedAction} : une remarque pour vous",
            headline: "Une remarque concernant votre compte",
            opening: "nous souhaitons vous signaler ceci :",
            closing: "Votre compte reste ouvert, et vous n’avez rien à faire.",
        },
        Speech {
            subject: "${event.localizedAction} de la part de ${tenant.name}",
            headline: "Merci !",
            opening: "quelqu’un a remarqué ce que vous avez fait et nous le transmettons avec \
                plaisir :",
            closing: "Nous sommes heureux de vous compter parmi nous.",
        },
    ],
};
