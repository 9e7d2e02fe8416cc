//! The closed list of things that can have happened.

/// What outsiders can be told of, by the names of the contract (`fusionauth.md` §4.6, §4.10).
///
/// The list is that of the original, because clients send and read the whole of it; Docket itself
/// emits those that [`Happening`] names.
macro_rules! event_types {
    ($($(#[$doc:meta])* $variant:ident = $name:literal),* $(,)?) => {
        /// A type of event that a tenant or a webhook can switch on, as the original names it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum EventType { $($(#[$doc])* #[doc = concat!("`", $name, "`")] $variant,)* }

        impl EventType {
            /// Every type.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name in the contract.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

event_types! {
    AuditLogCreate = "audit-log.create",
    EventLogCreate = "event-log.create",
    GroupCreate = "group.create",
    GroupCreateComplete = "group.create.complete",
    GroupDelete = "group.delete",
    GroupDeleteComplete = "group.delete.complete",
    GroupMemberAdd = "group.member.add",
    GroupMemberAddComplete = "group.member.add.complete",
    GroupMemberRemove = "group.member.remove",
    GroupMemberRemoveComplete = "group.member.remove.complete",
    GroupMemberUpdate = "group.member.update",
    GroupMemberUpdateComplete = "group.member.update.complete",
    GroupUpdate = "group.update",
    GroupUpdateComplete = "group.update.complete",
    IdentityVerified = "identity.verified",
    JwtPublicKeyUpdate = "jwt.public-key.update",
    JwtRefresh = "jwt.refresh",
    JwtRefreshTokenRevoke = "jwt.refresh-token.revoke",
    KickstartSuccess = "kickstart.success",
    Test = "test",
    UserAction = "user.action",
    UserBulkCreate = "user.bulk.create",
    UserCreate = "user.create",
    UserCreateComplete = "user.create.complete",
    UserDeactivate = "user.deactivate",
    UserDelete = "user.delete",
    UserDeleteComplete = "user.delete.complete",
    UserEmailUpdate = "user.email.update",
    UserEmailVerified = "user.email.verified",
    UserIdentityProviderLink = "user.identity-provider.link",
    UserIdentityProviderUnlink = "user.identity-provider.unlink",
    UserIdentityUpdate = "user.identity.update",
    UserLoginFailed = "user.login.failed",
    UserLoginIdDuplicateCreate = "user.loginId.duplicate.create",
    UserLoginIdDuplicateUpdate = "user.loginId.duplicate.update",
    UserLoginNewDevice = "user.login.new-device",
    UserLoginSuccess = "user.login.success",
    UserLoginSuspicious = "user.login.suspicious",
    UserPasswordBreach = "user.password.breach",
    UserPasswordResetSend = "user.password.reset.send",
    UserPasswordResetStart = "user.password.reset.start",
    UserPasswordResetSuccess = "user.password.reset.success",
    UserPasswordUpdate = "user.password.update",
    UserReactivate = "user.reactivate",
    UserRegistrationCreate = "user.registration.create",
    UserRegistrationCreateComplete = "user.registration.create.complete",
    UserRegistrationDelete = "user.registration.delete",
    UserRegistrationDeleteComplete = "user.registration.delete.complete",
    UserRegistrationUpdate = "user.registration.update",
    UserRegistrationUpdateComplete = "user.registration.update.complete",
    UserRegistrationVerified = "user.registration.verified",
    UserTwoFactorMethodAdd = "user.two-factor.method.add",
    UserTwoFactorMethodRemove = "user.two-factor.method.remove",
    UserUpdate = "user.update",
    UserUpdateComplete = "user.update.complete",
}

impl EventType {
    /// The type of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|event| event.name() == name)
    }
}

/// What a committed change did, as the outbox, the audit trail and the event log of `/api/v1` name
/// it: a noun and a verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happening {
    /// An action changed: taken, modified, cancelled, ended (`user.action`).
    UserAction,
    /// Something was made.
    Created(Noun),
    /// Something was changed.
    Updated(Noun),
    /// Something was switched off.
    Deactivated(Noun),
    /// Something was switched on again.
    Reactivated(Noun),
    /// Docket itself has stopped using something that does not work.
    Disabled(Noun),
    /// Something is gone for good.
    Deleted(Noun),
    /// Something was taken back.
    Revoked(Noun),
    /// Something came to its end by itself.
    Expired(Noun),
    /// What was asked for was granted.
    Approved(Noun),
    /// What was asked for was refused.
    Rejected(Noun),
    /// Something was called off.
    Cancelled(Noun),
    /// A to-do is out of sight, for a time or for good.
    TodoSilenced,
    /// A to-do is in sight again.
    TodoUnsilenced,
    /// A user did something about a to-do.
    TodoExecuted,
    /// A to-do need not be done any more.
    TodoResolved,
    /// Somebody wants a resource gone.
    TerminationRequested,
    /// A user logged in.
    LoggedIn,
    /// Somebody tried to log in with a wrong password.
    LoginFailed,
    /// A webhook got another secret.
    SecretRotated,
}

/// What kind of object changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noun {
    /// An action taken on a user.
    Action,
    /// An API key.
    ApiKey,
    /// An application.
    Application,
    /// One call of a webhook.
    Attempt,
    /// An entry that a caller wrote into the audit log.
    AuditLog,
    /// A comment about a user.
    Comment,
    /// A kind of action.
    Definition,
    /// An entry that the server wrote into the event log.
    EventLog,
    /// E-mails that a caller has sent.
    Mail,
    /// A reason.
    Reason,
    /// A registration.
    Registration,
    /// An e-mail template.
    Template,
    /// A tenant.
    Tenant,
    /// A user.
    User,
    /// A webhook.
    Webhook,
    /// An event as webhooks were told it.
    WebhookEvent,
    /// A key that signs what webhooks are sent.
    WebhookKey,
    /// A customer.
    Customer,
    /// A project.
    Project,
    /// A role.
    Role,
    /// A user's role on a scope.
    Grant,
    /// A standing offer of a role.
    Invitation,
    /// A request for a role.
    PermissionRequest,
    /// Something that a user has to do.
    Todo,
    /// What a user did about a to-do.
    Execution,
    /// Who knows what users have to do.
    Provider,
    /// An order in the marketplace.
    Order,
    /// Something that was ordered.
    Resource,
    /// The token of a user.
    UserToken,
}

impl Noun {
    /// The name in events and in the audit trail.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Action => "action",
            Self::ApiKey => "api_key",
            Self::Application => "application",
            Self::Attempt => "attempt",
            Self::AuditLog => "audit_log",
            Self::Comment => "comment",
            Self::Definition => "definition",
            Self::EventLog => "event_log",
            Self::Mail => "mail",
            Self::Reason => "reason",
            Self::Registration => "registration",
            Self::Template => "template",
            Self::Tenant => "tenant",
            Self::User => "user",
            Self::Webhook => "webhook",
            Self::WebhookEvent => "webhook_event",
            Self::WebhookKey => "webhook_key",
            Self::Customer => "customer",
            Self::Project => "project",
            Self::Role => "role",
            Self::Grant => "grant",
            Self::Invitation => "invitation",
            Self::PermissionRequest => "permission_request",
            Self::Todo => "todo",
            Self::Execution => "execution",
            Self::Provider => "provider",
            Self::Order => "order",
            Self::Resource => "resource",
            Self::UserToken => "user_token",
        }
    }
}

