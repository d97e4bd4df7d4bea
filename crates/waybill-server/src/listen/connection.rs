//! The life of one connection.

use std::{
    convert::Infallible,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
};

use axum::{Router, body::Body};
use hyper::{
    Request, Response,
    body::Incoming,
    rt::Executor,
    server::conn::{http1, http2},
    service::Service,
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulConnection,
};
use prometheus_client::metrics::gauge::Gauge;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    select,
    time::{Instant, sleep, timeout},
};
use tokio_util::task::TaskTracker;
use tower_http::compression::CompressionBody;

use super::{
    Peer, Shared,
    body::Timed,
    compress::Compressed,
    patience::{Activity, Ending, InFlight, Patience},
    protect::protect,
    proxy, refuse,
    watched::Watched,
};
use crate::limits;

/// The first byte of a TLS handshake, which no HTTP method begins with.
const TLS_HANDSHAKE: u8 = 0x16;

/// Serves one connection to its end.
pub(super) async fn run(shared: Arc<Shared>, stream: TcpStream, address: SocketAddr) {
    let _open = Open::new(&shared.metrics.connections);
    // Answers are written whole; waiting for more to send would only delay them.
    let _ = stream.set_nodelay(true);
    let failed = &shared.metrics.connections_failed;
    let first_byte = select! {
        () = shared.shutdown.wait() => return,
        first_byte = timeout(shared.options.first_byte_time, first_byte(&stream)) => first_byte,
    };
    match first_byte {
        Ok(Some(TLS_HANDSHAKE)) => tls(&shared, stream, address).await,
        Ok(Some(_)) if (shared.options.plain_http_for)(address.ip()) => {
            http1(&shared, stream, Peer { address, is_tls: false, client: address.ip() }).await;
        }
        Ok(Some(_)) => {
            failed.plain.inc();
            tracing::debug!("Refused plain HTTP from another machine");
            refuse::plain_http(stream).await;
        }
        Ok(None) | Err(_) => {
            failed.silent.inc();
        }
    }
}

/// Looks at the first byte without taking it; `None` if the peer closes.
async fn first_byte(stream: &TcpStream) -> Option<u8> {
    let mut byte = [0];
    match stream.peek(&mut byte).await {
        Ok(1..) => Some(byte[0]),
        _ => None,
    }
}

async fn tls(shared: &Arc<Shared>, stream: TcpStream, address: SocketAddr) {
    let handshake = timeout(shared.options.handshake_time, shared.tls.accept(stream));
    let accepted = select! {
        () = shared.shutdown.wait() => return,
        accepted = handshake => accepted,
    };
    let failed = &shared.metrics.connections_failed;
    let stream = match accepted {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => {
            failed.handshake.inc();
            tracing::debug!("TLS handshake failed: {error}");
            return;
        }
        Err(_) => {
            failed.silent.inc();
            return;
        }
    };
    let peer = Peer { address, is_tls: true, client: address.ip() };
    if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
        http2(shared, stream, peer).await;
    } else {
        http1(shared, stream, peer).await;
    }
}

async fn http1<S>(shared: &Arc<Shared>, stream: S, peer: Peer)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let activity = Arc::new(Activity::default());
    let io = TokioIo::new(Watched::new(stream, activity.clone()));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        // Hyper's timer also runs while nothing is asked. Both limits are ours to watch: see `patience`.
        .header_read_timeout(None)
        .max_header_size(limits::HEADER_BYTES as usize)
        .max_buf_size(limits::BUFFER_BYTES)
        .serve_connection(io, App { shared: shared.clone(), peer, activity: activity.clone() });
    drive(shared, connection, &activity, Patience::new(&shared.options, true)).await;
}

