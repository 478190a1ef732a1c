use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{Setup, Verdict};

/// One request and what must become of it: a line of a file of the corpus.
///
/// It is sent twice to one surface, byte for byte the same but for placeholders that say otherwise: cold, when
/// nothing of it is known, and warm.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Its name, which no other row has.
    pub id: String,
    /// How the edge is set up.
    #[serde(default)]
    pub setup: Setup,
    /// The method.
    #[serde(default = "get")]
    pub method: String,
    /// Path and query, as the client writes them.
    #[serde(default = "jobs")]
    pub target: String,
    /// The version of HTTP.
    #[serde(default)]
    pub version: HttpVersion,
    /// The header lines in their order, with [placeholders](super::World#placeholders) in their values.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// The client's address, where one is stated.
    #[serde(default)]
    pub client: Option<IpAddr>,
    /// The certificate that the client proved to hold, where one is stated.
    #[serde(default)]
    pub certificate: Option<Certificate>,
    /// What happens before the request is sent again.
    #[serde(default)]
    pub between: Option<Event>,
    /// What becomes of it.
    pub verdict: Verdict,
    /// What becomes of it the second time, where that is something else.
    #[serde(default)]
    pub again: Option<Verdict>,
}

/// A version of HTTP, which decides whether a request can be a call of gRPC.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum HttpVersion {
    /// HTTP/1.0.
    #[serde(rename = "1.0")]
    Http10,
    /// HTTP/1.1.
    #[default]
    #[serde(rename = "1.1")]
    Http11,
    /// HTTP/2.
    #[serde(rename = "2")]
    Http2,
    /// HTTP/3.
    #[serde(rename = "3")]
    Http3,
}

impl From<HttpVersion> for http::Version {
    fn from(version: HttpVersion) -> Self {
        match version {
            HttpVersion::Http10 => Self::HTTP_10,
            HttpVersion::Http11 => Self::HTTP_11,
            HttpVersion::Http2 => Self::HTTP_2,
            HttpVersion::Http3 => Self::HTTP_3,
        }
    }
}

/// A client's certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certificate {
    /// The one that the token `bound_to_certificate` names.
    Held,
    /// Another one.
    Other,
}

/// What happens between the two times that a request is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// Alice, as the subject of the identity provider, is revoked.
    RevokeAlice,
    /// The session of alice is revoked.
    RevokeSession,
    /// The API key `live` is revoked.
    RevokeLiveKey,
    /// The user of the API key `live` changes: caches forget, and nothing ends.
    ChangeLiveKey,
    /// The store of keys cannot be reached any more.
    StoreOutage,
    /// No token can be signed any more.
    IssuerOutage,
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.id)
    }
}

fn get() -> String {
    "GET".to_owned()
}

fn jobs() -> String {
    "/jobs".to_owned()
}
