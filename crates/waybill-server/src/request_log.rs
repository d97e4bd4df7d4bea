//! One line in the log and one count in the metrics for every request; and the promise that each gets an answer.
//!
//! A handler that panics is answered with code 13 and one that takes too long with code 4, because the clients wait
//! without a limit. A request whose client went away meanwhile is logged as status 499.
//!
//! The line names the template of the path, never the path itself, which may contain a secret.
//!
//! Apply [`RequestLogLayer`] with [`axum::Router::layer`] after the routes and the fallback were added: only there
//! is the template known.

use std::{
    any::Any,
    collections::HashMap,
    convert::Infallible,
    future::Future,
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll},
    time::{Duration, Instant},
};

use axum::{
    body::{Body, HttpBody},
    extract::{MatchedPath, Request},
    http::{HeaderValue, Method, StatusCode, header::CONTENT_TYPE},
    response::Response,
};
use futures_util::FutureExt;
use tokio::time::timeout;
use tower::{Layer, Service};
use waybill_api::error::{Code, Status};

use crate::{
    limits,
    metrics::{Metrics, OperationMetrics},
};

const SOURCE_CHANNEL: &str = "x-hcp-source-channel";

/// In the extensions of every request: what a handler or extractor adds to the request's line.
#[derive(Clone, Debug, Default)]
pub struct RequestLog(Arc<OnceLock<Arc<str>>>);

impl RequestLog {
    /// Names the caller, once it is known who it is. The first call counts.
    pub fn set_principal(&self, principal: impl Into<Arc<str>>) {
        let _ = self.0.set(principal.into());
    }

    pub fn principal(&self) -> Option<&str> {
        self.0.get().map(|principal| &**principal)
    }
}

/// Wraps each route of a router; see the module.
#[derive(Clone)]
pub struct RequestLogLayer(Arc<Shared>);

/// A route with its log; made by [`RequestLogLayer`].
#[derive(Clone)]
pub struct Logged<S> {
    inner: S,
    shared: Arc<Shared>,
}

struct Shared {
    /// By path template; a template has a few methods.
    routes: HashMap<&'static str, Vec<(Method, Arc<OperationMetrics>)>>,
    /// Whatever is not in the table, so that the label set stays closed.
    other: Arc<OperationMetrics>,
    metrics: Arc<Metrics>,
    answer_time: Duration,
}

/// A request that was not answered yet.
struct Pending {
    started: Instant,
    method: Method,
    route: Option<MatchedPath>,
    source_channel: Option<HeaderValue>,
    log: RequestLog,
    operation: Arc<OperationMetrics>,
    is_answered: bool,
}

impl RequestLogLayer {
    /// Makes the layer for a router with these routes: method, path template, name of the operation in the metrics.
    pub fn new(
        metrics: Arc<Metrics>,
        operations: impl IntoIterator<Item = (Method, &'static str, &'static str)>,
    ) -> Self {
        let mut routes = HashMap::<_, Vec<_>>::new();
        for (method, path, operation) in operations {
            routes.entry(path).or_default().push((method, Arc::new(metrics.operation(operation))));
        }
        let other = Arc::new(metrics.operation("other"));
        Self(Arc::new(Shared { routes, other, metrics, answer_time: limits::ANSWER_TIME }))
    }

    /// Gives handlers another time than [`limits::ANSWER_TIME`].
    #[must_use]
    pub fn with_answer_time(self, answer_time: Duration) -> Self {
        let Shared { routes, other, metrics, .. } = &*self.0;
        Self(Arc::new(Shared {
            routes: routes.clone(),
            other: other.clone(),
            metrics: metrics.clone(),
            answer_time,
        }))
    }
}

impl<S> Layer<S> for RequestLogLayer {
    type Service = Logged<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Logged { inner, shared: self.0.clone() }
    }
}

