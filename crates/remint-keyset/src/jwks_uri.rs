use serde::Deserialize;
use url::Url;

use crate::load_error::LoadError;
use crate::{Discovery, DiscoveryOrder, HttpFetch};

/// Asks the issuer where its key set is.
pub(crate) async fn jwks_uri(discovery: &Discovery, http: &dyn HttpFetch) -> Result<Url, LoadError> {
    let document = discovery.document(http, DiscoveryOrder::OpenIdFirst).await.map_err(LoadError::Discovery)?;
    let document: Document = serde_json::from_slice(&document).map_err(LoadError::MalformedDiscovery)?;
    if document.issuer != discovery.issuer() {
        return Err(LoadError::OtherIssuer(shown(&document.issuer)));
    }
    let url = Url::parse(&document.jwks_uri).ok().filter(|url| discovery.permits(url, http));
    url.ok_or_else(|| LoadError::BadJwksUri(shown(&document.jwks_uri)))
}

/// As much of what was found as an operator needs to see.
fn shown(found: &str) -> Box<str> {
    found.chars().take(MAX_SHOWN).collect::<String>().into()
}

const MAX_SHOWN: usize = 256;

#[derive(Deserialize)]
struct Document {
    issuer: String,
    jwks_uri: String,
}
