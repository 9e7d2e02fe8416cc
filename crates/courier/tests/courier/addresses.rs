//! The addresses that are never called, however they are written.

use docket_courier::call::Client;
use docket_courier::failure::Failure;
use docket_courier::guard::Guard;
use docket_testkit::{HookSink, Respond};

use crate::support::{Answers, LONG, call, client, guard, hurried};

#[tokio::test]
async fn no_way_to_write_an_address_gets_past_the_guard() {
    let sink = HookSink::start().await;
    let port = sink.address().port();
    let strict = Client::new(Guard::default());
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "017700000001",
        "0177.0.0.1",
        "localhost",
        "LOCALHOST",
        "0.0.0.0",
        "0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "169.254.169.254",
        "[fd00:ec2::254]",
        "10.0.0.1",
    ] {
        let answer = strict.call(&call(format!("http://{host}:{port}/"))).await;
        // Some resolvers do not understand the stranger ones at all, which is as good.
        let is_refused = matches!(answer.error, Some(Failure::NotAllowed | Failure::UnknownHost));
        assert!(is_refused, "{host}: {answer:?}");
    }
    let answer = strict.call(&call(sink.url("/"))).await;
    assert_eq!((answer.status, answer.error), (None, Some(Failure::NotAllowed)));
    assert!(sink.received().is_empty());
}

#[tokio::test]
async fn a_name_that_leads_inside_is_refused() {
    let sink = HookSink::start().await;
    let url = format!("http://hooks.example:{}/", sink.address().port());
    for inside in ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1"] {
        let client = Client::with_resolver(Guard::default(), Answers::new(&[Some(&[inside])]));
        assert_eq!(client.call(&call(&url)).await.error, Some(Failure::NotAllowed), "{inside}");
    }
    assert!(sink.received().is_empty());
}

#[tokio::test]
async fn a_name_is_looked_at_anew_for_every_connection() {
    let sink = HookSink::start().await;
    // A body without an end is cut off, and its connection with it.
    sink.respond("/", Respond::Endless);
    let url = format!("http://hooks.example:{}/", sink.address().port());
    let answers = Answers::new(&[Some(&["127.0.0.1"]), Some(&["127.0.0.2"])]);
    let client = Client::with_resolver(guard(&["127.0.0.1"]), answers);
    assert!(client.call(&call(&url)).await.is_success());
    assert_eq!(client.call(&call(&url)).await.error, Some(Failure::NotAllowed));
    assert_eq!(sink.received().len(), 1);
}

#[tokio::test]
async fn of_several_addresses_the_permitted_ones_are_called() {
    let sink = HookSink::start().await;
    let url = format!("http://hooks.example:{}/", sink.address().port());
    // Nobody listens at the second one.
    let answers = Answers::new(&[Some(&["10.0.0.1", "127.0.0.2", "127.0.0.1"])]);
    let client = Client::with_resolver(guard(&["127.0.0.1", "127.0.0.2"]), answers);
    assert!(client.call(&call(&url)).await.is_success());
    let received = sink.received().remove(0);
    assert!(received.header("host").unwrap().starts_with("hooks.example:"));
}

#[tokio::test]
async fn a_name_that_nobody_knows_is_said_to_be_so() {
    let client = Client::with_resolver(Guard::default(), Answers::new(&[Some(&[])]));
    let answer = client.call(&call("http://nobody.example/")).await;
    assert_eq!(answer.error, Some(Failure::UnknownHost));
}

#[tokio::test]
async fn looking_up_a_name_counts_into_the_connect_timeout() {
    let client = Client::with_resolver(Guard::default(), Answers::new(&[None]));
    let answer = client.call(&hurried("http://slow.example/")).await;
    assert_eq!(answer.error, Some(Failure::ConnectTimeout));
}

#[tokio::test]
async fn a_redirect_to_the_inside_leads_nowhere() {
    let sink = HookSink::start().await;
    sink.respond("/", Respond::Redirect("http://169.254.169.254/latest/meta-data".to_owned()));
    let called = tokio::time::timeout(LONG, async { client().call(&call(sink.url("/"))).await });
    assert_eq!(called.await.unwrap().error, Some(Failure::Redirect));
}
