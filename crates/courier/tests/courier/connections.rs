//! Connections are kept for a while, and none is left behind.

use std::sync::Arc;

use docket_courier::failure::Failure;
use docket_testkit::{HookSink, Respond};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::support::{LONG, OK, Rude, SHORT, answer_ok, call, client, hurried, read_request};

#[tokio::test]
async fn a_connection_serves_many_calls() {
    let rude = Rude::saying(OK).await;
    let client = client();
    for _ in 0..10 {
        assert!(client.call(&call(rude.url())).await.is_success());
    }
    assert_eq!(rude.accepted(), 1);
}

#[tokio::test]
async fn calls_at_the_same_time_have_a_connection_each() {
    let rude = Rude::saying(OK).await;
    let (client, call) = (client(), call(rude.url()));
    let (one, other) = tokio::join!(client.call(&call), client.call(&call));
    assert!(one.is_success() && other.is_success());
    assert_eq!(rude.accepted(), 2);
}

#[tokio::test]
async fn a_connection_that_was_closed_meanwhile_is_replaced() {
    // Answers once; takes the second message and goes away without a word.
    let rude = Rude::start(|mut stream, number| async move {
        answer_ok(&mut stream).await;
        if number == 0 {
            read_request(&mut stream).await;
        } else {
            while answer_ok(&mut stream).await {}
        }
    })
    .await;
    let client = client();
    for _ in 0..3 {
        assert_eq!(client.call(&call(rude.url())).await.error, None);
    }
    assert_eq!(rude.accepted(), 2);
}

#[tokio::test]
async fn a_server_that_closes_is_believed() {
    let rude = Rude::start(|mut stream, _| async move {
        read_request(&mut stream).await;
        let answer = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end";
        stream.write_all(answer.as_bytes()).await.unwrap();
    })
    .await;
    let client = client();
    for _ in 0..3 {
        let answer = client.call(&call(rude.url())).await;
        assert!(answer.is_success());
        assert_eq!(answer.excerpt(), "until the end");
    }
    assert_eq!(rude.accepted(), 3);
}

#[tokio::test]
async fn an_answer_that_goes_on_is_not_taken_for_the_next_one() {
    let twice = format!("{OK}HTTP/1.1 500 Smuggled\r\nContent-Length: 0\r\n\r\n");
    let rude = Rude::saying(twice).await;
    let client = client();
    for _ in 0..3 {
        assert_eq!(client.call(&call(rude.url())).await.status, Some(200));
    }
}

#[tokio::test]
async fn what_is_given_up_is_closed() {
    let closed = Arc::new(Notify::new());
    let seen = Arc::clone(&closed);
    let rude = Rude::start(move |mut stream, _| {
        let seen = Arc::clone(&seen);
        async move {
            read_request(&mut stream).await;
            assert_eq!(stream.read(&mut [0; 16]).await.unwrap_or(0), 0);
            seen.notify_one();
        }
    })
    .await;
    let client = client();
    assert_eq!(client.call(&hurried(rude.url())).await.error, Some(Failure::ReadTimeout));
    timeout(LONG, closed.notified()).await.unwrap();
    // The same when the caller itself goes away.
    assert!(timeout(SHORT, client.call(&call(rude.url()))).await.is_err());
    timeout(LONG, closed.notified()).await.unwrap();
}

#[tokio::test]
async fn a_failure_leaves_the_connection_usable() {
    let sink = HookSink::start().await;
    sink.respond_in_turn("/", [Respond::Status(500), Respond::Status(200)]);
    let client = client();
    assert_eq!(client.call(&call(sink.url("/"))).await.status, Some(500));
    assert!(client.call(&call(sink.url("/"))).await.is_success());
    assert_eq!(sink.wait_for_at("/", 2).await.len(), 2);
}
