use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Extensions, Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use remint::Network;
use remint_authorization_server::FollowerPlace;
use remint_identity_service::Operator;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::sleep;
use tower::ServiceExt;

use super::activity::Activity;
use super::admission::{Admission, Admitted};
use super::patient::Patient;
use super::reserve;
use super::slow_body::SlowBody;
use crate::settings::Limits;

/// Serves every client that connects, until it is told to stop; completes when the last connection has ended.
///
/// A client may hold a connection for as long as it is served, but not
///
/// - for longer than `read_timeout` with a head or a body that does not come to its end, with silence (in HTTP/2:
///   without an answer to a ping), or with an answer that it does not take;
/// - for longer than `idle_timeout` without a request, whatever else it sends;
/// - beyond `max_connections_per_address`, unless its address is in an exempt network: it is closed at once;
/// - beyond `max_connections`: then it is one of a few that are there for health checks ([`reserve`]).
///
/// The connections of those who wait for the revocation log are counted apart ([`Admitted::follows`]).
pub(super) async fn serve(
    socket: impl Accept,
    router: Router,
    limits: Limits,
    exempt: Arc<[Network]>,
    mut stop: watch::Receiver<bool>,
) {
    let admission = Admission::new(limits, exempt);
    let builder = Arc::new(builder(limits.read_timeout));
    loop {
        let accepted = async {
            // Where all are taken, the next client waits until one has ended.
            let place = admission.place().await;
            (place, socket.accept().await)
        };
        let (place, accepted) = tokio::select! {
            accepted = accepted => accepted,
            () = asked(&mut stop) => break,
        };
        match (place, accepted) {
            (Some(place), Ok((stream, peer))) => {
                // Dropped, a stream is closed.
                let Some(admitted) = admission.admit(place, peer.ip()) else { continue };
                let connection = Connection { builder: Arc::clone(&builder), router: router.clone(), peer, limits };
                tokio::spawn(connection.carry(stream, admitted, stop.clone()));
            }
            (_, Err(error)) => pause(&error).await,
            (None, Ok(_)) => break,
        }
    }
    // Nobody new is let in while the rest is waited for.
    drop(socket);
    admission.ended().await;
}

/// A socket that is listened at.
pub(super) trait Accept: Send + Sync + 'static {
    type Stream: Stream;

    /// The next connection.
    fn accept(&self) -> impl Future<Output = io::Result<(Self::Stream, Peer)>> + Send;
}

pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> Stream for S {}

/// The other end of a connection, as far as the socket itself says who that is.
#[derive(Debug, Clone)]
pub(super) enum Peer {
    Address(SocketAddr),
    #[cfg_attr(not(unix), allow(dead_code, reason = "there are no Unix sockets"))]
    Operator(Operator),
}

impl Peer {
    fn ip(&self) -> Option<IpAddr> {
        match self {
            Self::Address(address) => Some(address.ip()),
            Self::Operator(_) => None,
        }
    }

    fn state(self, extensions: &mut Extensions) {
        match self {
            Self::Address(address) => drop(extensions.insert(ConnectInfo(address))),
            Self::Operator(operator) => drop(extensions.insert(operator)),
        }
    }
}

impl Accept for TcpListener {
    type Stream = TcpStream;

    async fn accept(&self) -> io::Result<(TcpStream, Peer)> {
        let (stream, peer) = Self::accept(self).await?;
        Ok((stream, Peer::Address(peer)))
    }
}

/// What a connection is served with.
struct Connection {
    builder: Arc<Builder<TokioExecutor>>,
    router: Router,
    peer: Peer,
    limits: Limits,
}