impl<S> Service<Request> for Logged<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let mut pending = self.shared.begin(&request);
        request.extensions_mut().insert(pending.log.clone());
        // A body has a time limit of its own, and the handler reads it.
        let has_body = !request.body().is_end_stream();
        let time = self.shared.answer_time + if has_body { limits::BODY_TIME } else { Duration::ZERO };
        let answer = AssertUnwindSafe(self.inner.call(request)).catch_unwind();
        let metrics = self.shared.metrics.clone();
        Box::pin(async move {
            let response = match timeout(time, answer).await {
                Ok(Ok(Ok(response))) => response,
                Ok(Ok(Err(never))) => match never {},
                Ok(Err(panic)) => {
                    metrics.panics.inc();
                    pending.log_panic(&*panic);
                    problem(Code::Internal, "the server made a mistake; its log says more")
                }
                Err(_) => problem(Code::DeadlineExceeded, "the server did not finish in time, try again"),
            };
            pending.answered(response.status());
            Ok(response)
        })
    }
}

/// Returns the answer that says what went wrong, in the form all clients read.
pub(crate) fn problem(code: Code, message: &str) -> Response {
    let body = serde_json::to_vec(&Status::new(code, message)).expect("a status is plain data");
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(code.http_status()).expect("the table has valid statuses");
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

impl Shared {
    fn begin(&self, request: &Request) -> Pending {
        let method = request.method().clone();
        let route = request.extensions().get::<MatchedPath>().cloned();
        let methods = route.as_ref().and_then(|route| self.routes.get(route.as_str()));
        let operation = methods.and_then(|methods| methods.iter().find(|(known, _)| *known == method));
        let operation = operation.map_or(&self.other, |(_, operation)| operation).clone();
        Pending {
            started: Instant::now(),
            method,
            route,
            source_channel: request.headers().get(SOURCE_CHANNEL).cloned(),
            log: RequestLog::default(),
            operation,
            is_answered: false,
        }
    }
}

impl Pending {
    fn answered(&mut self, status: StatusCode) {
        self.is_answered = true;
        self.record(status.as_u16());
    }

    fn record(&self, status: u16) {
        let duration = self.started.elapsed();
        self.operation.record(status, duration);
        let (method, route) = (self.method.as_str(), self.route());
        tracing::info!(
            http.method = method,
            http.route = route,
            http.status = status,
            duration_ms = (duration.as_secs_f64() * 1e6).round() / 1e3,
            principal = self.log.principal(),
            source_channel = self.source_channel.as_ref().map(source_channel).as_deref(),
            "{} {status}",
            self.operation.operation()
        );
    }

    fn log_panic(&self, panic: &(dyn Any + Send)) {
        let (method, route) = (self.method.as_str(), self.route());
        let message = panic.downcast_ref::<&str>().copied();
        let message =
            message.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message");
        tracing::error!(
            http.method = method,
            http.route = route,
            "Panic while answering {method} {route}: {message}"
        );
    }

    fn route(&self) -> &str {
        self.route.as_ref().map_or("unmatched", MatchedPath::as_str)
    }
}

impl Drop for Pending {
    /// Without an answer this is the client that went away, and the handler with it.
    fn drop(&mut self) {
        if !self.is_answered {
            self.record(Code::Cancelled.http_status());
        }
    }
}

/// What the client says it is, fit for a log: printable ASCII of bounded length.
fn source_channel(value: &HeaderValue) -> String {
    let printable = |&byte: &u8| if byte == b' ' || byte.is_ascii_graphic() { char::from(byte) } else { '?' };
    value.as_bytes().iter().take(limits::SOURCE_CHANNEL_CHARACTERS).map(printable).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn source_channels_are_cleaned() {
        let check = |bytes: &[u8]| source_channel(&HeaderValue::from_bytes(bytes).expect("a header"));
        assert_eq!(
            check(b"terraform-provider-hcp hcp-go-sdk/0.23.0"),
            "terraform-provider-hcp hcp-go-sdk/0.23.0"
        );
        assert_eq!(check(b"a\tb\xff"), "a?b?");
        assert_eq!(check(&[b'x'; 500]).len(), limits::SOURCE_CHANNEL_CHARACTERS);
    }

    #[test]
    fn a_problem_is_json_with_a_number() {
        let response = problem(Code::Internal, "m");
        assert_eq!(response.status(), 500);
        assert_eq!(response.headers()[CONTENT_TYPE], "application/json");
    }
}
