use axum::Router;
use axum::body::Body;
use axum::response::Response;
use axum::routing::get;
use bytes::Bytes;
use http::{HeaderValue, header};
use remint_core::Scopes;
use remint_issuer::Issuer;
use remint_jwt::Algorithm;
use remint_keyset::{oauth_metadata_path, openid_configuration_path};
use remint_token::revocation_log::METADATA;
use remint_token::urn;
use serde_json::{Value, json};
use url::Url;

use crate::grant::GrantType;
use crate::paths::{INTROSPECTION_PATH, JWKS_PATH, REVOCATION_LOG_PATH, REVOCATION_PATH, TOKEN_PATH};

/// What the server says of itself (RFC 8414 §2, OpenID Connect Discovery §3).
pub(crate) struct Metadata<'a> {
    pub(crate) issuer: &'a Issuer,
    /// The address at which others reach the server.
    pub(crate) base: &'a str,
    pub(crate) revokes: bool,
    /// Whether it gives its revocation log to clients.
    pub(crate) is_followed: bool,
    /// Whether it issues transaction tokens.
    pub(crate) transacts: bool,
    pub(crate) scopes: Option<&'a Scopes>,
}

impl Metadata<'_> {
    /// One document at every place where a client may look for it. It is rendered once.
    pub(crate) fn routes<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        let body = Bytes::from(self.document().to_string());
        paths(self.issuer.id().as_str()).into_iter().fold(Router::new(), |router, path| {
            let body = body.clone();
            router.route(&path, get(move || std::future::ready(response(body.clone()))))
        })
    }

    fn document(&self) -> Value {
        let at = |path: &str| [self.base, path].concat();
        let all = Algorithm::ALL.map(Algorithm::as_str);
        let keys = self.issuer.key_set();
        let signing: Vec<_> =
            Algorithm::ALL.into_iter().filter(|one| keys.iter().any(|key| key.algorithm() == Some(*one))).collect();
        let mut issued = vec![urn::ACCESS_TOKEN, urn::JWT];
        issued.extend(self.transacts.then_some(urn::TRANSACTION_TOKEN));
        let mut document = json!({
            "issuer": self.issuer.id().as_str(),
            "token_endpoint": at(TOKEN_PATH),
            "token_endpoint_auth_methods_supported": AUTH_METHODS,
            "token_endpoint_auth_signing_alg_values_supported": all,
            "introspection_endpoint": at(INTROSPECTION_PATH),
            "introspection_endpoint_auth_methods_supported": AUTH_METHODS,
            "introspection_endpoint_auth_signing_alg_values_supported": all,
            "jwks_uri": at(JWKS_PATH),
            "grant_types_supported": GrantType::ALL.map(GrantType::as_str),
            // There is no authorization endpoint. OpenID Connect asks for the member, and for the two below.
            "response_types_supported": [],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": signing.iter().map(|one| one.as_str()).collect::<Vec<_>>(),
            "identity_chaining_requested_token_types_supported": issued,
        });
        let mut also = |name: &str, value: Value| document.as_object_mut().map(|all| all.insert(name.into(), value));
        if self.revokes {
            also("revocation_endpoint", at(REVOCATION_PATH).into());
            also("revocation_endpoint_auth_methods_supported", json!(AUTH_METHODS));
            also("revocation_endpoint_auth_signing_alg_values_supported", json!(all));
        }
        if self.is_followed {
            also(METADATA, at(REVOCATION_LOG_PATH).into());
        }
        if let Some(scopes) = self.scopes {
            also("scopes_supported", scopes.iter().collect());
        }
        document
    }
}

/// Where the document is: for an issuer with a path, before it (RFC 8414 §3.1) and behind it (OpenID Connect
/// Discovery §4.1); and without it, where whoever passes requests on has taken the path away.
fn paths(issuer: &str) -> Vec<String> {
    let mut paths = vec![oauth_metadata_path(""), openid_configuration_path("")];
    let path = Url::parse(issuer).ok().filter(Url::has_host).map(|url| url.path().trim_end_matches('/').to_owned());
    if let Some(path) = path.filter(|path| !path.is_empty() && path.bytes().all(is_plain)) {
        paths.push(oauth_metadata_path(&path));
        paths.push(openid_configuration_path(&path));
    }
    paths
}

/// What means itself in a route.
const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'.' | b'_' | b'~' | b'%')
}

fn response(body: Bytes) -> Response {
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    response
}

const AUTH_METHODS: [&str; 3] = ["client_secret_basic", "client_secret_post", "private_key_jwt"];
