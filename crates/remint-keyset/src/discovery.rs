use remint_core::IssuerId;
use url::Url;

use crate::{FetchError, HttpFetch};

/// Which discovery document is asked, and what it must say.
#[derive(Debug, Clone)]
pub struct Discovery {
    base: Url,
    issuer: Box<str>,
}

impl Discovery {
    /// The document of this issuer.
    ///
    /// # Errors
    ///
    /// [`InvalidIssuerUrl`] if the issuer is not an address, or has a query or a fragment.
    pub fn of(issuer: &IssuerId) -> Result<Self, InvalidIssuerUrl> {
        Self::at(issuer.as_str(), issuer.as_str())
    }

    /// The document of the issuer `base`, which must say that it is `issuer`: the two differ for
    /// an issuer that stands for many tenants, whose document carries a literal `{tenantid}`.
    ///
    /// # Errors
    ///
    /// [`InvalidIssuerUrl`] if `base` is not an address, or has a query or a fragment.
    pub fn at(base: &str, issuer: &str) -> Result<Self, InvalidIssuerUrl> {
        let base = Url::parse(base).map_err(|_| InvalidIssuerUrl)?;
        if !matches!(base.scheme(), "https" | "http")
            || base.query().is_some()
            || base.fragment().is_some()
            || !base.username().is_empty()
            || base.password().is_some()
        {
            return Err(InvalidIssuerUrl);
        }
        Ok(Self { base, issuer: issuer.into() })
    }

    /// The issuer's address.
    #[must_use]
    pub const fn base(&self) -> &Url {
        &self.base
    }

    /// The issuer that the document must name, to the byte (OpenID Connect Discovery §4.3, RFC 8414 §3.3).
    #[must_use]
    pub const fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Gets the document from the place of the one standard and, if there is none (a status from 400 to 499),
    /// from that of the other. An outage of the first is not answered by the second. A byte order mark before the
    /// document is left out.
    ///
    /// # Errors
    ///
    /// [`FetchError`] of the place that is asked first.
    pub async fn document(&self, http: &dyn HttpFetch, order: DiscoveryOrder) -> Result<Vec<u8>, FetchError> {
        let places = [self.at_path(openid_configuration_path), self.at_path(oauth_metadata_path)];
        let [openid, oauth] = &places;
        let (first, second) = match order {
            DiscoveryOrder::OpenIdFirst => (openid, oauth),
            DiscoveryOrder::OAuthFirst => (oauth, openid),
        };
        let document = match http.get(first).await {
            Err(FetchError::Status(status)) if (400..500).contains(&status) => {
                http.get(second).await.map_err(|_| FetchError::Status(status))
            }
            other => other,
        };
        document.map(without_byte_order_mark)
    }

    /// Whether an address that the document names may be asked. An issuer behind TLS cannot send us, or our
    /// credentials, to a place without it, not even on this machine.
    #[must_use]
    pub fn permits(&self, url: &Url, http: &dyn HttpFetch) -> bool {
        (url.scheme() == "https" || url.scheme() == self.base.scheme()) && http.permits(url)
    }

    fn at_path(&self, path: fn(&str) -> String) -> Url {
        let mut url = self.base.clone();
        url.set_path(&path(self.base.path()));
        url
    }
}

/// Which document is asked for first, where an issuer may have one or the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiscoveryOrder {
    /// The OpenID configuration, then the authorization server's metadata: for an issuer of user tokens.
    OpenIdFirst,
    /// The authorization server's metadata, then the OpenID configuration: for an OAuth server.
    OAuthFirst,
}

/// Where the OpenID configuration of an issuer with this path is: behind the path (OpenID Connect Discovery §4).
///
/// ```
/// assert_eq!(remint_keyset::openid_configuration_path("/t/1"), "/t/1/.well-known/openid-configuration");
/// ```
#[must_use]
pub fn openid_configuration_path(issuer: &str) -> String {
    [issuer.trim_end_matches('/'), "/.well-known/openid-configuration"].concat()
}

/// Where the metadata of an authorization server with this path is: before the path (RFC 8414 §3.1).
///
/// ```
/// assert_eq!(remint_keyset::oauth_metadata_path("/t/1"), "/.well-known/oauth-authorization-server/t/1");
/// ```
#[must_use]
pub fn oauth_metadata_path(issuer: &str) -> String {
    ["/.well-known/oauth-authorization-server", issuer.trim_end_matches('/')].concat()
}

fn without_byte_order_mark(mut document: Vec<u8>) -> Vec<u8> {
    if document.starts_with(BYTE_ORDER_MARK) {
        document.drain(..BYTE_ORDER_MARK.len());
    }
    document
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// An issuer without a discovery document: not an address, or one with a user, a query or a
/// fragment (RFC 8414 §2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the issuer is not an http(s) address without user, query and fragment")]
pub struct InvalidIssuerUrl;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documents_addresses_are_those_of_the_two_standards() {
        for (issuer, openid, oauth) in [
            (
                "https://a.example",
                "https://a.example/.well-known/openid-configuration",
                "https://a.example/.well-known/oauth-authorization-server",
            ),
            (
                "https://a.example/t/1/",
                "https://a.example/t/1/.well-known/openid-configuration",
                "https://a.example/.well-known/oauth-authorization-server/t/1",
            ),
        ] {
            let discovery = Discovery::at(issuer, issuer).unwrap();
            assert_eq!(discovery.at_path(openid_configuration_path).as_str(), openid);
            assert_eq!(discovery.at_path(oauth_metadata_path).as_str(), oauth);
        }
    }
}
