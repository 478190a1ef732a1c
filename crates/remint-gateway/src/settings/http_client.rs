use std::fmt;
use std::io::Read as _;

use remint::HttpClient;
use remint_core::with_causes;
use zeroize::Zeroizing;

use super::listen::HostName;
use super::node::{Node, Value};
use super::secret::Secret;
use super::section::Section;
use super::setting::{Setting, World, Wrong, open_guarded};
use super::store::masked;
use super::value::{quoted, text};

/// `[http]`: how others are asked: for key sets and documents of discovery, about tokens, for exchanges.
pub(super) fn read(mut section: Section<'_, '_>) -> Option<HttpClient> {
    let proxy = section.or("proxy", Proxy::None);
    let ca_file = section.or("ca_file", String::new());
    let insecure_hosts = section.or("insecure_hosts", Vec::<HostName>::new());
    let mut builder = HttpClient::builder().insecure_http_to(insecure_hosts.value.into_iter().map(|host| host.0));
    match &proxy.value {
        Proxy::None => {}
        Proxy::Environment => {
            let variables = section.book.world.variables.clone();
            builder = builder.environment_proxy(|name| variables.get(name).cloned());
        }
        Proxy::At { url, .. } => builder = builder.proxy(url.as_str()),
    }
    if !ca_file.is_empty() {
        match read_pem(&ca_file, section.book.world) {
            Ok(pem) => builder = builder.ca_pem(pem),
            Err(message) => {
                section.problem(&ca_file.origin, format!("`http.ca_file`: {message}"));
                section.finish();
                return None;
            }
        }
    }
    // What is wrong is the one of both that was set last.
    let culprit = std::cmp::max(&proxy.origin, &ca_file.origin).clone();
    let client = builder.build().map_err(|error| section.problem(&culprit, format!("`http`: {}", with_causes(&error))));
    section.finish();
    client.ok()
}

fn read_pem(path: &str, world: &World) -> Result<Vec<u8>, String> {
    let mut pem = Vec::new();
    // Who can write it decides whom we believe.
    let read = open_guarded(&world.folder.join(path)).and_then(|file| file.take(MAX_PEM).read_to_end(&mut pem));
    read.map_err(|error| format!("{path} cannot be read: {error}"))?;
    // A file without one would be trusted as if it were not there.
    HttpClient::builder().ca_pem(pem.clone()).build().map_err(|error| format!("{path}: {}", with_causes(&error)))?;
    Ok(pem)
}

/// Through which proxy. Its address may hold a password, which is shown nowhere.
#[derive(Clone)]
enum Proxy {
    None,
    Environment,
    At { url: Zeroizing<String>, shown: String },
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.toml())
    }
}

impl Setting for Proxy {
    /// Text, or as a secret.
    fn read(node: &Node, world: &World) -> Result<Self, Wrong> {
        if !matches!(node.value, Value::Table(_)) {
            match text(node)? {
                "" => return Ok(Self::None),
                "environment" => return Ok(Self::Environment),
                _ => {}
            }
        }
        let secret = Secret::find(node, world)?;
        let address = secret.expose_secret();
        let is_proxy = |url: &url::Url| ["http", "https"].contains(&url.scheme()) && url.has_host();
        if !url::Url::parse(address).is_ok_and(|url| is_proxy(&url)) {
            let forms = "it is an address such as \"http://proxy.example:3128\", \"environment\", or \"\" for none";
            return Err(Wrong::because(forms));
        }
        if matches!(node.value, Value::Text(_)) && masked(address) != address {
            world.holds_secret(&node.origin);
        }
        let shown = if matches!(node.value, Value::Table(_)) { secret.toml() } else { quoted(&masked(address)) };
        Ok(Self::At { url: Zeroizing::new(address.to_owned()), shown })
    }

    fn toml(&self) -> String {
        match self {
            Self::None => quoted(""),
            Self::Environment => quoted("environment"),
            Self::At { shown, .. } => shown.clone(),
        }
    }
}

const MAX_PEM: u64 = 1 << 20;
