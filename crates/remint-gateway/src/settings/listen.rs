use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use remint::Network;
use url::Url;

use super::client_cert_header::ClientCertHeader;
use super::node::Node;
use super::section::Section;
use super::setting::{Setting, World, Wrong};
use super::value::{Listener, quoted, text};

/// `[listen]`: where this process is reached.
#[derive(Debug, Clone)]
pub(crate) struct Listen {
    /// The identity service, the public keys, health.
    pub(crate) http: Option<SocketAddr>,
    /// Metrics and an index of what there is.
    pub(crate) admin: Option<SocketAddr>,
    /// The names by which `admin` is asked, beside addresses and `localhost`.
    pub(crate) admin_hosts: Vec<HostName>,
    /// Where others reach `http`.
    pub(crate) public_url: String,
    /// Proxies whose word about the client's address and certificate counts.
    pub(crate) trusted_proxies: Vec<Network>,
    /// Where they say which certificate the client has.
    pub(crate) client_cert_header: ClientCertHeader,
    /// Of each listener.
    pub(crate) limits: Limits,
}

/// What clients may take of a listener.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// For how long a client is waited for.
    pub(crate) read_timeout: Duration,
    /// How long a connection stays open without a request.
    pub(crate) idle_timeout: Duration,
    /// How many connections there may be at once.
    pub(crate) max_connections: u32,
    /// How many of them may be of one address.
    pub(crate) max_connections_per_address: u32,
}

impl Listen {
    /// `issuer_url` is `issuer.url` where it is not the default: others take it for our address.
    pub(super) fn read(mut section: Section<'_, '_>, issuer_url: Option<&str>) -> Self {
        let at = |port| Listener(Some(SocketAddr::from(([127, 0, 0, 1], port))));
        let http = section.or("http", at(8480));
        section.later("forward_auth");
        section.later("ext_authz");
        let admin = section.or("admin", at(8483));
        let admin_hosts = section.or("admin_hosts", Vec::new());
        let public_url = section.or("public_url", PublicUrl::standard(issuer_url, http.value.0));
        let trusted_proxies = section.or("trusted_proxies", Vec::new());
        let client_cert_header = section.or("client_cert_header", ClientCertHeader::Nowhere);
        if *client_cert_header != ClientCertHeader::Nowhere && trusted_proxies.is_empty() {
            let message = "`listen.client_cert_header` is believed from nobody: `listen.trusted_proxies` is empty";
            section.problem(&client_cert_header.origin, message);
        }
        let limits = Limits::read(&mut section);
        if http.0.is_none() && admin.0.is_none() {
            section.problem(&http.origin, "`listen`: both listeners are turned off: there is nothing to serve");
        }
        if http.0.is_some() && http.0 == admin.0 && http.0.is_some_and(|address| address.port() != 0) {
            let later = std::cmp::max(&http.origin, &admin.origin);
            section.problem(later, "`listen.admin` is the same address as `listen.http`");
        }
        section.finish();
        Self {
            http: http.value.0,
            admin: admin.value.0,
            admin_hosts: admin_hosts.value,
            public_url: public_url.value.0,
            trusted_proxies: trusted_proxies.value,
            client_cert_header: client_cert_header.value,
            limits,
        }
    }

    /// The networks whose connections are not counted by address: this machine, and the proxies, each of which speaks
    /// for many clients.
    pub(crate) fn uncounted(&self) -> Arc<[Network]> {
        let loopback = LOOPBACK.iter().filter_map(|network| network.parse().ok());
        self.trusted_proxies.iter().copied().chain(loopback).collect()
    }
}

impl Limits {
    fn read(section: &mut Section<'_, '_>) -> Self {
        Self {
            read_timeout: time(section, "read_timeout", Duration::from_secs(30)),
            idle_timeout: time(section, "idle_timeout", Duration::from_secs(60)),
            max_connections: number(section, "max_connections", 512),
            max_connections_per_address: number(section, "max_connections_per_address", 64),
        }
    }
}

fn time(section: &mut Section<'_, '_>, key: &'static str, standard: Duration) -> Duration {
    let time = section.or(key, standard);
    if !TIMES.contains(&*time) {
        section.problem(&time.origin, format!("`listen.{key}`: between 100ms and 1h"));
    }
    time.value
}

fn number(section: &mut Section<'_, '_>, key: &'static str, standard: u64) -> u32 {
    let number = section.or(key, standard);
    match u32::try_from(*number) {
        Ok(number @ 1..=MOST_CONNECTIONS) => number,
        _ => {
            section.problem(&number.origin, format!("`listen.{key}`: between 1 and {MOST_CONNECTIONS}"));
            1
        }
    }
}

/// An address of the web: `http` or `https`, without anything behind the path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PublicUrl(pub(crate) String);

impl PublicUrl {
    fn new(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let is_plain = ["http", "https"].contains(&url.scheme())
            && (url.query(), url.fragment(), url.password()) == (None, None, None)
            && url.username().is_empty();
        (is_plain && !text.ends_with('/')).then(|| Self(text.to_owned()))
    }

    /// The issuer's address; or, where none is set, that of the listener.
    fn standard(issuer_url: Option<&str>, http: Option<SocketAddr>) -> Self {
        let of_listener = |address: SocketAddr| {
            // One that stands for every address of this machine is no address for a client; a port that is not known
            // yet is none either.
            let host = match address.ip() {
                ip if !ip.is_unspecified() => ip,
                IpAddr::V4(_) => IpAddr::from(Ipv4Addr::LOCALHOST),
                IpAddr::V6(_) => IpAddr::from(Ipv6Addr::LOCALHOST),
            };
            (address.port() != 0).then(|| Self(format!("http://{}", SocketAddr::new(host, address.port()))))
        };
        issuer_url
            .and_then(|url| Self::new(url.trim_end_matches('/')))
            .or_else(|| http.and_then(of_listener))
            .unwrap_or_else(|| Self("http://127.0.0.1:8480".to_owned()))
    }
}

impl Setting for PublicUrl {
    fn read(node: &Node, _: &World) -> Result<Self, Wrong> {
        let wrong = "it is an address such as \"https://auth.example\", without a `/` at its end";
        Self::new(text(node)?).ok_or_else(|| Wrong::because(wrong))
    }

    fn toml(&self) -> String {
        quoted(&self.0)
    }
}

/// The name of a host, without a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HostName(pub(crate) String);

impl Setting for HostName {
    fn read(node: &Node, _: &World) -> Result<Self, Wrong> {
        let text = text(node)?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
        let labelled = !text.is_empty() && text.split('.').all(|label| !label.is_empty());
        if labelled && text.bytes().all(plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Wrong::because("it is the name of a host, such as \"gateway.internal\", without a port"))
        }
    }

    fn toml(&self) -> String {
        quoted(&self.0)
    }
}

const TIMES: RangeInclusive<Duration> = Duration::from_millis(100)..=Duration::from_secs(3600);
const LOOPBACK: [&str; 2] = ["127.0.0.0/8", "::1"];
const MOST_CONNECTIONS: u32 = 1_000_000;
