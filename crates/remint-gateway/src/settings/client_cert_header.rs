use super::node::Node;
use super::setting::{Setting, World, Wrong};
use super::value::{one_of, quoted, text};

/// The header in which proxies name the client's certificate; none if it is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClientCertHeader {
    Nowhere,
    /// `Client-Cert` (RFC 9440).
    Rfc9440,
    /// Envoy's `x-forwarded-client-cert`.
    Envoy,
}

impl Setting for ClientCertHeader {
    fn read(node: &Node, _: &World) -> Result<Self, Wrong> {
        let index = one_of(&text(node)?.to_ascii_lowercase(), &NAMES)?;
        Ok(ALL.get(index).copied().unwrap_or(Self::Nowhere))
    }

    fn toml(&self) -> String {
        let name = ALL.iter().zip(NAMES).find(|(header, _)| *header == self);
        quoted(name.map(|(_, name)| name).unwrap_or_default())
    }
}

const ALL: [ClientCertHeader; 3] = [ClientCertHeader::Nowhere, ClientCertHeader::Rfc9440, ClientCertHeader::Envoy];
const NAMES: [&str; 3] = ["", "client-cert", "x-forwarded-client-cert"];
