//! Serves on `127.0.0.1:8480`, or where the argument says, until Ctrl-C.
#![expect(clippy::print_stdout, reason = "it tells people what to try")]

use std::net::SocketAddr;

use auth_server::idp::Idp;
use auth_server::server::AuthServer;
use auth_server::{Outcome, curl};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Outcome<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8480".to_owned());
    let socket = TcpListener::bind(&address).await?;
    let base = format!("http://{}", socket.local_addr()?);
    let folder = tempfile::tempdir()?;
    let idp = Idp::new(folder.path())?;
    let server = AuthServer::start(&base, &idp).await?;

    for (what, line) in curl::lines(&base, &server.key, &idp.token()?) {
        println!("# {what}\n{line}\n");
    }
    let app = server.router()?.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(socket, app).with_graceful_shutdown(async { _ = tokio::signal::ctrl_c().await }).await?;
    Ok(server.edge.close().await?)
}
