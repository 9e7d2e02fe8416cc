//! A whole server on either engine, with a clock that tests set, and an endpoint for it to call.
//! Never shipped.
//!
//! ```text
//! docket_testkit::on_both_engines! {
//!     async fn a_reason_can_be_read_again(server: Server) {
//!         let made = server.post("/api/user-action-reason", json!({…})).await;
//!         assert_eq!(made.status, 200);
//!     }
//! }
//! ```
#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::panic,
    reason = "a test that cannot be set up must fail, and say why"
)]

mod clock;
mod database;
mod mail_sink;
mod nats;
mod server;
mod sink;

pub use clock::TestClock;
pub use database::{Blank, Database, Engine};
pub use mail_sink::{Encrypted, Letter, MailSink, Stage};
pub use nats::NatsServer;
pub use server::{Answered, Server};
pub use sink::{HookSink, Received, Respond};

/// Declares each test twice: once on `SQLite`, once on `PostgreSQL`, each on a database of its own.
#[macro_export]
macro_rules! on_both_engines {
    ($($(#[$meta:meta])* async fn $name:ident($server:ident: Server) $body:block)*) => {$(
        mod $name {
            #[allow(unused_imports, clippy::allow_attributes, reason = "some need nothing from it")]
            use super::*;

            async fn run($server: $crate::Server) $body

            $(#[$meta])*
            #[tokio::test]
            async fn sqlite() {
                run($crate::Server::start($crate::Engine::Sqlite).await).await;
            }

            $(#[$meta])*
            #[tokio::test]
            async fn postgres() {
                run($crate::Server::start($crate::Engine::Postgres).await).await;
            }
        }
    )*};
}