impl Connection {
    /// To its end.
    async fn carry(self, stream: impl Stream, admitted: Admitted, mut stop: watch::Receiver<bool>) {
        let Self { builder, router, peer, limits } = self;
        let (activity, for_health_checks) = (Activity::new(), admitted.is_for_health_checks());
        let admitted = Arc::new(admitted);
        // Work may outlive its connection, and must not keep its place.
        let seat = Arc::downgrade(&admitted);
        let place = FollowerPlace::new(move || seat.upgrade().is_some_and(|admitted| admitted.follows()));
        let router = if for_health_checks { reserve::only_health_checks(router) } else { router };
        let service = service_fn(|mut request: Request<Incoming>| {
            request.extensions_mut().insert(place.clone());
            answer(router.clone(), request, peer.clone(), limits.read_timeout, activity.clone())
        });
        let stream = TokioIo::new(Patient::new(stream, limits.read_timeout));
        let mut connection = pin!(builder.serve_connection(stream, service));
        let grace = limits.read_timeout.min(GRACE);
        let over = async {
            tokio::select! {
                () = activity.idle_for(limits.idle_timeout) => {}
                () = activity.answered(), if for_health_checks => {}
                () = sleep(grace), if for_health_checks => {}
                () = asked(&mut stop) => {}
            }
        };
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = over => {
                connection.as_mut().graceful_shutdown();
                let left = async {
                    sleep(grace).await;
                    activity.idle_for(grace).await;
                };
                tokio::select! {
                    ended = connection.as_mut() => ended,
                    () = left => Ok(()),
                }
            }
        };
        if let Err(error) = ended {
            tracing::debug!(target: "remint", %error, "a connection was cut");
        }
        drop(admitted);
    }
}

async fn answer(
    router: Router,
    request: Request<Incoming>,
    peer: Peer,
    patience: Duration,
    activity: Activity,
) -> Result<Response<Body>, Infallible> {
    let work = activity.begin();
    let mut request = request.map(|body| SlowBody::bound(Body::new(body), patience));
    peer.state(request.extensions_mut());
    let response = router.oneshot(request).await?;
    Ok(response.map(|body| work.answer(body)))
}

fn builder(patience: Duration) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    // From the end of one request to the end of the next one's head.
    builder.http1().timer(TokioTimer::new()).header_read_timeout(patience);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(patience).keep_alive_timeout(patience);
    builder
}

/// An error is a sender that is gone: the process ends.
async fn asked(stop: &mut watch::Receiver<bool>) {
    _ = stop.wait_for(|stop| *stop).await;
}

/// A client that is gone again is no matter; without files left, it takes a while until there are some.
async fn pause(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::warn!(target: "remint", %error, "a connection could not be accepted");
        sleep(Duration::from_secs(1)).await;
    }
}

/// How long a client may take to end a connection once it was asked to.
const GRACE: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    const LIMITS: Limits = Limits {
        read_timeout: Duration::from_secs(30),
        idle_timeout: Duration::from_secs(60),
        max_connections: 8,
        max_connections_per_address: 2,
    };

    /// A server that counts its own machine's connections, unless it is told not to.
    async fn server(exempt: &[&str]) -> (SocketAddr, watch::Sender<bool>) {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, (stop, stopped)) = (socket.local_addr().unwrap(), watch::channel(false));
        let router = Router::new().route("/", get(|| async { "here" }));
        let exempt = exempt.iter().map(|network| network.parse().unwrap()).collect();
        tokio::spawn(serve(socket, router, LIMITS, exempt, stopped));
        (address, stop)
    }

    /// The connection, if it has an answer.
    async fn asks(address: SocketAddr) -> Option<TcpStream> {
        let mut stream = TcpStream::connect(address).await.unwrap();
        _ = stream.write_all(b"GET / HTTP/1.1\r\nhost: here\r\n\r\n").await;
        let mut status = [0; 12];
        stream.read_exact(&mut status).await.ok().filter(|_| &status == b"HTTP/1.1 200").map(|_| stream)
    }

    #[tokio::test]
    async fn beyond_the_cap_a_connection_of_the_same_address_is_closed_at_once() {
        let (address, _stop) = server(&[]).await;
        let held = [asks(address).await.unwrap(), asks(address).await.unwrap()];
        for _ in 0..20 {
            assert!(asks(address).await.is_none(), "a third one is served");
        }
        drop(held);
        // What has ended is not counted, as soon as that is noticed.
        while asks(address).await.is_none() {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn an_exempt_network_has_no_cap() {
        let (address, _stop) = server(&["127.0.0.0/8"]).await;
        let mut held = Vec::new();
        for _ in 0..LIMITS.max_connections {
            held.push(asks(address).await.expect("refused"));
        }
    }
}
