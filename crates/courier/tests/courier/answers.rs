//! What endpoints answer, and what counts.

use docket_courier::failure::Failure;
use docket_testkit::{HookSink, Respond};
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use crate::support::{LONG, Rude, SHORT, call, client, hurried, read_request};

#[tokio::test]
async fn two_hundreds_are_success_and_their_body_is_kept() {
    let sink = HookSink::start().await;
    sink.respond("/json", Respond::Json(201, json!({"message": "done"})));
    let answer = client().call(&call(sink.url("/json"))).await;
    assert!(answer.is_success());
    assert_eq!((answer.status, answer.error.clone()), (Some(201), None));
    assert_eq!(answer.excerpt(), "{\"message\":\"done\"}");
    sink.respond("/empty", Respond::Status(204));
    assert!(client().call(&call(sink.url("/empty"))).await.is_success());
}

#[tokio::test]
async fn other_statuses_are_failures_and_say_which() {
    let sink = HookSink::start().await;
    for status in [400, 404, 410, 500, 503] {
        sink.respond("/", Respond::Text(status, "why not".to_owned()));
        let answer = client().call(&call(sink.url("/"))).await;
        assert!(!answer.is_success(), "{status}");
        assert_eq!(answer.status, Some(status));
        assert_eq!(answer.error, Some(Failure::Status(status)));
        assert_eq!(answer.excerpt(), "why not");
        assert_eq!(answer.is_gone(), status == 410);
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let sink = HookSink::start().await;
    sink.respond("/from", Respond::Redirect(sink.url("/to")));
    let answer = client().call(&call(sink.url("/from"))).await;
    assert_eq!((answer.status, answer.error), (Some(302), Some(Failure::Redirect)));
    assert_eq!(sink.received().len(), 1);
}

#[tokio::test]
async fn an_endpoint_that_says_nothing_is_given_up() {
    let sink = HookSink::start().await;
    sink.respond("/", Respond::Hang);
    let answer = client().call(&hurried(sink.url("/"))).await;
    assert_eq!((answer.status, answer.error), (None, Some(Failure::ReadTimeout)));
}

#[tokio::test]
async fn an_endpoint_that_drips_is_given_up_as_soon() {
    let sink = HookSink::start().await;
    sink.respond("/body", Respond::Drip(SHORT / 20));
    let answer = client().call(&hurried(sink.url("/body"))).await;
    assert!(!answer.is_success());
    assert_eq!((answer.status, answer.error), (Some(200), Some(Failure::ReadTimeout)));
    // Headers one at a time, for ever.
    let rude = Rude::start(|mut stream, _| async move {
        read_request(&mut stream).await;
        let mut line: &[u8] = b"HTTP/1.1 200 OK\r\n";
        while stream.write_all(line).await.is_ok() {
            line = b"X-More: yes\r\n";
            tokio::time::sleep(SHORT / 20).await;
        }
    })
    .await;
    let answer = client().call(&hurried(rude.url())).await;
    assert_eq!((answer.status, answer.error), (None, Some(Failure::ReadTimeout)));
}

#[tokio::test]
async fn an_endless_answer_is_cut_off() {
    let sink = HookSink::start().await;
    sink.respond("/", Respond::Endless);
    let answer = client().call(&call(sink.url("/"))).await;
    assert!(answer.is_success(), "the status has said everything");
    assert_eq!(answer.body.len(), 64 * 1024);
    assert_eq!(answer.excerpt(), ".".repeat(1024));
}

#[tokio::test]
async fn excerpts_are_text_whatever_came() {
    let sink = HookSink::start().await;
    for (came, shown) in [
        ("a\0b".to_owned(), "a\u{fffd}b".to_owned()),
        ("x".repeat(1023) + "ü", "x".repeat(1023)),
        ("x".repeat(1022) + "ü", "x".repeat(1022) + "ü"),
        ("x".repeat(1022) + "üy", "x".repeat(1022) + "ü"),
    ] {
        sink.respond("/", Respond::Text(200, came));
        assert_eq!(client().call(&call(sink.url("/"))).await.excerpt(), shown);
    }
    let latin = Rude::saying(&b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n\xfcbc"[..]).await;
    assert_eq!(client().call(&call(latin.url())).await.excerpt(), "\u{fffd}bc");
}

#[tokio::test]
async fn what_is_not_http_is_refused() {
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "X-Many: header\r\n".repeat(200));
    let large = format!("HTTP/1.1 200 OK\r\nX-Large: {}\r\n\r\n", "x".repeat(100 * 1024));
    let endless = format!("HTTP/1.1 200 OK\r\nX-Endless: {}", "x".repeat(100 * 1024));
    let both = "HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\n".to_owned();
    for answer in ["SSH-2.0-OpenSSH_9.9\r\n".to_owned(), many, large, endless, both] {
        let rude = Rude::saying(answer.clone()).await;
        let got = client().call(&call(rude.url())).await;
        assert_eq!(got.error, Some(Failure::NotHttp), "{}", &answer[..20]);
    }
}

#[tokio::test]
async fn half_an_answer_is_none() {
    for half in
        ["", "HTTP/1.1 200 OK\r\nConte", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"]
    {
        let rude = Rude::start(move |mut stream, _| async move {
            read_request(&mut stream).await;
            stream.write_all(half.as_bytes()).await.unwrap();
        })
        .await;
        let answer = client().call(&call(rude.url())).await;
        assert!(!answer.is_success(), "{half}");
        assert_eq!(answer.error, Some(Failure::Closed), "{half}");
    }
}

#[tokio::test]
async fn where_nobody_listens_the_connection_is_refused() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let answer = client().call(&call(format!("http://{address}/"))).await;
    assert_eq!(answer.error, Some(Failure::ConnectionRefused));
}

#[tokio::test]
async fn a_slow_endpoint_delays_no_other() {
    let sink = HookSink::start().await;
    sink.respond("/slow", Respond::Hang);
    let (client, slow) = (client(), call(sink.url("/slow")));
    let quick = async {
        sink.wait_for(1).await;
        for _ in 0..20 {
            assert!(client.call(&call(sink.url("/quick"))).await.is_success());
        }
    };
    tokio::select! {
        answer = client.call(&slow) => panic!("{answer:?}"),
        done = tokio::time::timeout(LONG, quick) => done.unwrap(),
    }
}
