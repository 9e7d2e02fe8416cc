//! Mails on their way to a mail server: real SMTP, a clock that tests move, both engines.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that finds something else than it expects must fail there and then"
)]

use std::time::Duration;

use docket_courier::mail::{Mailer, Options};
use docket_domain::directory::MailSettings;
use docket_domain::mail::SendOutcome;
use docket_service::{housekeeping, mails};
use docket_testkit::{Encrypted, MailSink, Server, Stage, on_both_engines};
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

const MINUTE: i64 = 60_000;

/// A mailer that works until it is told to stop.
struct Working {
    stop: oneshot::Sender<()>,
    run: JoinHandle<()>,
}

impl Working {
    fn start(server: &Server, options: Options) -> Self {
        let (stop, stopped) = oneshot::channel();
        let mailer = Mailer::new(server.ctx.clone(), options).unwrap();
        let run = tokio::spawn(mailer.run(async { drop(stopped.await) }));
        Self { stop, run }
    }

    /// Ends it when what it has begun is done and recorded.
    async fn finish(self) {
        self.stop.send(()).unwrap();
        self.run.await.unwrap();
    }
}

fn trusting(sink: &MailSink) -> Options {
    Options { trusted_certificates: sink.certificate.clone().into_bytes(), ..Options::default() }
}

/// Has the tenant's mail go to the sink.
async fn use_sink(server: &Server, sink: &MailSink, more: Value) {
    let tenants = server.get("/api/tenant").await;
    let id = tenants.json["tenants"][0]["id"].as_str().unwrap().to_owned();
    let mut settings = json!({"host": "localhost", "port": sink.port,
        "defaultFromEmail": "mods@example.com", "defaultFromName": "The moderators"});
    for (name, value) in more.as_object().into_iter().flatten() {
        settings[name] = value.clone();
    }
    let body = json!({"tenant": {"emailConfiguration": settings}});
    let patched = server.patch(&format!("/api/tenant/{id}"), body).await;
    assert_eq!(patched.status, 200, "{}", patched.text);
}

async fn template(server: &Server) -> String {
    let body = json!({"emailTemplate": {
        "name": "Greeting",
        "defaultSubject": "Welcome, ${(user.firstName)!'friend'}",
        "localizedSubjects": {"de": "Willkommen, ${(user.firstName)!'Gast'}: Grüße"},
        "defaultHtmlTemplate": "<p>Welcome to ${tenant.name}.</p>",
        "defaultTextTemplate": "Welcome.\n.\nA line with a dot alone.",
    }});
    let made = server.post("/api/email/template", body).await;
    assert_eq!(made.status, 200, "{}", made.text);
    made.json["emailTemplate"]["id"].as_str().unwrap().to_owned()
}

async fn user(server: &Server, name: &str) -> String {
    let body = json!({"user": {"email": format!("{name}@example.com"), "firstName": name,
        "fullName": format!("{name} Brook"), "preferredLanguages": ["de"],
        "password": "correct horse"}});
    let made = server.post("/api/user", body).await;
    made.json["user"]["id"].as_str().unwrap_or_else(|| panic!("{}", made.text)).to_owned()
}

/// Sends the template to these users.
async fn send(server: &Server, users: &[String]) {
    let id = template(server).await;
    let sent = server.post(&format!("/api/email/send/{id}"), json!({"userIds": users})).await;
    assert_eq!((sent.status, &sent.json["results"]), (202, &json!({})), "{}", sent.text);
}

async fn send_to_ada(server: &Server, sink: &MailSink, settings: Value) {
    use_sink(server, sink, settings).await;
    let ada = user(server, "ada").await;
    send(server, &[ada]).await;
}

/// Moves the clock and says that there may be mails.
fn later(server: &Server, millis: i64) {
    server.clock.advance_millis(millis);
    server.ctx.nudge.mails();
}

async fn errors(server: &Server) -> Vec<String> {
    let found = server.get("/api/system/event-log/search?type=Error&orderBy=insertInstant").await;
    let entries = found.json["eventLogs"].as_array().unwrap().iter();
    entries.map(|entry| entry["message"].as_str().unwrap().to_owned()).collect()
}

