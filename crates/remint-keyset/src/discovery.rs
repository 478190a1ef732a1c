use serde::Deserialize;
use url::Url;

use crate::load::LoadError;
use crate::source::Discovery;
use crate::{FetchError, HttpFetch};

/// Asks the issuer where its key set is (OpenID Connect Discovery §4; where it has no such
/// document, RFC 8414 §3).
pub(crate) async fn discover(discovery: &Discovery, http: &dyn HttpFetch) -> Result<Url, LoadError> {
    let document = match http.get(&openid_configuration(&discovery.base)).await {
        Err(FetchError::Status(status)) if (400..500).contains(&status) => {
            http.get(&authorization_server(&discovery.base)).await
        }
        other => other,
    };
    let document = document.map_err(LoadError::Discovery)?;
    let document: Document = serde_json::from_slice(&document).map_err(LoadError::MalformedDiscovery)?;
    // OpenID Connect Discovery §4.3, RFC 8414 §3.3: exactly the issuer that was asked for.
    if document.issuer != *discovery.issuer {
        return Err(LoadError::OtherIssuer);
    }
    let url = Url::parse(&document.jwks_uri).map_err(|_| LoadError::BadJwksUri)?;
    // An issuer behind TLS cannot send us to a place without it, not even on this machine.
    if url.scheme() != "https" && url.scheme() != discovery.base.scheme() || !http.permits(&url) {
        return Err(LoadError::BadJwksUri);
    }
    Ok(url)
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    jwks_uri: String,
}

/// OpenID Connect Discovery §4: behind the issuer's path.
fn openid_configuration(base: &Url) -> Url {
    let mut url = base.clone();
    url.set_path(&[base.path().trim_end_matches('/'), "/.well-known/openid-configuration"].concat());
    url
}

/// RFC 8414 §3.1: between the host and the issuer's path.
fn authorization_server(base: &Url) -> Url {
    let mut url = base.clone();
    url.set_path(&["/.well-known/oauth-authorization-server", base.path().trim_end_matches('/')].concat());
    url
}

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
            let base = Url::parse(issuer).unwrap();
            assert_eq!(openid_configuration(&base).as_str(), openid);
            assert_eq!(authorization_server(&base).as_str(), oauth);
        }
    }
}
