//! Accepting connections: TLS handshakes beside each other, slow clients cut off, open requests finished at the end.

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

/// How long a shutdown waits for open requests.
pub const DRAIN: Duration = Duration::from_secs(10);
/// How long a TLS handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(5);
/// How long the header of a request may take.
const HEADER: Duration = Duration::from_secs(10);
/// How many connections may be open on one listener.
const CONNECTIONS: usize = 20_000;

/// Serves TLS until `stop`.
pub async fn tls(
    listener: TcpListener,
    config: Arc<rustls::ServerConfig>,
    router: Router,
    tasks: TaskTracker,
    stop: CancellationToken,
) {
    let acceptor = TlsAcceptor::from(config);
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    while let Some((stream, address, permit)) = accept(&listener, &room, &stop).await {
        let (acceptor, router, stop) = (acceptor.clone(), router.clone(), stop.clone());
        tasks.spawn(async move {
            // A failed or slow handshake is the client's affair; there is nobody to answer.
            if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
                serve(stream, address, router, stop).await;
            }
            drop(permit);
        });
    }
}

/// Serves plain http until `stop`.
pub async fn plain(
    listener: TcpListener,
    router: Router,
    tasks: TaskTracker,
    stop: CancellationToken,
) {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    while let Some((stream, address, permit)) = accept(&listener, &room, &stop).await {
        let (router, stop) = (router.clone(), stop.clone());
        tasks.spawn(async move {
            serve(stream, address, router, stop).await;
            drop(permit);
        });
    }
}

async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
    stop: &CancellationToken,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    loop {
        let permit = tokio::select! {
            () = stop.cancelled() => return None,
            permit = Arc::clone(room).acquire_owned() => permit.ok()?,
        };
        let accepted = tokio::select! {
            () = stop.cancelled() => return None,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, address)) => {
                // Small answers must not wait for Nagle's timer.
                let _ = stream.set_nodelay(true);
                return Some((stream, address, permit));
            }
            Err(error) => {
                // Out of descriptors, or the peer went away in between: neither ends the listener.
                tracing::warn!(%error, "accept");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

async fn serve<S>(stream: S, address: SocketAddr, router: Router, stop: CancellationToken)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(address));
        router.clone().oneshot(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "connection");
    }
}
