use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::time::Duration;

use remint::Network;
use url::Url;

use super::client_cert_header::ClientCertHeader;
use super::node::Node;
use super::section::{Section, Setting, World, Wrong};
use super::value::{Listener, quoted, text};

/// `[listen]`: where this process is reached.
#[derive(Debug, Clone)]
pub(crate) struct Listen {
    /// The identity service, the public keys, health.
    pub(crate) http: Option<SocketAddr>,
    /// Metrics and an index of what there is.
    pub(crate) admin: Option<SocketAddr>,
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
    /// How many connections there may be at once.
    pub(crate) max_connections: u32,
}

impl Listen {
    pub(super) fn read(mut section: Section<'_, '_>) -> Self {
        let at = |port| Listener(Some(SocketAddr::from(([127, 0, 0, 1], port))));
        let http = section.or("http", at(8480));
        section.later("forward_auth");
        section.later("ext_authz");
        let admin = section.or("admin", at(8483));
        let public_url = section.or("public_url", PublicUrl("http://127.0.0.1:8480".to_owned()));
        let trusted_proxies = section.or("trusted_proxies", Vec::new());
        let client_cert_header = section.or("client_cert_header", ClientCertHeader::Nowhere);
        if *client_cert_header != ClientCertHeader::Nowhere && trusted_proxies.is_empty() {
            let message = "`listen.client_cert_header` is believed from nobody: `listen.trusted_proxies` is empty";
            section.problem(&client_cert_header.origin, message);
        }
        let read_timeout = section.or("read_timeout", Duration::from_secs(30));
        let max_connections = section.or("max_connections", 512_u64);
        if !READ_TIMEOUT.contains(&*read_timeout) {
            section.problem(&read_timeout.origin, "`listen.read_timeout`: between 100ms and 1h");
        }
        let max_connections = match u32::try_from(*max_connections) {
            Ok(most @ 1..=MOST_CONNECTIONS) => most,
            _ => {
                let message = format!("`listen.max_connections`: between 1 and {MOST_CONNECTIONS}");
                section.problem(&max_connections.origin, message);
                1
            }
        };
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
            public_url: public_url.value.0,
            trusted_proxies: trusted_proxies.value,
            client_cert_header: client_cert_header.value,
            limits: Limits { read_timeout: *read_timeout, max_connections },
        }
    }
}

/// An address of the web: `http` or `https`, without anything behind the path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PublicUrl(pub(crate) String);

impl Setting for PublicUrl {
    fn read(node: &Node, _: &World) -> Result<Self, Wrong> {
        let text = text(node)?;
        let plain = |url: &Url| {
            ["http", "https"].contains(&url.scheme())
                && (url.query(), url.fragment(), url.password()) == (None, None, None)
                && url.username().is_empty()
        };
        match Url::parse(text) {
            Ok(url) if plain(&url) && !text.ends_with('/') => Ok(Self(text.to_owned())),
            _ => Err(Wrong::because("it is an address such as \"https://auth.example\", without a `/` at its end")),
        }
    }

    fn toml(&self) -> String {
        quoted(&self.0)
    }
}

const READ_TIMEOUT: RangeInclusive<Duration> = Duration::from_millis(100)..=Duration::from_secs(3600);
const MOST_CONNECTIONS: u32 = 1_000_000;
