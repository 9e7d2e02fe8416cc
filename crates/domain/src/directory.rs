//! Who there is: tenants, their applications, users and what they are registered for, API keys.

pub mod api_key;
pub mod application;
pub mod comment;
pub mod login;
pub mod registration;
pub mod tenant;
pub mod user;

pub use api_key::{ApiKey, ApiKeyDetails};
pub use application::{Application, ApplicationDetails, ApplicationRole};
pub use comment::Comment;
pub use registration::{Registration, RegistrationDetails};
pub use tenant::{Lockout, MailSettings, Tenant, TenantDetails};
pub use user::{Account, Profile, User, UserDetails};