impl Happening {
    /// The type of the event: `user.action`, `definition.created`, `user.login.failed`.
    #[must_use]
    pub fn event_type(self) -> String {
        let (noun, verb) = match self {
            Self::UserAction => return "user.action".to_owned(),
            Self::LoggedIn => return "user.login.success".to_owned(),
            Self::LoginFailed => return "user.login.failed".to_owned(),
            Self::SecretRotated => return "webhook.secret_rotated".to_owned(),
            Self::TodoSilenced => return "todo.silenced".to_owned(),
            Self::TodoUnsilenced => return "todo.unsilenced".to_owned(),
            Self::TodoExecuted => return "todo.executed".to_owned(),
            Self::TodoResolved => return "todo.resolved".to_owned(),
            Self::TerminationRequested => {
                return "resource.termination_requested".to_owned();
            }
            Self::Created(noun) => (noun, "created"),
            Self::Updated(noun) => (noun, "updated"),
            Self::Deactivated(noun) => (noun, "deactivated"),
            Self::Reactivated(noun) => (noun, "reactivated"),
            Self::Disabled(noun) => (noun, "disabled"),
            Self::Deleted(noun) => (noun, "deleted"),
            Self::Revoked(noun) => (noun, "revoked"),
            Self::Expired(noun) => (noun, "expired"),
            Self::Approved(noun) => (noun, "approved"),
            Self::Rejected(noun) => (noun, "rejected"),
            Self::Cancelled(noun) => (noun, "cancelled"),
        };
        format!("{}.{verb}", noun.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_is_found_by_its_name() {
        for event in EventType::ALL {
            assert_eq!(EventType::from_name(event.name()), Some(*event));
        }
        assert_eq!(EventType::from_name("user.sneeze"), None);
    }
}
