//! The end: requests in flight, idle connections, signals.

use std::{
    io::{Read, Write},
    net::TcpStream,
    process::Command,
    time::{Duration, Instant},
};

use waybill_testkit::Waybill;

use super::{BINARY, text};

/// A request whose body is half sent is answered, then the server ends; new connections are refused.
#[tokio::test]
async fn a_request_in_flight_is_answered_before_the_end() {
    let mut waybill = Waybill::start(BINARY);
    let api = waybill.api().await;
    let body = r#"{"name": "in-flight"}"#;
    let (first, second) = body.split_at(body.len() / 2);
    let mut stream = TcpStream::connect(waybill.address()).expect("the server listens");
    let head = format!(
        "PUT {} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{first}",
        api.path("buckets"),
        api.token(),
        body.len(),
    );
    stream.write_all(head.as_bytes()).expect("the connection is open");
    // The server has the head once it has answered a later request on another connection.
    api.get("buckets").await.ok();
    // Twice at the same moment is one request to stop.
    waybill.signal_term();
    std::thread::sleep(Duration::from_millis(50));
    waybill.signal_term();
    wait_until("new connections are refused", || TcpStream::connect(waybill.address()).is_err());
    stream.write_all(second.as_bytes()).expect("the connection is still open");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer, then the end of the connection");
    assert!(text(&answer).starts_with("HTTP/1.1 200"), "{}", text(&answer));
    assert!(waybill.wait().await.success());
    waybill = waybill.kill().start();
    api.at(&waybill.url()).get("buckets/in-flight").await.ok();
}

#[tokio::test]
async fn idle_connections_do_not_delay_the_end() {
    let mut waybill = Waybill::start(BINARY);
    let api = waybill.api().await;
    api.get("buckets").await.ok(); // leaves an idle HTTP/2 connection
    let _silent = TcpStream::connect(waybill.address()).expect("the server listens");
    let mut idle = TcpStream::connect(waybill.address()).expect("the server listens");
    idle.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").expect("the connection is open");
    let mut answer = [0; 15];
    idle.read_exact(&mut answer).expect("an answer");
    let begin = Instant::now();
    waybill.signal_term();
    assert!(waybill.wait().await.success());
    assert!(begin.elapsed() < Duration::from_secs(10), "it took {:?}", begin.elapsed());
}

#[tokio::test]
async fn an_interrupt_ends_the_server_too() {
    let mut waybill = Waybill::start(BINARY);
    let sent = Command::new("kill").args(["-INT", &waybill.pid().to_string()]).status();
    assert!(sent.is_ok_and(|status| status.success()));
    assert!(waybill.wait().await.success());
}

fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !condition() {
        assert!(Instant::now() < deadline, "{what}: not within 30 s");
        std::thread::sleep(Duration::from_millis(10));
    }
}
