use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{StatusCode, Version, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;

use super::problem::problem;
use crate::settings::HostName;

/// Refuses requests that were not meant for this listener.
///
/// A web page can have a browser send requests here under the page's own name (DNS rebinding). So a host has to be an
/// IP address, `localhost`, or one of `names`. A request without a host comes from no browser.
pub(super) fn only_for(names: &[HostName], router: Router) -> Router {
    let names: Arc<[HostName]> = names.into();
    router.layer(from_fn(move |request, next| check(Arc::clone(&names), request, next)))
}

async fn check(names: Arc<[HostName]>, request: Request, next: Next) -> Response {
    let mut hosts = request.uri().authority().map(|authority| Some(authority.clone())).into_iter().collect::<Vec<_>>();
    for host in request.headers().get_all(header::HOST) {
        hosts.push(host.to_str().ok().and_then(|host| host.parse().ok()));
    }
    if hosts.is_empty() && request.version() > Version::HTTP_10 {
        return problem(StatusCode::BAD_REQUEST, "the request names no host");
    }
    match hosts.iter().find(|host| !host.as_ref().is_some_and(|host| is_ours(host, &names))) {
        None => next.run(request).await,
        Some(host) => {
            let host = host.as_ref().map_or("", Authority::host);
            let detail = format!(
                "this listener answers to IP addresses, localhost and the names in listen.admin_hosts, not to \"{host}\""
            );
            problem(StatusCode::MISDIRECTED_REQUEST, detail)
        }
    }
}

fn is_ours(authority: &Authority, names: &[HostName]) -> bool {
    let host = authority.host();
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let name = host.strip_suffix('.').unwrap_or(host);
    address.parse::<IpAddr>().is_ok()
        || name.eq_ignore_ascii_case("localhost")
        || names.iter().any(|known| known.0.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_localhost_and_listed_names_are_ours_and_no_other_name_is() {
        let names = [HostName("gateway.monitoring.svc".to_owned())];
        for host in [
            "127.0.0.1",
            "192.0.2.1:8483",
            "[::1]",
            "[2001:db8::1]:8483",
            "localhost",
            "LocalHost:8483",
            "localhost.",
            "gateway.monitoring.svc:8483",
            "Gateway.Monitoring.svc.",
        ] {
            assert!(is_ours(&host.parse().unwrap(), &names), "{host}");
        }
        for host in [
            "rebound.example",
            "127.0.0.1.rebound.example",
            "localhost.rebound.example",
            "x.localhost",
            "0x7f.1",
            "2130706433",
            "user@rebound.example:8483",
            "gateway.monitoring.svc.rebound.example",
        ] {
            assert!(!is_ours(&host.parse().unwrap(), &names), "{host}");
        }
    }
}
