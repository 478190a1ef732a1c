use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What must become of a request: exactly one of three.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It goes on.
    Forward(Forward),
    /// It is refused.
    Deny(Deny),
    /// The edge answers it with a document of its own.
    Document(Document),
}

/// What the upstream must see.
///
/// Of the header lines that the client sent, all that stand neither in `keeps` nor in `sets` must be gone.
/// `Authorization` is never listed: it is one internal token, or none where the request is anonymous.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Forward {
    /// The `sub` of the internal token; absent: there is no token.
    pub subject: Option<String>,
    /// Further claims of the internal token; `null`: a claim that is not there.
    pub claims: Map<String, Value>,
    /// Names of headers whose lines arrive as they were sent, in lower case.
    pub keeps: Vec<String>,
    /// Header lines that are all there is under their names, in lower case.
    pub sets: Vec<(String, String)>,
    /// Whether the answer has a `DPoP-Nonce` for the next proof.
    pub nonce: bool,
}

/// What the client must hear.
///
/// Beyond what is listed: `Cache-Control: no-store`, a body that is a problem document (RFC 9457) of the same
/// status, or none and `application/grpc` where `grpc_status` is given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deny {
    /// The status of HTTP.
    pub status: u16,
    /// The lines of `WWW-Authenticate`, all of them in their order.
    #[serde(default)]
    pub challenges: Vec<String>,
    /// The `error` of the problem document; absent: it has none.
    #[serde(default)]
    pub error: Option<String>,
    /// Further members of the problem document; `null`: a member that is not there.
    #[serde(default)]
    pub members: Map<String, Value>,
    /// `Retry-After` in seconds; absent: there is none.
    #[serde(default)]
    pub retry_after: Option<u64>,
    /// Whether there is a `DPoP-Nonce`.
    #[serde(default)]
    pub nonce: bool,
    /// `grpc-status`; absent: there is none.
    #[serde(default)]
    pub grpc_status: Option<String>,
    /// `grpc-message`; absent: there is none.
    #[serde(default)]
    pub grpc_message: Option<String>,
}

/// A document that the edge serves by itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// The status of HTTP.
    pub status: u16,
    /// `Content-Type`; absent: there is none.
    #[serde(default)]
    pub content_type: Option<String>,
    /// `Cache-Control`; absent: there is none.
    #[serde(default)]
    pub cache_control: Option<String>,
    /// `Allow`; absent: there is none.
    #[serde(default)]
    pub allow: Option<String>,
    /// Members of the JSON body, among others; `null`: a member that is not there.
    #[serde(default)]
    pub members: Map<String, Value>,
    /// Whether the body is empty.
    #[serde(default)]
    pub empty: bool,
}
