//! Events on their way to a real broker, which dies and comes back.

use std::sync::Arc;
use std::time::Duration;

use async_nats::ConnectOptions;
use async_nats::jetstream;
use async_nats::jetstream::consumer::pull;
use async_nats::jetstream::stream::Stream;
use docket_courier::nats::Broker;
use docket_courier::{Courier, Settings};
use docket_service::Context;
use docket_service::vault::Vault;
use docket_testkit::{Engine, NatsServer, Server, TestClock, on_both_engines};
use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio::time::timeout;

/// Only a test that fails waits that long.
const PATIENCE: Duration = Duration::from_mins(1);

fn broker(address: &str) -> Broker {
    Broker::new(address, "DOCKET", None).unwrap()
}

fn start(ctx: &Context, broker: Broker) -> Courier {
    let (ctx, sender) = docket_courier::consulted(ctx.clone(), &Settings::default());
    let mut courier = Courier::start(&ctx, sender);
    courier.publish(&ctx, broker);
    courier
}

/// A second node on the same database.
async fn another(server: &Server) -> Context {
    let vault = Vault::new("a master key for tests").unwrap();
    let clock = Arc::<TestClock>::clone(&server.clock);
    Context::open(server.database.db.clone(), vault, clock).await.unwrap()
}

async fn reasons(server: &Server, texts: impl IntoIterator<Item = String>) {
    for text in texts {
        let body = json!({"userActionReason": {"code": text, "text": text}});
        let made = server.post("/api/user-action-reason", body).await;
        assert_eq!(made.status, 200, "{}", made.text);
    }
}

/// The types of the log, in its order, and what they say.
async fn log(server: &Server) -> Vec<(String, Value)> {
    let events = server.events().await.into_iter();
    events.map(|(name, text)| (name, serde_json::from_str(&text).unwrap())).collect()
}

async fn connect(options: ConnectOptions, address: &str) -> jetstream::Context {
    jetstream::new(options.connect(address).await.unwrap())
}

