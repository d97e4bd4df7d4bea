//! What happens to every request: its line in the log, its count, its answer whatever the handler does, gzip.

use std::{
    fmt::{self, Write},
    sync::{Arc, Mutex},
    thread::{self, ThreadId},
    time::Duration,
};

use axum::{
    Extension, Json, Router,
    body::Body,
    http::{Method, Request, header},
    routing::{get, put},
};
use jiff::Timestamp;
use serde_json::{Value, json};
use tower::ServiceExt;
use tracing::{
    Event, Level, Metadata,
    field::{Field, Visit},
    span,
};
use waybill_server::{
    listen::ListenOptions,
    metrics::Metrics,
    request_log::{RequestLog, RequestLogLayer},
};

use super::{Running, raw, soon, start, until};

/// The operations that a registry of the tests has.
fn router(metrics: Arc<Metrics>) -> Router {
    let known = async |Extension(log): Extension<RequestLog>| {
        log.set_principal("ci");
        "hello"
    };
    let panics = async || -> &'static str { panic!("a test wants it") };
    let never = async || -> &'static str { std::future::pending().await };
    let json = async || Json(json!({ "text": "x".repeat(5000) }));
    let secret = async || ([(header::CACHE_CONTROL, "no-store")], Json(json!({ "text": "x".repeat(5000) })));
    let document = async || ([(header::CONTENT_TYPE, "application/octet-stream")], "x".repeat(5000));
    let layer = RequestLogLayer::new(
        metrics,
        [
            (Method::GET, "/things/{id}", "GetThing"),
            (Method::PUT, "/things/{id}", "PutThing"),
            (Method::GET, "/never", "Never"),
        ],
    );
    Router::new()
        .route("/things/{id}", get(known))
        .route("/things/{id}", put(panics))
        .route("/panics", get(panics))
        .route("/never", get(never))
        .route("/large", get(json))
        .route("/secret", get(secret))
        .route("/small", get(async || Json(json!({ "text": "x" }))))
        .route("/document", get(document))
        .fallback(async || "nothing here")
        .layer(layer.with_answer_time(Duration::from_millis(300)))
}

async fn server() -> Running {
    let metrics = Arc::new(Metrics::new(Timestamp::UNIX_EPOCH));
    let server = start(router(metrics.clone()), ListenOptions::default()).await;
    // The counts of requests are those of the router.
    Running { metrics, ..server }
}

async fn get_json(server: &Running, method: Method, path: &str) -> (u16, Value) {
    let client = server.client().build().expect("a client");
    let answer = soon(client.request(method, server.url("https", path)).send()).await.expect("an answer");
    assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/json");
    (answer.status().as_u16(), soon(answer.json()).await.expect("JSON"))
}

#[tokio::test]
async fn a_handler_that_panics_is_answered_and_the_next_request_too() {
    let server = server().await;
    for _ in 0..2 {
        let (status, body) = get_json(&server, Method::PUT, "/things/7").await;
        let message = "the server made a mistake; its log says more";
        assert_eq!((status, body), (500, json!({ "code": 13, "message": message, "details": [] })));
    }
    assert!(server.metric("waybill_panics_total") >= 2.0);
    let series = "waybill_http_requests_total{operation=\"PutThing\",status_class=\"5xx\"}";
    assert!(server.metric(series) >= 2.0);
    server.stop().await;
}

#[tokio::test]
async fn a_handler_that_does_not_finish_is_answered() {
    let server = server().await;
    let (status, body) = get_json(&server, Method::GET, "/never").await;
    assert_eq!((status, &body["code"]), (504, &json!(4)));
    server.stop().await;
}

#[tokio::test]
async fn a_client_that_goes_away_is_counted() {
    let server = server().await;
    drop(raw(server.address, "GET /never HTTP/1.1\r\nhost: a\r\n\r\n").await);
    until(|| server.metric("waybill_http_requests_total{operation=\"Never\",status_class=\"4xx\"}") >= 1.0)
        .await;
    server.stop().await;
}

