use std::net::SocketAddr;

use axum::Router;
use tokio::net::TcpListener;

use crate::Outcome;

/// A socket on a free port of this machine, and its address.
pub(crate) async fn any_port() -> Outcome<(TcpListener, String)> {
    let socket = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", socket.local_addr()?);
    Ok((socket, url))
}

/// Serves until the process ends.
pub(crate) fn serve(socket: TcpListener, app: Router) {
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async { axum::serve(socket, app).await });
}

/// A client of what listens on this machine. It sends credentials, so it follows no redirect.
pub(crate) fn client() -> Outcome<reqwest::Client> {
    Ok(client_builder().redirect(reqwest::redirect::Policy::none()).build()?)
}

pub(crate) fn client_builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder().no_proxy().tls_certs_only([])
}
