//! One list of id kinds, each its own type, so that no id is ever taken for another.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use crate::time::Instant;

/// The text is not a UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a UUID")]
pub struct NotAnId;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// The id with this value.
            #[must_use]
            pub const fn from_uuid(value: Uuid) -> Self {
                Self(value)
            }

            /// The value, without its kind.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                parse(text).map(Self)
            }
        }
    )*};
}

ids! {
    /// One action taken on one user.
    ActionId,
    /// An API key.
    ApiKeyId,
    /// An application of a tenant.
    ApplicationId,
    /// One call of a webhook.
    AttemptId,
    /// A row of the audit trail.
    AuditId,
    /// A comment that one user left about another.
    CommentId,
    /// A kind of action.
    DefinitionId,
    /// A committed change, told to others.
    EventId,
    /// An e-mail on its way.
    MailId,
    /// A key of the server itself: it signs tokens.
    SigningKeyId,
    /// A reason for actions.
    ReasonId,
    /// A role of an application.
    ApplicationRoleId,
    /// A user's registration for an application.
    RegistrationId,
    /// An e-mail template.
    TemplateId,
    /// A tenant.
    TenantId,
    /// A user.
    UserId,
    /// A webhook.
    WebhookId,
    /// A key that signs what webhooks are sent.
    WebhookKeyId,
    /// A customer: an organisation with projects.
    CustomerId,
    /// A project of a customer.
    ProjectId,
    /// A role on customers or on projects.
    RoleId,
    /// A user's role on a scope.
    GrantId,
    /// A standing offer of a role.
    InvitationId,
    /// A user's request for what an invitation offers.
    PermissionRequestId,
    /// Something that a user has to do.
    TodoId,
    /// Who knows what users have to do.
    ProviderId,
    /// An order in the marketplace.
    OrderId,
    /// Something that was ordered in the marketplace.
    ResourceId,
}

/// Reads the canonical 36-character form in either case, and no other: the contract knows no
/// braces, URNs or bare hexadecimal on this surface.
///
/// # Errors
/// [`NotAnId`] when the text is anything else.
pub fn parse(text: &str) -> Result<Uuid, NotAnId> {
    if text.len() == 36 { Uuid::try_parse(text).map_err(|_| NotAnId) } else { Err(NotAnId) }
}

/// Reads the canonical form and the one of 32 digits without hyphens (`waldur.md` §1.1).
///
/// # Errors
/// [`NotAnId`] when the text is anything else.
pub fn parse_either(text: &str) -> Result<Uuid, NotAnId> {
    if matches!(text.len(), 32 | 36) {
        Uuid::try_parse(text).map_err(|_| NotAnId)
    } else {
        Err(NotAnId)
    }
}

/// The `UUIDv7` of an instant: ids made in one millisecond are told apart by `chance`, and ids of
/// one kind sort by the time they were made.
#[must_use]
pub fn at(instant: Instant, chance: [u8; 10]) -> Uuid {
    let millis = u64::try_from(instant.millis()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &chance).into_uuid()
}

/// The first id that sorts behind this one.
#[must_use]
pub fn next(id: Uuid) -> Uuid {
    Uuid::from_u128(id.as_u128().saturating_add(1))
}

/// The ids made at `from` or later and before `to`: the first and the last that there can be.
#[must_use]
pub fn between(from: Instant, to: Instant) -> (Uuid, Uuid) {
    let behind = at(to, [0; 10]).as_u128();
    (at(from, [0; 10]), Uuid::from_u128(behind.saturating_sub(1)))
}

impl EventId {
    /// The event that tells that an action's time has come, which was due at this instant. It follows
    /// from both, so that nobody has to keep it to find it again.
    #[must_use]
    pub fn of_end(action: ActionId, at: Instant) -> Self {
        let name = Uuid::new_v5(&action.0, b"end").into_bytes();
        let chance = name.last_chunk().copied().unwrap_or_default();
        Self(self::at(at, chance))
    }
}

/// The bits that [`at_place`] gives to the place of an id among those of its millisecond.
pub const PLACE_BITS: u32 = 18;