async fn http2<S>(shared: &Arc<Shared>, stream: S, peer: Peer)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let activity = Arc::new(Activity::default());
    let io = TokioIo::new(Watched::new(stream, activity.clone()));
    let connection = http2::Builder::new(Tasks(shared.tasks.clone()))
        .timer(TokioTimer::new())
        .keep_alive_interval(limits::PING_INTERVAL)
        .keep_alive_timeout(limits::PING_TIME)
        .max_concurrent_streams(limits::STREAMS)
        .max_header_list_size(limits::HEADER_BYTES)
        .initial_stream_window_size(limits::STREAM_WINDOW_BYTES)
        .initial_connection_window_size(limits::CONNECTION_WINDOW_BYTES)
        .serve_connection(io, App { shared: shared.clone(), peer, activity: activity.clone() });
    drive(shared, connection, &activity, Patience::new(&shared.options, false)).await;
}

/// The router as one connection sees it.
struct App {
    shared: Arc<Shared>,
    peer: Peer,
    activity: Arc<Activity>,
}

/// An answer in the making. While it exists the connection is busy.
struct Answer {
    answer: AppFuture,
    _in_flight: InFlight,
}

type AppFuture = <Compressed<Router> as tower::Service<Request<Body>>>::Future;

impl Service<Request<Incoming>> for App {
    type Response = Response<CompressionBody<Body>>;
    type Error = Infallible;
    type Future = Answer;

    fn call(&self, request: Request<Incoming>) -> Answer {
        let Shared { options, tasks, .. } = &*self.shared;
        let mut request = request.map(|body| Timed::wrap(body, options, tasks));
        let client = proxy::client(&options.trusted_proxies, self.peer.address.ip(), request.headers());
        request.extensions_mut().insert(Peer { client, ..self.peer });
        // A router is always ready, and cloning it is cheap.
        let answer = tower::Service::call(&mut self.shared.app.clone(), request);
        Answer { answer, _in_flight: self.activity.begin() }
    }
}

impl Future for Answer {
    type Output = Result<Response<CompressionBody<Body>>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.answer).poll(context).map_ok(|mut response| {
            protect(response.headers_mut());
            response
        })
    }
}

/// Lets the connection run until it ends, by itself or because it must.
async fn drive<C>(shared: &Shared, connection: C, activity: &Activity, mut patience: Patience)
where
    C: GracefulConnection,
    C::Error: std::fmt::Display,
{
    let mut connection = pin!(connection);
    let mut look = pin!(sleep(patience.look_interval()));
    // Set when the connection was told to end; requests that still run then are dropped with it.
    let mut deadline = None;
    loop {
        select! {
            biased;
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!("A connection broke: {error}");
                }
                return;
            }
            () = shared.shutdown.wait(), if deadline.is_none() => {}
            () = look.as_mut() => {
                let ending = patience.look(activity);
                let nothing_to_finish = match ending {
                    Some(Ending::SlowHeader) => true,
                    Some(Ending::Idle) => deadline.is_some(),
                    Some(Ending::Old) | None => false,
                };
                let now = Instant::now();
                if nothing_to_finish || deadline.is_some_and(|deadline| deadline <= now) {
                    tracing::debug!("Closed a connection: {ending:?}");
                    return;
                }
                look.as_mut().reset(now + patience.look_interval());
                if ending.is_none() {
                    continue;
                }
            }
        }
        if deadline.is_none() {
            connection.as_mut().graceful_shutdown();
            deadline = Some(Instant::now() + shared.options.drain_time);
            look.as_mut().reset(Instant::now() + patience.look_interval().min(shared.options.drain_time));
        }
    }
}

/// Counts a connection while it is open.
struct Open(Gauge);

impl Open {
    fn new(connections: &Gauge) -> Self {
        connections.inc();
        Self(connections.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// Runs the requests of HTTP/2 connections where [`super::serve`] waits for them. They end with their connection.
#[derive(Clone)]
struct Tasks(TaskTracker);

impl<F> Executor<F> for Tasks
where
    F: Future<Output: Send> + Send + 'static,
{
    fn execute(&self, request: F) {
        self.0.spawn(request);
    }
}
