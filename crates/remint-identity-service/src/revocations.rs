//! What an administrator ends, whatever it is.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use remint_core::{Stamp, Target};
use remint_http_api::{JsonBody, Problem, Read};
use serde::Serialize;
use utoipa::ToSchema;

use crate::actor::Admin;
use crate::field::ReasonText;
use crate::shared::Shared;
use crate::target::{self, TargetRequest};
use crate::view::answer;

/// What is to be ended, and why.
#[derive(ToSchema)]
#[schema(as = NewRevocation, examples(json!({ "target": { "kind": "client", "id": "worker" }, "reason": "its secret leaked" })))]
pub(crate) struct RevocationRequest {
    #[schema(value_type = TargetRequest)]
    target: Target,
    /// For the audit trail.
    #[schema(value_type = Option<ReasonText>)]
    reason: Option<String>,
}

/// Where the revocation stands in the log, as `rev` of an internal token has it.
#[derive(Serialize, ToSchema)]
#[schema(as = Revocation, examples(json!({ "log": "store_6693dd96", "pos": 17 })))]
pub(crate) struct RevocationView {
    log: String,
    pos: u64,
}

/// Ends something. Nothing older of it is accepted: tokens in which it is the subject, the credential or an
/// actor, and cached entries. A key is revoked, a user or tenant disabled. A client's tokens end, and not its
/// login; of an issuer, a tenant that is not known here, and everything, API keys go on.
#[utoipa::path(post, operation_id = "create_revocation", path = "/v1/revocations", tag = "revocations", request_body = RevocationRequest,
    responses((status = 202, body = RevocationView, description = "It has ended here, and is in the log")))]
pub(crate) async fn create(State(shared): State<Shared>, admin: Admin, body: JsonBody) -> Result<Response, Problem> {
    let RevocationRequest { target, reason } = RevocationRequest::read(body).map_err(Problem::invalid_body)?;
    let Stamp { log, position } = shared.resources().administration(&admin).end(target, reason.as_deref()).await?;
    Ok(answer(StatusCode::ACCEPTED, &RevocationView { log: log.into(), pos: position.0 }))
}

impl RevocationRequest {
    fn read(body: JsonBody) -> Read<Self> {
        let mut members = body.into_members();
        let target = members.required("target", target::read);
        let reason = members.optional("reason", ReasonText::text);
        members.finish(target.map(|target| Self { target, reason }))
    }
}
