use remint_core::DeniedKind;

use super::{GrantContext, Granted, Output};
use crate::error::{Code, OAuthError};
use crate::party::Party;

/// An assertion of a trusted issuer (RFC 7523 §2.1). An internal token is none: nobody outside vouches by it.
pub(super) async fn subject(context: &GrantContext<'_>, assertion: &str) -> Result<Granted, OAuthError> {
    let refused = |refusal| context.refused(assertion, refusal, Code::InvalidGrant, "the assertion is not accepted");
    if context.server.internal.claims(assertion) {
        return Err(refused(DeniedKind::UntrustedIssuer.into()));
    }
    let party = Party::of_assertion(context, assertion).await.map_err(refused)?;
    Ok(Granted { authentication: party.authentication, limit: None, is_fresh: true, output: Output::AccessToken(None) })
}
