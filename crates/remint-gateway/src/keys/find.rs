use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout;

use super::api::Api;
use crate::failure::Failure;
use crate::settings::Settings;

/// The gateways of this machine that serve the store of these settings. None is an answer only if nothing listens
/// where these settings have one: what cannot be asked may hold the store's keys in its cache.
pub(super) async fn gateways(settings: &Settings) -> Result<Vec<Api>, Failure> {
    let (found, unused) = by_socket(settings).await?;
    if found.is_empty() {
        nobody_listens(settings, &unused).await?;
    }
    Ok(found)
}

/// A gateway of this machine that serves the store of these settings, for what only reads.
pub(super) async fn one_that_answers(settings: &Settings) -> Option<Api> {
    by_socket(settings).await.ok()?.0.into_iter().next()
}

#[cfg(unix)]
async fn by_socket(settings: &Settings) -> Result<(Vec<Api>, Vec<String>), Failure> {
    use crate::socket::{self, NotPrivate};
    let unreadable = |error: std::io::Error| Failure::unavailable("whether a gateway runs cannot be told", &error);
    let (mut found, mut unused) = (Vec::new(), Vec::new());
    let store = socket::store(settings).map_err(|error| Failure::unavailable("the store", &error))?;
    let Some(store) = store else { return Ok((found, unused)) };
    let uid = remint_secret_file::Process::this().user();
    for (path, folder) in socket::folders(settings, uid, false) {
        let folder = match folder {
            Ok(folder) => folder,
            Err(NotPrivate::Absent) => continue,
            Err(reason) => {
                unused.push(format!("{}: {reason}", path.display()));
                continue;
            }
        };
        for socket in socket::sockets_for(&folder, &store).map_err(unreadable)? {
            found.extend(Api::ask(&socket, &store).await?);
        }
    }
    Ok((found, unused))
}

#[cfg(not(unix))]
async fn by_socket(_: &Settings) -> Result<(Vec<Api>, Vec<String>), Failure> {
    Ok((Vec::new(), vec!["this system has no Unix sockets: stop the gateway first".to_owned()]))
}

/// Connects, and sends nothing.
async fn nobody_listens(settings: &Settings, unused: &[String]) -> Result<(), Failure> {
    let Some(address) = settings.listen.http.filter(|address| address.port() != 0) else { return Ok(()) };
    let address = reachable(address);
    let what = match timeout(PATIENCE, TcpStream::connect(address)).await {
        Ok(Err(error)) if error.kind() == ErrorKind::ConnectionRefused => return Ok(()),
        Ok(Err(error)) => {
            let what = format!("whether a gateway runs at {address} cannot be told, so the store is left alone");
            return Err(Failure::unavailable(&what, &error));
        }
        Err(_) => {
            let what = format!("whether a gateway runs at {address} cannot be told: it does not answer");
            return Err(Failure::Unavailable(what));
        }
        Ok(Ok(_)) => format!(
            "something listens at {address} (listen.http), and no gateway with this store has a socket that can be \
             used here, so the store is left alone. If it is a gateway, run this command as its user and where it runs"
        ),
    };
    let unused = unused.iter().map(|folder| format!("\n  not used: {folder}")).collect::<String>();
    Err(Failure::Refused(what + &unused))
}

/// Where a listener of this address can be reached from here.
fn reachable(mut listen: SocketAddr) -> SocketAddr {
    match listen.ip() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => listen.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => listen.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    listen
}

const PATIENCE: Duration = Duration::from_secs(10);