/// The same, in the order of `place` among the ids of one millisecond; of a larger place only the
/// lowest [`PLACE_BITS`] count.
#[must_use]
pub fn at_place(instant: Instant, place: u32, chance: [u8; 7]) -> Uuid {
    let [_, high, middle, low] = (place << 2).to_be_bytes();
    // The version takes the upper half of the first byte, the variant the top two bits of the
    // third: the eighteen bits of the place go around them.
    let mut bytes = [0; 10];
    let (place, rest) = bytes.split_at_mut(3);
    place.copy_from_slice(&[high & 0x0f, middle, low >> 2]);
    rest.copy_from_slice(&chance);
    at(instant, bytes)
}

/// A number of 53 bits that sorts as ids of [`at_place`] do: the millisecond, and behind it the
/// place. The places of one millisecond that do not fit share the last number.
#[must_use]
pub fn sequence(id: Uuid) -> i64 {
    let (high, low) = id.as_u64_pair();
    let place = ((high & 0xfff) << 6) | ((low >> 56) & 0x3f);
    i64::try_from((high >> 16 << 12) | place.min(0xfff)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_one_millisecond_sort_by_their_place() {
        let instant = Instant::from_millis(1_700_000_000_000);
        let places = [0, 1, 63, 64, 65, 4_095, 4_096, 100_000, (1 << PLACE_BITS) - 1];
        let ids: Vec<Uuid> =
            places.iter().map(|place| at_place(instant, *place, [0xaa; 7])).collect();
        assert!(ids.is_sorted(), "{ids:?}");
        assert!(ids.iter().all(|id| id.get_version_num() == 7));
    }

    #[test]
    fn numbers_sort_as_ids_do() {
        let instant = Instant::from_millis(1_700_000_000_000);
        let numbers = [0, 1, 63, 64, 4_095].map(|place| sequence(at_place(instant, place, [7; 7])));
        assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
        let later = at_place(instant.plus_millis(1), 0, [7; 7]);
        assert!(numbers.iter().all(|number| *number < sequence(later)));
        assert!(sequence(later) < 1 << 53);
    }

    #[test]
    fn a_span_of_time_is_a_span_of_ids() {
        let instant = |millis: i64| Instant::from_millis(1_700_000_000_000 + millis);
        let (first, last) = between(instant(1), instant(3));
        let made = [0, 1, 2, 3].map(|millis| at_place(instant(millis), 5, [0xff; 7]));
        let inside = made.map(|id| (first..=last).contains(&id));
        assert_eq!(inside, [false, true, true, false]);
        assert!(next(made[0]) > made[0] && next(made[0]) < made[1]);
        assert_eq!(next(Uuid::max()), Uuid::max());
    }

    #[test]
    fn the_event_of_an_end_is_told_by_the_action_and_the_instant() {
        let instant = Instant::from_millis(1_700_000_000_000);
        let [one, other] = [1, 2].map(|id| ActionId::from_uuid(Uuid::from_u128(id)));
        let event = EventId::of_end(one, instant);
        assert_eq!(event, EventId::of_end(one, instant));
        assert_ne!(event, EventId::of_end(other, instant));
        assert_eq!(event.0.get_version_num(), 7);
        let (first, last) = between(instant, instant.plus_millis(1));
        assert!((first..=last).contains(&event.0));
    }

    #[test]
    fn only_the_canonical_form_is_an_id() {
        let text = "6B2FA3C0-0000-7000-8000-00000000000a";
        assert_eq!(text.parse::<UserId>().unwrap().to_string(), text.to_lowercase());
        assert!("6b2fa3c0000070008000000000000000".parse::<UserId>().is_err());
        assert!("{6b2fa3c0-0000-7000-8000-000000000000}".parse::<UserId>().is_err());
        assert!("".parse::<UserId>().is_err());
    }

    #[test]
    fn ids_sort_by_the_instant_they_were_made_at() {
        let earlier = at(Instant::from_millis(1_700_000_000_000), [0xff; 10]);
        let later = at(Instant::from_millis(1_700_000_000_001), [0; 10]);
        assert!(earlier < later);
    }
}