on_both_engines! {
    async fn a_mail_arrives_in_both_formats_and_in_the_language_of_its_reader(server: Server) {
        let sink = MailSink::start().await;
        send_to_ada(&server, &sink, json!({})).await;
        let mailer = Working::start(&server, Options::default());
        let letters = sink.wait_for(1).await;
        mailer.finish().await;
        let letter = &letters[0];
        assert_eq!(letter.from, "mods@example.com");
        assert_eq!(letter.to, ["ada@example.com"]);
        assert_eq!(letter.header("Subject").unwrap(), "Willkommen, ada: Grüße");
        assert_eq!(letter.header("From").unwrap(), "\"The moderators\" <mods@example.com>");
        assert_eq!(letter.header("To").unwrap(), "\"ada Brook\" <ada@example.com>");
        assert_eq!(letter.header("Auto-Submitted").unwrap(), "auto-generated");
        assert_eq!(letter.html().unwrap(), "<p>Welcome to Default.</p>");
        assert_eq!(letter.text().unwrap(), "Welcome.\n.\nA line with a dot alone.");
        assert!(!letter.encrypted && letter.username.is_none());
        later(&server, 24 * 60 * MINUTE);
        assert!(mails::claim(&server.ctx, 9, MINUTE).await.unwrap().is_empty());
        assert_eq!(errors(&server).await, Vec::<String>::new());
        assert_eq!(housekeeping::forget_mails(&server.ctx).await.unwrap(), 0, "not yet");
        server.clock.advance_millis(30 * 24 * 60 * MINUTE);
        assert_eq!(housekeeping::forget_mails(&server.ctx).await.unwrap(), 1);
    }

    async fn many_mails_share_a_few_lines(server: Server) {
        let sink = MailSink::start().await;
        use_sink(&server, &sink, json!({})).await;
        let mut users = Vec::new();
        for number in 0..30 {
            users.push(user(&server, &format!("user{number}")).await);
        }
        let mailer = Working::start(&server, Options::default());
        send(&server, &users).await;
        let letters = sink.wait_for(30).await;
        mailer.finish().await;
        let mut readers: Vec<&str> = letters.iter().map(|letter| letter.to[0].as_str()).collect();
        readers.sort_unstable();
        readers.dedup();
        assert_eq!(readers.len(), 30, "each gets one");
        assert!(sink.connections() <= 8, "{} connections", sink.connections());
    }

    async fn two_nodes_share_the_mails_and_send_none_twice(server: Server) {
        let sink = MailSink::start().await;
        use_sink(&server, &sink, json!({})).await;
        let readers: Vec<Value> = (0..60)
            .map(|number| json!({"address": format!("reader{number}@example.com")}))
            .collect();
        let id = template(&server).await;
        let nodes = [(); 2].map(|()| Working::start(&server, Options::default()));
        let body = json!({"toAddresses": readers});
        let sent = server.post(&format!("/api/email/send/{id}"), body).await;
        assert_eq!(sent.status, 202, "{}", sent.text);
        sink.wait_for(60).await;
        for node in nodes {
            node.finish().await;
        }
        let letters = sink.letters();
        let mut readers: Vec<&str> = letters.iter().map(|letter| letter.to[0].as_str()).collect();
        readers.sort_unstable();
        readers.dedup();
        assert_eq!((letters.len(), readers.len()), (60, 60));
    }

    async fn a_line_is_encrypted_as_the_tenant_wants_it(server: Server) {
        for (encrypted, security) in [(Encrypted::AtOnce, "SSL"), (Encrypted::OnRequest, "TLS")] {
            let sink = MailSink::start_with(encrypted, Some(("docket", "sesame"))).await;
            use_sink(&server, &sink, json!({"security": security, "username": "docket",
                "password": "sesame"})).await;
            let reader = user(&server, security).await;
            let id = template(&server).await;
            let path = format!("/api/email/send/{id}");
            server.post(&path, json!({"userIds": [reader]})).await;
            let mailer = Working::start(&server, trusting(&sink));
            let letters = sink.wait_for(1).await;
            mailer.finish().await;
            assert!(letters[0].encrypted);
            assert_eq!(letters[0].username.as_deref(), Some("docket"));
            server.delete(&format!("/api/email/template/{id}")).await;
        }
    }

    async fn nothing_goes_over_a_line_that_cannot_be_trusted(server: Server) {
        let sink = MailSink::start_with(Encrypted::AtOnce, None).await;
        send_to_ada(&server, &sink, json!({"security": "SSL"})).await;
        let mailer = Working::start(&server, Options::default());
        sink.wait_for_connections(1).await;
        mailer.finish().await;
        assert_eq!(sink.letters().len(), 0);
        let errors = errors(&server).await;
        assert!(errors[0].contains("is tried again: localhost: "), "{errors:?}");

        // A server that does not offer STARTTLS is not written to in the open.
        let open = MailSink::start().await;
        use_sink(&server, &open, json!({"security": "TLS"})).await;
        let mailer = Working::start(&server, Options::default());
        later(&server, MINUTE);
        open.wait_for_connections(1).await;
        mailer.finish().await;
        assert_eq!(open.letters().len(), 0);
    }

    async fn a_mail_that_is_refused_for_good_is_given_up_and_logged(server: Server) {
        let sink = MailSink::start().await;
        sink.answer(Stage::Recipient, "550 5.1.1 There is no such user");
        send_to_ada(&server, &sink, json!({})).await;
        let mailer = Working::start(&server, Options::default());
        sink.wait_for_connections(1).await;
        mailer.finish().await;
        let logged = errors(&server).await;
        assert_eq!(logged.len(), 1);
        assert!(logged[0].contains("is given up: localhost: "), "{logged:?}");
        assert!(logged[0].contains("There is no such user"), "{logged:?}");
        sink.relent();
        server.clock.advance_millis(24 * 60 * MINUTE);
        assert!(mails::claim(&server.ctx, 9, MINUTE).await.unwrap().is_empty());
    }

    async fn a_mail_that_is_refused_for_now_is_sent_later_as_the_same_one(server: Server) {
        let sink = MailSink::start().await;
        sink.answer(Stage::Letter, "451 4.3.0 Come back");
        send_to_ada(&server, &sink, json!({})).await;
        let mailer = Working::start(&server, Options::default());
        sink.wait_for_connections(1).await;
        mailer.finish().await;
        assert_eq!(errors(&server).await.len(), 1);
        server.clock.advance_millis(29_000);
        assert!(mails::claim(&server.ctx, 9, MINUTE).await.unwrap().is_empty(), "too early");
        sink.relent();
        let mailer = Working::start(&server, Options::default());
        later(&server, 1_000);
        let letters = sink.wait_for(1).await;
        mailer.finish().await;
        let id = letters[0].header("Message-ID").unwrap();
        assert!(id.ends_with("@example.com>"), "{id}");
        assert_eq!(letters[0].header("Date").unwrap(), "Mon, 05 Jan 2026 09:00:00 +0000");
        assert_eq!(errors(&server).await.len(), 1, "the second time it went well");
    }

    async fn wrong_credentials_do_not_cost_the_mail(server: Server) {
        let sink = MailSink::start_with(Encrypted::No, Some(("docket", "sesame"))).await;
        send_to_ada(&server, &sink, json!({"username": "docket", "password": "simsim"})).await;
        let mailer = Working::start(&server, Options::default());
        sink.wait_for_connections(1).await;
        mailer.finish().await;
        let logged = errors(&server).await;
        assert!(logged[0].contains("is tried again"), "{logged:?}");
        use_sink(&server, &sink, json!({})).await;
        let mailer = Working::start(&server, Options::default());
        later(&server, MINUTE);
        sink.wait_for_connections(2).await;
        mailer.finish().await;
        use_sink(&server, &sink, json!({"username": "docket", "password": "sesame"})).await;
        let mailer = Working::start(&server, Options::default());
        later(&server, 10 * MINUTE);
        assert_eq!(sink.wait_for(1).await[0].username.as_deref(), Some("docket"));
        mailer.finish().await;
    }

    async fn a_server_that_says_nothing_holds_nobody_for_long(server: Server) {
        let sink = MailSink::start().await;
        let short = || Options { timeout: Duration::from_millis(200), ..Options::default() };
        for stage in [Stage::Greeting, Stage::Sender] {
            sink.hang(stage);
            let reader = user(&server, &format!("{stage:?}")).await;
            use_sink(&server, &sink, json!({})).await;
            let id = template(&server).await;
            server.post(&format!("/api/email/send/{id}"), json!({"userIds": [reader]})).await;
            server.delete(&format!("/api/email/template/{id}")).await;
            let before = sink.connections();
            let mailer = Working::start(&server, short());
            sink.wait_for_connections(before + 1).await;
            mailer.finish().await;
            let logged = errors(&server).await;
            assert!(logged.iter().all(|entry| entry.contains("was not done after")), "{logged:?}");
        }
        sink.relent();
        let mailer = Working::start(&server, Options::default());
        later(&server, 10 * MINUTE);
        let letters = sink.wait_for(2).await;
        mailer.finish().await;
        assert!(letters.iter().all(|letter| letter.connection > 2), "a line that hung is not kept");
    }

    async fn the_mail_of_a_node_that_dies_is_due_when_its_lease_ends(server: Server) {
        let sink = MailSink::start().await;
        send_to_ada(&server, &sink, json!({})).await;
        let first = mails::claim(&server.ctx, 9, MINUTE).await.unwrap();
        assert_eq!((first.len(), first[0].claim.attempts), (1, 1));
        assert!(mails::claim(&server.ctx, 9, MINUTE).await.unwrap().is_empty());
        server.clock.advance_millis(MINUTE);
        let second = mails::claim(&server.ctx, 9, MINUTE).await.unwrap();
        assert_eq!((second.len(), second[0].claim.attempts), (1, 2));
        // The first one was only slow: what it says of its failure is nobody's business any more.
        let bounced = SendOutcome::Bounced("late".to_owned());
        mails::record(&server.ctx, first[0].claim, bounced).await.unwrap();
        assert_eq!(errors(&server).await.len(), 0);
        // That it was sent is.
        mails::record(&server.ctx, first[0].claim, SendOutcome::Sent).await.unwrap();
        let again = SendOutcome::Later("slow".to_owned());
        mails::record(&server.ctx, second[0].claim, again).await.unwrap();
        server.clock.advance_millis(24 * 60 * MINUTE);
        assert!(mails::claim(&server.ctx, 9, MINUTE).await.unwrap().is_empty());
    }

    async fn a_mail_is_given_up_after_the_eighth_attempt(server: Server) {
        let sink = MailSink::start().await;
        send_to_ada(&server, &sink, json!({})).await;
        for attempt in 1..=8 {
            let claimed = mails::claim(&server.ctx, 9, MINUTE).await.unwrap();
            assert_eq!(claimed[0].claim.attempts, attempt);
            let again = SendOutcome::Later("nobody answers".to_owned());
            mails::record(&server.ctx, claimed[0].claim, again).await.unwrap();
            server.clock.advance_millis(10 * 60 * MINUTE);
        }
        assert!(mails::claim(&server.ctx, 9, MINUTE).await.unwrap().is_empty());
        let logged = errors(&server).await;
        assert_eq!(logged.len(), 2, "the first and the last: {logged:?}");
        assert!(logged[1].contains("is given up: nobody answers"));
    }

    async fn the_servers_own_mail_server_serves_tenants_without_one(server: Server) {
        let sink = MailSink::start().await;
        let own = MailSettings {
            host: "localhost".to_owned(),
            port: sink.port,
            from_email: "docket@example.com".to_owned(),
            from_name: Some("Docket".to_owned()),
            ..MailSettings::default()
        };
        let ada = user(&server, "ada").await;
        send(&server, &[ada]).await;
        let mut server = server;
        server.ctx = server.ctx.clone().with_mail_server(own);
        let mailer = Working::start(&server, Options::default());
        let letters = sink.wait_for(1).await;
        mailer.finish().await;
        assert_eq!(letters[0].header("From").unwrap(), "Docket <docket@example.com>");
    }

    async fn mail_to_somebody_who_is_gone_is_gone_too(server: Server) {
        let sink = MailSink::start().await;
        use_sink(&server, &sink, json!({})).await;
        let ada = user(&server, "ada").await;
        send(&server, std::slice::from_ref(&ada)).await;
        let deleted = server.delete(&format!("/api/user/{ada}?hardDelete=true")).await;
        assert_eq!(deleted.status, 200);
        assert!(mails::claim(&server.ctx, 9, MINUTE).await.unwrap().is_empty());
        assert_eq!(server.orphans().await, Vec::<String>::new());
    }
}
