use axum::extract::Request;
use remint_core::Audience;
use zeroize::Zeroizing;

use crate::client::{Client, Right};
use crate::error::{Code, OAuthError};
use crate::form::Form;
use crate::server::Server;
use crate::throttle::counted_by;
use crate::trail::Trail;

/// A request about one token: introspection (RFC 7662 §2.1) or revocation (RFC 7009 §2.1). It holds the token, so
/// there is no `Debug`.
pub(crate) struct TokenInquiry<'s> {
    /// The client that asks: it has proven who it is, and has the right.
    pub(crate) client: &'s Client,
    /// `token`.
    pub(crate) token: Zeroizing<String>,
}

impl<'s> TokenInquiry<'s> {
    /// Reads a request of one client that has proven who it is and has this right. `token_type_hint` is not read:
    /// what a token is, shows.
    ///
    /// # Errors
    ///
    /// Those of the token endpoint for the same, `unauthorized_client` without the right, and `invalid_request`
    /// without a token.
    pub(crate) async fn read(
        server: &'s Server,
        request: Request,
        right: Right,
        trail: &Trail,
    ) -> Result<Self, OAuthError> {
        let (headers, extensions, form) = Form::read(request).await?;
        let client = server.clients.authenticate(&headers, &form, counted_by(&extensions), trail).await?;
        if !client.has(right) {
            return Err(OAuthError::Refused(Code::UnauthorizedClient, "the client may not use this endpoint"));
        }
        let token = form.into_required("token", "the token is missing")?;
        Ok(Self { client, token })
    }

    /// For whom an internal token may be that this client speaks of (RFC 7662 §4): for anyone (`None`) if it is an
    /// edge, else for those that were named for it, as whom it receives tokens or for whom it asks for them; and if
    /// nobody was, for our issuer's own audiences.
    pub(crate) fn audiences(&self, server: &Server) -> Option<Vec<Audience>> {
        if self.client.is_edge {
            return None;
        }
        let named = [&self.client.subject_audiences[..], &self.client.audiences[..]].concat();
        Some(if named.is_empty() { server.issuer.audiences().to_vec() } else { named })
    }
}
