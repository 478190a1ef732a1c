use remint_core::DeniedKind;
use remint_normalize::Minting;

use super::{Granted, Output, refused};
use crate::client::Client;
use crate::error::{Code, OAuthError};
use crate::form::Form;
use crate::party::{Party, TokenType};
use crate::server::Server;

/// An assertion of a trusted issuer (RFC 7523 §2.1). An internal token is none: nobody outside vouches by it.
pub(super) async fn subject(
    server: &Server,
    client: &Client,
    minting: &Minting<'_>,
    form: &Form,
) -> Result<Granted, OAuthError> {
    let assertion = form.required("assertion", "the assertion is missing")?;
    let refused = |refusal| refused(refusal, Code::InvalidGrant, "the assertion is not accepted");
    if server.internal.claims(assertion) {
        return Err(refused(DeniedKind::UntrustedIssuer.into()));
    }
    let party = Party::of(server, client, minting, TokenType::Jwt, assertion).await.map_err(refused)?;
    Ok(Granted { authentication: party.authentication, limit: None, is_fresh: true, output: Output::AccessToken(None) })
}
