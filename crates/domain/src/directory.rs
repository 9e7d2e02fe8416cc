//! Who there is: tenants, their applications, users and what they are registered for, API keys; and
//! customers, their projects, and the roles that users hold there.

pub mod affiliation;
pub mod api_key;
pub mod application;
pub mod comment;
pub mod customer;
pub mod grant;
pub mod login;
pub mod project;
pub mod registration;
pub mod role;
pub mod scope;
pub mod tenant;
pub mod user;

pub use affiliation::{Affiliation, Person};
pub use api_key::{ApiKey, ApiKeyDetails};
pub use application::{Application, ApplicationDetails, ApplicationRole};
pub use comment::Comment;
pub use customer::{Customer, CustomerDetails};
pub use grant::Grant;
pub use project::{Project, ProjectDetails};
pub use registration::{Registration, RegistrationDetails};
pub use role::{Role, RoleDetails};
pub use scope::{Place, Scope, ScopeKind};
pub use tenant::{Lockout, MailSettings, Tenant, TenantDetails};
pub use user::{Account, Profile, User, UserDetails};
