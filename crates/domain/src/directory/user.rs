//! People, as the platform knows them (`fusionauth.md` §4.1).

use super::registration::Registration;
use crate::id::{TenantId, UserId};
use crate::json::Json;
use crate::mail::Secret;
use crate::text::Locale;
use crate::time::{Expiry, Instant};
use crate::violation::{Rule, Violation, Violations};

/// The fewest characters of a password.
pub const SHORTEST_PASSWORD: usize = 8;
/// The most characters of a password: hashing more would only cost time.
pub const LONGEST_PASSWORD: usize = 256;
/// The most languages that a user may list.
pub const MOST_LANGUAGES: usize = 20;
/// The fields by which users can be sorted, as the surface names them.
pub const SORT_FIELDS: &[&str] = &[
    "birthDate",
    "email",
    "fullName",
    "id",
    "insertInstant",
    "lastLoginInstant",
    "login",
    "phoneNumber",
    "tenantId",
    "username",
];
/// The most characters of any short text of a user.
pub const LONGEST_TEXT: usize = 255;

/// A person with an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// The tenant it belongs to, for good.
    pub tenant_id: TenantId,
    /// Whether the account is open; a closed one cannot log in.
    pub active: bool,
    /// Whether the user runs this server.
    pub staff: bool,
    /// What callers say of the user.
    pub details: UserDetails,
    /// When the account was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
    /// When the user last logged in.
    pub last_login_at: Option<Instant>,
    /// When the password was last set.
    pub password_updated_at: Option<Instant>,
}

/// What callers say of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserDetails {
    /// In lower case; unique in the tenant.
    pub email: Option<String>,
    /// As written; unique in the tenant without regard to case.
    pub username: Option<String>,
    /// When the account closes by itself.
    pub expiry: Expiry,
    /// What the user reads, the best first.
    pub preferred_languages: Vec<Locale>,
    /// Names and the like.
    pub profile: Profile,
    /// The caller's own data.
    pub data: Json,
    /// Whether the next login must change the password.
    pub password_change_required: bool,
}

/// A user with what they are registered for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The user.
    pub user: User,
    /// The registrations, by application.
    pub registrations: Vec<Registration>,
}

/// What a caller sends of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// All that is said openly.
    pub details: UserDetails,
    /// The password to set; none keeps the present one.
    pub password: Option<Secret>,
}

impl Submission {
    /// Checks everything that can be seen without looking at other users.
    pub fn check(&self) -> Result<(), Vec<Violation>> {
        let mut violations = self.details.check().err().unwrap_or_default();
        let password = self.password.as_ref().map(Secret::reveal);
        violations.extend(password.and_then(|password| check_password(password).err()));
        if violations.is_empty() { Ok(()) } else { Err(violations) }
    }
}

/// Which users a search is after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Criterion {
    /// These; unknown ones are passed over.
    Ids(Vec<UserId>),
    /// Those who are found by this term: a name, an address or a number, whole.
    Term(String),
    /// Everybody.
    Everybody,
}

/// What the text that a user logs in with may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginIdKind {
    /// The e-mail address.
    Email,
    /// The name.
    Username,
    /// The number.
    PhoneNumber,
}

impl LoginIdKind {
    /// The kinds meant when nobody says.
    pub const USUAL: [Self; 2] = [Self::Email, Self::Username];
}

/// The text is not the name of a kind of login id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not one of email, phoneNumber and username")]
pub struct NotALoginIdKind;

impl std::str::FromStr for LoginIdKind {
    type Err = NotALoginIdKind;

    fn from_str(name: &str) -> Result<Self, NotALoginIdKind> {
        match name {
            "email" => Ok(Self::Email),
            "username" => Ok(Self::Username),
            "phoneNumber" => Ok(Self::PhoneNumber),
            _ => Err(NotALoginIdKind),
        }
    }
}

/// What is told about a person and only given back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// Given name.
    pub first_name: Option<String>,
    /// Middle name.
    pub middle_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// The whole name.
    pub full_name: Option<String>,
    /// `YYYY-MM-DD`.
    pub birth_date: Option<String>,
    /// Where a picture is.
    pub image_url: Option<String>,
    /// A mobile number.
    pub mobile_phone: Option<String>,
    /// The number to log in with.
    pub phone_number: Option<String>,
    /// An IANA time zone.
    pub timezone: Option<String>,
}

