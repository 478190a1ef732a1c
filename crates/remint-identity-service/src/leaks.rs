use std::fmt::Write as _;

use axum::extract::{Request, State};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, StatusCode};
use remint_apikey::Leak;
use remint_core::AuditActor;
use remint_http_api::{Fault, Problem, read_body};
use remint_strict_json::JsonError;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

use crate::shared::Shared;
use crate::view::answer;

/// One text that a scanner found. The format is GitHub's: it may have further members.
#[derive(Deserialize, ToSchema)]
#[schema(examples(json!({ "token": "rmt_live_example", "type": "remint_api_key", "url": "https://github.com/acme/site/blob/main/.env" })))]
pub(crate) struct FoundToken {
    token: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    source: Option<String>,
}

/// What became of it.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "token_hash": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "token_type": "remint_api_key",
    "label": "false_positive"
})))]
pub(crate) struct TokenFeedback {
    /// The SHA-256 of the text, in lower-case hexadecimal: the text itself is not repeated.
    token_hash: String,
    token_type: String,
    /// `true_positive`: it was a key of ours, and works no more.
    label: &'static str,
}

/// A secret scanner's report of leaked keys, in GitHub's format. Those that are ours are revoked.
#[utoipa::path(post, operation_id = "report_leaked_keys", path = "/v1/leaked-keys", tag = "leaked-keys", security(()), request_body = Vec<FoundToken>,
    params(
        ("Github-Public-Key-Identifier" = String, Header, description = "The key that signed the body"),
        ("Github-Public-Key-Signature" = String, Header, description = "ECDSA on P-256 with SHA-256 over the body as it was sent: DER in base64"),
    ),
    responses((status = 200, body = Vec<TokenFeedback>, description = "What became of each")))]
pub(crate) async fn report(State(shared): State<Shared>, request: Request) -> Result<Response, Problem> {
    let Some(reports) = &shared.0.leaks else { return Err(Problem::not_found()) };
    let (parts, body) = request.into_parts();
    let signature = Signature::of(&parts.headers).ok_or_else(unsigned)?;
    let key = reports.key(&signature.key, shared.0.clock.now()).await?.ok_or_else(unsigned)?;
    let body = read_body(body, MAX_BODY).await?;
    key.verify_asn1(&body, &signature.bytes).map_err(|_| unsigned())?;

    let scanner = AuditActor::Scanner { key_identifier: signature.key };
    let mut feedback = Vec::new();
    for FoundToken { token, kind, url, source } in parse(&body)? {
        let revoked = shared.resources().report_leak(&scanner, &token, &Leak { url, source }).await?;
        let label = if revoked.is_some() { "true_positive" } else { "false_positive" };
        feedback.push(TokenFeedback { token_hash: hash(&token), token_type: kind, label });
    }
    Ok(answer(StatusCode::OK, &feedback))
}

/// Who signed the body, and how.
struct Signature {
    key: String,
    bytes: Vec<u8>,
}

impl Signature {
    /// Both headers, each there once.
    fn of(headers: &HeaderMap) -> Option<Self> {
        let one = |name: &HeaderName| {
            let mut values = headers.get_all(name).iter();
            match (values.next(), values.next()) {
                (Some(value), None) => value.to_str().ok().filter(|text| text.len() <= MAX_HEADER),
                _ => None,
            }
        };
        let key = one(&KEY_IDENTIFIER).filter(|name| !name.is_empty())?.to_owned();
        let bytes = STANDARD.decode(one(&SIGNATURE)?).ok()?;
        Some(Self { key, bytes })
    }
}

fn parse(body: &[u8]) -> Result<Vec<FoundToken>, Problem> {
    let value = remint_strict_json::parse(body).map_err(|error| match error {
        JsonError::Malformed => Problem::bad_request("malformed-json", "the body is no JSON text"),
        JsonError::Duplicate => Problem::bad_request("malformed-json", "a member of the body is there twice"),
    })?;
    let unfit = |detail| Problem::invalid_body(vec![Fault::new(detail)]);
    let found: Vec<FoundToken> =
        serde_json::from_value(value).map_err(|_| unfit("must be a list of objects with `token` and `type`"))?;
    if found.len() > MAX_TOKENS {
        return Err(unfit("must have at most 1000 items"));
    }
    if found.iter().any(|found| found.kind.len() > MAX_KIND) {
        return Err(unfit("a type has at most 128 characters"));
    }
    Ok(found)
}

fn hash(token: &str) -> String {
    Sha256::digest(token).iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// One answer for no signature, a bad one, and one of an unknown key.
fn unsigned() -> Problem {
    Problem::forbidden("unsigned", "the report is not signed under a key of the scanner")
}

const KEY_IDENTIFIER: HeaderName = HeaderName::from_static("github-public-key-identifier");
const SIGNATURE: HeaderName = HeaderName::from_static("github-public-key-signature");
const MAX_HEADER: usize = 256;
const MAX_BODY: usize = 1024 * 1024;
const MAX_TOKENS: usize = 1000;
const MAX_KIND: usize = 128;
