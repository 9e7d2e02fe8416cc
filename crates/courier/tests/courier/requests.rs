//! What endpoints get to see.

use bytes::Bytes;
use docket_courier::call::Call;
use docket_courier::failure::Failure;
use docket_domain::mail::Secret;
use docket_testkit::HookSink;

use crate::support::{call, client};

fn own(pairs: &[(&str, &str)]) -> Vec<(String, Secret)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), Secret::new(*value))).collect()
}

#[tokio::test]
async fn a_call_is_a_post_of_json() {
    let sink = HookSink::start().await;
    let body = Bytes::from("{\"event\":{\"name\":\"ü\"}}");
    let call = Call { body: body.clone(), ..call(sink.url("/a/b?c=d&e=%20#f")) };
    assert!(client().call(&call).await.is_success());
    let received = sink.received().remove(0);
    assert_eq!((received.method.as_str(), received.path.as_str()), ("POST", "/a/b?c=d&e=%20"));
    assert_eq!(received.body, body);
    assert_eq!(received.header("content-type"), Some("application/json"));
    assert_eq!(received.header("content-length"), Some("23"));
    assert_eq!(received.header("host"), Some(sink.address().to_string().as_str()));
    assert!(received.header("user-agent").unwrap().starts_with("Docket/"));
    assert_eq!(received.headers.len(), 4, "{:?}", received.headers);
}

#[tokio::test]
async fn a_url_with_other_letters_is_sent_as_browsers_do() {
    let sink = HookSink::start().await;
    assert!(client().call(&call(sink.url("/ü%20?ö=1"))).await.is_success());
    assert_eq!(sink.received().remove(0).path, "/%C3%BC%20?%C3%B6=1");
}

#[tokio::test]
async fn an_endpoints_own_headers_are_sent_but_not_every_one() {
    let sink = HookSink::start().await;
    let call = Call {
        headers: own(&[
            ("X-Api-Key", "k"),
            ("content-type", "application/cloudevents+json"),
            ("Host", "elsewhere.example"),
            ("Content-Length", "5000"),
            ("Transfer-Encoding", "chunked"),
            ("Connection", "close"),
            ("Expect", "100-continue"),
            ("Webhook-Id", "forged"),
            ("webhook-anything", "forged"),
            ("X-FusionAuth-Signature-JWT", "forged"),
        ]),
        signed: vec![("webhook-id".to_owned(), "real".to_owned())],
        ..call(sink.url("/"))
    };
    assert!(client().call(&call).await.is_success());
    let received = sink.received().remove(0);
    assert_eq!(received.header("x-api-key"), Some("k"));
    assert_eq!(received.header("content-type"), Some("application/cloudevents+json"));
    assert_eq!(received.header("host"), Some(sink.address().to_string().as_str()));
    assert_eq!(received.header("content-length"), Some("12"));
    assert_eq!(received.header("webhook-id"), Some("real"));
    assert_eq!(received.headers.get_all("webhook-id").iter().count(), 1);
    for absent in [
        "transfer-encoding",
        "connection",
        "expect",
        "webhook-anything",
        "x-fusionauth-signature-jwt",
    ] {
        assert_eq!(received.header(absent), None, "{absent}");
    }
}

#[tokio::test]
async fn name_and_password_are_sent() {
    let sink = HookSink::start().await;
    let basic = Some(("docket".to_owned(), Secret::new("pass:wörd")));
    let call = Call { basic, ..call(sink.url("/")) };
    assert!(client().call(&call).await.is_success());
    let received = sink.received().remove(0);
    assert_eq!(received.header("authorization"), Some("Basic ZG9ja2V0OnBhc3M6d8O2cmQ="));
}

#[tokio::test]
async fn what_cannot_be_sent_is_said_without_a_call() {
    let client = client();
    for (name, value) in [("X Bad", "v"), ("X-Bad", "a\r\nX-Worse: b"), ("", "v")] {
        let call = Call { headers: own(&[(name, value)]), ..call("http://127.0.0.1:1/") };
        assert_eq!(client.call(&call).await.error, Some(Failure::Header(name.to_owned())));
    }
    for url in ["", "/hook", "ftp://a.example/", "http://", "a.example", "http://u:p@a.example/"] {
        assert_eq!(client.call(&call(url)).await.error, Some(Failure::Url), "{url}");
    }
}

#[test]
fn secrets_are_not_shown() {
    let call = Call {
        headers: own(&[("X-Api-Key", "s3cret")]),
        basic: Some(("docket".to_owned(), Secret::new("s3cret"))),
        ..call("http://a.example/")
    };
    assert!(!format!("{call:?}").contains("s3cret"));
}