/// The stream, from when it is there.
async fn stream(jetstream: &jetstream::Context) -> Stream {
    loop {
        match jetstream.get_stream("DOCKET").await {
            Ok(stream) => return stream,
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

/// Everything in the stream, from when there are `n` of them.
async fn read(jetstream: &jetstream::Context, n: usize) -> Vec<jetstream::Message> {
    let reading = async {
        let mut stream = stream(jetstream).await;
        let consumer = stream.create_consumer(pull::Config::default()).await.unwrap();
        let messages = consumer.messages().await.unwrap();
        let read: Vec<_> = messages.take(n).map(Result::unwrap).collect().await;
        assert_eq!(stream.info().await.unwrap().state.messages, u64::try_from(n).unwrap());
        read
    };
    timeout(PATIENCE, reading).await.unwrap()
}

fn items(messages: &[jetstream::Message]) -> Vec<(String, Value)> {
    let items = messages.iter().map(|message| {
        let item: Value = serde_json::from_slice(&message.payload).unwrap();
        let name = item["type"].as_str().unwrap().to_owned();
        assert_eq!(message.subject.as_str(), format!("docket.events.{name}"));
        let headers = message.headers.as_ref().unwrap();
        assert_eq!(headers.get("Nats-Msg-Id").unwrap().as_str(), item["id"]);
        (name, item["data"].clone())
    });
    items.collect()
}

/// Everything that happened is in the stream, once and in its order.
async fn assert_published(server: &Server, address: &str) {
    let log = log(server).await;
    let jetstream = connect(ConnectOptions::new(), address).await;
    assert_eq!(items(&read(&jetstream, log.len()).await), log);
}

on_both_engines! {
    async fn every_event_is_published_once_and_in_order(server: Server) {
        let nats = NatsServer::start().await;
        reasons(&server, (0..20).map(|n| format!("before {n}"))).await;
        let courier = start(&server.ctx, broker(&nats.address()));
        reasons(&server, (0..300).map(|n| format!("reason {n}"))).await;
        assert_published(&server, &nats.address()).await;
        courier.stop().await;

        // Another start goes on where this one ended.
        let again = another(&server).await;
        let courier = start(&again, broker(&nats.address()));
        reasons(&server, ["later".to_owned()]).await;
        assert_published(&server, &nats.address()).await;
        courier.stop().await;
    }

    async fn an_event_looks_as_in_the_log(server: Server) {
        let nats = NatsServer::start().await;
        let courier = start(&server.ctx, broker(&nats.address()));
        reasons(&server, ["spam".to_owned()]).await;
        let log = log(&server).await;
        let jetstream = connect(ConnectOptions::new(), &nats.address()).await;
        let read = read(&jetstream, log.len()).await;
        let item: Value = serde_json::from_slice(&read.last().unwrap().payload).unwrap();
        let names: Vec<_> = item.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, ["id", "type", "at", "tenantId", "subjectId", "requestId", "data"]);
        assert_eq!(item["type"], "reason.created");
        assert_eq!(item["at"], "2026-01-05T09:00:00.000Z");
        courier.stop().await;
    }

    async fn a_broker_that_dies_in_mid_stream_misses_nothing(server: Server) {
        let mut nats = NatsServer::start().await;
        let address = nats.address();
        nats.kill().await;
        let courier = start(&server.ctx, broker(&address));
        reasons(&server, (0..10).map(|n| format!("nobody hears {n}"))).await;
        for round in 0..3 {
            nats.start_again().await;
            let many = reasons(&server, (0..200).map(|n| format!("round {round}, {n}")));
            // The broker goes while events come, at another place in each round.
            let going = async {
                let jetstream = connect(ConnectOptions::new(), &address).await;
                let some = 20 + 60 * round;
                timeout(PATIENCE, arrived(&jetstream, some)).await.unwrap();
                nats.kill().await;
            };
            tokio::join!(many, going);
        }
        nats.start_again().await;
        assert_published(&server, &address).await;
        courier.stop().await;
    }

    async fn of_two_nodes_one_publishes_and_the_other_takes_over(server: Server) {
        let nats = NatsServer::start().await;
        let address = nats.address();
        let contexts = [server.ctx.clone(), another(&server).await];
        let [first, second] = contexts.each_ref().map(|ctx| start(ctx, broker(&address)));
        reasons(&server, (0..200).map(|n| format!("two {n}"))).await;
        assert_published(&server, &address).await;
        // One dies without a word. Which of them had its turn does not matter: with both gone and
        // a third one there, a turn must end by itself.
        drop((first, second));
        let third = another(&server).await;
        let courier = start(&third, broker(&address));
        reasons(&server, (0..20).map(|n| format!("one {n}"))).await;
        server.clock.advance_millis(docket_service::turns::TURN);
        assert_published(&server, &address).await;
        courier.stop().await;
    }
}

/// Waits until so many events are in the stream.
async fn arrived(jetstream: &jetstream::Context, n: usize) {
    let stream = stream(jetstream).await;
    let consumer = stream.create_consumer(pull::Config::default()).await.unwrap();
    let messages = consumer.messages().await.unwrap();
    messages.take(n).for_each(async |message| drop(message.unwrap())).await;
}

#[tokio::test]
async fn a_broker_that_knows_whom_it_lets_in_is_told() {
    let user = "authorization { user: kim, password: \"a@b\" }";
    let token = "authorization { token: sesame }";
    let options = ConnectOptions::new;
    for (settings, login, options) in [
        (user, "kim:a%40b@", options().user_and_password("kim".to_owned(), "a@b".to_owned())),
        (token, "sesame@", options().token("sesame".to_owned())),
    ] {
        let server = Server::start(Engine::Sqlite).await;
        let nats = NatsServer::start_with(settings).await;
        let courier = start(&server.ctx, broker(&format!("nats://{login}{}", nats.address())));
        reasons(&server, ["heard".to_owned()]).await;
        let jetstream = connect(options, &nats.address()).await;
        let log = log(&server).await;
        assert_eq!(items(&read(&jetstream, log.len()).await), log);
        courier.stop().await;
    }
}

#[tokio::test]
async fn a_line_is_encrypted_and_its_other_end_known() {
    let certified = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let pem = certified.cert.pem();
    let folder = tempfile::tempdir().unwrap();
    let [cert, key] = ["cert.pem", "key.pem"].map(|name| folder.path().join(name));
    std::fs::write(&cert, &pem).unwrap();
    std::fs::write(&key, certified.signing_key.serialize_pem()).unwrap();
    let [cert_path, key_path] = [&cert, &key].map(|path| path.display().to_string());
    let settings = format!("tls {{ cert_file: \"{cert_path}\", key_file: \"{key_path}\" }}");
    let nats = NatsServer::start_with(&settings).await;
    let server = Server::start(Engine::Sqlite).await;
    reasons(&server, ["heard".to_owned()]).await;
    let address = format!("tls://{}", nats.address());

    // Whoever is not known is told nothing.
    let stranger = start(&server.ctx, broker(&address));
    let known = Broker::new(&address, "DOCKET", Some(&pem)).unwrap();
    let options = ConnectOptions::new().add_root_certificates(cert);
    let jetstream = connect(options, &address).await;
    assert!(jetstream.get_stream("DOCKET").await.is_err());
    stranger.stop().await;

    let again = another(&server).await;
    let courier = start(&again, known);
    let log = log(&server).await;
    assert_eq!(items(&read(&jetstream, log.len()).await), log);
    courier.stop().await;
}

#[tokio::test]
async fn an_event_too_large_for_the_broker_comes_without_its_data() {
    let server = Server::start(Engine::Sqlite).await;
    let nats = NatsServer::start_with("max_payload: 8KB").await;
    let courier = start(&server.ctx, broker(&nats.address()));
    let long = "x".repeat(9_000);
    let user = json!({"user": {"username": "kim", "password": "long enough", "data": {"x": long}}});
    assert_eq!(server.post("/api/user", user).await.status, 200);
    reasons(&server, ["behind it".to_owned()]).await;
    let log = log(&server).await;
    let jetstream = connect(ConnectOptions::new(), &nats.address()).await;
    let read = read(&jetstream, log.len()).await;
    let items = items(&read);
    let place = items.iter().position(|(name, _)| name == "user.created").unwrap();
    let large = items.iter().rposition(|(name, _)| name == "user.created").unwrap();
    assert!(place <= large);
    assert_eq!(items[large].1, Value::Null);
    let headers = read[large].headers.as_ref().unwrap();
    assert_eq!(headers.get("Docket-Data").unwrap().as_str(), "left-out");
    assert_eq!(items.last().unwrap().0, "reason.created");
    assert_ne!(items.last().unwrap().1, Value::Null);
    courier.stop().await;
}
