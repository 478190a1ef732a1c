use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use remint_core::FoundKey;
use remint_http_api::{JsonBody, Problem, Read};
use serde::Serialize;
use utoipa::ToSchema;

use crate::actor::MayVerify;
use crate::field::KeyText;
use crate::shared::Shared;
use crate::view::{EnvironmentView, answer, networks, scopes, time};

/// A text that may be a key.
#[derive(ToSchema)]
#[schema(as = KeyToVerify, examples(json!({ "key": "rmt_test_example" })))]
pub(crate) struct VerifyRequest {
    #[schema(value_type = KeyText)]
    key: String,
}

/// Whether it is a key that works now; if it is, whose, and what it may do.
#[derive(Default, Serialize, ToSchema)]
#[schema(as = KeyVerdict, examples(json!({ "valid": false })))]
pub(crate) struct Verdict {
    valid: bool,
    /// Only of a valid key, as is all that follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<EnvironmentView>)]
    environment: Option<&'static str>,
    /// Those of the key that its user has too.
    #[serde(skip_serializing_if = "Option::is_none")]
    scopes: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant: Option<String>,
    /// From where it may be used, which is for whoever asks to check; empty: from anywhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    networks: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    expires_at: Option<String>,
}

/// Tells a trusted service whether a text is a key that works now, of the service's own environment unless an
/// administrator asks. It is never told why not.
#[utoipa::path(post, operation_id = "verify_api_key", path = "/v1/api-keys/verify", tag = "api-keys", request_body = VerifyRequest,
    responses((status = 200, body = Verdict, description = "Whether the key works now")))]
pub(crate) async fn verify(State(shared): State<Shared>, may: MayVerify, body: JsonBody) -> Result<Response, Problem> {
    let VerifyRequest { key } = VerifyRequest::read(body).map_err(Problem::invalid_body)?;
    let found = shared.resources().verify(&may, &key).await?;
    Ok(answer(StatusCode::OK, &found.map(Verdict::from).unwrap_or_default()))
}

impl VerifyRequest {
    fn read(body: JsonBody) -> Read<Self> {
        let mut members = body.into_members();
        let key = members.required("key", KeyText::text);
        members.finish(key.map(|key| Self { key }))
    }
}

impl From<FoundKey> for Verdict {
    fn from(found: FoundKey) -> Self {
        let effective = found.effective_scopes();
        let FoundKey { key, user, .. } = found;
        Self {
            valid: true,
            id: Some(key.id.into()),
            user: Some(user.id.into()),
            environment: Some(key.environment.as_str()),
            scopes: Some(scopes(&effective)),
            tenant: user.tenant.map(Into::into),
            networks: Some(networks(&key.networks)),
            expires_at: key.expires_at.map(time),
        }
    }
}
