use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tower::ServiceExt;

use super::patient::Patient;
use super::slow_body::SlowBody;
use crate::settings::Limits;

/// Serves whoever connects, until it is told to stop; completes when the last connection has ended.
///
/// A client may hold a connection for as long as it is served, but not for longer than `read_timeout`
/// with a head or a body that does not come to its end, with silence (in HTTP/2: without an answer to a
/// ping), or with an answer that it does not take.
pub(super) async fn serve(socket: TcpListener, router: Router, limits: Limits, mut stop: watch::Receiver<bool>) {
    let slots = Arc::new(Semaphore::new(usize::try_from(limits.max_connections).unwrap_or(Semaphore::MAX_PERMITS)));
    let builder = Arc::new(builder(limits.read_timeout));
    loop {
        let accepted = async {
            // Where all are taken, the next client waits before the door.
            let slot = Arc::clone(&slots).acquire_owned().await;
            (slot, socket.accept().await)
        };
        let (slot, accepted) = tokio::select! {
            accepted = accepted => accepted,
            () = asked(&mut stop) => break,
        };
        match (slot, accepted) {
            (Ok(slot), Ok((stream, peer))) => {
                let (builder, router, stop) = (Arc::clone(&builder), router.clone(), stop.clone());
                tokio::spawn(async move {
                    carry(&builder, stream, peer, router, limits.read_timeout, stop).await;
                    drop(slot);
                });
            }
            (_, Err(error)) => pause(&error).await,
            (Err(_), Ok(_)) => break,
        }
    }
    // Nobody new is let in while the rest is waited for.
    drop(socket);
    _ = slots.acquire_many(limits.max_connections).await;
}

/// One connection, to its end.
async fn carry(
    builder: &Builder<TokioExecutor>,
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    patience: Duration,
    mut stop: watch::Receiver<bool>,
) {
    let service = service_fn(move |request| answer(router.clone(), request, peer, patience));
    let mut connection = pin!(builder.serve_connection(TokioIo::new(Patient::new(stream, patience)), service));
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = asked(&mut stop) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(target: "remint", %error, "a connection was cut");
    }
}

async fn answer(
    router: Router,
    request: Request<Incoming>,
    peer: SocketAddr,
    patience: Duration,
) -> Result<Response<Body>, Infallible> {
    let mut request = request.map(|body| SlowBody::bound(Body::new(body), patience));
    request.extensions_mut().insert(ConnectInfo(peer));
    router.oneshot(request).await
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
async fn pause(error: &std::io::Error) {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::warn!(target: "remint", %error, "a connection could not be accepted");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
