use remint_core::DeniedKind;

use super::{GrantContext, Granted, Output};
use crate::error::{Code, OAuthError};
use crate::request::ReplacementRequest;
use crate::transaction;

/// A transaction token is exchanged for another one of its transaction.
pub(super) async fn subject(
    context: &GrantContext<'_>,
    request: ReplacementRequest<'_>,
) -> Result<Granted, OAuthError> {
    let &GrantContext { server, client, .. } = context;
    let refused =
        |refusal| context.refused(request.token, refusal, Code::InvalidRequest, "the subject token is not accepted");
    // It is ours, and a client may be restricted to what others have issued.
    if client.issuers.as_ref().is_some_and(|allowed| !allowed.contains(server.issuer_id())) {
        return Err(refused(DeniedKind::UntrustedIssuer.into()));
    }
    let replaced = transaction::verified(server, request.token).await.map_err(refused)?;
    Ok(Granted {
        authentication: transaction::authentication(replaced.get()),
        limit: None,
        is_fresh: false,
        output: Output::Transaction { details: request.details, replaced: Some(Box::new(replaced)) },
    })
}