impl UserDetails {
    /// Checks everything that can be seen without looking at other users.
    pub fn check(&self) -> Result<(), Vec<Violation>> {
        let mut violations = Violations::new();
        if self.email.is_none() && self.username.is_none() && self.profile.phone_number.is_none() {
            violations.push(Violation::body("email", Rule::Blank));
            violations.push(Violation::body("username", Rule::Blank));
        }
        if let Some(email) = &self.email
            && !is_email(email)
        {
            violations.push(Violation::body("email", Rule::NotEmail));
        }
        if self.preferred_languages.len() > MOST_LANGUAGES {
            violations.push(Violation::body("preferredLanguages", Rule::TooLong(MOST_LANGUAGES)));
        }
        if let Some(date) = &self.profile.birth_date
            && (date.len() != 10 || date.parse::<jiff::civil::Date>().is_err())
        {
            violations.push(Violation::body("birthDate", Rule::CouldNotConvert));
        }
        for (field, text) in self.short_texts() {
            if text.is_some_and(|text| text.chars().count() > LONGEST_TEXT) {
                violations.push(Violation::body(field, Rule::TooLong(LONGEST_TEXT)));
            }
        }
        violations.into_result()
    }

    fn short_texts(&self) -> [(&'static str, Option<&str>); 10] {
        let profile = &self.profile;
        [
            ("email", self.email.as_deref()),
            ("username", self.username.as_deref()),
            ("firstName", profile.first_name.as_deref()),
            ("middleName", profile.middle_name.as_deref()),
            ("lastName", profile.last_name.as_deref()),
            ("fullName", profile.full_name.as_deref()),
            ("mobilePhone", profile.mobile_phone.as_deref()),
            ("phoneNumber", profile.phone_number.as_deref()),
            ("timezone", profile.timezone.as_deref()),
            ("birthDate", profile.birth_date.as_deref()),
        ]
    }

    /// What the user logs in with, for lists: the e-mail address, else the name, else the number.
    #[must_use]
    pub fn login(&self) -> &str {
        let number = self.profile.phone_number.as_deref();
        self.email.as_deref().or(self.username.as_deref()).or(number).unwrap_or_default()
    }
}

/// Checks a password that somebody wants to set.
pub fn check_password(password: &str) -> Result<(), Violation> {
    let length = password.chars().count();
    if password.trim().is_empty() {
        Err(Violation::body("password", Rule::Blank))
    } else if length < SHORTEST_PASSWORD {
        Err(Violation::body("password", Rule::TooShort(SHORTEST_PASSWORD)))
    } else if length > LONGEST_PASSWORD {
        Err(Violation::body("password", Rule::TooLong(LONGEST_PASSWORD)))
    } else {
        Ok(())
    }
}

/// Whether text has the shape of an e-mail address: one local part, one `@`, a domain of labels.
/// Whether it can be reached only a message can tell.
#[must_use]
pub fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let is_plain = |c: char| !c.is_whitespace() && !c.is_control() && c != '@';
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    !local.is_empty()
        && local.chars().all(is_plain)
        && !local.starts_with('.')
        && !local.ends_with('.')
        && domain.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_one_local_part_and_a_domain() {
        for good in ["a@example.com", "a.b+c@x-y.example", "ü@example.com", "root@localhost"] {
            assert!(is_email(good), "{good}");
        }
        for bad in ["", "a", "@b.c", "a@", "a@b..c", "a b@c.d", "a@@b.c", ".a@b.c", "a@-b.c"] {
            assert!(!is_email(bad), "{bad}");
        }
    }

    #[test]
    fn passwords_are_neither_short_nor_endless() {
        assert!(check_password("correct horse").is_ok());
        assert_eq!(check_password("  ").unwrap_err().rule, Rule::Blank);
        assert_eq!(check_password("seven77").unwrap_err().rule, Rule::TooShort(8));
        assert_eq!(check_password(&"x".repeat(257)).unwrap_err().rule, Rule::TooLong(256));
    }
}