#[tokio::test]
async fn large_text_is_compressed_for_those_who_accept_it() {
    let server = server().await;
    let check = async |path: &str, accepted: Option<&str>| {
        let client = server.client().gzip(false).build().expect("a client");
        let mut request = client.get(server.url("https", path));
        if let Some(accepted) = accepted {
            request = request.header(header::ACCEPT_ENCODING, accepted);
        }
        let answer = soon(request.send()).await.expect("an answer");
        let encoding =
            answer.headers().get(header::CONTENT_ENCODING).map(|value| value.to_str().expect("text"));
        let encoding = encoding.unwrap_or("none").to_owned();
        (encoding, soon(answer.bytes()).await.expect("a body").len())
    };
    let (encoding, size) = check("/large", Some("gzip")).await;
    assert!(encoding == "gzip" && size < 1000, "{encoding} {size}");
    assert_eq!(check("/large", None).await, ("none".to_owned(), 5011));
    assert_eq!(check("/large", Some("br, zstd")).await, ("none".to_owned(), 5011));
    assert_eq!(check("/small", Some("gzip")).await, ("none".to_owned(), 12));
    assert_eq!(check("/document", Some("gzip")).await, ("none".to_owned(), 5000));
    assert_eq!(check("/secret", Some("gzip")).await, ("none".to_owned(), 5011));
    let client = server.client().gzip(true).build().expect("a client");
    let answer = soon(client.get(server.url("https", "/large")).send()).await.expect("an answer");
    let body: Value = soon(answer.json()).await.expect("JSON again");
    assert_eq!(body["text"].as_str().map(str::len), Some(5000));
    server.stop().await;
}

#[tokio::test]
async fn json_is_kept_by_nobody_however_it_came_about() {
    let server = server().await;
    for client in [server.client(), server.client().http1_only()] {
        let client = client.build().expect("a client");
        let fields = async |path: &str| {
            let answer = soon(client.get(server.url("https", path)).send()).await.expect("an answer");
            [header::CACHE_CONTROL, header::X_CONTENT_TYPE_OPTIONS].map(|name| {
                let mut values = answer.headers().get_all(name).iter();
                let value = values.next().map_or("", |value| value.to_str().expect("text")).to_owned();
                assert_eq!(values.next(), None, "{path}");
                value
            })
        };
        for path in ["/large", "/small", "/secret", "/panics", "/never"] {
            assert_eq!(fields(path).await, ["no-store", "nosniff"], "{path}");
        }
        assert_eq!(fields("/document").await, ["", ""]);
    }
    server.stop().await;
}

#[tokio::test]
async fn a_request_is_one_line_without_its_path() {
    // For the whole process and not for this thread only: whether anybody listens is remembered per log statement,
    // and the other tests' threads, where nobody does, would have a say in it.
    let lines = Lines::of_this_thread();
    tracing::subscriber::set_global_default(lines.clone()).expect("nobody else listens");
    let metrics = Arc::new(Metrics::new(Timestamp::UNIX_EPOCH));
    let router = router(metrics);
    for (method, path) in
        [("GET", "/things/secret"), ("GET", "/nowhere/secret"), ("GET", "/small"), ("PUT", "/things/secret")]
    {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("x-hcp-source-channel", "packer/1.14.3 hcp-go-sdk")
            .body(Body::empty())
            .expect("a request");
        router.clone().oneshot(request).await.expect("infallible");
    }
    let source = "source_channel=packer/1.14.3 hcp-go-sdk";
    assert_eq!(lines.take(), [
        format!(
            "INFO GetThing 200 http.method=GET http.route=/things/{{id}} http.status=200 principal=ci {source}"
        ),
        format!("INFO other 200 http.method=GET http.route=unmatched http.status=200 {source}"),
        format!("INFO other 200 http.method=GET http.route=/small http.status=200 {source}"),
        "ERROR Panic while answering PUT /things/{id}: a test wants it http.method=PUT http.route=/things/{id}".to_owned(),
        format!("INFO PutThing 500 http.method=PUT http.route=/things/{{id}} http.status=500 {source}"),
    ]);
}

/// Keeps what is logged on one thread, without the duration.
#[derive(Clone)]
struct Lines {
    thread: ThreadId,
    lines: Arc<Mutex<Vec<String>>>,
}

#[derive(Default)]
struct Line {
    message: String,
    fields: String,
    has_duration: bool,
}

impl Lines {
    fn of_this_thread() -> Self {
        Self { thread: thread::current().id(), lines: Arc::default() }
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.lines.lock().expect("no panic while it is held"))
    }
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        match field.name() {
            "message" => self.message = format!("{value:?}"),
            "duration_ms" => self.has_duration = true,
            name => {
                let _ = write!(self.fields, " {name}={value:?}");
            }
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }
}

impl tracing::Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("waybill_server")
    }

    fn event(&self, event: &Event<'_>) {
        if thread::current().id() != self.thread {
            return;
        }
        let mut line = Line::default();
        event.record(&mut line);
        let level = *event.metadata().level();
        assert_eq!(line.has_duration, level == Level::INFO);
        let line = format!("{level} {}{}", line.message, line.fields);
        self.lines.lock().expect("no panic while it is held").push(line);
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}
